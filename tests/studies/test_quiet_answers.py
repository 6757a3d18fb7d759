"""Answers that tell nothing new cost a handful of statements a batch, and nothing follows from them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from studies.domain import crossref_answer
from studies.models import RegistryCheck, Study
from studies.services import refresh as refresh_module
from studies.services.refresh import refresh
from studies.sources.standin import Said
from tests import make
from tests.studies.test_refresh import PAPER, standin  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=8)
RETRACTED = Said("retraction")


def know_papers(standin, n: int, start: int = 0) -> None:  # noqa: F811
    """So many papers that the registry describes word for word as the records do."""
    for number in range(start, start + n):
        title, doi = f"Paper number {number}", f"10.1000/quiet.{number}"
        paper = replace(PAPER, title=title, doi=doi, pmid=5000 + number)
        standin.papers.add(paper)
        make.make_study(
            title=paper.title,
            authors=list(paper.authors),
            year=paper.year,
            journal=paper.journal,
            volume=paper.volume,
            doi=paper.doi,
            pmid=paper.pmid,
            publication_status="current",
        )


def ask(now):
    with CaptureQueriesContext(connection) as queries:
        run = refresh(registry="crossref", now=now)
    return run, len(queries)


def test_forty_papers_without_news_cost_no_more_queries_than_four(standin):  # noqa: F811
    know_papers(standin, 4)
    _, n_of_four = ask(timezone.now())
    know_papers(standin, 40, start=4)
    run, n_of_forty = ask(timezone.now())
    assert (run.asked, run.found, run.changed) == (40, 40, 0)
    assert n_of_forty <= n_of_four


def test_nothing_is_computed_anew_when_nothing_has_changed(standin, monkeypatch):  # noqa: F811
    know_papers(standin, 3)
    followed = []
    monkeypatch.setattr(refresh_module, "follow_changes", lambda **_: followed.append(1))
    now = timezone.now()
    assert ask(now)[0].found == 3
    assert followed == []
    standin.papers.add(replace(standin.papers.by_doi["10.1000/quiet.1"], notices=(RETRACTED,)))
    assert ask(now + WEEK)[0].changed == 1
    assert followed == [1]


def test_the_same_words_a_week_later_move_the_dates_alone(standin):  # noqa: F811
    know_papers(standin, 2)
    now = timezone.now()
    ask(now)
    before = list(RegistryCheck.objects.order_by("pk").values())
    ask(now + WEEK)
    after = list(RegistryCheck.objects.order_by("pk").values())
    dates = {"asked_at", "answered_at", "found_at", "body_stored_at", "next_check_at"}
    for old, new in zip(before, after, strict=True):
        assert {name for name in old if old[name] != new[name]} == dates
        assert new["found_at"] == now + WEEK
        assert new["next_check_at"] == now + WEEK + timedelta(days=7)


def test_that_papers_are_still_unknown_moves_the_dates_alone(standin, monkeypatch):  # noqa: F811
    know_papers(standin, 4)
    for number in (1, 2):
        del standin.papers.by_doi[f"10.1000/quiet.{number}"]
    now = timezone.now()
    assert (ask(now)[0].found, RegistryCheck.objects.filter(answer="unknown").count()) == (2, 2)
    RegistryCheck.objects.update(next_check_at=now)
    before = list(RegistryCheck.objects.filter(answer="unknown").order_by("pk").values())
    monkeypatch.setattr(refresh_module, "record_quiet", None)  # nobody looks at them one by one
    run, _ = ask(now + WEEK)
    assert (run.asked, run.found, run.unknown) == (4, 2, 2)
    after = list(RegistryCheck.objects.filter(answer="unknown").order_by("pk").values())
    for old, new in zip(before, after, strict=True):
        changed = {name for name in old if old[name] != new[name]}
        assert changed == {"asked_at", "answered_at", "next_check_at"}
        assert new["next_check_at"] == now + WEEK + timedelta(days=30)


def test_other_words_a_week_later_are_kept_with_their_hash(standin):  # noqa: F811
    know_papers(standin, 2)
    now = timezone.now()
    ask(now)
    standin.papers.add(replace(standin.papers.by_doi["10.1000/quiet.1"], issue="99"))
    ask(now + WEEK)
    checks = RegistryCheck.objects.order_by("study__doi")
    assert ['"99"' in check.body for check in checks] == [False, True]
    assert checks[0].body_sha256 != checks[1].body_sha256


def test_one_paper_with_news_is_seen_among_many_without(standin):  # noqa: F811
    know_papers(standin, 10)
    Study.objects.filter(doi="10.1000/quiet.3").update(volume="6")
    Study.objects.filter(doi="10.1000/quiet.4").update(title="A survey of something else", year=1999)
    Study.objects.filter(doi="10.1000/quiet.5").update(publication_status="unknown")
    run, _ = ask(timezone.now())
    assert (run.asked, run.found, run.conflicts, run.proposed, run.changed) == (10, 9, 1, 1, 2)
    assert Study.objects.get(doi="10.1000/quiet.3").proposals.get().new == "7"
    assert Study.objects.get(doi="10.1000/quiet.5").publication_status == "current"


class TestWordsThatAreOnRecord:
    """They are not read again, unless the record has changed or their four weeks are over."""

    @pytest.fixture
    def reads(self, standin, monkeypatch):  # noqa: F811
        """The DOIs whose words were read."""
        read: list[str] = []
        facts = crossref_answer._facts

        def noted(doi, work):
            read.append(doi)
            return facts(doi, work)

        monkeypatch.setattr(crossref_answer, "_facts", noted)
        know_papers(standin, 3)
        ask(timezone.now())
        assert len(read) == 3
        read.clear()
        return read

    def test_are_not_read_for_weeks_and_then_all_the_same(self, reads):
        for weeks, n_read in ((1, 0), (2, 0), (3, 0), (4, 3)):
            run, _ = ask(timezone.now() + weeks * WEEK)
            assert (run.asked, run.found, len(reads)) == (3, 3, n_read)

    def test_are_compared_with_a_record_that_was_edited_since(self, reads):
        study = Study.objects.get(doi="10.1000/quiet.1")
        study.title, study.year = "A survey of something else", 1999
        study.save()
        run, _ = ask(timezone.now() + WEEK)
        assert (run.asked, run.found, run.conflicts, reads) == (3, 2, 1, ["10.1000/quiet.1"])

    def test_are_read_of_a_paper_about_which_there_is_a_notice(self, reads):
        study = Study.objects.get(doi="10.1000/quiet.1")
        study.notices.create(
            kind="correction", raw_kind="erratum", registry="pubmed", first_seen_at=timezone.now()
        )
        ask(timezone.now() + WEEK)
        assert reads == ["10.1000/quiet.1"]

    @pytest.mark.usefixtures("reads")
    def test_are_not_those_of_a_paper_that_was_known_once(self, standin):  # noqa: F811
        del standin.papers.by_doi["10.1000/quiet.1"]
        for _ in range(2):
            RegistryCheck.objects.update(next_check_at=timezone.now())
            run, _ = ask(timezone.now())
        assert (run.asked, run.unknown) == (3, 1)
        check = RegistryCheck.objects.get(study__doi="10.1000/quiet.1")
        assert (check.answer, check.found_at is None) == ("unknown", False)

    def test_are_read_when_the_last_word_was_another_one(self, reads):
        RegistryCheck.objects.filter(study__doi="10.1000/quiet.1").update(answer="unknown")
        RegistryCheck.objects.filter(study__doi="10.1000/quiet.2").update(body="")
        ask(timezone.now() + WEEK)
        assert sorted(reads) == ["10.1000/quiet.1", "10.1000/quiet.2"]


def test_what_a_registry_said_is_kept_sign_by_sign(standin):  # noqa: F811
    know_papers(standin, 2)
    title = 'He said "no" to C:\\new, {curly}, 50 % of naïve 小 and 😀'
    odd = replace(standin.papers.by_doi["10.1000/quiet.1"], title=title)
    standin.papers.add(odd)
    Study.objects.filter(doi=odd.doi).update(title=title)
    now = timezone.now()
    run, _ = ask(now)
    check = RegistryCheck.objects.get(study__doi=odd.doi)
    assert (run.found, run.proposed, check.answered_at, check.failing_since) == (2, 0, now, None)
    assert json.loads(check.body)["title"] == [title]
    assert hashlib.sha256(check.body.encode()).hexdigest() == check.body_sha256


def test_an_answer_that_repeats_itself_is_written_into_no_index(standin):  # noqa: F811
    know_papers(standin, 20)
    now = timezone.now()
    ask(now)
    before = n_hot_updates()
    ask(now + WEEK)
    assert n_hot_updates() - before == 20


def n_hot_updates() -> int:
    """How many checks this transaction has written anew beside the old row, without touching an index."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_get_xact_tuples_hot_updated('studies_registrycheck'::regclass)")
        return cursor.fetchone()[0]
