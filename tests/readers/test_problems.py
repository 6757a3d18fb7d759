"""A reader reports a problem without saying who it is; editors answer at the foot of the page, or decline."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.test import Client, override_settings
from redis import Redis

from readers.domain.complaint import COMPLAINTS
from readers.models import PageAnswer, ProblemReport
from readers.services import pace, problems
from readers.services.problems import answer_report, decline_report, find_page
from tests import make
from tests.studies.admin_world import page_of, sign_in

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WORDS = "The dose of the second arm is wrong: the paper says 3 mg."


@pytest.fixture(autouse=True)
def _nothing_counted(settings):
    """Counts of former tests are gone."""
    redis = Redis.from_url(settings.REDIS_URL)
    for key in redis.scan_iter("readers:sent:*"):
        redis.delete(key)


@pytest.fixture
def page() -> str:
    return make.make_condition().get_absolute_url()


@pytest.fixture
def editor():
    return get_user_model().objects.create_user("ada")


def make_report(page: str = "/about/", **fields) -> ProblemReport:
    return ProblemReport.objects.create(**{"page": page, "words": WORDS, "received_at": NOW, **fields})


def send(client: Client, page: str, words: str = WORDS, **fields):
    return client.post("/problem/", {"page": page, "words": words, "website": "", **fields})


def test_every_page_leads_to_the_form_with_its_own_address_filled_in(client, page):
    foot = re.search(r'href="(/problem/\?page=[^"]+)"', client.get(page).content.decode())[1]
    assert f'value="{page}"' in client.get(foot).content.decode()
    assert 'href="/problem/' not in client.get("/nowhere").content.decode()


def test_a_report_is_kept_with_its_page_words_and_time_and_nothing_else(client, page):
    with time_machine.travel(NOW, tick=False):
        answer = send(client, page, words="  The   dose is wrong.\r\n\r\n\r\n\r\nAsk ann@example.org ")
    assert answer.status_code == 302
    assert answer.url.startswith("/problem/sent/")
    report = ProblemReport.objects.get()
    kept = {field.name: getattr(report, field.name) for field in ProblemReport._meta.concrete_fields}
    assert kept == {
        "id": report.pk,
        "page": page,
        "words": "The   dose is wrong.\n\nAsk [mail address left out]",
        "received_at": NOW,
        "state": "new",
        "decided_by": None,
        "decided_at": None,
        "because": "",
    }
    assert "thank you" in client.get(answer.url).content.decode()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("page", "/nowhere/", "This is no page of this site"),
        ("page", "/admin/", "This is no page of this site"),
        ("page", "", "This field is required"),
        ("words", "short", "Write a little more"),
        ("words", "\u202e" * 40, "Write a little more"),
        ("words", "x" * 2001, "at most 2000 characters"),
        ("website", "https://spam.example", "Leave this field empty"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(client, page, field, value, said):
    fields = {"page": page, "words": WORDS, "website": "", field: value}
    answer = client.post("/problem/", fields)
    body = answer.content.decode()
    assert answer.status_code == 400
    assert said in re.search(rf'<ul class="errorlist" id="id_{field}_error">.*?</ul>', body, re.S)[0]
    shown = re.search(rf'<(?:input|textarea)[^>]*id="id_{field}"[^>]*>', body)[0]
    assert f"id_{field}_error" in shown
    assert 'aria-invalid="true"' in shown
    for typed in fields.values():
        assert typed in body
    assert not ProblemReport.objects.exists()


def test_text_of_a_reader_is_shown_as_text(client, page):
    body = send(client, page, words="<script>x").content.decode()
    assert "<script>x" not in body
    assert "&lt;script&gt;x" in body


def test_a_form_of_another_site_is_refused(page):
    assert send(Client(enforce_csrf_checks=True), page).status_code == 403
    assert not ProblemReport.objects.exists()


def test_the_same_words_sent_twice_are_kept_once(client, page):
    assert [send(client, page).status_code for _ in range(2)] == [302, 302]
    assert ProblemReport.objects.count() == 1


def test_the_sixth_report_in_an_hour_waits_and_keeps_its_words(client, page):
    with time_machine.travel(NOW, tick=False) as clock:
        sent = [send(client, page, f"{WORDS} {n}").status_code for n in range(6)]
        refused = send(client, page, f"{WORDS} the last")
        other = send(Client(REMOTE_ADDR="192.0.2.9"), page, f"{WORDS} from elsewhere")
        clock.shift(3600)
        later = send(client, page, f"{WORDS} the last")
    assert sent == [302] * 5 + [429]
    assert refused["Retry-After"] == "3600"
    assert f"{WORDS} the last" in refused.content.decode()
    assert (other.status_code, later.status_code) == (302, 302)


def test_all_readers_together_send_no_more_than_editors_could_look_at(client, page, monkeypatch):
    monkeypatch.setattr(problems, "MOST_PER_HOUR", 1)
    assert send(Client(REMOTE_ADDR="192.0.2.1"), page).status_code == 302
    assert send(Client(REMOTE_ADDR="192.0.2.2"), page, f"{WORDS} again").status_code == 429


def test_redis_holds_a_hash_that_ends_with_the_hour_and_no_address(page, settings):
    assert pace.may_send(address="203.0.113.77", now=NOW)
    redis = Redis.from_url(settings.REDIS_URL)
    (key,) = redis.scan_iter("readers:sent:*")
    assert b"203.0.113" not in key
    assert 0 < redis.ttl(key) <= 3600
    pace.may_send(address="203.0.113.77", now=NOW + timedelta(hours=1))
    assert len(list(redis.scan_iter("readers:sent:*"))) == 2


def test_addresses_of_one_network_of_ipv6_are_one_reader(monkeypatch):
    monkeypatch.setattr(pace, "MOST_PER_HOUR", 1)
    assert pace.may_send(address="2001:db8::1", now=NOW)
    assert not pace.may_send(address="2001:db8::2", now=NOW)
    assert pace.may_send(address="2001:db8:0:1::2", now=NOW)


def test_behind_a_proxy_the_reader_is_the_last_address_that_was_named(client, page, monkeypatch):
    seen = []
    monkeypatch.setattr(problems, "may_send", lambda *, address, **_: seen.append(address) or True)
    named = {"HTTP_X_FORWARDED_FOR": "10.9.9.9, 203.0.113.5"}
    for is_behind in (True, False):
        with override_settings(BEHIND_PROXY=is_behind):
            client.post("/problem/", {"page": page, "words": f"{WORDS} {is_behind}"}, **named)
    assert seen == ["203.0.113.5", "127.0.0.1"]


def test_while_redis_is_away_a_report_is_taken(client, page, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert send(client, page).status_code == 302


def test_no_line_in_the_log_holds_page_words_or_address(client, page, caplog, settings):
    with caplog.at_level(logging.DEBUG):
        send(client, page)
        send(client, page, "short")
        settings.REDIS_URL = "redis://127.0.0.1:1/0"
        send(client, page, f"{WORDS} again")
        send(Client(enforce_csrf_checks=True), page)
    mine = [record for record in caplog.records if record.name != "django.db.backends"]
    lines = "\n".join(record.getMessage() for record in mine)
    assert "reports are not counted" in lines
    for secret in (page, "dose", "127.0.0.1"):
        assert secret not in lines


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("/about/", "/about/"),
        (" https://ldn.example/studies/?q=pain#x ", "/studies/"),
        ("/admin/", None),
        ("/api/v1/studies/", None),
        ("javascript:alert(1)", None),
        ("//elsewhere.example/nowhere", None),
        ("http://[", None),
        ("/trials/" + "x" * 300 + "/", None),
    ],
)
def test_a_page_is_a_path_of_this_site_without_its_query(typed, found):
    assert find_page(typed=typed) == found


# ---- what editors do


def test_an_answer_stands_at_the_foot_of_its_page_and_of_no_other(client, page, editor):
    report = make_report(page, words="My own words about it.")
    answer_report(report=report, text="Corrected, <b>thanks</b>.", shows_words=False, editor=editor, now=NOW)
    body = client.get(page).content.decode()
    assert "Corrected, &lt;b&gt;thanks&lt;/b&gt;." in body
    assert "Answered by an editor on 1 March 2026" in body
    assert "My own words" not in body
    assert "Corrected" not in client.get("/about/").content.decode()
    answer_report(report=report, text="Corrected anew.", shows_words=True, editor=editor, now=NOW)
    body = client.get(page).content.decode()
    assert "Corrected anew." in body
    assert "My own words about it." in body
    assert PageAnswer.objects.count() == 1


def test_a_report_declined_later_takes_its_answer_from_the_page(client, page, editor):
    report = make_report(page)
    answer_report(report=report, text="Corrected.", shows_words=False, editor=editor, now=NOW)
    decline_report(report=report, because="It was about another paper.", editor=editor, now=NOW)
    assert "Corrected." not in client.get(page).content.decode()
    report.refresh_from_db()
    assert (report.state, report.decided_by) == ("declined", editor)


def test_an_editor_sees_the_list_and_answers_in_the_admin(client, page):
    ada, report = sign_in("ada", group="Editors"), make_report(page)
    assert WORDS in ada.get("/admin/readers/problemreport/?state__exact=new").content.decode()
    fields = {
        "decision": "answered",
        "answer": "The record now says 3 mg.",
        "because": "",
        "shows_words": "on",
    }
    assert ada.post(page_of(report), fields).status_code == 302
    body = client.get(page).content.decode()
    assert "The record now says 3 mg." in body
    assert WORDS in body
    report.refresh_from_db()
    assert (report.state, report.decided_by) == ("answered", ada.user)
    assert "The record now says 3 mg." in ada.get(page_of(report)).content.decode()


@pytest.mark.parametrize(
    ("fields", "at", "rule"),
    [
        ({"decision": "answered", "answer": " "}, "answer", "page_answer_has_a_text"),
        ({"decision": "declined", "because": " "}, "because", "report_decline_has_a_reason"),
    ],
)
def test_an_editor_is_told_what_a_decision_lacks(fields, at, rule):
    ada, report = sign_in("ada", group="Editors"), make_report()
    answer = ada.post(page_of(report), {"answer": "", "because": "", **fields})
    assert answer.context["errors"] == [[COMPLAINTS[rule].sentence]]
    assert COMPLAINTS[rule].field == at
    report.refresh_from_db()
    assert report.state == "new"


def test_an_editor_declines_with_a_reason_and_changes_no_words_of_a_reader():
    ada, report = sign_in("ada", group="Editors"), make_report()
    ada.post(page_of(report), {"decision": "declined", "because": "Spam.", "words": "changed by the editor"})
    report.refresh_from_db()
    assert (report.state, report.because, report.words) == ("declined", "Spam.", WORDS)
    assert ada.post(page_of(report).replace("change", "delete"), {"post": "yes"}).status_code == 403


# ---- the rules


def answered(**fields) -> PageAnswer:
    values = {"report": make_report(), "page": "/about/", "text": "Done.", "answered_on": NOW.date()}
    return PageAnswer.objects.create(**{**values, **fields})


BREAKERS = {
    "report_page_is_a_path": lambda: make_report("/studies/?q=pain"),
    "report_has_words": lambda: make_report(words="short"),
    "report_state_known": lambda: make_report(
        state="lost", decided_at=NOW, decided_by=get_user_model().objects.create_user("bob")
    ),
    "report_decision_has_who_and_when": lambda: make_report(state="answered"),
    "report_decline_has_a_reason": lambda: make_report(
        state="declined", decided_at=NOW, decided_by=get_user_model().objects.create_user("bob")
    ),
    "page_answer_page_is_a_path": lambda: answered(page="about"),
    "page_answer_has_a_text": lambda: answered(text=""),
    "page_answer_is_not_endless": lambda: answered(text="x" * 2001),
}


@pytest.mark.parametrize("rule", BREAKERS)
def test_the_database_refuses(rule):
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        BREAKERS[rule]()


def test_every_rule_is_broken_once_and_has_its_sentence():
    rules = {c.name for model in apps.get_app_config("readers").get_models() for c in model._meta.constraints}
    assert rules == set(COMPLAINTS) == set(BREAKERS)
