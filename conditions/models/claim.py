"""Claims that people meet, and what the studies say to each."""

from __future__ import annotations

from typing import Any, get_args

from django.db import models
from django.db.models import Q
from django.urls import reverse

from conditions.domain.record import Stance, Topic, Verdict
from conditions.models.condition import Condition
from studies.models import Study
from studies.models.curated import CuratedModel, text_list

VERDICT_LABELS = {
    "supported": "Supported",
    "partly_supported": "Partly supported",
    "overstated": "Overstated",
    "not_supported": "Not supported",
    "contradicted": "Contradicted",
    "unverifiable": "Cannot be verified",
}
VERDICT_CHOICES = list(VERDICT_LABELS.items())
STANCE_LABELS = {"supports": "Supports it", "contradicts": "Speaks against it", "context": "Context"}
TOPIC_LABELS = {
    "efficacy": "Does it work",
    "safety": "Safety",
    "dosing": "Dose",
    "mechanism": "How it may work",
    "regulatory": "Approval",
    "epidemiology": "How common",
    "cost": "Cost",
}


class Collection(CuratedModel):
    """The head of a corpus file: what it covers and when it was checked."""

    slug = models.SlugField(unique=True)
    title = models.TextField()
    checked_on = models.CharField(max_length=10)

    def __str__(self) -> str:
        return self.title


class ClaimQuerySet(models.QuerySet["Claim"]):
    def with_conditions(self) -> ClaimQuerySet:
        links = ClaimCondition.objects.select_related("condition")
        return self.prefetch_related(models.Prefetch("claim_conditions", queryset=links))

    def with_evidence(self) -> ClaimQuerySet:
        evidence = ClaimEvidence.objects.select_related("study")
        return (
            self.with_conditions()
            .select_related("question", "computed")
            .prefetch_related(
                models.Prefetch("evidence", queryset=evidence), "references", "question__side_effects"
            )
        )


class Claim(CuratedModel):
    slug = models.SlugField(max_length=120, unique=True)
    position = models.PositiveSmallIntegerField(default=0)
    statement = models.TextField()
    topic = models.CharField(max_length=20, choices=[(t, TOPIC_LABELS[t]) for t in get_args(Topic)])
    conditions = models.ManyToManyField(Condition, through="conditions.ClaimCondition", related_name="claims")
    verdict = models.CharField(max_length=20, choices=VERDICT_CHOICES)
    rationale = models.TextField()
    editor_notes = text_list()

    objects = ClaimQuerySet.as_manager()

    class Meta:
        ordering = ["position", "slug"]
        constraints = [
            models.CheckConstraint(condition=~Q(statement=""), name="claim_has_a_statement"),
            models.CheckConstraint(
                condition=Q(verdict__in=list(get_args(Verdict))), name="claim_verdict_known"
            ),
            models.CheckConstraint(condition=Q(topic__in=list(get_args(Topic))), name="claim_topic_known"),
        ]

    def __str__(self) -> str:
        return self.statement

    def get_absolute_url(self) -> str:
        return reverse("claim", args=[self.slug])

    @property
    def computed_verdict(self) -> Any:
        """The verdict of the rules; None where nothing has been computed yet."""
        return getattr(self, "computed", None)


class ClaimCondition(models.Model):
    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="claim_conditions")
    condition = models.ForeignKey(Condition, on_delete=models.PROTECT, related_name="claim_conditions")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["claim", "condition"], name="claim_names_a_condition_once"),
        ]

    def __str__(self) -> str:
        return f"{self.claim_id}: {self.condition_id}"


class ClaimEvidence(models.Model):
    """One study and where it stands towards a claim."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="evidence")
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="claim_evidence")
    position = models.PositiveSmallIntegerField(default=0)
    stance = models.CharField(max_length=15, choices=[(s, STANCE_LABELS[s]) for s in get_args(Stance)])
    note = models.TextField(null=True, blank=True)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name_plural = "claim evidence"
        constraints = [
            models.UniqueConstraint(fields=["claim", "study"], name="claim_names_a_study_once"),
            models.CheckConstraint(condition=Q(stance__in=list(get_args(Stance))), name="claim_stance_known"),
        ]

    def __str__(self) -> str:
        return f"{self.study_id} {self.stance} {self.claim_id}"


class Omission(CuratedModel):
    """What the much-read article does not say and should."""

    slug = models.SlugField(max_length=120, unique=True)
    position = models.PositiveSmallIntegerField(default=0)
    statement = models.TextField()
    why = models.TextField()

    class Meta:
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.statement
