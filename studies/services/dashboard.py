"""How each registry's refresh stands, for the editors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, F, Max, OuterRef, Q, Sum

from studies.models import RefreshRun, Registry, RegistryCheck, RegistryLease, Study, Trial
from studies.services.claims import is_askable, is_due
from studies.services.outages import nothing_checked_since
from studies.services.refresh import describe_registries
from studies.services.registries import paper_registries, read_levels
from studies.services.runs import LONGEST_RUN, last_looks, living_runs
from studies.services.trial_refresh import NUMBER, is_trial_due
from studies.sources.bucket import BucketLevel
from studies.sources.registries import REGISTRIES


@dataclass(frozen=True)
class Waiting:
    """The paper or trial that has waited longest for an answer that counts; None: it never had one."""

    label: str
    pk: int
    answered_at: datetime | None


@dataclass(frozen=True)
class Progress:
    """How far the workers are that ask a registry at this moment: all their runs taken together."""

    asked: int
    due: int
    n_workers: int


@dataclass(frozen=True)
class PoolState:
    """How one pool of a registry's requests stands; see studies.sources.bucket.BucketLevel."""

    name: str
    level: BucketLevel
    waiting_until: datetime | None


@dataclass(frozen=True)
class RegistryState:
    """One registry: its last run and those under way, its failures, and what has waited longest.

    `looked_at` is when it was last looked whether anything is due, None while Redis cannot be reached;
    `state` is "never asked", "ok" or "failing"; `asks_about` is "papers" or "trials", which `n_due` and
    `n_waiting` count; `failing_since` is of the one that fails longest, `nothing_since` is set while no
    answer at all comes. `pools` is how its buckets stand, empty while Redis cannot be reached.
    """

    name: str
    title: str
    asks_about: str
    state: str
    looked_at: datetime | None
    last_answer: datetime | None
    n_failing: int
    failing_since: datetime | None
    nothing_since: datetime | None
    n_due: int
    n_waiting: int
    n_never_asked: int
    oldest: Waiting | None
    running: Progress | None
    last_error: RefreshRun | None
    pools: Sequence[PoolState]


def read_dashboard(*, now: datetime) -> list[RegistryState]:
    """The state of each registry whose address is set, in twelve queries; the one of trials comes last."""
    names = paper_registries()
    described, papers, oldest = describe_registries(), _count_papers(names, now), _oldest_checks()
    nothing_since, looks = nothing_checked_since(), last_looks()
    running, failed = _read_progress(now), _latest_failed_runs()
    pools = _read_pools()
    leases = RegistryLease.objects.filter(expires_at__gt=now).order_by()
    waiting = dict(leases.values_list("registry").annotate(n=Count("pk")))
    of_papers = {
        name: {
            "asks_about": "papers",
            "last_answer": described[name].get("last_answer"),
            "n_failing": described[name].get("n_failing", 0),
            "failing_since": described[name].get("failing_since"),
            "n_due": papers[f"{name}_due"],
            "n_waiting": waiting.get(name, 0),
            "n_never_asked": papers[f"{name}_never_asked"],
            "oldest": oldest.get(name),
        }
        for name in names
    }
    of_trials = {Registry.CLINICALTRIALS.value: _describe_trials(now)} if settings.CLINICALTRIALS_URL else {}
    return [
        RegistryState(
            name=name,
            title=REGISTRIES[name].title,
            state=described[name]["state"],
            looked_at=looks.get(name),
            nothing_since=nothing_since.get(name),
            running=running.get(name),
            last_error=failed.get(name),
            pools=pools.get(name, []),
            **values,
        )
        for name, values in {**of_papers, **of_trials}.items()
    ]


def failing_keys(*, registry: str) -> list[str]:
    """The keys of the studies on which the registry's last answer was a failure."""
    failed = RegistryCheck.objects.filter(registry=registry, answer=RegistryCheck.Answer.FAILED)
    return list(failed.order_by("study__key").values_list("study__key", flat=True))


def _count_papers(names: Sequence[str], now: datetime) -> dict[str, int]:
    """How many studies are due and how many were never asked about, of each registry, in one query."""
    counts: dict[str, Count] = {}
    for name in names:
        checks = RegistryCheck.objects.filter(study=OuterRef("pk"), registry=name)
        counts[f"{name}_due"] = Count("pk", filter=is_due(name, now))
        counts[f"{name}_never_asked"] = Count("pk", filter=Q(is_askable(name), ~Exists(checks)))
    return Study.objects.aggregate(**counts)


def _describe_trials(now: datetime) -> dict[str, Any]:
    """What the trials' own notes say of their registry, in two queries."""
    trials = Trial.objects.filter(registry_id__regex=NUMBER).order_by()
    counts = trials.aggregate(
        last_answer=Max("registry_answered_at"),
        n_failing=Count("pk", filter=Q(registry_answer=Trial.RegistryAnswer.FAILED)),
        n_due=Count("pk", filter=is_trial_due(now)),
        n_never_asked=Count("pk", filter=Q(registry_asked_at__isnull=True)),
    )
    first = trials.order_by(F("registry_answered_at").asc(nulls_first=True), "registry_id").first()
    return {
        **counts,
        "asks_about": "trials",
        "failing_since": None,
        "n_waiting": 0,
        "oldest": first and Waiting(first.registry_id, first.pk, first.registry_answered_at),
    }


def _read_pools() -> dict[str, list[PoolState]]:
    return {
        registry: [PoolState(name, level, _moment(level.waiting_until)) for name, level in pools.items()]
        for registry, pools in read_levels().items()
    }


def _moment(unix_time: float | None) -> datetime | None:
    return datetime.fromtimestamp(unix_time, UTC) if unix_time else None


def _oldest_checks() -> dict[str, Waiting]:
    """The paper of each registry that has waited longest for an answer that counts."""
    checks = RegistryCheck.objects.select_related("study").defer("body")
    by_age = checks.order_by("registry", F("answered_at").asc(nulls_first=True), "pk").distinct("registry")
    return {check.registry: Waiting(check.study.key, check.study_id, check.answered_at) for check in by_age}


def _read_progress(now: datetime) -> dict[str, Progress]:
    """Of each registry that is being asked. The first worker has counted all that is due, none has more."""
    alive = RefreshRun.objects.filter(pk__in=living_runs(), started_at__gt=now - LONGEST_RUN)
    under_way = alive.filter(finished_at__isnull=True).order_by().values_list("registry")
    sums = under_way.annotate(Sum("asked"), Max("due"), Count("pk"))
    return {registry: Progress(*figures) for registry, *figures in sums}


def _latest_failed_runs() -> dict[str, RefreshRun]:
    runs = RefreshRun.objects.filter(error__gt="").order_by("registry", "-started_at", "-pk")
    return {run.registry: run for run in runs.distinct("registry")}
