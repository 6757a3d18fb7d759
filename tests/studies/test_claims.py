"""Any number of workers share what is due, and a dead one loses nothing."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.utils import timezone

from ldn_kb.celery import app
from pages.services.reading import connect
from studies import tasks
from studies.models import RefreshRun, RegistryLease, Trial
from studies.services import runs
from studies.services.claims import LEASE, LONGEST_WAIT, claim_due, count_due, hold, release, seconds_to_wait
from studies.services.refresh import describe_registries, refresh
from studies.services.runs import RUNNING, last_looks, living_runs, open_run
from studies.services.trial_refresh import is_trial_due
from studies.sources.standin import Fault
from tests import make
from tests.studies.test_refresh import check_of, no_waiting, page_of, standin, study  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db


def test_what_a_dead_worker_had_taken_is_asked_when_its_lease_expires(standin, study):  # noqa: F811
    now = timezone.now()
    assert claim_due(registry="crossref", now=now, size=10) == [study.pk]
    assert refresh(registry="crossref", now=now).asked == 0
    assert refresh(registry="crossref", now=now + LEASE + timedelta(seconds=1)).found == 1
    assert not RegistryLease.objects.exists()


def test_what_is_due_is_counted_by_indexes_also_while_the_tables_are_empty(study):  # noqa: F811
    plans: list[str] = []

    def explained(execute, sql, params, many, context):
        if sql.startswith("SELECT COUNT"):
            execute("EXPLAIN " + sql, params, many, context)
            plans.extend(line for (line,) in context["cursor"].fetchall())
        return execute(sql, params, many, context)

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE studies_registrycheck, studies_registrylease")
        cursor.execute("ANALYZE studies_registrycheck, studies_registrylease")
    with connection.execute_wrapper(explained):
        assert count_due(registry="crossref", now=timezone.now()) == 1
    scans = [line.split(" on ")[0].strip(" ->") for line in plans if " on studies_registry" in line]
    assert [scan.split(" using ")[0] for scan in scans] == ["Index Scan", "Index Scan"]


def test_what_a_killed_worker_had_taken_is_asked_by_the_next_look_and_what_is_to_wait_is_not(
    standin,  # noqa: F811
    study,  # noqa: F811
):
    now = timezone.now()
    waits, taken = (make.make_study(title=f"Paper {n}", doi=f"10.1000/p{n}") for n in range(2))
    hold(registry="crossref", studies=[waits.pk], now=now, until=now + timedelta(minutes=20))
    with connect() as worker:
        dead, living = (RefreshRun.objects.create(registry="crossref", started_at=now, due=1) for _ in "ab")
        worker.execute("SELECT pg_advisory_lock(%s::int, %s::int)", [RUNNING, living.pk])
        assert claim_due(registry="crossref", now=now, size=1, run=dead) == [study.pk]
        assert claim_due(registry="crossref", now=now, size=9, run=living) == [taken.pk]
        assert refresh(registry="crossref", now=now).asked == 1
    assert check_of(study).answer == "found"
    left = RegistryLease.objects.order_by("pk").values_list("study", "run")
    assert list(left) == [(waits.pk, None), (taken.pk, living.pk)]


def test_what_was_given_back_may_be_taken_at_once(study):  # noqa: F811
    now = timezone.now()
    release(registry="crossref", studies=claim_due(registry="crossref", now=now, size=10))
    assert claim_due(registry="crossref", now=now, size=10) == [study.pk]


def test_what_an_error_cut_off_is_asked_about_at_once_and_counted_once(standin, study, monkeypatch):  # noqa: F811
    def cut_off(**_: object) -> None:
        raise OperationalError("the connection is gone")

    with monkeypatch.context() as patch:
        patch.setattr("studies.services.refresh.follow_changes", cut_off)
        with pytest.raises(OperationalError):
            refresh(registry="crossref", now=timezone.now())
    assert not RegistryLease.objects.exists()
    assert refresh(registry="crossref", now=timezone.now()).found == 1
    assert sorted(RefreshRun.objects.values_list("asked", "found")) == [(0, 0), (1, 1)]


def test_a_registry_that_says_later_is_asked_later_and_the_rest_is_never_asked(
    client,
    standin,  # noqa: F811
    no_waiting,  # noqa: F811
    study,  # noqa: F811
):
    for number in range(600):
        make.make_study(title=f"Paper {number}", doi=f"10.1000/p{number}")
    standin.faults.append(Fault("status", status=429, retry_after="7200", times=99))
    run = refresh(registry="crossref", now=timezone.now())
    assert run.waiting > 0
    assert run.due == 601
    assert len(standin.requests) < 5
    waiting = RegistryLease.objects.filter(registry="crossref").first().study
    assert "Crossref never asked" in page_of(client, waiting)


def test_the_tasks_of_registries_have_their_queue_and_every_timetable_entry_expires():
    for name in ("refresh_registry", "refresh_studies", "refresh_due_citations"):
        task = getattr(tasks, name)
        assert app.amqp.router.route({}, task.name)["queue"].name == "registries"
    assert all(entry["options"]["expires"] for entry in app.conf.beat_schedule.values())


def test_every_task_is_given_back_by_a_dead_worker_ends_in_time_and_is_tried_again_when_a_service_is_away():
    app.loader.import_default_modules()
    rooms = ("studies.", "conditions.", "pages.", "search.")
    ours = [task for name, task in app.tasks.items() if name.startswith(rooms)]
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= {task.name for task in ours}
    for task in ours:
        assert task.acks_late
        assert task.reject_on_worker_lost
        assert {error.__name__ for error in task.autoretry_for} >= {"OperationalError", "InterfaceError"}
    assert app.conf.task_soft_time_limit < app.conf.task_time_limit
    # A task that waits for its time in a worker's hands and then runs is not given to another meanwhile.
    longest = LONGEST_WAIT.total_seconds() + app.conf.task_time_limit
    assert longest < app.conf.broker_transport_options["visibility_timeout"]


@pytest.fixture
def agreed(settings, monkeypatch) -> list[tuple[list[str], dict[str, float]]]:
    """The looks that were agreed upon: what was asked of Celery."""
    cache.delete("ldn-kb:again:crossref")
    sent = []
    monkeypatch.setattr(tasks.refresh_registry, "apply_async", lambda args, **when: sent.append((args, when)))
    yield sent
    cache.delete("ldn-kb:again:crossref")


def test_a_wait_of_minutes_is_not_left_to_the_hourly_timetable(standin, study, agreed):  # noqa: F811
    standin.faults.append(Fault("status", status=429, retry_after="600"))
    tasks.refresh_registry("crossref")
    tasks.refresh_registry("crossref")  # another worker, or another beat
    [(arguments, when)] = agreed
    assert arguments == ["crossref"]
    assert 590 < when["countdown"] < 700
    assert when["expires"] > when["countdown"]
    assert len(standin.requests) == 1


def test_a_wait_of_hours_is_left_to_it_and_a_week_is_no_wait(standin, study, agreed):  # noqa: F811
    standin.faults.append(Fault("status", status=429, retry_after="7200"))
    tasks.refresh_registry("crossref")
    assert not agreed
    assert check_of(study).failures == 1
    study.registry_checks.all().delete()
    assert refresh(registry="pubmed", now=timezone.now()).found == 1
    assert seconds_to_wait(registry="pubmed", now=timezone.now()) is None


def test_what_was_taken_before_the_clock_was_set_back_is_free_and_what_was_answered_is_not_asked_again(
    standin,  # noqa: F811
    no_waiting,  # noqa: F811
    study,  # noqa: F811
):
    now = timezone.now()
    tomorrow = now + timedelta(days=1)
    assert claim_due(registry="crossref", now=tomorrow, size=10) == [study.pk]
    assert claim_due(registry="crossref", now=now, size=10) == [study.pk]
    assert claim_due(registry="crossref", now=now, size=10) == []
    release(registry="crossref", studies=[study.pk])
    standin.faults.append(Fault("status", status=500, times=99))
    assert refresh(registry="crossref", now=tomorrow).failed == 1
    standin.faults.clear()
    assert refresh(registry="crossref", now=now).found == 1
    assert refresh(registry="pubmed", now=tomorrow).found == 1
    assert refresh(registry="pubmed", now=now).due == 0
    assert not RegistryLease.objects.exists()


def test_what_was_answered_while_the_clock_was_a_year_ahead_does_not_wait_for_that_year(standin, study):  # noqa: F811
    now = timezone.now()
    make.make_trial(registry_id="NCT01234567", next_check_at=now + timedelta(days=372))
    assert refresh(registry="crossref", now=now + timedelta(days=365)).found == 1
    assert refresh(registry="crossref", now=now).found == 1
    assert refresh(registry="crossref", now=now + timedelta(days=1)).due == 0
    assert Trial.objects.filter(is_trial_due(now)).exists()


def test_a_look_that_finds_nothing_due_is_no_run_but_is_told(standin, study):  # noqa: F811
    app.conf.task_always_eager = True
    try:
        tasks.refresh_registry("crossref")
        before = timezone.now()
        tasks.refresh_registry("crossref")
    finally:
        app.conf.task_always_eager = False
    assert RefreshRun.objects.count() == 1
    assert last_looks()["crossref"] >= before


def test_a_run_whose_worker_was_killed_is_closed_by_the_next_look_and_one_that_lives_is_not(standin, study):  # noqa: F811
    now = timezone.now()
    dead, living, lost = (
        RefreshRun.objects.create(registry="crossref", started_at=now - minutes, due=1, asked=1, found=1)
        for minutes in (timedelta(minutes=5), timedelta(minutes=59), timedelta(minutes=61))
    )
    # The last one's machine has gone without a word: the database still takes its connection for alive.
    with connect() as worker:
        for run in (living, lost):
            worker.execute("SELECT pg_advisory_lock(%s::int, %s::int)", [RUNNING, run.pk])
        refresh(registry="crossref", now=now)
    for run in (dead, lost):
        run.refresh_from_db()
        assert (run.finished_at, run.found) == (now, 1)
        assert "the worker ended" in run.error
    living.refresh_from_db()
    assert living.finished_at is None
    # The dead one had left nothing out: that is no failure of the registry.
    RefreshRun.objects.exclude(pk=dead.pk).delete()
    assert describe_registries()["crossref"]["state"] == "ok"


def test_a_run_that_begins_while_another_worker_looks_who_lives_is_not_taken_for_dead(monkeypatch):
    now = timezone.now()
    dead = RefreshRun.objects.create(registry="crossref", started_at=now, due=1)
    with connect() as worker:

        def look_slowly() -> set[int]:
            alive = living_runs()
            begun = RefreshRun.objects.create(registry="crossref", started_at=now, due=1)
            worker.execute("SELECT pg_advisory_lock(%s::int, %s::int)", [RUNNING, begun.pk])
            return alive

        monkeypatch.setattr(runs, "living_runs", look_slowly)
        assert runs.close_dead_runs(registry="crossref", now=now) == [dead]


def test_the_first_worker_counts_what_is_due_and_those_that_join_what_they_take(standin, study):  # noqa: F811
    later = make.make_study(title="Another", doi="10.1000/another")
    with open_run(registry="crossref", now=timezone.now()) as first:
        assert runs.is_first_at_work(first)
        with open_run(registry="crossref", now=timezone.now()) as second:
            assert not runs.is_first_at_work(second)
        with open_run(registry="pubmed", now=timezone.now()) as other:
            assert runs.is_first_at_work(other)
        claim_due(registry="crossref", now=timezone.now(), size=1, run=first)
        joined = refresh(registry="crossref", now=timezone.now())
    assert (joined.due, joined.asked) == (1, 1)
    assert check_of(later).answer


def test_a_run_lives_from_its_beginning_to_its_end_whatever_ends_it():
    with open_run(registry="crossref", due=1, now=timezone.now()) as run:
        assert run.pk in living_runs()
    assert living_runs() == set()
    with suppress(RuntimeError), open_run(registry="crossref", due=1, now=timezone.now()) as run:
        assert run.pk in living_runs()
        raise RuntimeError
    assert living_runs() == set()
