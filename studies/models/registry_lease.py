"""Which worker is asking what, and until when."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from studies.models.registry import RefreshRun, Registry
from studies.models.study import Study


class RegistryLease(models.Model):
    """A study that a worker is asking a registry about, or that the registry wants to be asked about later.

    Nobody else takes it before the lease expires. It goes with the answer, in the same transaction. What a
    dead worker had taken is given back by the next look, which finds its run without a worker.
    """

    # The unique constraint's index begins with it.
    study = models.ForeignKey(Study, models.CASCADE, related_name="registry_leases", db_index=False)
    registry = models.CharField(max_length=20, choices=Registry.choices)
    taken_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    # Whose worker has taken it; none for what is to be asked about later. Written for each paper and gone
    # with its answer: checked by the database it would cost a look for each.
    run = models.ForeignKey(
        RefreshRun, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "registry"], name="registry_lease_once_per_study"),
            models.CheckConstraint(
                condition=Q(registry__in=Registry.values), name="registry_lease_registry_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.registry} on {self.study_id} until {self.expires_at:%Y-%m-%d %H:%M}"
