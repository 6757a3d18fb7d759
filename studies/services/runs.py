"""The runs of the refresh: each has an end, whatever became of its worker.

A look that finds nothing due is no run; when the last one was is kept in Redis, beside the heartbeat.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.db.models import Q
from django.utils import timezone
from redis import RedisError

from studies.models import RefreshRun, Registry

logger = logging.getLogger(__name__)

# No task may last longer (CELERY_TASK_TIME_LIMIT): a run without an end that is older died with its worker,
# and with its machine, whose connection the database may take for alive for hours.
LONGEST_RUN = timedelta(hours=1)
# The first number of the lock that a run holds in the database; the second is the run's own. It belongs to
# the worker's connection: PostgreSQL lets go of it the moment a worker is killed.
RUNNING = 20261
LOOKED_KEY = "ldn-kb:looked:"
COUNTS = [
    field.attname
    for field in RefreshRun._meta.concrete_fields
    if field.name not in {"id", "registry", "started_at", "finished_at"}
]
# Put together once: it is said with each batch, of which there are thousands.
KEEP_COUNTS = f"UPDATE studies_refreshrun SET {', '.join(f'{name} = %s' for name in COUNTS)} WHERE id = %s"  # noqa: S608 - names of our own


@contextmanager
def open_run(*, registry: str, now: datetime, due: int = 0) -> Iterator[RefreshRun]:
    """A run for the length of the block, with its end and, where it was cut off, the reason.

    Within the block it is among living_runs().

    Args:
        registry: the registry that is asked.
        now: the time that is written down as its start.
        due: how many papers or trials are to be asked about, if that is known yet.
    """
    with transaction.atomic():  # nobody sees it without its lock
        run = RefreshRun.objects.create(registry=registry, started_at=now, due=due)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [RUNNING, run.pk])
    try:
        yield run
    except Exception as error:
        run.error = f"{type(error).__name__}: the run was cut off"
        logger.exception("refresh of %s was cut off", registry)
        _close_cut_off(run)
        raise
    else:
        run.finished_at = max(timezone.now(), run.started_at)
        run.save()
    finally:
        with suppress(DatabaseError), connection.cursor() as cursor:  # with a connection it has gone already
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [RUNNING, run.pk])


def keep_counts(run: RefreshRun) -> None:
    """Write down what a run has counted so far; call it in the transaction of what is counted."""
    with connection.cursor() as cursor:
        cursor.execute(KEEP_COUNTS, [*(getattr(run, name) for name in COUNTS), run.pk])


def is_first_at_work(run: RefreshRun) -> bool:
    """Whether no other worker was at work on the run's registry when it began.

    The first counts what is due, which among a hundred thousand papers takes a worker as long as asking about
    a thousand; the due of the others is what they have taken.
    """
    others = RefreshRun.objects.filter(registry=run.registry, finished_at__isnull=True, pk__lt=run.pk)
    return not others.exists()


def _close_cut_off(run: RefreshRun) -> None:
    """Write down the end; a database that is away must not hide why the run was cut off.

    What was counted is on record with the answers; what the error has undone does not count.
    """
    run.finished_at = max(timezone.now(), run.started_at)
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
    try:
        run.save(update_fields=["finished_at", "error"])
    except DatabaseError:
        logger.warning("the end of a run of %s could not be written: the next look closes it", run.registry)


def living_runs() -> set[int]:
    """Return the numbers of the runs whose worker is connected to the database at this moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT objid::bigint FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
            " WHERE datname = current_database() AND locktype = 'advisory' AND classid = %s AND objsubid = 2",
            [RUNNING],
        )
        return {pk for (pk,) in cursor.fetchall()}


@transaction.atomic
def close_dead_runs(*, registry: str, now: datetime) -> list[RefreshRun]:
    """End the registry's runs whose worker was killed, and return them; what they counted stays.

    Args:
        registry: the registry that is about to be asked.
        now: the time that is written down as the end.
    """
    open_ones = RefreshRun.objects.filter(registry=registry, finished_at__isnull=True)
    seen = set(open_ones.values_list("pk", flat=True))
    if not seen:
        return []
    # Looked at after that: one that begins meanwhile was not seen, one that ends is no longer open.
    is_dead = Q(pk__in=seen - living_runs()) | Q(pk__in=seen, started_at__lt=now - LONGEST_RUN)
    dead = list(open_ones.select_for_update().filter(is_dead))
    for run in dead:
        run.finished_at = max(now, run.started_at)
        run.error = "the worker ended in the middle of the run"
    RefreshRun.objects.bulk_update(dead, ["finished_at", "error"])
    return dead


def note_look(*, registry: str, now: datetime) -> None:
    """Keep when it was last looked whether anything is due in the registry."""
    cache.set(f"{LOOKED_KEY}{registry}", now.isoformat(), timeout=None)


def last_looks() -> dict[str, datetime]:
    """Return by registry when it was last looked whether anything is due; nothing while Redis is away."""
    with suppress(RedisError):
        looks = cache.get_many([f"{LOOKED_KEY}{name}" for name in Registry.values])
        return {key.removeprefix(LOOKED_KEY): datetime.fromisoformat(at) for key, at in looks.items()}
    return {}
