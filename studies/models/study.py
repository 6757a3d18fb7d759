"""A study: one publication and what it did."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import models
from django.db.models import F, OuterRef, Prefetch, Q
from django.db.models.functions import JSONObject
from django.urls import reverse

from studies.domain.publication_status import GONE
from studies.domain.risk_of_bias import overall
from studies.domain.search_words import prefix_query
from studies.domain.vocabulary import (
    DESIGN_GROUPS,
    Blinding,
    Design,
    DesignGroup,
    PublicationStatus,
    SourceKind,
    choices_of,
    group_of,
)
from studies.models import rules
from studies.models.curated import CuratedModel, record_json, text_list

SEARCHED_TEXT = SearchVector("title", "conclusion", "population", config="english")


class StudyQuerySet(models.QuerySet["Study"]):
    """Sentences about studies: Study.objects.published().for_condition(condition).newest_first()."""

    def published(self) -> StudyQuerySet:
        return self.filter(status=Study.Status.PUBLISHED)

    def for_condition(self, condition: Any) -> StudyQuerySet:
        return self.filter(study_conditions__condition=condition)

    def of_group(self, group: DesignGroup | str) -> StudyQuerySet:
        return self.filter(design__in=DESIGN_GROUPS[DesignGroup(group)])

    def randomised(self) -> StudyQuerySet:
        return self.of_group(DesignGroup.RANDOMISED)

    def with_numbers(self) -> StudyQuerySet:
        """Studies with at least one measured result or effect."""
        return self.filter(
            models.Exists(Study.objects.filter(pk=models.OuterRef("pk"), outcomes__results__isnull=False))
            | models.Exists(
                Study.objects.filter(pk=models.OuterRef("pk"), outcomes__effect__value__isnull=False)
            )
        )

    def matching(self, query: str) -> StudyQuerySet:
        """Studies with every word of the query, each as the beginning of one, in their text or authors."""
        words = prefix_query(query)
        if not words:
            return self.none()
        search = SearchQuery(words, config="english", search_type="raw")
        # Each way of matching is a query of its own, so that the text's index is used beside the other.
        by_text = Study.objects.alias(text=SEARCHED_TEXT).filter(text=search).values("pk")
        by_author = Study.objects.filter(authors__icontains=query.strip()).values("pk")
        return self.filter(Q(pk__in=by_text) | Q(pk__in=by_author))

    def newest_first(self) -> StudyQuerySet:
        return self.order_by(F("year").desc(nulls_last=True), "key")

    def with_conditions(self) -> StudyQuerySet:
        links = StudyCondition.objects.select_related("condition")
        return self.prefetch_related(Prefetch("study_conditions", queryset=links))

    def with_arms(self) -> StudyQuerySet:
        arms = apps.get_model("studies.Arm").objects.select_related("dose")
        return self.prefetch_related(Prefetch("arms", queryset=arms))

    def with_outcomes(self) -> StudyQuerySet:
        outcomes = apps.get_model("studies.Outcome").objects.select_related("effect")
        results = apps.get_model("studies.ArmResult").objects.select_related("arm")
        return self.prefetch_related(
            Prefetch("outcomes", queryset=outcomes), Prefetch("outcomes__results", queryset=results)
        )

    def with_side_effects(self) -> StudyQuerySet:
        reports = apps.get_model("studies.SideEffectReport").objects.select_related("side_effect", "study")
        return self.prefetch_related(
            Prefetch("side_effect_reports", queryset=reports), "side_effect_reports__counts"
        )

    def with_record(self) -> StudyQuerySet:
        """All that a study's page shows but for its conditions, corrections and sources (see with_lists)."""
        provenance = apps.get_model("studies.Provenance").objects.select_related("source", "checked_by")
        return (
            self.select_related("entered_by", "checked_by", "second_reading")
            .with_arms()
            .with_outcomes()
            .with_side_effects()
            .prefetch_related(
                "arms__dose__steps",
                Prefetch("provenance", queryset=provenance),
                "risk_of_bias",
                "registry_checks",
                "notices",
            )
        )

    def with_lists(self) -> StudyQuerySet:
        """Conditions, corrections and sources as lists of plain values, in the query of the study itself."""
        links = StudyCondition.objects.filter(study=OuterRef("pk")).order_by("position")
        sources = apps.get_model("studies.Source").objects.filter(study=OuterRef("pk")).order_by("position")
        corrections = Correction.objects.filter(reading__study=OuterRef("pk")).order_by("position")
        return self.annotate(
            condition_list=ArraySubquery(
                links.values(
                    entry=JSONObject(
                        slug="condition__slug", name="condition__name", is_topic="condition__is_topic"
                    )
                )
            ),
            correction_list=ArraySubquery(
                corrections.values(entry=JSONObject(field="field", was="was", now="now", why="why"))
            ),
            source_list=ArraySubquery(
                sources.values(entry=JSONObject(url="url", used_for="used_for", kind="kind"))
            ),
        )

    def with_everything(self) -> StudyQuerySet:
        """The whole record with where each number was read, as the API and the corpus files hold it."""
        return (
            self.with_conditions()
            .with_record()
            .prefetch_related(
                "sources",
                "second_reading__corrections",
                "outcomes__provenance__checked_by",
                "side_effect_reports__provenance__checked_by",
            )
        )


