"""Crossref over a real socket: what is asked, and what becomes of each kind of answer."""

import json
from datetime import UTC, datetime
from urllib.parse import unquote

import pytest

from studies.sources.answer import Failed, Found, Refused, Unknown
from studies.sources.bucket import Pace, TokenBucket
from studies.sources.crossref import CrossrefClient, learn_pace
from studies.sources.standin import Fault, Paper
from tests.studies.sources.conftest import COMMA, FIBRO, QUICK, WHO, ask_all


def dois(count: int) -> list[str]:
    return [f"10.1000/paper.{n}" for n in range(count)]


def test_fifty_dois_go_into_one_question(crossref, standin):
    answers = ask_all(crossref, dois(120))
    assert len(answers) == 120
    assert all(isinstance(answer, Found) for answer in answers.values())
    assert [request.query["filter"].count("doi:") for request in standin.requests] == [50, 50, 20]


def test_the_question_is_the_documented_one(crossref, standin):
    ask_all(crossref, ["10.1002/art.37734"])
    [request] = standin.requests
    assert request.path == "/v1/works"
    assert request.query["filter"] == "doi:10.1002/art.37734"
    assert request.query["rows"] == "50"
    assert request.query["mailto"] == "editor@kb.example"
    assert {"DOI", "title", "updated-by", "update-to"} <= set(request.query["select"].split(","))
    assert request.headers["user-agent"] == "ldn-kb/1.2 (https://kb.example; mailto:editor@kb.example)"


def test_the_facts_come_with_the_stored_part_and_its_hash(crossref):
    answer = ask_all(crossref, ["10.1002/art.37734"])["10.1002/art.37734"]
    assert (answer.facts.title, answer.facts.authors) == (FIBRO.title, FIBRO.authors)
    assert json.loads(answer.body)["DOI"] == FIBRO.doi
    assert len(answer.sha256) == 64


def test_a_comma_in_a_doi_is_asked_alone(crossref, standin):
    answers = ask_all(crossref, [COMMA.doi, FIBRO.doi])
    assert isinstance(answers[COMMA.doi], Found)
    assert answers[COMMA.doi].facts.title == COMMA.title
    assert standin.requests[-1].target.startswith("/v1/works/10.1000%2Fa%2Cb?")
    assert "," not in standin.requests[0].query["filter"]


@pytest.mark.parametrize(
    "doi", ["10.1000/a?b#c", "10.1000/50%25", "10.1002/(sici)1<1::a>3.0.co;2-2", "10.1000/../x"]
)
def test_odd_signs_in_a_doi_reach_the_registry_unharmed(crossref, standin, doi):
    standin.papers.add(Paper(title="An odd one", doi=doi))
    assert isinstance(crossref.fetch_one(doi), Found)
    assert unquote(standin.requests[0].target.split("?")[0]) == f"/v1/works/{doi}"


def test_what_is_missing_from_a_list_is_asked_alone_before_it_is_unknown(crossref, standin):
    answers = ask_all(crossref, [FIBRO.doi, "10.1000/nobody"])
    assert isinstance(answers["10.1000/nobody"], Unknown)
    assert [request.path for request in standin.requests] == ["/v1/works", "/v1/works/10.1000%2Fnobody"]


def test_a_list_that_is_refused_is_asked_one_by_one(crossref, standin):
    standin.faults.append(Fault("status", status=400, match="filter="))
    answers = ask_all(crossref, dois(4))
    assert all(isinstance(answer, Found) for answer in answers.values())
    assert len(standin.requests) == 5


def test_every_identifier_is_answered_under_the_name_it_was_asked_by(crossref, standin):
    asked = ["https://doi.org/10.1002/ART.37734", "10.1002/art.37734", "nonsense"]
    answers = ask_all(crossref, asked)
    assert set(answers) == set(asked)
    assert isinstance(answers["nonsense"], Refused)
    assert len(standin.requests) == 1


def test_another_works_answer_is_refused(crossref, standin):
    standin.papers.by_doi["10.1000/alias"] = FIBRO
    answer = crossref.fetch_one("10.1000/alias")
    assert isinstance(answer, Refused)
    assert FIBRO.doi in answer.reason


def test_a_page_not_found_of_some_other_server_is_not_unknown(redis, standin, held):
    client = CrossrefClient(
        f"{standin.url}/wrong/place", redis=redis, limits=QUICK, clock=held.as_clock(), **WHO
    )
    answers = ask_all(client, dois(3))
    assert all(isinstance(answer, Failed) for answer in answers.values())
    client.close()


