"""Retraction Watch's file, from a path and over a real socket: taken whole or refused whole."""

from dataclasses import replace

import pytest

from studies.sources.answer import Edition, Failed, Found, PaperIds, Unknown
from studies.sources.failure import FailureKind
from studies.sources.patience import Limits
from studies.sources.standin import Fault, Said
from studies.sources.standin.retraction_watch import answer as file_of
from tests.real_cases import REAL_CASES, needs_real_cases
from tests.studies.sources.conftest import FIBRO, ask_all

IDS = PaperIds(FIBRO.doi, FIBRO.pmid)


@pytest.fixture
def retracted(standin):
    standin.papers.add(replace(FIBRO, notices=(Said("correction", "2020-01-02"), Said("retraction"))))


@pytest.fixture
def path(standin, retracted, tmp_path):
    file = tmp_path / "retraction_watch.csv"
    file.write_bytes(file_of(standin.papers, None).body)
    return file


def test_one_reading_answers_about_every_paper(open_client, standin, retracted):
    client = open_client("retraction_watch")
    answers = ask_all(client, [IDS, *(PaperIds(f"10.1000/paper.{n}", None) for n in range(700))])
    assert [notice.kind for notice in answers[IDS].facts.notices] == ["correction", "retraction"]
    assert sum(isinstance(answer, Unknown) for answer in answers.values()) == 700
    assert len(standin.requests) == 1
    assert client.edition.rows == 1_002


@pytest.mark.parametrize("ids", [PaperIds(FIBRO.doi, None), PaperIds(None, FIBRO.pmid), IDS])
def test_a_paper_is_found_by_either_identifier(open_client, path, ids):
    assert len(ask_all(open_client("retraction_watch", str(path)), [ids])[ids].facts.notices) == 2


def test_a_path_and_an_address_give_the_same(open_client, path):
    by_path, by_address = open_client("retraction_watch", str(path)), open_client("retraction_watch")
    one, other = by_path.fetch_one(IDS), by_address.fetch_one(IDS)
    assert (one.body, one.facts) == (other.body, other.facts)
    assert by_path.edition == by_address.edition


def test_a_file_that_shrinks_is_refused_whole_with_the_counts(open_client, standin, retracted):
    standin.papers.filler_rows = 900
    client = open_client("retraction_watch", last_edition=Edition("x", 1_002))
    answer = client.fetch_one(IDS)
    assert answer.kind == FailureKind.SHRUNK
    assert "902 rows" in answer.reason
    assert "1,002" in answer.reason
    assert client.edition is None


def test_a_file_that_loses_a_row_or_two_is_taken(open_client, standin, retracted):
    standin.papers.filler_rows = 995
    assert isinstance(open_client("retraction_watch", last_edition=Edition("x", 1_002)).fetch_one(IDS), Found)


def test_the_stand_ins_shrunk_file_is_refused(open_client, standin, retracted):
    standin.faults.append(Fault("shrunk"))
    answer = open_client("retraction_watch", last_edition=Edition("x", 1_002)).fetch_one(IDS)
    assert answer.kind == FailureKind.SHRUNK


def test_a_file_that_breaks_off_is_refused_and_asked_for_again_within_the_hour(open_client, path, held):
    path.write_bytes(path.read_bytes()[:-60])
    answer = open_client("retraction_watch", str(path)).fetch_one(IDS)
    assert answer.kind == FailureKind.NOT_AN_ANSWER
    assert "breaks off" in answer.reason
    assert answer.retry_at.timestamp() - held.time <= 3600


def test_a_path_that_leads_nowhere_is_a_failure_that_names_no_machine(open_client, tmp_path):
    answer = open_client("retraction_watch", str(tmp_path / "none.csv")).fetch_one(IDS)
    assert isinstance(answer, Failed)
    assert answer.reason == "the file cannot be read (FileNotFoundError)"


def test_a_local_file_has_a_limit_too(open_client, path):
    answer = open_client("retraction_watch", str(path), limits=Limits(max_bytes=1_000)).fetch_one(IDS)
    assert answer.kind == FailureKind.TOO_LARGE


@needs_real_cases
def test_the_real_rows_of_one_paper_fold_in_the_order_of_their_days(open_client):
    file = REAL_CASES / "retractionwatch/sample_full_columns.csv"
    client = open_client("retraction_watch", str(file))
    ids = PaperIds("10.1016/s0140-6736(20)31180-6", None)
    by_number, its_notice = PaperIds(None, 32450107), PaperIds("10.1016/s0140-6736(20)31324-6", None)
    answers = ask_all(client, [ids, by_number, its_notice])
    assert [(n.kind, str(n.date)) for n in answers[ids].facts.notices] == [
        ("concern", "2020-06-03"),
        ("correction", "2020-05-30"),
        ("retraction", "2020-06-05"),
    ]
    assert answers[by_number].facts == answers[ids].facts
    notice = answers[its_notice].facts
    assert (notice.is_notice, notice.notices) == (True, ())
    assert client.edition.rows == 5
