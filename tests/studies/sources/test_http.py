"""The door: waiting, trying again, giving up, and keeping quiet about who we are."""

import doctest
import logging
import time
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from httpcore._backends.sync import SyncBackend
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from studies.sources import http, reply
from studies.sources.answer import Failed, Found
from studies.sources.clinicaltrials import ClinicalTrialsClient
from studies.sources.crossref import CrossrefClient
from studies.sources.failure import FailureKind
from studies.sources.http import user_agent
from studies.sources.patience import Limits
from studies.sources.pubmed import PubmedClient
from studies.sources.reply import retry_after
from studies.sources.standin import Fault
from studies.sources.standin.wire import Answer
from tests.studies.sources.conftest import FIBRO, KEY, MAIL, QUICK, WHO

pytestmark = pytest.mark.data_layer


@pytest.fixture
def ask(redis, standin, held):
    """Ask about one paper, with chosen limits."""

    def ask_one(**limits):
        chosen = Limits(**{"connect": 2, "read": 2, "total": 5, **limits})
        client = CrossrefClient(
            standin.crossref_url, redis=redis, limits=chosen, clock=held.as_clock(), **WHO
        )
        try:
            return client.fetch_one(FIBRO.doi)
        finally:
            client.close()

    return ask_one


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(http).failed == doctest.testmod(reply).failed == 0


def test_retry_after_in_seconds_is_waited_for(ask, standin, held):
    standin.faults.append(Fault("status", status=429, retry_after="7"))
    assert isinstance(ask(), Found)
    assert sum(held.slept) == pytest.approx(7, abs=0.01)


def test_retry_after_as_a_date_is_waited_for(ask, standin, held):
    moment = format_datetime(datetime.fromtimestamp(held.time + 20, UTC), usegmt=True)
    standin.faults.append(Fault("status", status=503, retry_after=moment))
    assert isinstance(ask(), Found)
    assert sum(held.slept) == pytest.approx(20, abs=0.01)


def test_a_429_without_a_time_is_waited_for_too(ask, standin, held):
    standin.faults.append(Fault("status", status=429))
    assert isinstance(ask(), Found)
    assert sum(held.slept) >= 5


def test_a_wait_longer_than_the_patience_is_not_slept(ask, standin, held):
    standin.faults.append(Fault("status", status=429, retry_after="61"))
    answer = ask()
    assert answer.retry_at == datetime.fromtimestamp(held.time + 61, UTC)
    assert held.slept == []
    assert len(standin.requests) == 1


def test_the_other_workers_wait_as_well(ask, standin, held):
    standin.faults.append(Fault("status", status=429, retry_after="61"))
    ask()
    second = ask()
    assert isinstance(second, Failed)
    assert not second.was_asked
    assert len(standin.requests) == 1


def test_all_waits_together_stay_within_the_patience(ask, standin, held):
    standin.faults.append(Fault("status", status=429, retry_after="25", times=99))
    assert isinstance(ask(), Failed)
    assert held.slept == pytest.approx([25, 25])
    assert len(standin.requests) == 3


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_a_server_error_is_tried_again_with_growing_pauses(ask, standin, held, status):
    standin.faults.append(Fault("status", status=status, times=3))
    assert isinstance(ask(), Found)
    assert held.slept == pytest.approx([1, 2, 4])


@pytest.mark.parametrize("status", [400, 404, 422])
def test_a_lasting_refusal_is_not_tried_again(ask, standin, status):
    standin.faults.append(Fault("status", status=status, times=99))
    assert not isinstance(ask(), Failed)
    assert len(standin.requests) == 1


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault("status", status=500, times=99), "status 500"),
        (Fault("html", times=99), "text/html, not JSON"),
        (Fault("empty", times=99), "empty"),
        (Fault("cut", times=99), "complete JSON"),
        (Fault("wrong charset", times=99), "complete JSON"),
        (Fault("error inside", times=99), "status is not ok"),
        (Fault("break off", times=99), "broke off"),
        (Fault("packed wrong", times=99), "not packed as it says"),
        (Fault("packed short", times=99), "not packed as it says"),
        (Fault("big", times=99, size=3_000_000), "larger than 2,000,000 bytes"),
        (Fault("packed", times=99, size=3_000_000), "larger than 2,000,000 bytes"),
        (Fault("redirect loop", times=99), "in circles"),
        (Fault("redirect away", times=99), "where we do not go"),
    ],
)
def test_an_answer_that_does_not_count_is_a_failure_with_its_reason(ask, standin, fault, reason):
    standin.faults.append(fault)
    answer = ask(max_bytes=2_000_000)
    assert isinstance(answer, Failed)
    assert reason in answer.reason
    assert len(standin.requests) <= 4


def test_a_packed_answer_is_unpacked(ask, standin):
    standin.faults.append(Fault("packed", size=0))
    assert isinstance(ask(attempts=1), Found)


def test_a_bad_answer_that_passes_is_forgotten(ask, standin):
    standin.faults += [Fault("html"), Fault("cut"), Fault("break off")]
    assert isinstance(ask(), Found)


