"""Where each number was read, by whom, and who checked it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from studies.models import rules
from studies.models.outcome import Outcome
from studies.models.side_effect import SideEffectReport
from studies.models.study import Source, Study


class Provenance(models.Model):
    """Where one outcome, side effect or field was read.

    An empty `source` means one of the record's sources, which of them was not noted.
    """

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="provenance")
    outcome = models.ForeignKey(
        Outcome, null=True, blank=True, on_delete=models.CASCADE, related_name="provenance"
    )
    side_effect_report = models.ForeignKey(
        SideEffectReport, null=True, blank=True, on_delete=models.CASCADE, related_name="provenance"
    )
    field = models.TextField(
        blank=True, help_text="The study's field, where it is not an outcome or side effect."
    )
    source = models.ForeignKey(
        Source, null=True, blank=True, on_delete=models.SET_NULL, related_name="provenance"
    )
    registry = models.TextField(null=True, blank=True, help_text="The registry that filled the field.")
    place = models.TextField("place in the paper", null=True, blank=True)
    quote = models.TextField(null=True, blank=True)
    read_by = models.TextField(null=True, blank=True)
    read_on = models.DateField(null=True, blank=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    checked_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "provenance"
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__isnull=False, side_effect_report__isnull=True, field="")
                | Q(outcome__isnull=True, side_effect_report__isnull=False, field="")
                | (Q(outcome__isnull=True, side_effect_report__isnull=True) & ~Q(field="")),
                name="provenance_is_of_one_thing",
            ),
        ]
        triggers = rules.removing_keeps_a_source()

    def __str__(self) -> str:
        return f"where {self.field or self.outcome_id or self.side_effect_report_id} was read"
