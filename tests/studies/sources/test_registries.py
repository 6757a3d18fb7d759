"""What holds for every registry alike: one interface, and no failure that passes for an answer."""

import json

import pytest

from studies.domain.bibliography import RegistryName
from studies.sources.answer import Failed, Found, PaperIds, Refused, Unknown
from studies.sources.failure import FailureKind
from studies.sources.patience import Clock, Limits
from studies.sources.registries import REGISTRIES
from studies.sources.standin import Fault, Said, Standin, StandinTrial
from tests.studies.sources.conftest import FIBRO, KEY, MAIL, ask_all

TRIAL = StandinTrial("NCT00568555", "Naltrexone in fibromyalgia", enrolment=31)
KEYS = {
    "crossref": FIBRO.doi,
    "pubmed": FIBRO.pmid,
    "openalex": FIBRO.doi,
    "europepmc": FIBRO.doi,
    "clinicaltrials": TRIAL.registry_id,
    "retraction_watch": PaperIds(FIBRO.doi, FIBRO.pmid),
}
NOBODY = {
    "crossref": "10.1000/nobody",
    "pubmed": 999_999,
    "openalex": "10.1000/nobody",
    "europepmc": "10.1000/nobody",
    "clinicaltrials": "NCT99999999",
    "retraction_watch": PaperIds("10.1000/nobody", None),
}
NAMES = list(REGISTRIES)
# A small body limit, so that the huge answers of the tests need not be so huge.
SMALL = Limits(connect=2, read=2, total=5, max_bytes=2_000_000)


@pytest.fixture(autouse=True)
def known(standin):
    """FIBRO with a correction, which Retraction Watch lists too, and one trial."""
    paper = standin.papers.by_doi[FIBRO.doi]
    standin.papers.add(type(paper)(**{**paper.__dict__, "notices": (Said("correction"),)}))
    standin.papers.add_trial(TRIAL)


def test_the_table_has_every_registry():
    assert set(REGISTRIES) == set(RegistryName.__args__) == set(KEYS)


def test_a_studys_identifiers_lead_to_what_each_registry_is_asked_by():
    values = {"doi": "10.1000/a", "pmid": 7}
    asked = {name: registry.key_of(values) for name, registry in REGISTRIES.items()}
    assert asked == {
        "crossref": "10.1000/a",
        "pubmed": 7,
        "openalex": "10.1000/a",
        "europepmc": "10.1000/a",
        "clinicaltrials": None,
        "retraction_watch": PaperIds("10.1000/a", 7),
    }
    assert REGISTRIES["europepmc"].key_of({"doi": None, "pmid": 7}) == 7
    assert REGISTRIES["retraction_watch"].key_of({"doi": None, "pmid": None}) is None


@pytest.mark.parametrize("name", NAMES)
def test_what_is_known_is_found_and_what_is_not_is_unknown(open_client, name):
    answers = ask_all(open_client(name), [KEYS[name], NOBODY[name]])
    found = answers[KEYS[name]]
    assert isinstance(found, Found)
    assert found.facts.registry == name
    assert found.facts.title == (TRIAL.title if name == "clinicaltrials" else FIBRO.title)
    assert json.loads(found.body) if name != "pubmed" else "23359310" in found.body
    assert isinstance(answers[NOBODY[name]], Unknown)


@pytest.mark.parametrize("name", NAMES)
def test_we_say_who_we_are(open_client, standin, name):
    ask_all(open_client(name), [KEYS[name]])
    assert {request.headers["user-agent"] for request in standin.requests} == {
        "ldn-kb/1.2 (https://kb.example; mailto:editor@kb.example)"
    }


@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_identifier_is_refused_without_asking(open_client, standin, name):
    wrong = {"pubmed": 0, "retraction_watch": PaperIds("nonsense", None)}.get(name, "nonsense")
    assert isinstance(ask_all(open_client(name), [wrong])[wrong], Refused)
    assert standin.requests == []


@pytest.mark.parametrize("name", [name for name in NAMES if name != "clinicaltrials"])
def test_a_correction_is_a_correction_everywhere(open_client, name):
    notices = ask_all(open_client(name), [KEYS[name]])[KEYS[name]].facts.notices
    assert [notice.kind for notice in notices] == ([] if name == "openalex" else ["correction"])


