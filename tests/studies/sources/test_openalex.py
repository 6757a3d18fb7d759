"""OpenAlex over a real socket: what is asked, its daily budget, and its one vote."""

from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from studies.sources.answer import Failed, Found, Unknown
from studies.sources.failure import FailureKind
from studies.sources.standin import Paper, Standin
from studies.sources.standin.wire import Answer
from tests.studies.sources.conftest import COMMA, FIBRO, KEY, ask_all


@pytest.fixture
def openalex(open_client):
    return open_client("openalex", api_key=KEY)


def test_a_hundred_dois_go_into_one_question(openalex, standin):
    answers = ask_all(openalex, [f"10.1000/paper.{n}" for n in range(250)])
    assert all(isinstance(answer, Found) for answer in answers.values())
    assert [request.query["filter"].count("|") + 1 for request in standin.requests] == [100, 100, 50]


def test_the_question_is_the_documented_one(openalex, standin):
    ask_all(openalex, [FIBRO.doi])
    [request] = standin.requests
    assert request.path == "/openalex/works"
    assert request.query["filter"] == "doi:10.1002/art.37734"
    assert (request.query["per_page"], request.query["api_key"]) == ("100", KEY)
    assert {"is_retracted", "title", "authorships"} <= set(request.query["select"].split(","))
    assert "mailto" not in request.query


def test_dois_and_pubmed_numbers_are_not_mixed_in_one_filter(openalex, standin):
    answers = ask_all(openalex, [1001, "10.1000/paper.2", 1003])
    assert [answer.facts.title for answer in answers.values()] == ["Paper 1", "Paper 3", "Paper 2"]
    assert [request.query["filter"] for request in standin.requests] == [
        "pmid:1001|1003",
        "doi:10.1000/paper.2",
    ]


@pytest.mark.parametrize("doi", [COMMA.doi, "10.1000/a|b", "10.1000/!a", f"10.1000/{'x' * 80}"])
def test_what_would_break_the_filter_is_asked_alone(openalex, standin, doi):
    standin.papers.add(Paper(title="An odd one", doi=doi))
    answers = ask_all(openalex, [FIBRO.doi, doi])
    assert answers[doi].facts.title in {"An odd one", COMMA.title}
    assert standin.requests[0].query["filter"] == f"doi:{FIBRO.doi}"
    assert standin.requests[1].path.startswith("/openalex/works/doi:10.1000%2F")


def test_an_odd_doi_that_is_not_known_is_unknown(openalex):
    assert isinstance(openalex.fetch_one("10.1000/no,body"), Unknown)


def test_what_is_missing_from_a_list_is_asked_alone_before_it_is_unknown(openalex, standin):
    answers = ask_all(openalex, [FIBRO.doi, "10.1000/nobody"])
    assert isinstance(answers["10.1000/nobody"], Unknown)
    assert standin.requests[-1].query["filter"] == "doi:10.1000/nobody"


def test_a_yes_is_one_vote_for_an_editor_and_no_retraction(openalex, standin):
    standin.papers.add(replace(FIBRO, is_retracted=True))
    [notice] = openalex.fetch_one(FIBRO.doi).facts.notices
    assert (notice.kind, notice.date, notice.asserted_by) == ("unknown", None, "openalex")


def test_a_spent_budget_is_waited_for_until_midnight(openalex, standin, held, monkeypatch):
    held.time = datetime(2026, 11, 20, 22, tzinfo=UTC).timestamp()
    spent = Answer(429, "application/json", b"{}", {"X-RateLimit-Remaining": "0", "Retry-After": "5"})
    monkeypatch.setattr(standin, "answer", lambda _: spent)
    answers = ask_all(openalex, [f"10.1000/paper.{n}" for n in range(150)])
    assert {answer.retry_at.date() for answer in answers.values()} == {datetime(2026, 11, 21).date()}
    assert {answer.kind for answer in answers.values()} == {FailureKind.RATE_LIMITED, FailureKind.NOT_ASKED}
    assert len(standin.requests) == 1
    assert held.slept == []


def test_the_last_answer_of_a_budget_counts_and_nothing_is_asked_after_it(
    openalex, standin, held, monkeypatch
):
    held.time = datetime(2026, 11, 20, 22, tzinfo=UTC).timestamp()
    usual = standin.answer
    monkeypatch.setattr(
        standin, "answer", lambda question: replace(usual(question), headers={"X-RateLimit-Remaining": "0"})
    )
    answers = list(ask_all(openalex, [f"10.1000/paper.{n}" for n in range(150)]).values())
    assert all(isinstance(answer, Found) for answer in answers[:100])
    assert all(isinstance(answer, Failed) and not answer.was_asked for answer in answers[100:])
    assert len(standin.requests) == 1


def test_what_is_left_of_the_budget_can_be_seen(open_client, standin):
    with Standin(standin.papers, keep_limits=True) as strict:
        openalex = open_client("openalex", strict.settings["OPENALEX_URL"])
        assert openalex.levels()["no-key"].left_today is None
        openalex.fetch_one(FIBRO.doi)
        assert openalex.levels()["no-key"].left_today == 999


def test_the_stand_in_counts_the_budget_down(standin):
    with Standin(standin.papers, keep_limits=True) as strict:
        url = f"{strict.settings['OPENALEX_URL']}/works"
        left = [httpx.get(url, params={"filter": "pmid:1001"}).headers["X-RateLimit-Remaining"] for _ in "ab"]
        assert left == ["999", "998"]
