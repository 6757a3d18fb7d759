"""ClinicalTrials.gov over a real socket: what is asked, and nothing when nothing has changed."""

from dataclasses import replace
from datetime import date

import pytest

from studies.sources.answer import Edition, Failed, Found, Refused, Unchanged, Unknown
from studies.sources.standin import Fault, StandinTrial
from tests.studies.sources.conftest import ask_all

TRIAL = StandinTrial(
    "NCT00568555",
    "Naltrexone in fibromyalgia",
    status="TERMINATED",
    why_stopped="no money",
    phase="2",
    enrolment=31,
    sponsor="A university",
    start="2009-01",
    primary_completion="2011-02-03",
    completion="2011",
    results_first_posted_on="2013-05-06",
)


@pytest.fixture
def numbers(standin):
    standin.papers.add_trial(TRIAL)
    for n in range(249):
        standin.papers.add_trial(StandinTrial(f"NCT{n:08d}", f"Trial {n}"))
    return list(standin.papers.trials)


def paths(standin):
    return [request.path for request in standin.requests]


def test_a_hundred_trials_go_into_one_question_after_the_version(open_client, standin, numbers):
    client = open_client("clinicaltrials")
    answers = ask_all(client, numbers)
    assert len(answers) == 250
    assert all(isinstance(answer, Found) for answer in answers.values())
    assert paths(standin) == ["/api/v2/version", *["/api/v2/studies"] * 3]
    assert [request.query["filter.ids"].count("NCT") for request in standin.requests[1:]] == [100, 100, 50]
    assert standin.requests[1].query["pageSize"] == "100"
    assert client.edition == Edition("2026-11-20T09:00:05")


def test_the_facts_of_a_trial_are_those_of_its_entry(open_client, numbers):
    facts = open_client("clinicaltrials").fetch_one(TRIAL.registry_id).facts
    assert (facts.status, facts.why_stopped) == ("terminated", "no money")
    assert (facts.start, facts.primary_completion, facts.completion) == ("2009-01", "2011-02-03", "2011")
    assert (facts.phase, facts.enrolment, facts.sponsor) == ("phase 2", 31, "A university")
    assert (facts.has_results, facts.results_first_posted_on) == (True, date(2013, 5, 6))


def test_nothing_is_asked_while_the_registrys_data_are_unchanged(open_client, standin, numbers):
    first = open_client("clinicaltrials")
    ask_all(first, numbers)
    standin.requests.clear()
    second = open_client("clinicaltrials", last_edition=first.edition)
    answers = ask_all(second, numbers)
    assert set(map(type, answers.values())) == {Unchanged}
    assert paths(standin) == ["/api/v2/version"]


def test_everything_is_asked_again_once_the_data_have_changed(open_client, standin, numbers):
    standin.papers.version = "2026-11-21T09:00:05"
    standin.papers.add_trial(replace(TRIAL, status="WITHDRAWN"))
    client = open_client("clinicaltrials", last_edition=Edition("2026-11-20T09:00:05"))
    assert ask_all(client, [TRIAL.registry_id])[TRIAL.registry_id].facts.status == "withdrawn"


def test_without_a_version_nothing_is_asked(open_client, standin, numbers):
    standin.faults.append(Fault("status", status=500, match="version", times=99))
    answers = ask_all(open_client("clinicaltrials"), numbers)
    assert all(isinstance(answer, Failed) for answer in answers.values())
    assert "/api/v2/studies" not in paths(standin)


def test_a_trial_missing_from_a_list_is_asked_alone(open_client, standin, numbers):
    answers = ask_all(open_client("clinicaltrials"), [TRIAL.registry_id, "nct99999999"])
    assert isinstance(answers["nct99999999"], Unknown)
    assert paths(standin)[-1] == "/api/v2/studies/NCT99999999"


def test_another_registrys_number_is_refused(open_client, standin):
    assert isinstance(open_client("clinicaltrials").fetch_one("ISRCTN12345678"), Refused)
    assert standin.requests == []


@pytest.mark.parametrize("ending", ["/api/v2", "/api/v2/", ""])
def test_the_address_may_name_the_version_of_the_api(open_client, standin, numbers, ending):
    client = open_client("clinicaltrials", standin.url + ending)
    assert isinstance(client.fetch_one(TRIAL.registry_id), Found)
