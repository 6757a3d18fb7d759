"""What each change of the records did to the answers; one that a notice caused can be reversed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from studies.models import Study
from studies.models.curated import text_list


class AnswerChange(models.Model):
    """One transaction in which answers changed: the lines before and after, and how many pages."""

    class Cause(models.TextChoices):
        STATUS = "status", "A paper's publication status changed"
        RECORDS = "records", "Records were changed"

    at = models.DateTimeField()
    cause = models.CharField(max_length=10, choices=Cause.choices)
    summary = models.TextField()
    lines = models.JSONField(help_text="Each answer that changed: kind, name, page, before, after.")
    unchanged = models.JSONField(default=dict, help_text="How many answers stayed, by kind.")
    pages = text_list(help_text="Addresses of the pages that differ.")
    reverses = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="reversed_in"
    )
    reversed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The editor who brought this change about by reversing another.",
    )

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(cause__in=["status", "records"]), name="change_cause_known"),
            models.CheckConstraint(condition=~Q(summary=""), name="change_has_a_summary"),
            models.CheckConstraint(condition=~Q(reverses=models.F("pk")), name="change_reverses_another"),
            models.CheckConstraint(
                condition=Q(reverses__isnull=True, reversed_by__isnull=True)
                | Q(reverses__isnull=False, reversed_by__isnull=False),
                name="change_reversed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}: {self.summary}"


class StatusChange(models.Model):
    """A paper whose publication status changed, and with it the answers."""

    change = models.ForeignKey(AnswerChange, on_delete=models.CASCADE, related_name="statuses")
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="status_changes")
    before = models.CharField(max_length=30)
    after = models.CharField(max_length=30)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["change", "study"], name="status_change_once_per_study"),
            models.CheckConstraint(condition=~Q(before=models.F("after")), name="status_change_is_one"),
        ]

    def __str__(self) -> str:
        return f"{self.study_id}: {self.before} → {self.after}"
