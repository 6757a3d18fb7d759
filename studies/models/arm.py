"""The groups of a study and what each was given."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q

from studies.domain.vocabulary import ArmRole, DosePer, choices_of
from studies.models import rules
from studies.models.fields import ReportedNumberField
from studies.models.study import Study


class ArmQuerySet(models.QuerySet["Arm"]):
    def published(self) -> ArmQuerySet:
        return self.filter(study__status=Study.Status.PUBLISHED)

    def given_ldn(self) -> ArmQuerySet:
        return self.filter(role=ArmRole.INTERVENTION)

    def with_study(self) -> ArmQuerySet:
        return self.select_related("study", "dose").prefetch_related(
            "dose__steps", "study__study_conditions__condition"
        )


class Arm(models.Model):
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="arms")
    position = models.PositiveSmallIntegerField(default=0)
    name = models.TextField()
    role = models.CharField(max_length=15, choices=choices_of(ArmRole))
    n = models.PositiveIntegerField("people", null=True, blank=True)

    objects = ArmQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            # Deferred, so that two arms may swap their names in one transaction.
            models.UniqueConstraint(
                fields=["study", "name"],
                name="arm_name_unique_in_study",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(condition=Q(role__in=[r.value for r in ArmRole]), name="arm_role_known"),
            models.CheckConstraint(condition=~Q(name=""), name="arm_has_a_name"),
        ]
        triggers = rules.arms_need_an_intervention()

    def __str__(self) -> str:
        return self.name


class Dose(models.Model):
    """What an arm was given. `amount_mg` is the dose reached; empty means that it was not stated."""

    arm = models.OneToOneField(Arm, on_delete=models.CASCADE, related_name="dose")
    amount_mg = ReportedNumberField("mg", null=True, blank=True)
    per = models.CharField(max_length=20, choices=choices_of(DosePer), default=DosePer.DAY)
    route = models.TextField(default="oral")
    timing = models.TextField(null=True, blank=True)
    formulation = models.TextField(null=True, blank=True)
    duration_weeks = ReportedNumberField(null=True, blank=True)
    start_mg = ReportedNumberField(null=True, blank=True)
    max_mg = ReportedNumberField(null=True, blank=True)
    range_text = models.TextField("range as printed, mg", null=True, blank=True)
    range_low_mg = ReportedNumberField(null=True, blank=True, editable=False)
    range_high_mg = ReportedNumberField(null=True, blank=True, editable=False)
    mg_per_kg = ReportedNumberField("mg per kg of body weight", null=True, blank=True)
    mg_per_kg_text = models.TextField("mg per kg as printed, where several", null=True, blank=True)
    regimens = models.TextField(null=True, blank=True)
    note = models.TextField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_mg__gt=0), name="dose_above_zero"),
            models.CheckConstraint(condition=Q(start_mg__gt=0), name="dose_start_above_zero"),
            models.CheckConstraint(condition=Q(max_mg__gt=0), name="dose_max_above_zero"),
            models.CheckConstraint(condition=Q(mg_per_kg__gt=0), name="dose_per_kg_above_zero"),
            models.CheckConstraint(condition=Q(duration_weeks__gt=0), name="dose_duration_above_zero"),
            models.CheckConstraint(
                condition=Q(range_low_mg__gt=0, range_high_mg__gte=models.F("range_low_mg")),
                name="dose_range_in_order",
            ),
            models.CheckConstraint(condition=Q(per__in=[p.value for p in DosePer]), name="dose_per_known"),
        ]

    def __str__(self) -> str:
        return f"dose of {self.arm}"

    @property
    def daily_mg(self) -> Decimal | None:
        """The daily dose in mg, where one is stated as such."""
        return self.amount_mg if self.per == DosePer.DAY else None


class TitrationStep(models.Model):
    """One step of a schedule as published: from this week (month, step) on, this much."""

    class Unit(models.TextChoices):
        WEEK = "week", "Week"
        MONTH = "month", "Month"
        STEP = "step", "Step"

    dose = models.ForeignKey(Dose, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField(default=0)
    unit = models.CharField(max_length=5, choices=Unit.choices, default=Unit.WEEK)
    at_number = models.PositiveSmallIntegerField("number of the week", null=True, blank=True)
    at_text = models.TextField("when, in words", null=True, blank=True)
    amount_mg = ReportedNumberField("mg")

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_mg__gt=0), name="step_above_zero"),
            models.CheckConstraint(
                condition=Q(at_number__isnull=False, at_text__isnull=True)
                | Q(at_number__isnull=True, at_text__isnull=False),
                name="step_has_one_place",
            ),
            models.CheckConstraint(condition=Q(unit__in=["week", "month", "step"]), name="step_unit_known"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.at_number or self.at_text}: {self.amount_mg} mg"
