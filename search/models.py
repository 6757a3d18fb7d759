"""One row for every page that can be found, the words that they hold, and what has changed since."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Func, Q, Value

from studies.models.curated import text_list


class Kind(models.TextChoices):
    CONDITION = "condition", "Conditions"
    PAGE = "page", "Overviews"
    SIDE_EFFECT = "side_effect", "Side effects"
    ARTICLE = "article", "Articles"
    CLAIM = "claim", "Claims"
    TRIAL = "trial", "Registered trials"
    STUDY = "study", "Studies"


class Tier(models.IntegerChoices):
    """Where candidates are taken from first; each has indexes of its own."""

    PAGES = 0
    STRONG = 1
    OTHER = 2


class SearchEntry(models.Model):
    kind = models.CharField(max_length=12, choices=Kind.choices)
    object_id = models.BigIntegerField()
    path = models.TextField()
    title = models.TextField()
    byline = models.TextField(blank=True)
    text = models.TextField(blank=True, help_text="What snippets are cut from.")
    name = models.TextField(db_collation="C", help_text="The title as it is searched.")
    names = text_list(help_text="Every name of the page as it is searched.")
    tier = models.PositiveSmallIntegerField()
    prior = models.FloatField(help_text="Multiplies the rank: how strong the design is.")
    vector = SearchVectorField()

    conditions = text_list()
    design = models.CharField(max_length=30, null=True)
    dose_bands = text_list()
    certainties = text_list()
    directions = text_list()
    status = models.CharField(max_length=30, null=True)
    year = models.PositiveSmallIntegerField(null=True)
    has_numbers = models.BooleanField(null=True)
    open_access = models.BooleanField(null=True)

    class Meta:
        verbose_name_plural = "search entries"
        indexes = [
            *[
                GinIndex(fields=["vector"], name=f"search_vector_tier_{tier}", condition=Q(tier=tier))
                for tier in Tier.values
            ],
            *[
                GinIndex(
                    Func("vector", Value("{a,b}"), function="ts_filter"),
                    name=f"search_titles_tier_{tier}",
                    condition=Q(tier=tier),
                )
                for tier in (Tier.STRONG, Tier.OTHER)
            ],
            GinIndex(fields=["names"], name="search_names"),
            models.Index(fields=["name"], name="search_name"),
            models.Index(fields=["year"], name="search_year"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["kind", "object_id"], name="search_entry_once_per_page"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="search_entry_kind_known"),
            models.CheckConstraint(condition=Q(tier__in=Tier.values), name="search_entry_tier_known"),
            models.CheckConstraint(condition=~Q(title=""), name="search_entry_has_a_title"),
        ]

    def __str__(self) -> str:
        return self.title


class SearchWord(models.Model):
    """A word of the pages, for typing mistakes and for completing what is typed."""

    word = models.TextField(primary_key=True, db_collation="C")
    lexeme = models.TextField(help_text="Its stem, as the index knows it.")
    n = models.PositiveIntegerField(default=1, help_text="On how many pages, as of the last rebuild.")
    is_in_name = models.BooleanField(default=False)
    deletions = ArrayField(models.TextField(), default=list)

    class Meta:
        indexes = [
            GinIndex(fields=["deletions"], name="search_word_deletions"),
            models.Index(fields=["lexeme"], name="search_word_lexeme"),
        ]

    def __str__(self) -> str:
        return self.word


class SynonymGroup(models.Model):
    """Terms that mean the same wherever they are typed; those of conditions stand with the conditions."""

    terms = ArrayField(models.TextField(), help_text="One a line.")
    is_everywhere = models.BooleanField(
        default=False, help_text="What every page is about: typed beside a name it changes nothing."
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(terms__len__gte=2), name="synonym_group_has_two_terms"),
        ]

    def __str__(self) -> str:
        return ", ".join(self.terms)


class SearchChange(models.Model):
    """That an object has changed and its entry is to be made anew; emptied in the same transaction."""

    kind = models.CharField(max_length=12)
    object_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"


class UnsentEntry(models.Model):
    """That OpenSearch has not yet acknowledged what an entry has become; written only where it is set."""

    kind = models.CharField(max_length=12)
    object_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"


def note_changes(select: str) -> pgtrigger.Trigger:
    """Any change to a row notes which entries lean on it.

    Args:
        select: SQL of kind and id of the objects, in which $ROW stands for the row.
    """
    into = "INSERT INTO search_searchchange (kind, object_id)"
    once = f"{into} SELECT DISTINCT * FROM ({select}) AS c(kind, id);"  # noqa: S608 - SQL of our own
    function: Any = f"""
        IF TG_OP = 'UPDATE' AND NEW IS NOT DISTINCT FROM OLD THEN RETURN NULL; END IF;
        IF TG_OP <> 'INSERT' THEN {once.replace("$ROW", "OLD")} END IF;
        IF TG_OP <> 'DELETE' THEN {once.replace("$ROW", "NEW")} END IF;
        RETURN NULL;
    """
    return pgtrigger.Trigger(
        name="note_search",
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        when=pgtrigger.After,
        level=pgtrigger.Row,
        func=function,
    )
