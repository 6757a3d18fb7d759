"""Verdicts computed from the records, kept with the findings that they rest on."""

from __future__ import annotations

from typing import get_args

from django.db import models
from django.db.models import F, Prefetch, Q

from conditions.domain.finding import PLACE_LABELS, Place
from conditions.domain.record import Verdict
from conditions.models.claim import VERDICT_CHOICES, Claim
from studies.models import Arm, Outcome, SideEffectReport, Study


class ComputedVerdictQuerySet(models.QuerySet["ComputedVerdict"]):
    def with_findings(self) -> ComputedVerdictQuerySet:
        return self.prefetch_related(Prefetch("findings", queryset=VerdictFinding.objects.to_be_shown()))

    def that_differ(self) -> ComputedVerdictQuerySet:
        """Verdicts with another word than the first reader's."""
        return self.filter(word__isnull=False).exclude(word=F("claim__verdict"))


class ComputedVerdict(models.Model):
    """What the rules make of the records; without a word where the records allow none."""

    claim = models.OneToOneField(Claim, on_delete=models.CASCADE, related_name="computed")
    word = models.CharField(max_length=20, null=True, blank=True, choices=VERDICT_CHOICES)
    reason = models.TextField()
    version = models.CharField(max_length=10)
    question_text = models.TextField()
    steps = models.JSONField(help_text="The rules that fired: rule, says, would_change.")
    input_hash = models.CharField(max_length=64)
    computed_at = models.DateTimeField()

    objects = ComputedVerdictQuerySet.as_manager()

    class Meta:
        ordering = ["claim__position", "claim__slug"]
        constraints = [
            models.CheckConstraint(
                condition=Q(word__in=list(get_args(Verdict))), name="computed_verdict_known"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="computed_verdict_has_a_reason"),
        ]

    def __str__(self) -> str:
        return self.word or "no verdict"

    @property
    def differs(self) -> bool:
        """Whether it has another word than the first reader's."""
        return self.word is not None and self.word != self.claim.verdict


class VerdictFindingQuerySet(models.QuerySet["VerdictFinding"]):
    def to_be_shown(self) -> VerdictFindingQuerySet:
        """With all that a line names; a study that is no longer published is not shown."""
        shown = self.filter(study__status=Study.Status.PUBLISHED)
        return shown.select_related("study", "outcome", "side_effect_report__side_effect", "arm__dose")


class VerdictFinding(models.Model):
    """One finding and where it was sorted; it goes with the outcome or side effect that it is about."""

    verdict = models.ForeignKey(ComputedVerdict, on_delete=models.CASCADE, related_name="findings")
    position = models.PositiveSmallIntegerField()
    place = models.CharField(max_length=15, choices=[(place.value, PLACE_LABELS[place]) for place in Place])
    reason = models.TextField()
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="verdict_findings")
    outcome = models.ForeignKey(
        Outcome, null=True, blank=True, on_delete=models.CASCADE, related_name="verdict_findings"
    )
    side_effect_report = models.ForeignKey(
        SideEffectReport, null=True, blank=True, on_delete=models.CASCADE, related_name="verdict_findings"
    )
    arm = models.ForeignKey(
        Arm, null=True, blank=True, on_delete=models.CASCADE, related_name="verdict_findings"
    )
    anchor = models.CharField(max_length=40, blank=True, help_text="Its place on the page of the study.")
    number = models.TextField(blank=True)

    objects = VerdictFindingQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                condition=Q(place__in=[place.value for place in Place]), name="verdict_finding_place_known"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="verdict_finding_has_a_reason"),
            models.CheckConstraint(
                condition=Q(outcome__isnull=True) | Q(side_effect_report__isnull=True),
                name="verdict_finding_is_about_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.study_id}: {self.place}"

    def get_absolute_url(self) -> str:
        page = self.study.get_absolute_url()
        return f"{page}#{self.anchor}" if self.anchor else page
