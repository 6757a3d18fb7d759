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

REGISTRY_ANSWERS = ["found", "unknown", "conflict", "refused", "failed"]
PARTIAL_DATE = r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"


class TrialQuerySet(models.QuerySet["Trial"]):
    def for_condition(self, condition: Any) -> TrialQuerySet:
        return self.filter(trial_conditions__condition=condition)

    def with_conditions(self) -> TrialQuerySet:
        links = TrialCondition.objects.select_related("condition")
        return self.select_related("results").prefetch_related(Prefetch("trial_conditions", queryset=links))


class Trial(CuratedModel):
    class RegistryAnswer(models.TextChoices):
        FOUND = "found", "Found"
        UNKNOWN = "unknown", "Not known there"
        CONFLICT = "conflict", "Another trial under this number"
        REFUSED = "refused", "Refused the question"
        FAILED = "failed", "Not reachable"

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
    # What only the registry says; the weekly refresh writes it.
    why_stopped = models.TextField(null=True, blank=True, help_text="In the registry's words.")
    primary_completion = models.CharField(max_length=10, null=True, blank=True)
    has_posted_results = models.BooleanField("results posted in the registry", default=False)
    results_posted_on = models.DateField(null=True, blank=True)
    registry_answer = models.CharField(max_length=10, choices=RegistryAnswer.choices, blank=True)
    registry_detail = models.TextField(blank=True)
    registry_asked_at = models.DateTimeField(null=True, blank=True)
    registry_answered_at = models.DateTimeField(
        null=True, blank=True, help_text="When the registry last gave an answer that counts."
    )
    next_check_at = models.DateTimeField(null=True, blank=True)
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
                condition=Q(primary_completion__regex=PARTIAL_DATE),
                name="trial_primary_completion_is_a_date",
            ),
            models.CheckConstraint(
                condition=Q(results_posted_on__isnull=True) | Q(has_posted_results=True),
                name="trial_posted_on_a_day_is_posted",
            ),
            models.CheckConstraint(
                condition=Q(registry_answer__in=["", *REGISTRY_ANSWERS]),
                name="trial_registry_answer_known",
            ),
            models.CheckConstraint(
                condition=~Q(registry_answer="found") | Q(registry_answered_at__isnull=False),
                name="trial_found_was_answered",
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
    def has_phase(self) -> bool:
        """True when the registry names a phase; not for N/A, its word for a trial that has none."""
        return self.phase not in {None, "", "N/A"}

    @property
    def state(self) -> TrialState:
        """Where it stands, from the registry's words."""
        return state_of(self.status)

    @property
    def results_due_after(self) -> str | None:
        """The end that the twelve months are counted from: of the primary outcome, else of the trial."""
        return self.primary_completion or self.completion

    @property
    def has_results(self) -> bool:
        """True when results are posted in the registry or reported by a published study here."""
        return self.has_posted_results or self.published_results is not None

    def is_overdue_on(self, day: date) -> bool:
        """True when results were due by that day and are neither posted nor published."""
        return is_overdue(self.state, self.results_due_after, self.has_results, day)

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
