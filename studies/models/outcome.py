"""What a study measured and found."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from studies.domain.vocabulary import Better, Direction, Measure, OutcomeDomain, choices_of
from studies.models import rules
from studies.models.arm import Arm
from studies.models.fields import ReportedNumberField
from studies.models.study import Study


class Side(models.TextChoices):
    """Which side of the comparison a figure belongs to, known even where the arm is not."""

    INTERVENTION = "intervention", "Intervention"
    COMPARATOR = "comparator", "Comparison"


class PRelation(models.TextChoices):
    EQUAL = "=", "="
    BELOW = "<", "<"
    AT_MOST = "<=", "<="
    BETWEEN = "..", "between"


class Outcome(models.Model):
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="outcomes")
    position = models.PositiveSmallIntegerField(default=0)
    name = models.TextField()
    domain = models.CharField(max_length=20, choices=choices_of(OutcomeDomain))
    instrument = models.TextField(null=True, blank=True)
    timepoint = models.TextField(null=True, blank=True)
    is_primary = models.BooleanField(null=True, blank=True)
    direction = models.CharField(max_length=20, choices=choices_of(Direction), default=Direction.UNCLEAR)
    better = models.CharField(
        "better for people",
        max_length=6,
        choices=choices_of(Better),
        null=True,
        blank=True,
        help_text="Which way the recorded values run: a pain score is better when lower, a reduction of "
        "pain when higher. Without it the outcome enters no pool.",
    )

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="outcome_has_a_name"),
            models.CheckConstraint(
                condition=Q(domain__in=[d.value for d in OutcomeDomain]), name="outcome_domain_known"
            ),
            models.CheckConstraint(
                condition=Q(direction__in=[d.value for d in Direction]), name="outcome_direction_known"
            ),
            models.CheckConstraint(
                condition=Q(better__in=[side.value for side in Better]), name="outcome_better_known"
            ),
        ]
        triggers = rules.published_needs_a_source("outcome")

    def __str__(self) -> str:
        return self.name


class ReportedP(models.Model):
    """A p value as printed: = 0.03, < 0.001, or 0.219 to 0.954."""

    p_relation = models.CharField("p is", max_length=2, choices=PRelation.choices, null=True, blank=True)
    p_value = ReportedNumberField("p", null=True, blank=True)
    p_high = ReportedNumberField("p, upper end", null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def p_text(self) -> str | None:
        """The p value in words of the field, or None where none was reported."""
        if self.p_value is None:
            return None
        if self.p_relation == PRelation.BETWEEN:
            return f"{self.p_value} to {self.p_high}"
        return f"{'' if self.p_relation == PRelation.EQUAL else self.p_relation}{self.p_value}"


def p_constraints(prefix: str) -> list[models.BaseConstraint]:
    """The rules for a p value, named after the table."""
    return [
        models.CheckConstraint(
            condition=Q(p_value__gte=0, p_value__lte=1), name=f"{prefix}_p_between_0_and_1"
        ),
        models.CheckConstraint(
            condition=Q(p_relation__isnull=True, p_value__isnull=True, p_high__isnull=True)
            # Each part says what must not be empty: a check that comes out as unknown passes.
            | Q(
                p_relation__isnull=False,
                p_relation__in=["=", "<", "<="],
                p_value__isnull=False,
                p_high__isnull=True,
            )
            | Q(
                p_relation__isnull=False,
                p_relation="..",
                p_value__isnull=False,
                p_high__isnull=False,
                p_high__gte=F("p_value"),
                p_high__lte=1,
            ),
            name=f"{prefix}_p_is_whole",
        ),
    ]


def interval_constraints(prefix: str) -> list[models.BaseConstraint]:
    """ci_low <= value <= ci_high as far as each is known, and never half an interval."""
    return [
        models.CheckConstraint(condition=Q(ci_low__lte=F("value")), name=f"{prefix}_ci_low_not_above_value"),
        models.CheckConstraint(
            condition=Q(ci_high__gte=F("value")), name=f"{prefix}_ci_high_not_below_value"
        ),
        models.CheckConstraint(condition=Q(ci_low__lte=F("ci_high")), name=f"{prefix}_ci_in_order"),
        models.CheckConstraint(
            condition=Q(ci_low__isnull=True, ci_high__isnull=True)
            | Q(ci_low__isnull=False, ci_high__isnull=False),
            name=f"{prefix}_ci_is_whole",
        ),
    ]


class ArmResult(ReportedP):
    """What was measured on one side. `arm` is empty where the record does not say which one."""

    outcome = models.ForeignKey(Outcome, on_delete=models.CASCADE, related_name="results")
    side = models.CharField(max_length=15, choices=Side.choices)
    arm = models.ForeignKey(Arm, null=True, blank=True, on_delete=models.PROTECT, related_name="results")
    value = ReportedNumberField(null=True, blank=True)
    unit = models.TextField(null=True, blank=True)
    sd = ReportedNumberField("SD", null=True, blank=True)
    ci_low = ReportedNumberField(null=True, blank=True)
    ci_high = ReportedNumberField(null=True, blank=True)
    events = models.PositiveIntegerField(null=True, blank=True)
    n = models.PositiveIntegerField(null=True, blank=True)
    baseline = ReportedNumberField(null=True, blank=True)
    baseline_text = models.TextField(null=True, blank=True)
    baseline_sd = ReportedNumberField("baseline SD", null=True, blank=True)
    note = models.TextField(null=True, blank=True)

    class Meta:
        ordering = ["outcome", "-side"]
        constraints = [
            models.UniqueConstraint(fields=["outcome", "side"], name="result_once_per_side"),
            models.CheckConstraint(
                condition=Q(side__in=["intervention", "comparator"]), name="result_side_known"
            ),
            models.CheckConstraint(condition=Q(events__lte=F("n")), name="result_events_not_above_n"),
            models.CheckConstraint(condition=Q(sd__gte=0), name="result_sd_not_negative"),
            models.CheckConstraint(condition=Q(baseline_sd__gte=0), name="result_baseline_sd_not_negative"),
            *interval_constraints("result"),
            *p_constraints("result"),
        ]

    def __str__(self) -> str:
        return f"{self.side} of outcome {self.outcome_id}"


class Effect(ReportedP):
    """The comparison as the paper reports it. Without a measure the note says what the value is."""

    outcome = models.OneToOneField(Outcome, on_delete=models.CASCADE, related_name="effect")
    measure = models.CharField(max_length=20, choices=choices_of(Measure), null=True, blank=True)
    value = ReportedNumberField(null=True, blank=True)
    ci_low = ReportedNumberField(null=True, blank=True)
    ci_high = ReportedNumberField(null=True, blank=True)
    i2_percent = ReportedNumberField("I², %", null=True, blank=True)
    better = models.CharField(
        "better for people",
        max_length=6,
        choices=choices_of(Better),
        null=True,
        blank=True,
        help_text="Only where the paper's effect has another sign than intervention less comparison.",
    )
    note = models.TextField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(measure__in=[m.value for m in Measure]), name="effect_measure_known"
            ),
            models.CheckConstraint(
                condition=~Q(measure__in=["RR", "OR", "HR"]) | Q(value__isnull=True) | Q(value__gt=0),
                name="effect_ratio_above_zero",
            ),
            models.CheckConstraint(
                condition=Q(better__in=[side.value for side in Better]), name="effect_better_known"
            ),
            models.CheckConstraint(
                condition=Q(i2_percent__gte=0, i2_percent__lte=100), name="effect_i2_is_percent"
            ),
            *interval_constraints("effect"),
            *p_constraints("effect"),
        ]

    def __str__(self) -> str:
        return f"effect on outcome {self.outcome_id}"
