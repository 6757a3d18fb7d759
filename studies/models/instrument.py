"""Scales and counts: under which names papers report them, and what difference matters to people."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from studies.models.curated import CuratedModel, text_list
from studies.models.fields import ReportedNumberField


class Instrument(CuratedModel):
    """One scale. Values are set side by side as they stand only where they are of one instrument."""

    slug = models.SlugField(max_length=80, unique=True)
    position = models.PositiveSmallIntegerField(default=0, help_text="Its place in the corpus file.")
    name = models.TextField()
    reported_as = text_list(help_text="The names under which records give it, letter by letter.")
    minimal_difference = ReportedNumberField(
        "smallest difference that matters to people",
        null=True,
        blank=True,
        help_text="In the points of the scale, between groups. Empty: none is on record.",
    )
    minimal_difference_source = models.TextField(
        "where that was read",
        null=True,
        blank=True,
        help_text="The reference, so that others can look it up.",
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="instrument_has_a_name"),
            models.CheckConstraint(
                condition=Q(minimal_difference__gt=0), name="instrument_difference_above_zero"
            ),
            models.CheckConstraint(
                condition=Q(minimal_difference__isnull=True, minimal_difference_source__isnull=True)
                | Q(
                    minimal_difference__isnull=False,
                    minimal_difference_source__isnull=False,
                    minimal_difference_source__regex=r"\S",
                ),
                name="instrument_difference_has_a_source",
            ),
        ]

    def __str__(self) -> str:
        return self.name