def test_a_registry_that_does_not_answer_is_left(ask, standin):
    standin.faults.append(Fault("time-out", times=9, seconds=1))
    answer = ask(read=0.2, attempts=2)
    assert answer.reason == "no answer within 0.2 s"
    assert len(standin.requests) == 2


def test_an_answer_that_only_drips_is_cut_off(ask, standin):
    standin.faults.append(Fault("drip", seconds=600))
    answer = ask(total=0.5, attempts=1)
    assert answer.reason == "no whole answer within 0.5 s"


def test_a_registry_that_goes_on_dripping_is_asked_no_third_time(ask, standin):
    standin.faults.append(Fault("drip", seconds=600, times=9))
    answer = ask(total=0.5)
    assert answer.kind == FailureKind.TIMED_OUT
    assert len(standin.requests) == 2


def test_after_a_cut_off_the_next_question_works(redis, standin, held):
    limits = Limits(total=0.5, attempts=2)
    client = CrossrefClient(standin.crossref_url, redis=redis, limits=limits, clock=held.as_clock(), **WHO)
    standin.faults.append(Fault("drip", seconds=600))
    assert isinstance(client.fetch_one(FIBRO.doi), Found)
    client.close()


def test_a_closed_port_is_a_failure_with_a_reason(redis, held):
    client = CrossrefClient("http://127.0.0.1:9", redis=redis, limits=QUICK, clock=held.as_clock(), **WHO)
    answer = client.fetch_one(FIBRO.doi)
    assert answer.reason == "no connection to the registry"
    client.close()


def test_without_redis_nothing_is_sent(standin, held):
    nowhere = Redis(port=9, socket_connect_timeout=1)
    client = CrossrefClient(standin.crossref_url, redis=nowhere, limits=QUICK, clock=held.as_clock(), **WHO)
    answer = client.fetch_one(FIBRO.doi)
    assert "Redis" in answer.reason
    assert standin.requests == []
    client.close()


def test_every_turn_is_given_back(ask, standin, redis):
    standin.faults += [Fault("html"), Fault("status", status=500)]
    ask()
    assert [redis.zcard(key) for key in redis.scan_iter("bucket:{*:leases")] == []


def test_a_held_request_of_a_dead_worker_holds_nobody_for_ever(ask, redis, standin, held):
    host = standin.url.removeprefix("http://")
    for n in range(3):
        redis.zadd(f"bucket:{{{host}:Crossref:singles}}:leases", {f"dead {n}": held.time + 30})
    assert isinstance(ask(), Found)
    assert 30 <= sum(held.slept) < 31


def test_no_key_and_no_address_reaches_a_log_or_a_reason(redis, standin, held, caplog):
    caplog.set_level(logging.DEBUG)
    kinds = ["html", "error inside", "break off", "redirect away", "status"]
    answers = []
    for kind in kinds:
        for make, extra in ((CrossrefClient, {}), (PubmedClient, {"api_key": KEY})):
            standin.faults[:] = [Fault(kind, times=99, status=403)]
            client = make(standin.ncbi_url if extra else standin.url, redis=redis, limits=QUICK,
                          clock=held.as_clock(), **WHO, **extra)  # fmt: skip
            answers.append(client.fetch_one(FIBRO.pmid if extra else FIBRO.doi))
            client.close()
            held.time += 4_000
    assert all(isinstance(answer, Failed) for answer in answers)
    said = " ".join(record.getMessage() for record in caplog.records) + repr(answers)
    assert not any(secret in said for secret in (MAIL, MAIL.replace("@", "%40"), KEY))


def test_a_key_that_the_registry_echoes_is_hidden(redis, standin, held, monkeypatch):
    echo = Answer(400, "text/plain", f"API key invalid: {KEY} of {MAIL}".encode())
    monkeypatch.setattr(standin, "answer", lambda _: echo)
    client = PubmedClient(standin.ncbi_url, redis=redis, api_key=KEY, clock=held.as_clock(), **WHO)
    answer = client.fetch_one(FIBRO.pmid)
    assert answer.reason == "PubMed refuses the question: status 400: API key invalid: [hidden] of [hidden]"
    client.close()


def test_an_address_cannot_smuggle_a_header_in():
    assert "\n" not in user_agent("1", "https://kb.example", "a@b.example\r\nX-Evil: 1")


@given(st.text(), st.floats(0, 1e10))
def test_any_retry_after_gives_seconds_or_nothing(value, now):
    seconds = retry_after(value, now)
    assert seconds is None or seconds > 0


def test_a_connection_that_opens_slowly_brings_no_two_questions_together(redis, standin, monkeypatch):
    """The turn was granted before; that the question went off late counts for the next one."""
    connect = SyncBackend.connect_tcp

    def connect_slowly(*args, **options):
        time.sleep(1.3)
        return connect(*args, **options)

    monkeypatch.setattr(SyncBackend, "connect_tcp", connect_slowly)
    client = ClinicalTrialsClient(standin.settings["CLINICALTRIALS_URL"], redis=redis, limits=QUICK, **WHO)
    client.fetch_one("NCT00000001")
    assert client._turns.take().wait_seconds > 0
    client.close()
