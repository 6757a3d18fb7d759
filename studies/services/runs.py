"""The runs of the refresh: each has an end, whatever became of its worker.

A look that finds nothing due is no run; when the last one was is kept in Redis, beside the heartbeat.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.utils import timezone
from redis import RedisError

from studies.models import RefreshRun, Registry

logger = logging.getLogger(__name__)

# No task may last longer (CELERY_TASK_TIME_LIMIT): a run without an end that is older died with its worker.
LONGEST_RUN = timedelta(hours=1)
LOOKED_KEY = "ldn-kb:looked:"


@contextmanager
def open_run(*, registry: str, due: int, now: datetime) -> Iterator[RefreshRun]:
    """A run for the length of the block, with its end and, where it was cut off, the reason.

    Args:
        registry: the registry that is asked.
        due: how many papers or trials are to be asked about.
        now: the time that is written down as its start.
    """
    run = RefreshRun.objects.create(registry=registry, started_at=now, due=due)
    try:
        yield run
    except Exception as error:
        run.error = f"{type(error).__name__}: the run was cut off"
        logger.exception("refresh of %s was cut off", registry)
        _close_cut_off(run)
        raise
    run.finished_at = max(timezone.now(), run.started_at)
    run.save()


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


def close_dead_runs(*, registry: str, now: datetime) -> int:
    """End the registry's runs whose worker was killed, and return how many; what they counted stays.

    Args:
        registry: the registry that is about to be asked.
        now: the time that is written down as the end.
    """
    dead = RefreshRun.objects.filter(
        registry=registry, finished_at__isnull=True, started_at__lt=now - LONGEST_RUN
    )
    return dead.update(finished_at=now, error="the worker ended in the middle of the run")


def note_look(*, registry: str, now: datetime) -> None:
    """Keep when it was last looked whether anything is due in the registry."""
    cache.set(f"{LOOKED_KEY}{registry}", now.isoformat(), timeout=None)


def last_looks() -> dict[str, datetime]:
    """Return by registry when it was last looked whether anything is due; nothing while Redis is away."""
    with suppress(RedisError):
        looks = cache.get_many([f"{LOOKED_KEY}{name}" for name in Registry.values])
        return {key.removeprefix(LOOKED_KEY): datetime.fromisoformat(at) for key, at in looks.items()}
    return {}
