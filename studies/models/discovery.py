"""Searches for studies that are not here yet, and what they and imports found, for an editor to look at."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from studies.models.curated import text_list
from studies.models.study import Study
from studies.models.trial import Trial


class SavedSearch(models.Model):
    """A query that is put to a registry each week."""

    class Where(models.TextChoices):
        PUBMED = "pubmed", "PubMed"
        CLINICALTRIALS = "clinicaltrials", "ClinicalTrials.gov"

    name = models.TextField(unique=True)
    registry = models.CharField(max_length=20, choices=Where.choices)
    query = models.TextField(help_text="In the registry's own language, as in its search box.")
    is_active = models.BooleanField("asked each week", default=True)
    asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    answered_at = models.DateTimeField(null=True, blank=True, editable=False)
    n_found = models.PositiveIntegerField("found last time", null=True, blank=True, editable=False)
    error = models.TextField("why it failed last", blank=True, editable=False)
    next_search_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "saved searches"
        constraints = [
            models.CheckConstraint(
                condition=Q(registry__in=["pubmed", "clinicaltrials"]), name="search_registry_known"
            ),
            models.CheckConstraint(condition=Q(query__regex=r"\S"), name="search_asks_something"),
            models.CheckConstraint(condition=Q(name__regex=r"\S"), name="search_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Find(models.Model):
    """A draft: a paper or trial that a search found or a file named. Nothing is published from it.

    It is kept once, whatever becomes of it. The title is empty where a file named an identifier alone.
    """

    class Origin(models.TextChoices):
        PUBMED = "pubmed", "PubMed"
        CLINICALTRIALS = "clinicaltrials", "ClinicalTrials.gov"
        IMPORT = "import", "Imported file"

    class State(models.TextChoices):
        NEW = "new", "New"
        TAKEN = "taken", "Taken"
        DISMISSED = "dismissed", "Dismissed"

    registry = models.CharField("from", max_length=20, choices=Origin.choices)
    identifier = models.TextField(help_text="Its number there.")
    title = models.TextField(blank=True)
    authors = ArrayField(models.TextField(), default=list, blank=True)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    journal = models.TextField(null=True, blank=True)
    journal_abbrev = models.TextField(null=True, blank=True)
    volume = models.TextField(null=True, blank=True)
    issue = models.TextField(null=True, blank=True)
    pages = models.TextField(null=True, blank=True)
    doi = models.TextField(null=True, blank=True)
    pmid = models.PositiveIntegerField(null=True, blank=True)
    pmcid = models.TextField(null=True, blank=True)
    registry_id = models.TextField(null=True, blank=True, help_text="Of a trial.")
    registry_ids = text_list(help_text="Of the trials that a paper names.")
    first_found_at = models.DateTimeField()
    last_found_at = models.DateTimeField()
    duplicate_study = models.ForeignKey(
        Study, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    duplicate_trial = models.ForeignKey(
        Trial, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    duplicate_find = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="found_again",
        help_text="The draft that a file brought of the same.",
    )
    duplicate_by = models.TextField(blank=True, help_text="By what it was recognised.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.NEW)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_because = models.TextField("why", blank=True)

    class Meta:
        ordering = ["-first_found_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["registry", "identifier"], name="find_once"),
            models.CheckConstraint(
                condition=Q(registry__in=["pubmed", "clinicaltrials", "import"]), name="find_registry_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["new", "taken", "dismissed"]), name="find_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="new", decided_at__isnull=True, decided_by__isnull=True)
                | (~Q(state="new") & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="find_decision_has_who_and_when",
            ),
            models.CheckConstraint(
                condition=~Q(state="dismissed") | Q(decided_because__regex=r"\S"),
                name="find_dismissal_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.registry} {self.identifier}"


class FindMatch(models.Model):
    """Why something was found: by which search, and which words of it stand in the title."""

    find = models.ForeignKey(Find, on_delete=models.CASCADE, related_name="matches")
    search = models.ForeignKey(SavedSearch, on_delete=models.CASCADE, related_name="matches")
    query = models.TextField(help_text="The query as it was put.")
    words = ArrayField(models.TextField(), default=list)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["find", "search"], name="find_matches_a_search_once"),
        ]

    def __str__(self) -> str:
        return f"{self.find} by {self.search}"
