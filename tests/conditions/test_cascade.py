"""A retraction reaches all that leans on the paper, in one transaction, with a record that reverses it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from conditions.models import AnswerChange, Article, Certainty, ComputedVerdict, Pool
from conditions.services.answers import refresh_answers
from conditions.services.articles import save_article
from conditions.services.changes import ReversalError, reverse_change, take_snapshot
from conditions.services.rehearsal import rehearse_retraction
from conditions.services.releases import make_release
from studies.domain.bibliography import NoticeFacts
from studies.models import Notice, Study
from studies.services.following import follow_changes
from studies.services.notices import NoticeError, dismiss_notice, recompute_status, record_notices
from tests import make
from tests.conditions.test_pools import scale, trials  # noqa: F401 - fixtures
from tests.conditions.test_verdicts import claim, condition  # noqa: F401 - fixtures
from tests.studies.admin_world import page_of, sign_in

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = datetime(2026, 3, 2, 12, tzinfo=UTC)
THIRD = datetime(2026, 3, 3, 12, tzinfo=UTC)
DOI = "10.1000/notice"
DAY = date(2026, 2, 20)


@pytest.fixture
def paper(trials, claim, condition) -> Study:  # noqa: F811
    """One of two trials on which a pool, a certainty, a verdict and an article lean."""
    study = trials[0][0]
    refresh_answers(now=NOW)
    body = (
        "## For patients\n\nSee [the safety page](/safety/).\n\n## For clinicians\n\n"
        f'It pools to []{{.figure kind=pool question="{condition.slug}/pain/placebo/MD"}} [@{study.key}].\n'
    )
    save_article(article=Article(slug="a", title="Gout", summary="S", body=body), publish=True, now=NOW)
    return study


@pytest.fixture
def ada():
    return get_user_model().objects.create_user("ada")


def notify(
    study: Study, kind: str = "retraction", now: datetime = LATER, day: date = date(2026, 2, 20)
) -> bool:
    facts = NoticeFacts(kind=kind, raw_kind=kind, date=day, notice_doi=DOI)
    with transaction.atomic():
        changed = record_notices(study=study, registry="crossref", notices=[facts], now=now)
        follow_changes(now=now)
    study.refresh_from_db()
    return changed


def state() -> tuple:
    pool, certainty = Pool.objects.get(measure="MD"), Certainty.objects.get()
    verdict, article = ComputedVerdict.objects.get(), Article.objects.get()
    return pool.k, pool.estimate, certainty.steps, verdict.word, article.clinician_html


def test_a_retraction_changes_pool_certainty_verdict_article_and_says_so(client, paper):
    before = state()
    assert notify(paper)
    after = state()
    assert after[0] == 1
    assert after[4] != before[4]
    change = AnswerChange.objects.get()
    assert change.cause == "status"
    assert [(s.study, s.before, s.after) for s in change.statuses.all()] == [(paper, "unknown", "retracted")]
    assert [line["kind"] for line in change.lines][:1] == ["pool"]
    assert "2 studies" in change.lines[0]["before"]
    assert "one study" in change.lines[0]["after"]
    assert paper.get_absolute_url() in change.pages
    page = client.get("/changes/").content.decode()
    assert f"{paper.key}: not known → retracted" in page
    assert "one study" in page


def test_the_page_of_the_paper_says_what_when_who_and_that_it_counts_for_nothing(client, paper):
    notify(paper)
    page = client.get(paper.get_absolute_url()).content.decode()
    assert f'href="https://doi.org/{DOI}"' in page
    assert "20 February 2026" in page
    assert "reported by Crossref" in page
    assert "It counts for nothing here" in page


def test_a_second_run_records_nothing(paper):
    notify(paper)
    assert not notify(paper, now=THIRD)
    assert AnswerChange.objects.count() == 1


def test_a_fault_on_the_way_leaves_everything_as_it_was(paper, monkeypatch):
    before = state()

    def fail(**_):
        raise RuntimeError("cut")

    monkeypatch.setattr("conditions.services.answers.refresh_articles", fail)
    with pytest.raises(RuntimeError):
        notify(paper)
    paper.refresh_from_db()
    assert (paper.publication_status, Notice.objects.count(), state()) == ("unknown", 0, before)
    assert not AnswerChange.objects.exists()


@pytest.mark.parametrize(
    ("kind", "status"),
    [("withdrawal", "withdrawn"), ("retraction and republication", "retracted and republished")],
)
def test_other_ways_of_being_gone_take_the_paper_out_too(paper, kind, status):
    notify(paper, kind)
    assert (paper.publication_status, Pool.objects.get(measure="MD").k) == (status, 1)


def test_a_concern_keeps_it_in_and_is_recorded(client, paper):
    notify(paper, "concern")
    assert Pool.objects.get(measure="MD").k == 2
    change = AnswerChange.objects.get()
    assert change.statuses.get().after == "concern"
    assert (
        "pools that it is in are shown with and without it"
        in client.get(paper.get_absolute_url()).content.decode()
    )


def test_a_reinstatement_brings_it_back(paper):
    before = state()
    notify(paper)
    notify(paper, "reinstatement", THIRD, date(2026, 2, 25))
    assert paper.publication_status == "reinstated"
    assert state()[:4] == before[:4]
    assert AnswerChange.objects.count() == 2


def test_a_paper_found_to_be_in_order_is_no_news(paper):
    paper.registry_checks.create(
        registry="crossref", asked_at=NOW, answer="found", answered_at=NOW, found_at=NOW, next_check_at=LATER
    )
    assert recompute_status(study=paper)
    follow_changes(now=LATER)
    assert not AnswerChange.objects.exists()
    paper.refresh_from_db()
    assert paper.answered_status == "current"


class TestReversal:
    def test_it_brings_everything_back_and_keeps_the_notice_with_the_reason(self, client, paper, ada):
        before = state()
        notify(paper)
        change = AnswerChange.objects.get()
        made = reverse_change(change=change, editor=ada, reason="It names another paper.", now=THIRD)
        paper.refresh_from_db()
        assert (paper.publication_status, made.reverses, made.reversed_by) == ("unknown", change, ada)
        assert state()[:4] == before[:4]
        notice = Notice.objects.get()
        assert (notice.dismissed_by, notice.dismissed_because) == (ada, "It names another paper.")
        assert (
            "Set aside by an editor on 3 March 2026: It names another paper."
            in client.get(paper.get_absolute_url()).content.decode()
        )
        assert "Reversed by the" in client.get("/changes/").content.decode()

    def test_a_registry_that_reports_it_again_does_not_undo_the_reversal(self, paper, ada):
        notify(paper)
        reverse_change(change=AnswerChange.objects.get(), editor=ada, reason="Wrong.", now=THIRD)
        notify(paper, now=THIRD)
        assert paper.publication_status == "unknown"

    def test_a_reversal_can_be_reversed(self, paper, ada):
        notify(paper)
        made = reverse_change(change=AnswerChange.objects.get(), editor=ada, reason="Wrong.", now=THIRD)
        reverse_change(change=made, editor=ada, reason="Right after all.", now=THIRD)
        paper.refresh_from_db()
        assert (paper.publication_status, Pool.objects.get(measure="MD").k) == ("retracted", 1)

    @pytest.mark.parametrize("reason", ["", "  "])
    def test_without_a_reason_it_is_refused(self, paper, ada, reason):
        notify(paper)
        with pytest.raises(ReversalError, match="reason:"):
            reverse_change(change=AnswerChange.objects.get(), editor=ada, reason=reason, now=THIRD)

    def test_twice_is_refused(self, paper, ada):
        notify(paper)
        change = AnswerChange.objects.get()
        reverse_change(change=change, editor=ada, reason="Wrong.", now=THIRD)
        with pytest.raises(ReversalError, match="reversed already"):
            reverse_change(change=change, editor=ada, reason="Wrong.", now=THIRD)

    def test_an_earlier_change_than_the_last_is_refused(self, paper, ada):
        notify(paper, "concern")
        first = AnswerChange.objects.get()
        notify(paper, "retraction", THIRD, date(2026, 2, 28))
        with pytest.raises(ReversalError, match="reverse the later change first"):
            reverse_change(change=first, editor=ada, reason="Wrong.", now=THIRD)

    @pytest.mark.usefixtures("paper")
    def test_an_edited_record_cannot_be_reversed_here(self, trials, ada):  # noqa: F811
        effect = trials[0][1].effect
        effect.value, effect.ci_low = "-1.4", "-1.9"
        effect.save()
        follow_changes(now=LATER)
        change = AnswerChange.objects.get()
        assert change.cause == "records"
        with pytest.raises(ReversalError, match="correct the record instead"):
            reverse_change(change=change, editor=ada, reason="Wrong.", now=THIRD)

    def test_an_editor_reverses_it_in_the_admin(self, paper):
        notify(paper)
        change = AnswerChange.objects.get()
        editor = sign_in("bea", group="Editors")
        page = editor.get(page_of(change)).content.decode()
        assert "Dismiss the notices behind it" in page
        address = f"/admin/conditions/answerchange/{change.pk}/reverse/"
        answer = editor.post(address, {"reason": ""}, follow=True)
        assert "Reason: say why the notice does not hold." in answer.content.decode()
        answer = editor.post(address, {"reason": "Another \x00 paper."}, follow=True)
        assert "Nothing was reversed. The reason: Null characters" in answer.content.decode()
        answer = editor.post(address, {"reason": "Another paper."}, follow=True)
        assert "Reversed:" in answer.content.decode()
        paper.refresh_from_db()
        assert paper.publication_status == "unknown"

    def test_a_notice_dismissed_on_its_own_page_brings_the_answers_back(self, paper):
        before = take_snapshot()
        notify(paper)
        assert take_snapshot() != before
        address = f"/admin/studies/notice/{Notice.objects.get().pk}/decide/"
        sent = {"action": "dismiss", "reason": "Another paper."}
        assert sign_in("bea", group="Editors").post(address, sent).status_code == 302
        assert take_snapshot() == before
        assert [change.cause for change in AnswerChange.objects.all()] == ["status", "status"]

    def test_nobody_without_the_right_reverses_it(self, paper):
        notify(paper)
        reader = sign_in("carl")
        address = f"/admin/conditions/answerchange/{AnswerChange.objects.get().pk}/reverse/"
        assert reader.post(address, {"reason": "x"}).status_code == 403


def test_a_dismissal_without_a_reason_is_refused(paper, ada):
    notify(paper)
    with pytest.raises(NoticeError, match="reason:"):
        dismiss_notice(notice=Notice.objects.get(), editor=ada, reason=" ", now=THIRD)


class TestRehearsal:
    def test_it_tells_what_a_retraction_then_does_and_writes_nothing(self, paper):
        before = take_snapshot()
        with CaptureQueriesContext(connection) as queries:
            told = rehearse_retraction(study=paper, now=LATER)
        assert not [q["sql"] for q in queries if q["sql"].startswith(("UPDATE", "INSERT", "DELETE"))]
        assert take_snapshot() == before
        notify(paper)
        done = AnswerChange.objects.get()

        def lines(rows):
            return [dict(row) for row in rows if row["kind"] != "article"]

        assert [vars(line) for line in told.lines if line.kind != "article"] != []
        assert lines([vars(line) for line in told.lines]) == lines(done.lines)
        assert told.unchanged == done.unchanged
        assert sorted(told.pages) == sorted(done.pages)

    def test_the_page_of_the_paper_leads_to_it(self, client, paper):
        address = f"{paper.get_absolute_url()}what-if/"
        assert f'href="{address}"' in client.get(paper.get_absolute_url()).content.decode()
        page = client.get(address).content.decode()
        assert "Nothing says that it is or will be." in page
        assert "one study" in page

    def test_of_a_draft_there_is_none(self, client, paper):
        Study.objects.filter(pk=paper.pk).update(status="draft")
        assert client.get(f"{paper.get_absolute_url()}what-if/").status_code == 404


def test_the_next_release_tells_which_answers_moved_and_names_the_paper_that_was_taken_back(paper):
    make_release(now=NOW)
    assert notify(paper)
    second, is_new = make_release(now=THIRD)
    assert is_new
    cause = f"[2026-03-02: {paper.key}: unknown → retracted]"
    for kind in ("pool", "certainty", "verdict"):
        moved = [
            line for line in second.changes if line.startswith(f"{kind} of ") and " moved from “" in line
        ]
        assert moved, kind
        assert moved[0].endswith(cause), moved
    assert any(" because " in line for line in second.changes)
    status = f"publication status of study {paper.key} moved from “unknown” to “retracted”"
    assert status in second.changes


class TestNumbersOfARetractedPaper:
    """They stay where they were, and each place says that the paper was taken back."""

    def test_doses_are_listed_struck_with_the_word_and_not_counted(self, client, paper):
        before = client.get("/doses/").content.decode()
        assert '<td data-label="Arms" class="number">2</td>' in before
        assert "is-gone" not in before
        notify(paper)
        after = client.get("/doses/").content.decode()
        assert '<td data-label="Arms" class="number">1</td>' in after
        assert f'<a href="/studies/{paper.key}/#arms" class="is-gone">{paper.key}</a> (retracted)' in after

    def test_rows_of_a_condition_and_of_side_effects_are_struck_too(self, client, paper, condition):  # noqa: F811
        make.make_side_effect_report(
            paper, counts={"intervention": {"events": 3, "n": 20}, "comparator": {"events": 1, "n": 20}}
        )
        notify(paper)
        for place in (condition.get_absolute_url(), "/side-effects/"):
            assert f'class="is-gone">{paper.key}</a> (retracted)' in client.get(place).content.decode()

    @pytest.mark.parametrize("kind", ["outcomes", "doses"])
    def test_the_api_says_so_beside_each(self, client, paper, kind):
        def statuses() -> set[str]:
            rows = client.get(f"/api/v1/{kind}/", {"study": paper.key}).json()["results"]
            return {row["publication_status"] for row in rows}

        assert statuses() == {"unknown"}
        notify(paper)
        assert statuses() == {"retracted"}
