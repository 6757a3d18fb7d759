"""Registered trials: what was planned, and whether results came."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Prefetch, Q
from django.urls import reverse

from studies.domain.trial_state import TrialState, is_overdue, state_of
from studies.domain.vocabulary import SourceKind, choices_of
from studies.models.curated import CuratedModel, text_list
from studies.models.study import Study

PARTIAL_DATE = r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"


class TrialQuerySet(models.QuerySet["Trial"]):
    def for_condition(self, condition: Any) -> TrialQuerySet:
        return self.filter(trial_conditions__condition=condition)

    def with_conditions(self) -> TrialQuerySet:
        links = TrialCondition.objects.select_related("condition")
        return self.select_related("results").prefetch_related(Prefetch("trial_conditions", queryset=links))


class Trial(CuratedModel):
    registry_id = models.TextField(unique=True)
    position = models.PositiveSmallIntegerField(default=0, help_text="Its place in the corpus file.")
    other_ids = text_list()
    title = models.TextField()
    conditions = models.ManyToManyField(
        "conditions.Condition", through="studies.TrialCondition", related_name="trials"
    )
    status = models.TextField(null=True, blank=True, help_text="In the registry's words.")
    status_as_of = models.CharField(max_length=10, null=True, blank=True)
    phase = models.TextField(null=True, blank=True)
    enrolment = models.PositiveIntegerField(null=True, blank=True)
    dose = models.TextField(null=True, blank=True)
    sponsor = models.TextField(null=True, blank=True)
    start = models.CharField(max_length=10, null=True, blank=True)
    completion = models.CharField(max_length=10, null=True, blank=True)
    results = models.ForeignKey(Study, null=True, blank=True, on_delete=models.PROTECT, related_name="trials")
    source_url = models.TextField(null=True, blank=True)
    source_kind = models.CharField(max_length=10, choices=choices_of(SourceKind))
    note = models.TextField(null=True, blank=True)
    unverified = text_list()

    objects = TrialQuerySet.as_manager()

    class Meta:
        ordering = ["registry_id"]
        constraints = [
            models.CheckConstraint(condition=~Q(registry_id=""), name="trial_has_an_id"),
            models.CheckConstraint(condition=~Q(title=""), name="trial_has_a_title"),
            models.CheckConstraint(condition=Q(start__regex=PARTIAL_DATE), name="trial_start_is_a_date"),
            models.CheckConstraint(
                condition=Q(completion__regex=PARTIAL_DATE), name="trial_completion_is_a_date"
            ),
            models.CheckConstraint(
                condition=Q(status_as_of__regex=PARTIAL_DATE), name="trial_status_is_dated"
            ),
            models.CheckConstraint(
                condition=Q(source_url__regex=r"^https?://\S+$"), name="trial_url_is_a_web_address"
            ),
            models.CheckConstraint(
                condition=Q(source_kind__in=[k.value for k in SourceKind]), name="trial_source_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return self.registry_id

    @property
    def published_results(self) -> Study | None:
        """The study that reports the results, once it is published."""
        return self.results if self.results and self.results.status == Study.Status.PUBLISHED else None

    @property
    def state(self) -> TrialState:
        """Where it stands, from the registry's words."""
        return state_of(self.status)

    def is_overdue_on(self, day: date) -> bool:
        """True when results were due by that day and no published study reports them."""
        return is_overdue(self.state, self.completion, self.published_results is not None, day)

    def get_absolute_url(self) -> str:
        return reverse("trial", args=[self.registry_id])


class TrialCondition(models.Model):
    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="trial_conditions")
    condition = models.ForeignKey(
        "conditions.Condition", on_delete=models.PROTECT, related_name="trial_conditions"
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["trial", "condition"], name="trial_names_a_condition_once"),
        ]

    def __str__(self) -> str:
        return f"{self.trial_id}: {self.condition_id}"
