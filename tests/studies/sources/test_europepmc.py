"""Europe PMC over a real socket: what is asked, and what becomes of each kind of answer."""

from dataclasses import replace

import pytest

from studies.sources.answer import Failed, Found, Unknown
from studies.sources.standin import Paper, Said
from studies.sources.standin.wire import Answer
from tests.studies.sources.conftest import COMMA, FIBRO, ask_all


@pytest.fixture
def europepmc(open_client):
    return open_client("europepmc")


def test_fifty_papers_go_into_one_question(europepmc, standin):
    answers = ask_all(europepmc, [f"10.1000/paper.{n}" for n in range(120)])
    assert all(isinstance(answer, Found) for answer in answers.values())
    assert [request.query["query"].count("DOI:") for request in standin.requests] == [50, 50, 20]


def test_the_question_is_the_documented_one(europepmc, standin):
    ask_all(europepmc, [FIBRO.doi, 1001])
    [request] = standin.requests
    assert request.path == "/europepmc/webservices/rest/search"
    assert request.query["query"] == '(DOI:"10.1002/art.37734" OR (EXT_ID:1001 AND SRC:MED))'
    assert (request.query["resultType"], request.query["format"]) == ("core", "json")


def test_a_comma_in_a_doi_needs_no_question_of_its_own(europepmc, standin):
    answers = ask_all(europepmc, [FIBRO.doi, COMMA.doi])
    assert answers[COMMA.doi].facts.title == COMMA.title
    assert len(standin.requests) == 1


@pytest.mark.parametrize("doi", ['10.1000/a"b', "10.1000/a\\b", f"10.1000/{'x' * 100}"])
def test_what_could_break_a_phrase_is_asked_alone_and_escaped(europepmc, standin, doi):
    standin.papers.add(Paper(title="An odd one", doi=doi))
    answers = ask_all(europepmc, [FIBRO.doi, doi])
    assert answers[doi].facts.title == "An odd one"
    assert [request.query["query"].count("DOI:") for request in standin.requests] == [1, 1]


def test_what_is_missing_from_a_batch_is_asked_alone_before_it_is_unknown(europepmc, standin):
    answers = ask_all(europepmc, [FIBRO.doi, "10.1000/nobody"])
    assert isinstance(answers["10.1000/nobody"], Unknown)
    assert standin.requests[-1].query["query"] == '(DOI:"10.1000/nobody")'


def test_an_error_message_inside_a_good_status_is_a_failure(europepmc, standin, monkeypatch):
    wrong = Answer(200, "application/json", b'{"errCode": 404, "errMsg": "Invalid cursor"}')
    monkeypatch.setattr(standin, "answer", lambda _: wrong)
    answer = europepmc.fetch_one(FIBRO.doi)
    assert isinstance(answer, Failed)
    assert answer.reason == "Europe PMC says: Invalid cursor"


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("retraction", "retraction"),
        ("concern", "concern"),
        ("correction", "correction"),
        ("retract and republish", "retraction and republication"),
        ("unknown type", "unknown"),
    ],
)
def test_each_link_has_its_kind(europepmc, standin, said, kind):
    standin.papers.add(replace(FIBRO, notices=(Said(said, on="2024-02-03"),)))
    [notice] = europepmc.fetch_one(FIBRO.doi).facts.notices
    assert (notice.kind, str(notice.date), notice.notice_doi) == (kind, "2024-02-03", "10.1000/notice")


def test_a_notice_is_no_retracted_paper(europepmc, standin):
    standin.papers.add(replace(FIBRO, notice_of="10.1000/another"))
    facts = europepmc.fetch_one(FIBRO.doi).facts
    assert (facts.is_notice, facts.notices) == (True, ())
