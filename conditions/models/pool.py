"""What the studies of one question add up to: computed, stored with the inputs, never typed."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from conditions.domain.eligibility import ELIGIBLE_WITHOUT_EFFECT, Reason
from conditions.domain.pool_question import COMPARATOR_CHOICES, PoolQuestion
from conditions.domain.question import Comparator
from conditions.models.condition import Condition
from studies.domain.vocabulary import Better, Measure, OutcomeDomain, choices_of
from studies.models import Arm, Outcome, Study
from studies.models.curated import text_list

REASON_CHOICES = [(reason.value, reason.value.replace("_", " ")) for reason in Reason]


class PoolQuerySet(models.QuerySet["Pool"]):
    def main(self) -> PoolQuerySet:
        """One a subject: the measure in which most studies could be put together."""
        return self.filter(is_main=True)

    def count_questions(self) -> dict[str, int]:
        """How many questions there are, and how many of them two studies or more answer together."""
        return self.main().aggregate(
            n_questions=models.Count("pk"), n_pooled=models.Count("pk", filter=models.Q(k__gte=2))
        )

    def with_studies(self) -> PoolQuerySet:
        rows = PoolStudy.objects.select_related("study", "outcome", "arm")
        return self.select_related("condition").prefetch_related(models.Prefetch("rows", queryset=rows))


class Pool(models.Model):
    """The answer to one question: condition, outcome domain, comparator, measure. Ratios are as read."""

    condition = models.ForeignKey(Condition, on_delete=models.CASCADE, related_name="pools")
    domain = models.CharField("outcome", max_length=20, choices=choices_of(OutcomeDomain))
    comparator = models.CharField(max_length=10, choices=COMPARATOR_CHOICES)
    measure = models.CharField(max_length=20, choices=choices_of(Measure))
    slug = models.SlugField(max_length=80)
    is_main = models.BooleanField("the measure that pages show first")
    k = models.PositiveIntegerField("studies in it")
    n_people = models.PositiveIntegerField("people in them")
    better = models.CharField(max_length=6, choices=choices_of(Better), null=True, blank=True)
    scale = models.TextField(null=True, blank=True, help_text="The instrument of a mean difference.")
    estimate = models.FloatField(null=True, blank=True)
    ci_low = models.FloatField(null=True, blank=True)
    ci_high = models.FloatField(null=True, blank=True)
    prediction_low = models.FloatField(null=True, blank=True)
    prediction_high = models.FloatField(null=True, blank=True)
    i2 = models.FloatField("I², %", null=True, blank=True)
    tau2 = models.FloatField("tau²", null=True, blank=True)
    result = models.JSONField(help_text="Everything that was computed, as docs/methods.md lists it.")
    notes = text_list()
    version = models.CharField("version of the rules", max_length=10)
    input_hash = models.CharField(max_length=64)
    computed_at = models.DateTimeField()

    objects = PoolQuerySet.as_manager()

    class Meta:
        ordering = ["condition", "domain", "comparator", "-is_main", "measure"]
        constraints = [
            models.UniqueConstraint(
                fields=["condition", "domain", "comparator", "measure"], name="pool_once_per_question"
            ),
            models.UniqueConstraint(fields=["condition", "slug"], name="pool_slug_unique"),
            models.UniqueConstraint(
                fields=["condition", "domain", "comparator"],
                condition=Q(is_main=True),
                name="pool_one_main_measure",
            ),
            models.CheckConstraint(
                condition=Q(domain__in=[d.value for d in OutcomeDomain]), name="pool_domain_known"
            ),
            models.CheckConstraint(
                condition=Q(comparator__in=[c.value for c in Comparator]), name="pool_comparator_known"
            ),
            models.CheckConstraint(
                condition=Q(measure__in=[m.value for m in Measure]), name="pool_measure_known"
            ),
            models.CheckConstraint(
                condition=Q(better__in=[side.value for side in Better]), name="pool_better_known"
            ),
            models.CheckConstraint(
                condition=Q(ci_low__lte=F("estimate"), estimate__lte=F("ci_high")), name="pool_ci_in_order"
            ),
            models.CheckConstraint(
                condition=Q(prediction_low__lte=F("prediction_high")), name="pool_prediction_in_order"
            ),
            models.CheckConstraint(condition=Q(i2__gte=0, i2__lte=100), name="pool_i2_is_percent"),
            models.CheckConstraint(condition=Q(tau2__gte=0), name="pool_tau2_not_negative"),
            models.CheckConstraint(
                condition=Q(
                    k=0,
                    estimate__isnull=True,
                    ci_low__isnull=True,
                    ci_high__isnull=True,
                    better__isnull=True,
                )
                | Q(
                    k__gt=0,
                    estimate__isnull=False,
                    ci_low__isnull=False,
                    ci_high__isnull=False,
                    better__isnull=False,
                ),
                name="pool_of_nothing_has_no_estimate",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.condition_id}/{self.slug}"

    def get_absolute_url(self) -> str:
        return reverse("pool", args=[self.condition.slug, self.slug])

    @property
    def question(self) -> PoolQuestion:
        """The question in plain values; fetch the condition beforehand."""
        return PoolQuestion(
            self.condition.slug,
            OutcomeDomain(self.domain),
            Comparator(self.comparator),
            Measure(self.measure),
        )

    @property
    def n_answering(self) -> int:
        """Studies that answer the question, in poolable numbers or not; fetch the rows beforehand."""
        return sum(row.is_in or row.reason in ELIGIBLE_WITHOUT_EFFECT for row in self.rows.all())

    @property
    def is_ratio(self) -> bool:
        return self.measure in ("RR", "OR", "HR")

    @property
    def null_value(self) -> int:
        """The effect that means no difference."""
        return 1 if self.is_ratio else 0


class PoolStudy(models.Model):
    """One study of the question's condition: in the pool with its weight, or not in it and why."""

    pool = models.ForeignKey(Pool, on_delete=models.CASCADE, related_name="rows")
    position = models.PositiveSmallIntegerField()
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="pool_rows")
    outcome = models.ForeignKey(
        Outcome, null=True, blank=True, on_delete=models.CASCADE, related_name="pool_rows"
    )
    arm = models.ForeignKey(Arm, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    anchor = models.TextField(blank=True, help_text="Its place on the study's page.")
    is_in = models.BooleanField()
    reason = models.CharField(max_length=20, choices=REASON_CHOICES, null=True, blank=True)
    words = models.TextField(blank=True, help_text="The reason, for readers.")
    estimate = models.FloatField(null=True, blank=True)
    ci_low = models.FloatField(null=True, blank=True)
    ci_high = models.FloatField(null=True, blank=True)
    weight_percent = models.FloatField(null=True, blank=True)
    is_turned = models.BooleanField("sign turned to run like the others", default=False)
    candidate = models.JSONField(help_text="What the place was decided from, to decide anew for a reader.")

    class Meta:
        verbose_name_plural = "pool studies"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["pool", "study"], name="pool_names_a_study_once"),
            models.CheckConstraint(
                condition=Q(reason__in=[reason.value for reason in Reason]), name="pool_reason_known"
            ),
            models.CheckConstraint(
                condition=Q(is_in=True, reason__isnull=True) | Q(is_in=False, reason__isnull=False),
                name="pool_study_out_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(is_in=False, weight_percent__isnull=True)
                | Q(
                    is_in=True,
                    outcome__isnull=False,
                    estimate__isnull=False,
                    ci_low__isnull=False,
                    ci_high__isnull=False,
                    weight_percent__isnull=False,
                ),
                name="pool_study_in_has_its_numbers",
            ),
            models.CheckConstraint(
                condition=Q(ci_low__lte=F("estimate"), estimate__lte=F("ci_high")),
                name="pool_study_ci_in_order",
            ),
            models.CheckConstraint(
                condition=Q(weight_percent__gte=0, weight_percent__lte=100), name="pool_weight_is_percent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.study_id} in {self.pool_id}"

    def get_absolute_url(self) -> str:
        """Where the number stands on the study's page."""
        page = self.study.get_absolute_url()
        return f"{page}#{self.anchor}" if self.anchor else page

    @property
    def is_gone(self) -> bool:
        return self.reason == Reason.GONE

    @property
    def risk_of_bias(self) -> str | None:
        """The overall judgement in its tool's word; None where it is not assessed."""
        word: str | None = self.candidate["risk_of_bias"]
        return word
