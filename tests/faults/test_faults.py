"""Real processes are really killed: afterwards every paper was asked, nothing twice, and nothing is half."""

from __future__ import annotations

from contextlib import suppress

import psycopg
import pytest
from django.db import connection

from studies.models import RefreshRun, RegistryCheck, RegistryLease
from studies.sources.standin import Fault
from tests.faults import world
from tests.faults.house import House, wait_until

# What a task leaves in Redis that has agreed to look again when the first wait is over.
AGAIN = ":1:ldn-kb:again:crossref"
BEAT = """
import sys
from ldn_kb.celery import app
look = {"task": "studies.tasks.refresh_due_citations", "schedule": 1.0, "options": {"expires": 3000}}
app.conf.beat_schedule = {"look": look}
app.Beat(schedule=sys.argv[1], pidfile=None).run()
"""


def recover(house: House, **passed: float) -> None:
    """What happens by itself: the worker is started again, time passes, the timetable looks."""
    house.pass_time(**passed or {"hours": 2, "minutes": 1})
    house.need_workers()
    house.send("refresh_due_citations")
    wait_until(world.is_settled, "every paper answered by every registry")
    world.check_whole()
    assert house.standin.refused == 0


def is_crossref_done() -> bool:
    answered = RegistryCheck.objects.filter(registry="crossref", answered_at__isnull=False)
    return answered.count() == world.N_PAPERS


def questions(house: House, registry: str = "/v1/works") -> int:
    return sum(question.path.startswith(registry) for question in list(house.standin.requests))


def test_a_worker_killed_while_a_registry_thinks_loses_nothing(house):
    before = world.answers()
    house.standin.faults.append(Fault("drip", registry="crossref", seconds=600))
    house.send("refresh_registry", "crossref")
    wait_until(lambda: questions(house), "a question")
    house.kill_workers()
    world.check_all_before(before)
    assert RegistryLease.objects.count() == world.N_PAPERS
    # Nobody need wait for the leases to run out: the run has no worker any more.
    recover(house, minutes=1)
    assert questions(house) == 2


def test_a_task_whose_process_alone_is_killed_goes_back_to_its_worker(house):
    worker = house.workers[-1]
    house.standin.faults.append(Fault("drip", registry="crossref", seconds=600))
    house.send("refresh_registry", "crossref")
    wait_until(lambda: questions(house), "a question")
    house.kill_working_processes()
    # It comes back, finds the papers taken by nobody who lives, and asks about them.
    wait_until(is_crossref_done, "the task's second try")
    recover(house)
    assert worker.poll() is None
    assert questions(house) == 2


@pytest.mark.parametrize("table", ["studies_registrycheck", "conditions_pool", "search_searchentry"])
def test_a_worker_killed_between_the_answer_and_the_commit_leaves_nothing_half(house, table):
    before = world.answers()
    with house.nobody_writes(table):
        house.send("refresh_registry", "crossref")
        wait_until(house.is_somebody_waiting, f"a worker that writes to {table}")
        house.kill_workers()
    wait_until(lambda: not house.is_somebody_waiting(), "the end of the killed worker's session")
    world.check_all_before(before)
    recover(house)


def test_a_worker_killed_between_its_commit_and_its_last_word_is_not_counted_twice(house):
    with house.nobody_writes("conditions_pool"):
        house.send("refresh_registry", "crossref")
        wait_until(house.is_somebody_waiting, "a worker in the cascade")
        house.hold_redis()
    try:
        # It commits, and then waits for Redis, which it tells that pages are stale.
        wait_until(RegistryCheck.objects.exists, "the commit")
        house.kill_workers()
    finally:
        house.let_redis_go()
    world.check_cascade()
    assert RefreshRun.objects.get().finished_at is None
    assert questions(house) == 1
    recover(house)
    assert questions(house) == 1
    assert RefreshRun.objects.get(registry="crossref").error == "the worker ended in the middle of the run"


def test_redis_killed_with_all_that_waits_there_loses_no_paper(house):
    worker = house.workers[-1]
    house.standin.faults.append(Fault("drip", registry="crossref", seconds=2))
    house.send("refresh_due_citations")
    wait_until(lambda: questions(house), "a question")
    house.lose_redis()
    house.start_redis()
    wait_until(
        lambda: RegistryCheck.objects.filter(registry="crossref").exists(), "the answer that was awaited"
    )
    recover(house)
    assert worker.poll() is None
    assert questions(house) == 1


def test_postgresql_cut_off_in_the_middle_of_the_cascade_leaves_nothing_half(house):
    before = world.answers()
    worker = house.workers[-1]
    with suppress(psycopg.OperationalError), house.nobody_writes("conditions_pool"):
        house.send("refresh_registry", "crossref")
        wait_until(house.is_somebody_waiting, "a worker in the cascade")
        house.stop_postgres()
    house.start_postgres()
    connection.close()
    world.check_all_before(before)
    wait_until(is_crossref_done, "the task's second try")
    recover(house)
    assert worker.poll() is None


def test_a_network_that_is_cut_is_written_down_and_made_good(house):
    before = world.answers()
    house.standin.faults.append(Fault("break off", registry="crossref"))
    house.send("refresh_registry", "crossref")
    wait_until(lambda: questions(house), "a question")
    house.cut_network()
    wait_until(lambda: RefreshRun.objects.filter(finished_at__isnull=False), "the end of the run")
    run = RefreshRun.objects.get()
    assert (run.asked, run.failed, run.found) == (world.N_PAPERS, world.N_PAPERS, 0)
    assert run.error == "no connection to the registry"
    assert set(RegistryCheck.objects.values_list("answer", "failures")) == {("failed", 1)}
    assert world.answers() == before
    wait_until(lambda: house.redis.exists(AGAIN), "the agreement to look again")
    house.reach_registries(house.standin.papers)
    recover(house)
    assert set(RegistryCheck.objects.values_list("failures", flat=True)) == {0}


def test_two_beats_and_two_workers_ask_each_paper_once(house, tmp_path):
    beats = [house.start("-c", BEAT, str(tmp_path / name)) for name in ("one", "two")]
    try:
        wait_until(lambda: house.redis.llen("registries") > 4, "tasks from both")
        house.need_workers(2)  # not before: they would be done with the one's before the other's come
        wait_until(world.is_settled, "every paper answered by every registry")
    finally:
        for beat in beats:
            beat.kill()
            beat.wait()
    wait_until(lambda: not house.redis.llen("registries"), "no task left")
    wait_until(world.is_settled, "the end of the last")
    world.check_whole()
    assert house.standin.refused == 0
    asked = [question.text for question in house.standin.requests]
    for number in range(1, world.N_PAPERS + 1):
        # By its DOI at Crossref, OpenAlex and Europe PMC, by its number at PubMed.
        assert sum(text.count(f"10.1000/paper{number}") for text in asked) == 3
        assert sum(f"{1000 + number}" in text for text in asked) == 1
