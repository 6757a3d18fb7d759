"""What the registries sent is kept for a while, and then only its hash and its dates."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from studies.models import RefreshRun, RegistryCheck

# A body shows an editor what a registry really said. Every paper is asked about at least monthly, so one that
# is older than half a year is of a paper or a registry that no longer answers, and its facts are in the rows.
BODIES_KEPT = timedelta(days=182)


@transaction.atomic
def prune_bodies(*, now: datetime) -> int:
    """Empty the stored bodies that are older than BODIES_KEPT, and return how many; hash and dates stay.

    Safe to run twice: the second run finds nothing left to do.
    """
    oldest = now - BODIES_KEPT
    answers = RegistryCheck.objects.filter(body_stored_at__lt=oldest).exclude(body="").update(body="")
    errors = RefreshRun.objects.filter(started_at__lt=oldest).exclude(error_body="").update(error_body="")
    return answers + errors