@pytest.mark.parametrize("ending", ["", "/", "/v1", "/v1/"])
def test_the_base_address_may_end_in_a_slash_or_the_version(redis, standin, held, ending):
    client = CrossrefClient(standin.crossref_url + ending, redis=redis, clock=held.as_clock(), **WHO)
    assert isinstance(client.fetch_one(FIBRO.doi), Found)
    client.close()


def test_without_a_contact_address_none_is_sent(redis, standin, held):
    who = {**WHO, "contact_email": ""}
    client = CrossrefClient(standin.crossref_url, redis=redis, clock=held.as_clock(), **who)
    client.fetch_one(FIBRO.doi)
    assert "mailto" not in standin.requests[0].target + standin.requests[0].headers["user-agent"]
    client.close()


def test_being_shut_out_stops_everything_and_calls_for_a_person(crossref, standin, caplog):
    standin.faults.append(Fault("status", status=403, times=99))
    answers = ask_all(crossref, dois(150))
    assert all(isinstance(answer, Failed) and answer.is_blocked for answer in answers.values())
    assert len(standin.requests) == 1
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_a_registry_that_is_down_is_not_asked_about_every_paper(crossref, standin):
    standin.faults.append(Fault("status", status=500, times=999))
    answers = ask_all(crossref, dois(450))
    assert all(isinstance(answer, Failed) for answer in answers.values())
    assert len(standin.requests) == 2 * QUICK.attempts
    assert sum(answer.was_asked for answer in answers.values()) == 100


def test_a_bad_moment_in_the_middle_loses_one_batch_only(crossref, standin):
    standin.faults.append(Fault("status", status=500, times=QUICK.attempts, match="paper.60,"))
    answers = ask_all(crossref, dois(150))
    failed = [doi for doi, answer in answers.items() if isinstance(answer, Failed)]
    assert failed == dois(150)[50:100]


def test_bad_moments_far_apart_do_not_stop_the_rest(crossref, standin):
    for n in (10, 110, 210):
        standin.faults.append(Fault("status", status=500, times=QUICK.attempts, match=f"paper.{n},"))
    answers = ask_all(crossref, dois(300))
    failed = [doi for doi, answer in answers.items() if isinstance(answer, Failed)]
    assert failed == dois(300)[:50] + dois(300)[100:150] + dois(300)[200:250]


def test_a_long_wait_is_left_to_the_timetable(crossref, standin, held):
    standin.faults.append(Fault("status", status=429, retry_after="3600"))
    answers = ask_all(crossref, dois(100))
    first, last = answers["10.1000/paper.0"], answers["10.1000/paper.99"]
    assert (first.was_asked, last.was_asked) == (True, False)
    assert first.retry_at == last.retry_at == datetime.fromtimestamp(held.time + 3600, UTC)
    assert sum(held.slept) < 60


def test_the_pace_of_lists_is_kept(crossref, held):
    ask_all(crossref, dois(450))
    assert sum(held.slept) >= 8 / 3


def test_the_limits_in_the_headers_set_the_pace(redis, name):
    bucket = TokenBucket(redis, name, Pace(3, 1, 3), now=lambda: 5.0)
    learn_pace(
        bucket, {"x-rate-limit-limit": "1", "x-rate-limit-interval": "10s", "x-concurrency-limit": "1"}
    )
    bucket.give_back(bucket.take().lease)
    assert bucket.take().wait_seconds > 9


@pytest.mark.parametrize("limit", ["0", "-1", "soon", "", "99999999"])
def test_a_limit_that_makes_no_sense_is_ignored(redis, name, limit):
    bucket = TokenBucket(redis, name, Pace(3, 1, 3), now=lambda: 5.0)
    learn_pace(bucket, {"x-rate-limit-limit": limit, "x-rate-limit-interval": "1s"})
    bucket.give_back(bucket.take().lease)
    assert bucket.take().wait_seconds < 0.4


def test_a_wrong_title_under_a_doi_comes_back_as_found_for_the_identity_check(crossref, standin):
    standin.papers.add(Paper(title="Ketamine for depression", doi=FIBRO.doi))
    assert crossref.fetch_one(FIBRO.doi).facts.title == "Ketamine for depression"


def test_a_retraction_arrives(crossref, standin):
    notice = {"DOI": "10.1000/notice", "type": "retraction", "source": "retraction-watch"}
    standin.papers.add(Paper(title=FIBRO.title, doi=FIBRO.doi, updated_by=(notice,)))
    answer = ask_all(crossref, [FIBRO.doi])[FIBRO.doi]
    assert [notice.kind for notice in answer.facts.notices] == ["retraction"]
