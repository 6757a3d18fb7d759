"""What the registries sent is kept for a while, and then only its hash and its dates; runs likewise."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from studies.models import RefreshRun, Registry, RegistryCheck
from studies.services.outages import ANSWERED

# A body shows an editor what a registry really said. Every paper is asked about at least monthly, so one that
# is older than half a year is of a paper or a registry that no longer answers, and its facts are in the rows.
BODIES_KEPT = timedelta(days=182)
RUNS_KEPT = timedelta(days=182)


@transaction.atomic
def prune_bodies(*, now: datetime) -> int:
    """Empty the stored bodies that are older than BODIES_KEPT, and return how many; hash and dates stay.

    Safe to run twice: the second run finds nothing left to do.
    """
    oldest = now - BODIES_KEPT
    answers = RegistryCheck.objects.filter(body_stored_at__lt=oldest).exclude(body="").update(body="")
    errors = RefreshRun.objects.filter(started_at__lt=oldest).exclude(error_body="").update(error_body="")
    return answers + errors


@transaction.atomic
def prune_runs(*, now: datetime) -> int:
    """Delete the runs that ended longer than RUNS_KEPT ago, and return how many.

    Three of each registry stay, whatever their age, because they are what is told of it: the last one, the
    last one with an answer, and the first one since then that had none.
    """
    kept = []
    for name in Registry.values:
        runs = RefreshRun.objects.filter(registry=name)
        answered = runs.filter(ANSWERED).first()
        since = runs.filter(started_at__gt=answered.started_at) if answered else runs
        kept += [
            run.pk for run in (runs.first(), answered, since.exclude(error="").last()) if run is not None
        ]
    old = RefreshRun.objects.filter(finished_at__lt=now - RUNS_KEPT).exclude(pk__in=kept)
    return old.delete()[0]
