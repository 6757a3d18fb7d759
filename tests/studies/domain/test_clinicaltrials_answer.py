"""ClinicalTrials.gov's answers: whatever comes in becomes facts or an AnswerError."""

import json

import pytest

from studies.domain.bibliography import AnswerError
from studies.domain.clinicaltrials_answer import parse_studies, parse_study, parse_version
from studies.domain.trial_state import TrialState, state_of
from tests.real_cases import REAL_CASES, needs_real_cases

REAL = REAL_CASES / "ctgov"


def study(number: str = "NCT00000001", status: str = "COMPLETED", **modules) -> dict:
    protocol = {
        "identificationModule": {"nctId": number, "briefTitle": "A trial"},
        "statusModule": {"overallStatus": status, **modules.pop("statusModule", {})},
        **modules,
    }
    return {"protocolSection": protocol, "hasResults": False}


def body(*studies: dict) -> bytes:
    return json.dumps({"studies": list(studies)}).encode()


@pytest.mark.parametrize(
    ("word", "status", "state"),
    [
        ("ACTIVE_NOT_RECRUITING", "active, not recruiting", TrialState.RUNNING),
        ("NOT_YET_RECRUITING", "not yet recruiting", TrialState.PLANNED),
        ("ENROLLING_BY_INVITATION", "recruiting by invitation", TrialState.RECRUITING),
        ("RECRUITING", "recruiting", TrialState.RECRUITING),
        ("COMPLETED", "completed", TrialState.COMPLETED),
        ("TERMINATED", "terminated", TrialState.STOPPED),
        ("SUSPENDED", "suspended", TrialState.STOPPED),
        ("WITHDRAWN", "withdrawn", TrialState.WITHDRAWN),
        ("UNKNOWN", "unknown status", TrialState.UNKNOWN),
        ("SOMETHING_NEW", "something new", TrialState.UNKNOWN),
    ],
)
def test_each_status_leads_to_a_state(word, status, state):
    facts = parse_studies(body(study(status=word)))["NCT00000001"].facts
    assert (facts.status, state_of(facts.status)) == (status, state)


def test_dates_stay_as_exact_as_they_are_given():
    dates = {
        "startDateStruct": {"date": "2016-07"},
        "completionDateStruct": {"date": "2019"},
        "primaryCompletionDateStruct": {"date": "20th of May"},
        "resultsFirstPostDateStruct": {"date": "2020-13-40"},
    }
    facts = parse_studies(body(study(statusModule=dates)))["NCT00000001"].facts
    assert (facts.start, facts.completion) == ("2016-07", "2019")
    assert (facts.primary_completion, facts.results_first_posted_on) == (None, None)


def test_phases_references_and_other_numbers_are_read():
    modules = {
        "designModule": {"phases": ["PHASE1", "PHASE2"], "enrollmentInfo": {"count": 21}},
        "referencesModule": {
            "references": [{"pmid": "23359310", "type": "RESULT"}, {"pmid": "1", "type": "BACKGROUND"}]
        },
    }
    facts = parse_study(json.dumps(study(**modules)).encode()).facts
    assert (facts.phase, facts.enrolment, facts.result_pmids) == ("phase 1/phase 2", 21, (23359310,))


def test_what_a_trial_gives_and_is_about_is_read_in_the_registrys_words():
    modules = {
        "armsInterventionsModule": {"interventions": [{"name": "Drug A", "otherNames": ["LDN"]}, 7, {}]},
        "conditionsModule": {"conditions": ["Fibromyalgia"], "keywords": ["pain", None]},
    }
    facts = parse_study(json.dumps(study(**modules)).encode()).facts
    assert facts.subjects == ("Drug A", "LDN", "pain", "Fibromyalgia")


def test_what_is_not_said_stays_unsaid():
    facts = parse_study(json.dumps({**study(), "hasResults": None}).encode()).facts
    assert (facts.has_results, facts.sponsor, facts.phase, facts.enrolment) == (None, None, None, None)


def test_a_study_without_number_or_status_is_left_out_and_none_readable_is_an_error():
    renamed = study(status="")
    assert list(parse_studies(body(study(), renamed))) == ["NCT00000001"]
    with pytest.raises(AnswerError, match="another name"):
        parse_studies(body(renamed))
    assert parse_studies(body()) == {}


@pytest.mark.parametrize("wrong", [b"", b"{}", b"[]", b"<html>", b'{"studies": 7}'])
def test_what_is_no_answer_is_named(wrong):
    for parse in (parse_studies, parse_study, parse_version):
        with pytest.raises(AnswerError):
            parse(wrong)


def test_the_version_is_the_moment_of_the_data():
    assert parse_version(b'{"apiVersion":"2.0.5","dataTimestamp":"2026-11-20T09:00:05"}') == (
        "2026-11-20T09:00:05"
    )


@needs_real_cases
def test_a_real_terminated_trial_is_read_exactly():
    facts = parse_study((REAL / "get_nct02576665_20260811.json").read_bytes()).facts
    assert facts.registry_id == "NCT02576665"
    assert facts.title.startswith("A Study of Toca 511, a Retroviral Replicating Vector")
    assert (facts.status, facts.start, facts.completion) == ("terminated", "2016-07", "2019-12-20")
    assert (facts.phase, facts.enrolment, facts.sponsor) == ("phase 1", 21, "Tocagen Inc.")
    assert (facts.has_results, facts.primary_completion, facts.why_stopped) == (None, None, None)
    assert {"Toca 511", "Flucytosine", "Lymphoma"} < set(facts.subjects)


@needs_real_cases
@pytest.mark.parametrize("name", ["search_phelan_limit50", "search_phelan_limit5", "search_phelan_next"])
def test_every_trial_of_a_real_list_is_read(name):
    content = (REAL / f"{name}_20260811.json").read_bytes()
    told = json.loads(content)["studies"]
    found = parse_studies(content)
    assert len(found) == len(told) > 0
    for entry, number in zip(told, found, strict=True):
        module = entry["protocolSection"]["statusModule"]
        assert entry["protocolSection"]["identificationModule"]["nctId"] == number
        assert (
            state_of(found[number].facts.status) != TrialState.UNKNOWN or module["overallStatus"] == "UNKNOWN"
        )
