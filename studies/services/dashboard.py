"""How each registry's refresh stands, for the editors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from studies.models import RefreshRun, RegistryCheck, RegistryLease, Study
from studies.services.claims import due_studies
from studies.services.refresh import describe_registries
from studies.services.registries import paper_registries
from studies.sources.registries import REGISTRIES

# A run without an end that is older than a task may last was cut off with its worker.
LONGEST_RUN = timedelta(hours=1)


@dataclass(frozen=True)
class RegistryState:
    """One registry: its last and its running run, its failures, and the paper that has waited longest.

    `state` is "never asked", "ok" or "failing"; `n_due` and `n_waiting` count papers.
    """

    name: str
    title: str
    state: str
    last_answer: datetime | None
    n_failing: int
    failing_since: datetime | None
    n_due: int
    n_waiting: int
    n_never_asked: int
    oldest: RegistryCheck | None
    running: RefreshRun | None
    last_error: RefreshRun | None


def read_dashboard(*, now: datetime) -> list[RegistryState]:
    """The state of each registry that is asked about papers and whose address is set."""
    described = describe_registries()
    return [_state(name, described[name], now) for name in paper_registries()]


def failing_keys(*, registry: str) -> list[str]:
    """The keys of the studies on which the registry's last answer was a failure."""
    failed = RegistryCheck.objects.filter(registry=registry, answer=RegistryCheck.Answer.FAILED)
    return list(failed.order_by("study__key").values_list("study__key", flat=True))


def _state(name: str, described: dict[str, Any], now: datetime) -> RegistryState:
    checks = RegistryCheck.objects.filter(registry=name)
    runs = RefreshRun.objects.filter(registry=name)
    leases = RegistryLease.objects.filter(registry=name, expires_at__gt=now)
    askable = due_studies(registry=name, now=now, keys=list(Study.objects.values_list("key", flat=True)))
    return RegistryState(
        name=name,
        title=REGISTRIES[name].title,
        state=described["state"],
        last_answer=described.get("last_answer"),
        n_failing=described.get("n_failing", 0),
        failing_since=checks.filter(failing_since__isnull=False)
        .order_by("failing_since")
        .values_list("failing_since", flat=True)
        .first(),
        n_due=due_studies(registry=name, now=now).count(),
        n_waiting=leases.count(),
        n_never_asked=askable.exclude(registry_checks__in=checks).count(),
        oldest=checks.select_related("study").order_by(F("answered_at").asc(nulls_first=True)).first(),
        running=runs.filter(finished_at__isnull=True, started_at__gt=now - LONGEST_RUN).first(),
        last_error=runs.exclude(error="").first(),
    )
