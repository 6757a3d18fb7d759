"""The question that a claim asks of the records."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from conditions.domain.question import (
    CLAIMED,
    CLAIMED_CHOICES,
    COMPARATOR_LABELS,
    KIND_LABELS,
    Comparator,
    QuestionKind,
)
from conditions.models.claim import Claim
from studies.domain.vocabulary import OutcomeDomain
from studies.models import SideEffect
from studies.models.fields import ReportedNumberField

_COMPARED = Q(comparator__isnull=False, claimed_direction__isnull=False)


def _unless(kind: QuestionKind, condition: Q) -> Q:
    return ~Q(kind=kind.value) | condition


class Question(models.Model):
    """It is asked of the studies of the claim's conditions."""

    claim = models.OneToOneField(Claim, on_delete=models.CASCADE, related_name="question")
    kind = models.CharField(max_length=20, choices=[(kind.value, KIND_LABELS[kind]) for kind in QuestionKind])
    domains = ArrayField(
        models.TextField(),
        default=list,
        blank=True,
        verbose_name="outcome domains",
        help_text=f"Any of {', '.join(OutcomeDomain)}.",
    )
    side_effects = models.ManyToManyField(SideEffect, blank=True, related_name="questions")
    comparator = models.CharField(
        "compared with",
        max_length=10,
        null=True,
        blank=True,
        choices=[(word.value, COMPARATOR_LABELS[word]) for word in Comparator],
    )
    claimed_direction = models.CharField(
        "the claim says",
        max_length=20,
        null=True,
        blank=True,
        choices=CLAIMED_CHOICES,
    )
    low_mg = ReportedNumberField("lowest claimed dose, mg", null=True, blank=True)
    high_mg = ReportedNumberField("highest claimed dose, mg", null=True, blank=True)
    year = models.PositiveSmallIntegerField("year of the claimed study", null=True, blank=True)
    n_people = models.PositiveIntegerField("people in the claimed study", null=True, blank=True)
    percent = ReportedNumberField("percentage in the claimed study", null=True, blank=True)
    why_not = models.TextField("why the records cannot answer", null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in QuestionKind]), name="question_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(domains__contained_by=[domain.value for domain in OutcomeDomain]),
                name="question_domains_known",
            ),
            models.CheckConstraint(
                condition=Q(comparator__in=[word.value for word in Comparator]),
                name="question_comparator_known",
            ),
            models.CheckConstraint(
                condition=Q(claimed_direction__in=[word.value for word in CLAIMED]),
                name="question_direction_known",
            ),
            models.CheckConstraint(condition=Q(low_mg__gt=0), name="question_dose_above_zero"),
            models.CheckConstraint(condition=Q(high_mg__gte=F("low_mg")), name="question_doses_in_order"),
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100), name="question_percent_0_to_100"
            ),
            models.CheckConstraint(
                condition=_unless(QuestionKind.EFFICACY, _COMPARED & ~Q(domains=[])),
                name="question_of_efficacy_is_whole",
            ),
            models.CheckConstraint(
                condition=_unless(QuestionKind.FREQUENCY, _COMPARED), name="question_of_frequency_is_whole"
            ),
            models.CheckConstraint(
                condition=_unless(QuestionKind.DOSE_RANGE, Q(low_mg__isnull=False, high_mg__isnull=False)),
                name="question_of_doses_is_whole",
            ),
            models.CheckConstraint(
                condition=_unless(
                    QuestionKind.EXISTENCE,
                    Q(year__isnull=False)
                    | Q(n_people__isnull=False)
                    | Q(percent__isnull=False)
                    | Q(claimed_direction__isnull=False),
                ),
                name="question_of_existence_has_a_mark",
            ),
            models.CheckConstraint(
                condition=Q(kind=QuestionKind.NOT_COMPUTABLE.value, why_not__isnull=False) & ~Q(why_not="")
                | ~Q(kind=QuestionKind.NOT_COMPUTABLE.value) & Q(why_not__isnull=True),
                name="question_says_why_not",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.claim_id})"
