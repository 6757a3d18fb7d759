"""Safety facts, and the references of whatever is not a study."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from conditions.models.claim import Claim, Omission
from studies.domain.vocabulary import SourceKind, choices_of
from studies.models import Study
from studies.models.curated import CuratedModel


class SafetyFactQuerySet(models.QuerySet["SafetyFact"]):
    def that_stop(self) -> SafetyFactQuerySet:
        return self.filter(level=SafetyFact.Level.STOP)

    def for_a_visit(self) -> SafetyFactQuerySet:
        """What a doctor must hear of first: what stops, and what must not be mixed."""
        return self.filter(Q(level=SafetyFact.Level.STOP) | Q(kind=SafetyFact.Kind.INTERACTION))

    def with_sources(self) -> SafetyFactQuerySet:
        return self.prefetch_related("fact_studies__study", "references")


class SafetyFact(CuratedModel):
    class Kind(models.TextChoices):
        CONTRAINDICATION = "contraindication", "Who must not take it"
        WARNING = "warning", "Warnings"
        INTERACTION = "interaction", "Other medicines"
        POPULATION = "population", "Pregnancy, children, older people"
        SIDE_EFFECT = "side_effect", "Side effects"
        QUALITY = "quality", "Quality of the product"

    class Level(models.TextChoices):
        STOP = "stop", "Stop"
        CAUTION = "caution", "Take care"
        INFORM = "inform", "Good to know"

    slug = models.SlugField(max_length=120, unique=True)
    position = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    level = models.CharField(max_length=10, choices=Level.choices)
    headline = models.TextField()
    detail = models.TextField()
    low_dose_note = models.TextField(
        null=True, blank=True, help_text="What is known at low dose; label facts are about 50 mg."
    )
    studies = models.ManyToManyField(Study, through="conditions.SafetyFactStudy", related_name="safety_facts")

    objects = SafetyFactQuerySet.as_manager()

    class Meta:
        ordering = ["position", "slug"]
        constraints = [
            models.CheckConstraint(condition=~Q(headline=""), name="safety_fact_has_a_headline"),
            models.CheckConstraint(
                condition=Q(level__in=["stop", "caution", "inform"]), name="safety_fact_level_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "contraindication",
                        "warning",
                        "interaction",
                        "population",
                        "side_effect",
                        "quality",
                    ]
                ),
                name="safety_fact_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return self.headline


class SafetyFactStudy(models.Model):
    fact = models.ForeignKey(SafetyFact, on_delete=models.CASCADE, related_name="fact_studies")
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="fact_studies")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["fact", "study"], name="safety_fact_names_a_study_once"),
        ]

    def __str__(self) -> str:
        return f"{self.fact_id}: {self.study_id}"


class Reference(models.Model):
    """A source that is not one of the studies: a label, a database, a survey."""

    claim = models.ForeignKey(
        Claim, null=True, blank=True, on_delete=models.CASCADE, related_name="references"
    )
    omission = models.ForeignKey(
        Omission, null=True, blank=True, on_delete=models.CASCADE, related_name="references"
    )
    safety_fact = models.ForeignKey(
        SafetyFact, null=True, blank=True, on_delete=models.CASCADE, related_name="references"
    )
    position = models.PositiveSmallIntegerField(default=0)
    title = models.TextField()
    url = models.TextField(null=True, blank=True)
    kind = models.CharField(max_length=10, choices=choices_of(SourceKind))

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(claim__isnull=False, omission__isnull=True, safety_fact__isnull=True)
                | Q(claim__isnull=True, omission__isnull=False, safety_fact__isnull=True)
                | Q(claim__isnull=True, omission__isnull=True, safety_fact__isnull=False),
                name="reference_belongs_to_one_thing",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="reference_has_a_title"),
            models.CheckConstraint(
                condition=Q(url__regex=r"^https?://\S+$"), name="reference_url_is_a_web_address"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[k.value for k in SourceKind]), name="reference_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return self.title