FAULTS = {
    "429 with seconds": (Fault("status", status=429, retry_after="90"), FailureKind.RATE_LIMITED),
    "429 with a date": (
        Fault("status", status=429, retry_after="Fri, 01 Jan 2100 00:00:00 GMT"),
        FailureKind.RATE_LIMITED,
    ),
    "429 without a time": (Fault("status", status=429), FailureKind.RATE_LIMITED),
    "503": (Fault("status", status=503), FailureKind.SERVER_ERROR),
    "403": (Fault("status", status=403), FailureKind.BLOCKED),
    "HTML": (Fault("html"), FailureKind.NOT_AN_ANSWER),
    "empty 200": (Fault("empty"), FailureKind.NOT_AN_ANSWER),
    "error inside 200": (Fault("error inside"), FailureKind.NOT_AN_ANSWER),
    "renamed field": (Fault("renamed field"), FailureKind.NOT_AN_ANSWER),
    "break off mid-body": (Fault("break off"), FailureKind.BROKEN_OFF),
    "gzip lie": (Fault("packed wrong"), FailureKind.NOT_AN_ANSWER),
    "gzip bomb": (Fault("packed", size=3_000_000), FailureKind.TOO_LARGE),
    "200 MB": (Fault("big", size=200_000_000), FailureKind.TOO_LARGE),
    "redirect loop": (Fault("redirect loop"), FailureKind.REDIRECTED),
    "redirect to another host": (Fault("redirect away"), FailureKind.REDIRECTED),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", NAMES)
def test_a_fault_is_a_failure_with_its_kind(open_client, standin, name, fault):
    template, kind = FAULTS[fault]
    standin.faults.append(Fault(**{**template.__dict__, "times": 99}))
    answer = ask_all(open_client(name, limits=SMALL), [KEYS[name]])[KEYS[name]]
    assert isinstance(answer, Failed)
    assert answer.kind == kind
    assert answer.reason


@pytest.mark.parametrize("name", [name for name in NAMES if name != "retraction_watch"])
@pytest.mark.parametrize("kind", ["cut", "wrong charset"])
def test_a_body_that_is_cut_or_in_another_charset_is_no_answer(open_client, standin, name, kind):
    standin.faults.append(Fault(kind, times=99))
    answer = ask_all(open_client(name), [KEYS[name]])[KEYS[name]]
    assert isinstance(answer, Failed)
    assert answer.kind == FailureKind.NOT_AN_ANSWER


@pytest.mark.parametrize("name", NAMES)
def test_a_failure_keeps_the_beginning_of_what_came_without_key_or_address(open_client, standin, name):
    standin.faults.append(Fault("html", times=99))
    answer = ask_all(open_client(name, api_key=KEY), [KEYS[name]])[KEYS[name]]
    if name != "retraction_watch":  # there the body goes into a file
        assert "Maintenance" in answer.body
    assert not any(secret in repr(answer) for secret in (KEY, MAIL))


@pytest.mark.parametrize("name", NAMES)
def test_a_fault_that_passes_is_forgotten(open_client, standin, name):
    standin.faults += [Fault("html"), Fault("status", status=500), Fault("break off")]
    assert isinstance(ask_all(open_client(name), [KEYS[name]])[KEYS[name]], Found)


@pytest.mark.parametrize("name", NAMES)
def test_being_shut_out_stops_everything_and_calls_for_a_person(open_client, standin, name, caplog):
    standin.faults.append(Fault("status", status=403, times=99))
    answers = ask_all(open_client(name), [KEYS[name], NOBODY[name]])
    assert all(answer.is_blocked for answer in answers.values())
    assert len(standin.requests) == 1
    assert "ERROR" in [record.levelname for record in caplog.records]


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_that_only_drips_is_cut_off(open_client, standin, name):
    standin.faults.append(Fault("drip", seconds=600, times=9))
    answer = ask_all(open_client(name, limits=Limits(total=0.4, attempts=1)), [KEYS[name]])[KEYS[name]]
    assert answer.kind == FailureKind.TIMED_OUT


@pytest.mark.parametrize("name", ["crossref", "clinicaltrials"])
@pytest.mark.parametrize("status", [404, 410])
def test_gone_is_unknown_and_a_strange_page_is_not(open_client, standin, name, status):
    standin.faults.append(Fault("status", status=status, times=99))
    client = open_client(name)
    assert isinstance(client.fetch_one(KEYS[name]), Unknown)


@pytest.mark.parametrize("name", NAMES)
def test_no_question_of_ours_meets_the_limit(redis, open_client, standin, name):
    """At ten times the real pace, on a real clock."""
    with Standin(standin.papers, keep_limits=True, speed=10) as strict:
        address = strict.settings[REGISTRIES[name].address]
        client = open_client(name, address, clock=Clock(), speed=10)
        for _ in range(12 if name != "retraction_watch" else 2):
            answers = ask_all(client, [KEYS[name]])
            assert isinstance(answers[KEYS[name]], Found)
        assert strict.refused == 0
