"""How each registry's refresh stands, for the editors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q

from studies.models import RefreshRun, RegistryCheck, RegistryLease, Study
from studies.services.claims import is_askable, is_due
from studies.services.outages import nothing_checked_since
from studies.services.refresh import describe_registries
from studies.services.registries import paper_registries
from studies.services.runs import LONGEST_RUN, last_looks
from studies.sources.registries import REGISTRIES


@dataclass(frozen=True)
class RegistryState:
    """One registry: its last and its running run, its failures, and the paper that has waited longest.

    `looked_at` is when it was last looked whether anything is due; `state` is "never asked", "ok" or
    "failing"; `n_due` and `n_waiting` count papers; `failing_since` is of
    the paper that fails longest, `nothing_since` is set while no paper at all gets an answer.
    """

    name: str
    title: str
    state: str
    looked_at: datetime | None
    last_answer: datetime | None
    n_failing: int
    failing_since: datetime | None
    nothing_since: datetime | None
    n_due: int
    n_waiting: int
    n_never_asked: int
    oldest: RegistryCheck | None
    running: RefreshRun | None
    last_error: RefreshRun | None


def read_dashboard(*, now: datetime) -> list[RegistryState]:
    """The state of each registry that is asked about papers and whose address is set, in nine queries."""
    names = paper_registries()
    described, papers, oldest = describe_registries(), _count_papers(names, now), _oldest_checks()
    nothing_since, looks = nothing_checked_since(), last_looks()
    running = _latest_runs(finished_at__isnull=True, started_at__gt=now - LONGEST_RUN)
    failed = _latest_runs(error__gt="")
    leases = RegistryLease.objects.filter(expires_at__gt=now).order_by()
    waiting = dict(leases.values_list("registry").annotate(n=Count("pk")))
    return [
        RegistryState(
            name=name,
            title=REGISTRIES[name].title,
            state=described[name]["state"],
            looked_at=looks.get(name),
            last_answer=described[name].get("last_answer"),
            n_failing=described[name].get("n_failing", 0),
            failing_since=described[name].get("failing_since"),
            nothing_since=nothing_since.get(name),
            n_due=papers[f"{name}_due"],
            n_waiting=waiting.get(name, 0),
            n_never_asked=papers[f"{name}_never_asked"],
            oldest=oldest.get(name),
            running=running.get(name),
            last_error=failed.get(name),
        )
        for name in names
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


def _oldest_checks() -> dict[str, RegistryCheck]:
    """The paper of each registry that has waited longest for an answer that counts."""
    checks = RegistryCheck.objects.select_related("study").defer("body")
    by_age = checks.order_by("registry", F("answered_at").asc(nulls_first=True), "pk").distinct("registry")
    return {check.registry: check for check in by_age}


def _latest_runs(**conditions: object) -> dict[str, RefreshRun]:
    runs = RefreshRun.objects.filter(**conditions).order_by("registry", "-started_at", "-pk")
    return {run.registry: run for run in runs.distinct("registry")}
