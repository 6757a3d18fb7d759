"""Which studies a registry is to be asked about, shared out among any number of workers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db import DatabaseError, connection, transaction
from django.db.models import BooleanField, ExpressionWrapper, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from studies.models import RefreshRun, Registry, RegistryCheck, RegistryLease, Study
from studies.services.runs import close_dead_runs
from studies.sources.registries import REGISTRIES

# Longer than a worker needs for one share at the slowest pace, with its waits. That of a worker known to be
# dead ends with the next look.
LEASE = timedelta(minutes=30)
# The clocks of two machines differ by less. What was written down later than that, seen from now, was written
# before the clock was set back, and what it says of the future does not hold.
AHEAD = timedelta(minutes=30)
# Nothing waits longer, be it a paper that the registry does not know. What waits for a later day was written
# down while the clock was far ahead.
FARTHEST = timedelta(days=31)

# The timetable looks once an hour: a wait that ends later than this is left to it.
LONGEST_WAIT = timedelta(minutes=50)
# Names the database's lock that a worker has while it takes its share; the second number is the registry.
CLAIMING = 20260


def due_studies(*, registry: str, now: datetime, keys: Sequence[str] | None = None) -> QuerySet[Study]:
    """The studies to ask about that no living worker has taken; those named, due or not, where keys are."""
    if keys is not None:
        return Study.objects.filter(is_askable(registry), key__in=keys).order_by("key")
    return Study.objects.filter(is_due(registry, now)).order_by("key")


@transaction.atomic
def count_due(*, registry: str, now: datetime, keys: Sequence[str] | None = None) -> int:
    """Return how many studies due_studies() has.

    Each is looked up by an index, whatever is planned: the plan may be made while a table is still empty and
    looks as cheap to read whole, which is then done for each study while other workers are filling it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        n = due_studies(registry=registry, now=now, keys=keys).count()
        cursor.execute("SET LOCAL enable_seqscan = DEFAULT")
    return n


def is_askable(registry: str) -> Q:
    """The condition on a study that it has an identifier by which the registry can be asked."""
    return reduce(or_, (Q(**{f"{field}__isnull": False}) for field in REGISTRIES[registry].fields))


def is_due(registry: str, now: datetime) -> Q:
    """The condition on a study that the registry is to be asked about it, and that nobody has taken it."""
    # A failure is tried again within the hour; an answer from before the clock was set back is still good.
    is_failed_ahead = Q(answer=RegistryCheck.Answer.FAILED, asked_at__gt=now + AHEAD)
    is_waiting = Q(next_check_at__gt=now, next_check_at__lte=now + FARTHEST) & ~is_failed_ahead
    is_taken = Q(expires_at__gt=now, taken_at__lte=now + AHEAD)
    return is_askable(registry) & ~Q(
        _of_study(RegistryCheck, registry, is_waiting) | _of_study(RegistryLease, registry, is_taken)
    )


def _of_study(model: type[RegistryCheck | RegistryLease], registry: str, condition: Q) -> Coalesce:
    """Whether the row of a study and a registry meets a condition; false where there is none.

    Looked up study by study. With EXISTS, PostgreSQL sorts all rows that meet the condition, for each share
    anew: of a hundred thousand papers most, while its statistics, from before the run, say none.
    """
    rows = model.objects.filter(study=OuterRef("pk"), registry=registry).order_by()
    met = ExpressionWrapper(condition, output_field=BooleanField())
    return Coalesce(Subquery(rows.values(met=met)[:1]), False)


@transaction.atomic
def free_what_the_dead_had_taken(*, registry: str, now: datetime) -> None:
    """End the registry's runs whose worker was killed, and give back the studies that they had taken."""
    if dead := close_dead_runs(registry=registry, now=now):
        RegistryLease.objects.filter(registry=registry, run__in=dead).delete()


@transaction.atomic
def claim_due(
    *, registry: str, now: datetime, size: int, after: int = 0, run: RefreshRun | None = None
) -> list[int]:
    """Take up to `size` due studies for this run until the lease expires; return their numbers in order.

    Only studies with a higher number than `after`, so that a long run does not pass again over what it has
    done. Workers take one after the other, so that no share but the last has half a batch.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [CLAIMING, Registry.values.index(registry)])
    due = due_studies(registry=registry, now=now).filter(pk__gt=after).order_by("pk")
    claimed = list(due.values_list("pk", flat=True)[:size])
    return hold(registry=registry, studies=claimed, now=now, until=now + LEASE, run=run)


def hold(
    *,
    registry: str,
    studies: Iterable[int],
    now: datetime,
    until: datetime,
    run: RefreshRun | None = None,
) -> list[int]:
    """Let nobody ask the registry about these studies from now on before `until`; return them in order.

    With a run they are given back when that turns out to have died.

    One that is being deleted, or saved by an editor, at this moment is left out. That another registry's
    answer about it is being written down does not matter.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO studies_registrylease (study_id, registry, taken_at, expires_at, run_id)"
            " SELECT id, %s, %s, %s, %s FROM studies_study WHERE id = ANY(%s::bigint[])"
            " ORDER BY id FOR KEY SHARE SKIP LOCKED"
            " ON CONFLICT (study_id, registry)"
            " DO UPDATE SET taken_at = excluded.taken_at, expires_at = excluded.expires_at,"
            " run_id = excluded.run_id"
            " RETURNING study_id",
            [registry, now, until, run.pk if run else None, sorted(studies)],
        )
        return sorted(pk for (pk,) in cursor.fetchall())


def hold_rows(studies: Iterable[int]) -> None:
    """Let nobody change these studies before the end of the transaction.

    In the order of their numbers: so the answers of two registries about the same papers, written down at the
    same time, wait for each other at most once, and never each for the other.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM studies_study WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [list(studies)]
        )


def release(*, registry: str, studies: Iterable[int]) -> None:
    """Give the studies back; call it in the transaction that writes their answers."""
    with connection.cursor() as cursor:
        cursor.execute(
            # Looked up one by one: rows come and go, and a few among the many that went are a long search.
            "DELETE FROM studies_registrylease WHERE ctid = ANY(ARRAY("
            " SELECT its.ctid FROM unnest(%s::bigint[]) AS given (study_id) CROSS JOIN LATERAL ("
            "  SELECT ctid FROM studies_registrylease"
            "  WHERE study_id = given.study_id AND registry = %s LIMIT 1"
            " ) AS its))",
            [list(studies), registry],
        )


@contextmanager
def given_back_when_cut_off(*, registry: str, studies: Sequence[int]) -> Iterator[None]:
    """Give back the share of a run that an error ends, so that the next try need not wait for the lease.

    Where the database itself is away, or the worker was killed, the next look gives it back.
    """
    try:
        yield
    except Exception:
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        with suppress(DatabaseError):
            release(registry=registry, studies=studies)
        raise


def seconds_to_wait(*, registry: str, now: datetime) -> float | None:
    """Return in how many seconds the first study that must wait, or that a worker has taken, may be asked.

    None when there is none, or when the timetable's next look comes before that. Studies that only wait for
    their week to pass do not count: asked one by one they would cost a request each.
    """
    leases = RegistryLease.objects.filter(registry=registry, expires_at__gt=now)
    failed = RegistryCheck.objects.filter(registry=registry, failures__gt=0, next_check_at__gt=now)
    ends = [leases.aggregate(at=Min("expires_at"))["at"], failed.aggregate(at=Min("next_check_at"))["at"]]
    waits = [end - now for end in ends if end is not None]
    return min(waits).total_seconds() + 1 if waits and min(waits) <= LONGEST_WAIT else None
