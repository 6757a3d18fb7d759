"""Which worker is asking what, and until when."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from studies.models.registry import Registry
from studies.models.study import Study


class RegistryLease(models.Model):
    """A study that a worker is asking a registry about, or that the registry wants to be asked about later.

    Nobody else takes it before the lease expires. It goes with the answer, in the same transaction; a worker
    that dies leaves it to expire, and the next one asks.
    """

    # The unique constraint's index begins with it.
    study = models.ForeignKey(Study, models.CASCADE, related_name="registry_leases", db_index=False)
    registry = models.CharField(max_length=20, choices=Registry.choices)
    taken_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "registry"], name="registry_lease_once_per_study"),
            models.CheckConstraint(
                condition=Q(registry__in=Registry.values), name="registry_lease_registry_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.registry} on {self.study_id} until {self.expires_at:%Y-%m-%d %H:%M}"
