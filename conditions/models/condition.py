"""Conditions and topics, with the names and codes by which people look for them."""

from __future__ import annotations

from typing import get_args

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse

from conditions.domain.record import Category
from studies.models.curated import CuratedModel, text_list

CATEGORY_LABELS = {
    "pain": "Pain",
    "neurological": "Nervous system",
    "gastrointestinal": "Gut",
    "immune-rheumatic": "Immune system and joints",
    "skin": "Skin",
    "infectious-post-infectious": "Infections and what follows them",
    "psychiatric-developmental": "Mind and development",
    "cancer": "Cancer",
    "other": "Other",
}


class ConditionQuerySet(models.QuerySet["Condition"]):
    def conditions_only(self) -> ConditionQuerySet:
        return self.filter(is_topic=False)

    def topics_only(self) -> ConditionQuerySet:
        return self.filter(is_topic=True)

    def with_also_called(self) -> ConditionQuerySet:
        """Each with its synonyms as `also_called`, in the same query."""
        names = Synonym.objects.filter(condition=models.OuterRef("pk")).order_by("position", "pk")
        return self.annotate(also_called=ArraySubquery(names.values("name")))


class Condition(CuratedModel):
    slug = models.SlugField(max_length=80, unique=True)
    position = models.PositiveSmallIntegerField(default=0, help_text="Its place in the corpus file.")
    name = models.TextField()
    definition = models.TextField()
    category = models.CharField(max_length=40, choices=[(c, CATEGORY_LABELS[c]) for c in get_args(Category)])
    is_topic = models.BooleanField(
        default=False, help_text="A topic, such as mechanism, groups studies but is nobody's condition."
    )
    icd10 = models.TextField("ICD-10", null=True, blank=True)
    icd10_edition = models.TextField("ICD-10 edition", null=True, blank=True)
    icd11 = models.TextField("ICD-11", null=True, blank=True)
    icd11_foundation_id = models.TextField("ICD-11 Foundation id", null=True, blank=True)
    icd11_foundation_title = models.TextField("ICD-11 Foundation title", null=True, blank=True)
    mesh_id = models.TextField("MeSH id", null=True, blank=True)
    mesh_name = models.TextField("MeSH name", null=True, blank=True)
    unverified = text_list()

    objects = ConditionQuerySet.as_manager()

    class Meta:
        ordering = [Lower("name")]
        constraints = [
            models.UniqueConstraint(Lower("name"), name="condition_name_unique"),
            models.CheckConstraint(condition=~Q(name=""), name="condition_has_a_name"),
            models.CheckConstraint(condition=~Q(definition=""), name="condition_has_a_definition"),
            models.CheckConstraint(
                condition=Q(category__in=list(get_args(Category))), name="condition_category_known"
            ),
            models.CheckConstraint(
                condition=Q(mesh_id__isnull=False) | Q(mesh_name__isnull=True),
                name="condition_mesh_name_has_an_id",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("condition", args=[self.slug])


class Synonym(models.Model):
    condition = models.ForeignKey(Condition, on_delete=models.CASCADE, related_name="synonyms")
    position = models.PositiveSmallIntegerField(default=0)
    name = models.TextField()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint("condition", Lower("name"), name="synonym_once_per_condition"),
            models.CheckConstraint(condition=~Q(name=""), name="synonym_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class VocabularySource(models.Model):
    """Where the conditions' codes were read."""

    position = models.PositiveSmallIntegerField(default=0)
    url = models.TextField(unique=True)
    used_for = models.TextField()

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.url