class Study(CuratedModel):
    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        IN_REVIEW = "in_review", "In review"
        PUBLISHED = "published", "Published"

    key = models.CharField(
        max_length=60, unique=True, help_text="First author and year, like younger2013. It never changes."
    )
    title = models.TextField()
    authors = ArrayField(
        models.TextField(), null=True, blank=True, help_text="Surname and initials, in the printed order."
    )
    journal = models.TextField(null=True, blank=True)
    journal_abbrev = models.TextField(null=True, blank=True)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    volume = models.TextField(null=True, blank=True)
    issue = models.TextField(null=True, blank=True)
    pages = models.TextField(null=True, blank=True)
    doi = models.TextField("DOI", null=True, blank=True)
    pmid = models.PositiveIntegerField("PubMed number (PMID)", null=True, blank=True)
    pmcid = models.TextField("PMC number", null=True, blank=True)
    registry_ids = text_list(help_text="Trial registration numbers, such as NCT00568555.")
    publication_types = text_list()
    open_access = models.BooleanField(null=True, blank=True)

    design = models.CharField(max_length=30, choices=choices_of(Design))
    blinding = models.CharField(max_length=10, choices=choices_of(Blinding), default=Blinding.UNCLEAR)
    conditions = models.ManyToManyField(
        "conditions.Condition", through="studies.StudyCondition", related_name="studies"
    )
    country = models.TextField(null=True, blank=True)
    funding = models.TextField(null=True, blank=True)
    n_enrolled = models.PositiveIntegerField("people enrolled", null=True, blank=True)
    n_analysed = models.PositiveIntegerField("people analysed", null=True, blank=True)
    population = models.TextField(null=True, blank=True)
    serious_adverse_events = models.TextField(null=True, blank=True)
    withdrawals = models.TextField(null=True, blank=True)
    conclusion = models.TextField(help_text="What they did and found, in our own words.")
    limitations = text_list()
    unverified = text_list(help_text="What nobody has seen in a primary place yet.")

    citation_html = models.TextField(
        blank=True,
        editable=False,
        help_text="The reference in Vancouver style, formatted when the study is saved.",
    )
    citation_ama_html = models.TextField(
        blank=True, editable=False, help_text="The same in the style of the American Medical Association."
    )
    citation_apa_html = models.TextField(
        blank=True, editable=False, help_text="The same in the style of the APA."
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    publication_status = models.CharField(
        max_length=30,
        choices=choices_of(PublicationStatus),
        default=PublicationStatus.UNKNOWN,
        editable=False,
        help_text="From the registries' notices only.",
    )
    answered_status = models.CharField(
        max_length=30,
        choices=choices_of(PublicationStatus),
        default=PublicationStatus.UNKNOWN,
        editable=False,
        help_text="The publication status that the answers were last computed with.",
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    checked_on = models.DateField(null=True, blank=True)

    objects = StudyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "studies"
        ordering = ["key"]
        indexes = [
            GinIndex(fields=["registry_ids"], name="study_registry_ids"),
            GinIndex(SEARCHED_TEXT, name="study_searched_text"),
            models.Index(F("year").desc(nulls_last=True), "key", name="study_newest_first"),
            models.Index(fields=["design", "status"], name="study_design_status"),
            models.Index(
                "publication_status",
                F("year").desc(nulls_last=True),
                "key",
                name="study_by_publication_status",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(key__regex=r"^[a-z]+[0-9]{4}[a-z]?$"), name="study_key_shape"),
            models.CheckConstraint(condition=~Q(title=""), name="study_has_a_title"),
            models.CheckConstraint(condition=~Q(conclusion=""), name="study_has_a_conclusion"),
            models.CheckConstraint(
                condition=Q(doi__regex=r"^10\.[0-9]{4,9}/[^\sA-Z]+$"), name="study_doi_shape_and_lower_case"
            ),
            models.UniqueConstraint(fields=["doi"], name="study_doi_unique"),
            models.UniqueConstraint(fields=["pmid"], name="study_pmid_unique"),
            models.UniqueConstraint(fields=["pmcid"], name="study_pmcid_unique"),
            models.CheckConstraint(condition=Q(pmid__gt=0), name="study_pmid_positive"),
            models.CheckConstraint(condition=Q(pmcid__regex=r"^PMC[0-9]+$"), name="study_pmcid_shape"),
            models.CheckConstraint(condition=Q(year__gte=1960, year__lte=2100), name="study_year_in_range"),
            models.CheckConstraint(
                condition=Q(design__in=[d.value for d in Design]), name="study_design_known"
            ),
            models.CheckConstraint(
                condition=Q(blinding__in=[b.value for b in Blinding]), name="study_blinding_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "in_review", "published"]), name="study_status_known"
            ),
            models.CheckConstraint(
                condition=Q(publication_status__in=[s.value for s in PublicationStatus]),
                name="study_publication_status_known",
            ),
            models.CheckConstraint(
                condition=Q(answered_status__in=[s.value for s in PublicationStatus]),
                name="study_answered_status_known",
            ),
            models.CheckConstraint(
                condition=Q(checked_by__isnull=True)
                | Q(entered_by__isnull=True)
                | ~Q(checked_by=F("entered_by")),
                name="study_checked_by_another_person",
            ),
            models.CheckConstraint(
                condition=Q(checked_by__isnull=True, checked_on__isnull=True)
                | Q(checked_by__isnull=False, checked_on__isnull=False),
                name="study_checked_by_and_on_together",
            ),
        ]
        triggers = [
            *rules.publishing_needs_sources(),
            *rules.design_fits_the_tool(),
            *rules.another_identifier_is_another_paper(),
        ]

    def __str__(self) -> str:
        return self.key

    def get_absolute_url(self) -> str:
        return reverse("study", args=[self.key])

    @property
    def group(self) -> DesignGroup:
        return group_of(self.design)

    @property
    def is_randomised(self) -> bool:
        return self.group == DesignGroup.RANDOMISED

    @property
    def sums_up_others(self) -> bool:
        """Whether it gave nobody anything: a review, whose arms are those of other papers."""
        return self.group in (DesignGroup.REVIEW, DesignGroup.NARRATIVE)

    @property
    def overall_risk_of_bias(self) -> str | None:
        """The overall judgement in its tool's words; None where it is not assessed, or not in full."""
        return overall(self.design, {row.domain: row.judgement for row in self.risk_of_bias.all()})

    @property
    def is_planned(self) -> bool:
        """Whether it tells what is to be done, not what was: what its arms have, nobody need have taken."""
        return self.group == DesignGroup.PROTOCOL

    @property
    def is_gone(self) -> bool:
        """Whether the paper was taken back: nothing may lean on it without saying so."""
        return self.publication_status in GONE

    @property
    def is_checked(self) -> bool:
        return self.checked_by_id is not None


class StudyCondition(models.Model):
    """That a study is about a condition; the first named is the one it is mainly about."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="study_conditions")
    condition = models.ForeignKey(
        "conditions.Condition", on_delete=models.PROTECT, related_name="study_conditions"
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["study", "condition"], name="study_names_a_condition_once"),
        ]

    def __str__(self) -> str:
        return f"{self.study_id}: {self.condition_id}"


class Source(models.Model):
    """A place where facts of a record were read. Secondary copies carry no address."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="sources")
    position = models.PositiveSmallIntegerField(default=0)
    url = models.TextField(null=True, blank=True)
    used_for = models.TextField()
    kind = models.CharField(max_length=10, choices=choices_of(SourceKind))

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[k.value for k in SourceKind]), name="source_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(url__regex=r"^https?://\S+$"), name="source_url_is_a_web_address"
            ),
            models.CheckConstraint(condition=~Q(used_for=""), name="source_says_what_for"),
        ]
        triggers = rules.removing_keeps_a_source()

    def __str__(self) -> str:
        return self.used_for


class SecondReading(models.Model):
    """History: a second look at another copy of the paper, before any check by an editor."""

    study = models.OneToOneField(Study, on_delete=models.CASCADE, related_name="second_reading")
    read_on = models.TextField()
    agreed = text_list()
    not_seen = text_list()

    def __str__(self) -> str:
        return f"second reading of {self.study_id} on {self.read_on}"


class Correction(models.Model):
    """One field that the second reading changed, with what stood there before and why."""

    reading = models.ForeignKey(SecondReading, on_delete=models.CASCADE, related_name="corrections")
    position = models.PositiveSmallIntegerField(default=0)
    field = models.TextField()
    was = record_json()
    now = record_json()
    why = models.TextField()

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.field
