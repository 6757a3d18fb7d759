"""PubMed over a real socket: what is asked, and what becomes of each kind of answer."""

import pytest

from studies.sources.answer import Failed, Found, Refused, Unknown
from studies.sources.pubmed import PubmedClient
from studies.sources.standin import Fault, Paper
from tests.studies.sources.conftest import FIBRO, KEY, QUICK, WHO, ask_all


def test_two_hundred_numbers_go_into_one_posted_question(crossref, pubmed, standin):
    answers = ask_all(pubmed, range(1000, 1450))
    assert len(answers) == 450
    assert all(isinstance(answer, Found) for answer in answers.values())
    assert [request.query["id"].count(",") + 1 for request in standin.requests] == [200, 200, 50]
    assert {(request.method, request.path) for request in standin.requests} == {
        ("POST", "/entrez/eutils/efetch.fcgi")
    }


def test_the_question_names_tool_address_and_key_in_its_body_only(pubmed, standin):
    pubmed.fetch_one(FIBRO.pmid)
    [request] = standin.requests
    assert request.query == {
        "db": "pubmed",
        "id": "23359310",
        "retmode": "xml",
        "tool": "ldn-kb",
        "email": "editor@kb.example",
        "api_key": KEY,
    }
    assert KEY not in request.target
    assert request.headers["user-agent"] == "ldn-kb/1.2 (https://kb.example; mailto:editor@kb.example)"


def test_the_facts_come_with_the_stored_part(pubmed):
    answer = pubmed.fetch_one(FIBRO.pmid)
    assert (answer.facts.title, answer.facts.doi, answer.facts.year) == (FIBRO.title, FIBRO.doi, 2013)
    assert "23359310" in answer.body


def test_a_number_missing_from_a_batch_is_asked_alone_before_it_is_unknown(pubmed, standin):
    answers = ask_all(pubmed, [FIBRO.pmid, 999_999])
    assert isinstance(answers[999_999], Unknown)
    assert [request.query["id"] for request in standin.requests] == ["23359310,999999", "999999"]


@pytest.mark.parametrize("number", [0, -1, 1_000_000_000])
def test_what_is_no_number_of_pubmed_is_refused_without_asking(pubmed, standin, number):
    assert isinstance(pubmed.fetch_one(number), Refused)
    assert standin.requests == []


def test_another_papers_answer_is_refused(pubmed, standin):
    standin.papers.by_pmid[55] = FIBRO
    assert isinstance(pubmed.fetch_one(55), Refused)


def test_an_error_inside_a_good_status_is_a_failure(pubmed, standin):
    standin.faults.append(Fault("error inside", times=99))
    answer = pubmed.fetch_one(FIBRO.pmid)
    assert isinstance(answer, Failed)
    assert len(standin.requests) == QUICK.attempts


def test_a_posted_key_is_not_carried_to_another_address(pubmed, standin):
    standin.faults.append(Fault("redirect loop", times=99))
    answer = pubmed.fetch_one(FIBRO.pmid)
    assert "where we do not go" in answer.reason
    assert len(standin.requests) == 1


def test_without_a_key_the_pace_is_slower(redis, standin, held):
    client = PubmedClient(standin.ncbi_url + "/", redis=redis, clock=held.as_clock(), **WHO)
    ask_all(client, range(1000, 1450))
    assert sum(held.slept) >= 2 / 3
    assert "api_key" not in standin.requests[0].query
    client.close()


def test_a_retraction_and_its_notice_arrive_as_what_they_are(pubmed, standin):
    source = "Lancet. 2010 Feb 6;375(9713):445"
    retracted = Paper(
        title="A", pmid=8, links=(("RetractionIn", source),), types=(("D016441", "Retracted Publication"),)
    )
    notice = Paper(
        title="B", pmid=9, links=(("RetractionOf", source),), types=(("D016440", "Retraction Notice"),)
    )
    standin.papers.add(retracted)
    standin.papers.add(notice)
    answers = ask_all(pubmed, [8, 9])
    assert [n.kind for n in answers[8].facts.notices] == ["retraction"]
    assert (answers[9].facts.notices, answers[9].facts.is_notice) == ((), True)
