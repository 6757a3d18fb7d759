"""`?as_of=`: what the API said on a day, it says of that day for ever."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conditions.models import AnswerChange, Certainty, Pool
from conditions.services.changes import reverse_change
from pages.api_door import ApiDoor
from pages.conditional import standing_of, target_of
from pages.domain.memory import Memory
from pages.domain.negotiation import mark_of
from pages.services.edition import read_edition
from studies.models import Notice, Outcome, Study
from tests import make
from tests.api_calls import get, refused
from tests.conditions.test_cascade import THIRD, ada, notify, paper  # noqa: F401 - fixtures
from tests.conditions.test_pools import scale, trials  # noqa: F401 - fixtures
from tests.conditions.test_verdicts import claim, condition  # noqa: F401 - fixtures
from tests.history.days import RESOURCES, day_before, let_days_pass, read_everything
from tests.studies.test_api import fill

pytestmark = pytest.mark.django_db


def test_an_entry_says_of_each_day_what_it_said_then(client):
    study = make.make_study(key="tester2020", title="One", n_enrolled=31)
    let_days_pass(2)
    Study.objects.filter(pk=study.pk).update(title="Two", n_enrolled=None)
    let_days_pass()
    study.delete()
    said = [get(client, f"studies/tester2020/?as_of={day_before(n)}") for n in (3, 2, 1)]
    assert [(each["title"], each["n_enrolled"]) for each in said] == [("One", 31), ("One", 31), ("Two", None)]
    get(client, f"studies/tester2020/?as_of={day_before(0)}", status=404)
    assert get(client, f"studies/?as_of={day_before(1)}")["count"] == 1
    assert get(client, f"studies/?as_of={day_before(0)}")["count"] == 0


def test_what_came_later_was_not_there_and_what_was_a_draft_stays_one(client):
    let_days_pass()
    study = make.make_study(key="tester2020", status="draft")
    let_days_pass()
    Study.objects.filter(pk=study.pk).update(status="published")
    for n in (2, 1):
        assert get(client, f"studies/?as_of={day_before(n)}")["count"] == 0
    assert get(client, f"studies/?as_of={day_before(0)}")["count"] == 1


def test_everything_that_was_said_before_and_after_a_retraction_and_its_reversal_is_found_again(
    client,
    paper,  # noqa: F811
    ada,  # noqa: F811
):
    fill(1)
    said = {}
    said[3] = read_everything(client)
    let_days_pass()
    notify(paper)
    Outcome.objects.filter(study=paper).update(name="Pain, renamed")
    said[2] = read_everything(client)
    let_days_pass()
    change = AnswerChange.objects.get(statuses__study=paper)
    reverse_change(change=change, editor=ada, reason="It names another paper.", now=THIRD)
    said[1] = read_everything(client)
    let_days_pass()
    Notice.objects.all().delete()
    Certainty.objects.all().delete()
    Pool.objects.all().delete()
    assert all(said[day][name] for day in said for name in RESOURCES if name not in ("notices", "changes"))
    assert said[3]["pools"] != said[2]["pools"] != said[1]["pools"]
    assert said[2]["notices"] != said[1]["notices"]
    for n in (3, 2, 1):
        assert read_everything(client, day_before(n)) == said[n]


def test_the_answer_says_of_which_day_it_is_and_what_is_not_of_that_day(client):
    make.make_study(key="tester2020")
    let_days_pass()
    for path in ("studies/", "studies/tester2020/"):
        told = get(client, f"{path}?as_of={day_before(1)}")["as_of"]
        assert (told["day"], told["is_over"]) == (day_before(1), True)
        assert datetime.fromisoformat(told["history_since"]) < datetime.now(UTC)
        assert told["not_reconstructed"] != []
        assert get(client, f"{path}?as_of={day_before(0)}")["as_of"]["is_over"] is False
        assert "as_of" not in get(client, path)


@pytest.mark.parametrize(
    ("day", "status", "mend"),
    [
        ("2020-01-01", 404, "give a day from"),
        ("0001-01-01", 404, "give a day from"),
        ("9999-12-31", 404, "still to come: give a day from"),
        *((text, 400, "YYYY-MM-DD") for text in ("", "yesterday", "2026-02-30", "20261126", "2026-W01-1")),
        *(
            (text, 400, "YYYY-MM-DD")
            for text in ("%D9%A2%D9%A0%D9%A2%D9%A6-01-01", "%00", "2026-11-26T10:00Z")
        ),
        ("2026-11-26&as_of=2026-11-25", 400, "Give it once"),
    ],
)
@pytest.mark.parametrize("path", ["studies/", "certainties/1/", "notices/"])
def test_a_day_that_cannot_be_answered_is_refused_by_the_field_with_the_mend(client, path, day, status, mend):
    answer = get(client, f"{path}?as_of={day}", status=status)
    assert mend in refused(answer)["as_of"]


def test_the_day_before_history_began_is_refused_and_its_first_is_not(client):
    let_days_pass(5)
    get(client, f"studies/?as_of={day_before(5)}")
    for n in (6, -1):
        assert set(refused(get(client, f"studies/?as_of={day_before(n)}", status=404))) == {"as_of"}


def test_filters_fields_parts_and_order_go_by_the_day(client):
    gout = make.make_condition(slug="gout")
    make.make_study(key="aaa2020", year=2020, design="case_series", conditions=[gout])
    make.make_study(key="bbb2019", year=2019, title="Of words", conditions=[gout])
    let_days_pass()
    Study.objects.update(year=2001, design="rct_parallel", title="Other")
    Study.objects.get(key="aaa2020").study_conditions.all().delete()
    day = f"as_of={day_before(1)}"
    keys = lambda query: [row["key"] for row in get(client, f"studies/?{query}&{day}")["results"]]  # noqa: E731
    assert keys("year=2020") == keys("design=case_series") == ["aaa2020"]
    assert keys("year=2001") == []
    assert keys("q=words") == ["bbb2019"]
    assert keys("condition=gout&ordering=-year") == ["aaa2020", "bbb2019"]
    assert get(client, f"studies/?fields=key,year&ordering=key&{day}")["results"] == [
        {"key": "aaa2020", "year": 2020},
        {"key": "bbb2019", "year": 2019},
    ]
    assert get(client, f"studies/aaa2020/?fields=conditions&{day}")["conditions"] == ["gout"]
    assert get(client, f"studies/?expand=arms&{day}")["results"][0]["arms"] == []


def test_a_condition_that_is_gone_can_still_be_asked_for_of_a_day_on_which_it_was_there(client):
    make.make_condition(slug="gone")
    let_days_pass()
    make.make_condition(slug="new")
    connection.cursor().execute("DELETE FROM conditions_condition WHERE slug = 'gone'")
    day = day_before(1)
    assert get(client, f"studies/?condition=gone&as_of={day}")["count"] == 0
    assert set(refused(get(client, "studies/?condition=gone", status=404))) == {"condition"}
    assert set(refused(get(client, f"studies/?condition=new&as_of={day}", status=404))) == {"condition"}


@pytest.mark.parametrize("start", ["page_size=1", "page_size=1&cursor=*"])
def test_pages_and_cursors_lead_on_through_the_same_day(client, start):
    for key in ("aaa2020", "bbb2020", "ccc2020"):
        make.make_study(key=key)
    let_days_pass()
    Study.objects.filter(key="bbb2020").delete()
    found: list[Any] = []
    address: str | None = f"/api/v1/studies/?fields=key&{start}&as_of={day_before(1)}"
    while address:
        answer = client.get(address).json()
        assert answer["as_of"]["day"] == day_before(1)
        found += [row["key"] for row in answer["results"]]
        address = answer["next"]
    assert sorted(found) == ["aaa2020", "bbb2020", "ccc2020"]


def test_a_trial_is_overdue_by_the_day_that_is_asked_for(client):
    due = f"{datetime.now(UTC).year - 1}-{day_before(1)[5:]}"
    make.make_trial(registry_id="NCT1", status="COMPLETED", completion=due)
    let_days_pass(9)
    overdue = [get(client, f"trials/NCT1/?as_of={day_before(n)}")["is_overdue"] for n in (9, 0)]
    assert overdue == [False, True]


def test_who_checked_is_named_as_then(client, django_user_model):
    checker = django_user_model.objects.create_user("ada")
    make.make_study(key="tester2020", checked_by=checker, checked_on="2026-01-01")
    let_days_pass()
    django_user_model.objects.update(username="grace")
    assert get(client, f"studies/tester2020/?as_of={day_before(1)}")["checked_by"] == "ada"
    assert get(client, "studies/tester2020/")["checked_by"] == "grace"


@pytest.mark.parametrize("name", RESOURCES)
def test_a_day_costs_no_query_per_row(client, name):
    fill(1)
    make.make_pool(result={"fixed": None, "without_concern": None})
    asked = f"/api/v1/{name}/?as_of={day_before(0)}"

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(asked).status_code == 200
        return len(captured)

    few = cost()
    fill(3)
    assert cost() == few


def test_what_is_read_of_a_day_is_what_is_read_after_it(client):
    """The present is read again once the past was, in the same transaction too."""
    study = make.make_study(key="tester2020", title="One")
    let_days_pass()
    Study.objects.filter(pk=study.pk).update(title="Two")
    for _ in range(2):
        assert get(client, f"studies/tester2020/?as_of={day_before(1)}")["title"] == "One"
        get(client, f"studies/nobody2020/?as_of={day_before(1)}", status=404)
        assert get(client, "studies/tester2020/")["title"] == "Two"


def test_the_front_door_keeps_an_answer_of_a_settled_day_whatever_is_written():
    seen, asked = [(7, day_before(0))], []

    def django(environ, start_response):
        asked.append(environ["QUERY_STRING"])
        state, _, keep = standing_of(environ, (seen[0], None))
        mark = mark_of(state, read_edition(), target_of(environ))
        start_response("200 OK", [("ETag", f'"{mark}-{len(asked):x}"'), ("Cache-Control", keep)])
        return [b"{}"]

    watcher, nobody = SimpleNamespace(look=lambda: (seen[0], None)), SimpleNamespace()
    door = ApiDoor(django, watcher, Memory(10_000), nobody)  # the past is no matter of stored documents

    def ask(n: int, **headers: str) -> tuple[str, dict[str, str]]:
        query = f"as_of={day_before(n)}"
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/api/v1/studies/", "QUERY_STRING": query, **headers}
        reply = door.reply(environ)
        return reply.status, {name: value for group in reply.headers for name, value in group}

    tags = {n: ask(n)[1]["ETag"] for n in (1, 2)}
    seen[0] = (8, day_before(0))  # somebody wrote
    assert [ask(n)[0] for n in (1, 2)] == ["200 OK", "200 OK"]
    assert asked == [f"as_of={day_before(n)}" for n in (1, 2, 1)]
    door.memory = Memory(10_000)
    status, headers = ask(2, HTTP_IF_NONE_MATCH=tags[2])
    assert (status, len(asked)) == ("304 Not Modified", 3)
    assert "max-age=3600" in headers["Cache-Control"]
    assert ask(1, HTTP_IF_NONE_MATCH=tags[1])[0] == "200 OK"


def test_an_answer_of_a_settled_day_is_kept_whatever_is_written_and_one_of_late_is_not(client):
    study = make.make_study(key="tester2020")
    let_days_pass(3)
    settled, late = (f"/api/v1/studies/?as_of={day_before(n)}" for n in (2, 1))
    first, young = client.get(settled), client.get(late)
    assert "max-age=3600" in first["Cache-Control"]
    assert "Last-Modified" not in first
    assert "max-age=0" in young["Cache-Control"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pages.noted', '', true)")  # the next write counts anew
    Study.objects.filter(pk=study.pk).update(title="Another")
    with CaptureQueriesContext(connection) as captured:
        again = client.get(settled, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again["Cache-Control"]) == (304, first["Cache-Control"])
    assert not any("studies_" in query["sql"] for query in captured)
    assert client.get(settled)["ETag"] == first["ETag"]
    # Nothing of that day has changed: the words are the same, though they had to be looked at again.
    again = client.get(late, headers={"If-None-Match": young["ETag"]})
    assert again.status_code == 304
    assert again["ETag"] != young["ETag"]
