"""Side effects: how readers know them, and what each study counted."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Func, Q, Value
from django.urls import reverse

from studies.domain.proportion import Proportion, wilson
from studies.domain.publication_status import GONE
from studies.models import rules
from studies.models.arm import Arm
from studies.models.curated import CuratedModel, text_list
from studies.models.fields import ReportedNumberField
from studies.models.outcome import ReportedP, Side, p_constraints
from studies.models.study import Study


class SideEffectQuerySet(models.QuerySet["SideEffect"]):
    def reported(self) -> SideEffectQuerySet:
        """Those of which a published study says something, with `n_studies`: of these, how many were not
        taken back; the most reported first."""
        published = Q(reports__study__status=Study.Status.PUBLISHED)
        standing = published & ~Q(reports__study__publication_status__in=GONE)
        return (
            self.filter(published)
            .annotate(n_studies=models.Count("reports__study", filter=standing, distinct=True))
            .order_by("-n_studies", "name")
        )


class SideEffect(CuratedModel):
    """A side effect in plain words, with the names under which papers report it."""

    slug = models.SlugField(max_length=80, unique=True)
    position = models.PositiveSmallIntegerField(default=0, help_text="Its place in the corpus file.")
    name = models.TextField()
    description = models.TextField("plain description", null=True, blank=True)
    reported_as = text_list(help_text="The names under which papers report it.")
    codes = models.JSONField(default=dict, blank=True)

    objects = SideEffectQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="side_effect_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("side-effect", args=[self.slug])


class SideEffectReportQuerySet(models.QuerySet["SideEffectReport"]):
    def published(self) -> SideEffectReportQuerySet:
        return self.filter(study__status=Study.Status.PUBLISHED)

    def with_counts(self) -> SideEffectReportQuerySet:
        return self.select_related("study", "side_effect").prefetch_related(
            "counts__arm__dose",
            "study__study_conditions__condition",
            "study__arms__dose",
            "provenance__source",
        )


class SideEffectReport(ReportedP):
    """That a study says something of a side effect, with or without counts."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="side_effect_reports")
    side_effect = models.ForeignKey(SideEffect, on_delete=models.PROTECT, related_name="reports")
    position = models.PositiveSmallIntegerField(default=0)
    reported_name = models.TextField(help_text="As the record names it.")
    note = models.TextField(null=True, blank=True)

    objects = SideEffectReportQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reported_name=""), name="side_effect_report_has_a_name"),
            *p_constraints("side_effect_report"),
        ]
        triggers = rules.published_needs_a_source("side_effect_report")

    def __str__(self) -> str:
        return self.reported_name

    def count_of(self, side: str) -> SideEffectCount | None:
        """The count of one side, from those fetched with the report; None where there is none."""
        return next((count for count in self.counts.all() if count.side == side), None)

    def proportion_of(self, side: str) -> Proportion | None:
        """The proportion of one side; None where it was not counted, or of how many is not reported."""
        count = self.count_of(side)
        return count.proportion if count else None


class SideEffectCount(models.Model):
    """How many people of one side had it. Zero of n is a count; an empty field is not."""

    report = models.ForeignKey(SideEffectReport, on_delete=models.CASCADE, related_name="counts")
    side = models.CharField(max_length=15, choices=Side.choices)
    arm = models.ForeignKey(
        Arm, null=True, blank=True, on_delete=models.PROTECT, related_name="side_effect_counts"
    )
    events = models.PositiveIntegerField(null=True, blank=True)
    n = models.PositiveIntegerField(null=True, blank=True)
    percent = ReportedNumberField("percent, as printed", null=True, blank=True)

    class Meta:
        ordering = ["report", "-side"]
        constraints = [
            models.UniqueConstraint(fields=["report", "side"], name="count_once_per_side"),
            models.CheckConstraint(
                condition=Q(side__in=["intervention", "comparator"]), name="count_side_known"
            ),
            models.CheckConstraint(condition=Q(events__lte=F("n")), name="count_events_not_above_n"),
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100), name="count_percent_0_to_100"
            ),
            models.CheckConstraint(
                condition=Q(events__isnull=True)
                | Q(n__isnull=True)
                | Q(n=0)
                | Q(percent__isnull=True)
                | Q(
                    percent__range=(
                        Value(100.0) * F("events") / Func(F("n"), Value(1), function="GREATEST") - Value(1.0),
                        Value(100.0) * F("events") / Func(F("n"), Value(1), function="GREATEST") + Value(1.0),
                    )
                ),
                name="count_percent_matches_events",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.side} of report {self.report_id}"

    @property
    def proportion(self) -> Proportion | None:
        """Events out of n with their interval; None where either was not reported."""
        return wilson(self.events, self.n) if self.events is not None and self.n else None
