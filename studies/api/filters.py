"""Filters that only programs use; those of the pages are in studies.filters."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import F

from studies.domain.dosing import BAND_CHOICES, DoseBand
from studies.domain.vocabulary import Direction, OutcomeDomain, choices_of
from studies.filters import (
    KEY,
    EntryField,
    StudyFilter,
    TrueFalseFilter,
    condition_filter,
    describe_parameter,
    in_band,
    year_filter,
)
from studies.models import Arm, Notice, Outcome, Registry, RegistryCheck, Study, Trial

SMALLEST_MG = Decimal("1e-9")
# The key settles ties, so that no study is met twice or never on the way through the pages.
ORDERINGS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "-year": ("Newest first, unknown years last", (F("year").desc(nulls_last=True), "key")),
    "year": ("Oldest first, unknown years last", (F("year").asc(nulls_last=True), "key")),
    "key": ("By key", ("key",)),
    "-key": ("By key, backwards", ("-key",)),
}


class StudyApiFilter(StudyFilter):
    """The filters of the page, one exact year, and the order."""

    year = year_filter("exact", "Year")
    ordering = django_filters.ChoiceFilter(
        method="order",
        choices=[(word, label) for word, (label, _) in ORDERINGS.items()],
        label="Order; -year unless told",
    )

    def order(self, studies: Any, name: str, value: str) -> Any:  # noqa: ARG002
        return studies.order_by(*ORDERINGS[value][1])


class KeyField(EntryField):
    pattern = KEY


class ByStudy(django_filters.ModelChoiceFilter):
    field_class = KeyField


def study_filter(field_name: str = "study") -> ByStudy:
    """A filter by the study's key."""
    found = ByStudy(
        field_name=field_name,
        to_field_name="key",
        queryset=Study.objects.published(),
        label="Study",
        help_text="Key of a study, such as younger2013.",
    )
    return describe_parameter(found, type="string", pattern=f"^({KEY})?$")


def mg_filter(lookup: str, label: str) -> django_filters.NumberFilter:
    """A filter by an amount in mg; the limits keep out numbers that no column could be compared with."""
    found = django_filters.NumberFilter(
        method="filter_mg", lookup_expr=lookup, label=label, min_value=0, max_value=100_000
    )
    return describe_parameter(found, type="number", minimum=0, maximum=100_000)


class OutcomeFilter(django_filters.FilterSet):
    study = study_filter()
    condition = condition_filter("study__study_conditions__condition")
    domain = django_filters.ChoiceFilter(choices=choices_of(OutcomeDomain), label="Domain")
    direction = django_filters.ChoiceFilter(choices=choices_of(Direction), label="Direction")
    is_primary = TrueFalseFilter(label="Whether it was the study's main outcome")

    class Meta:
        model = Outcome
        fields: list[str] = []


class DoseFilter(django_filters.FilterSet):
    study = study_filter()
    condition = condition_filter("study__study_conditions__condition")
    band = django_filters.ChoiceFilter(method="filter_band", choices=BAND_CHOICES, label="Band of the dose")
    amount_mg_min = mg_filter("gte", "Daily dose of at least so many mg")
    amount_mg_max = mg_filter("lte", "Daily dose of at most so many mg")

    class Meta:
        model = Arm
        fields: list[str] = []

    def filter_band(self, arms: Any, name: str, value: str) -> Any:  # noqa: ARG002
        return arms.filter(in_band(DoseBand(value)))

    def filter_mg(self, arms: Any, name: str, value: Any) -> Any:
        """A dose per kg, of a single day or in a range only is no daily dose in mg."""
        lookup = self.filters[name].lookup_expr
        amount = value.quantize(SMALLEST_MG)  # PostgreSQL cannot hold 1e-999999
        return arms.filter(**{"dose__per": "day", f"dose__amount_mg__{lookup}": amount})


class TrialFilter(django_filters.FilterSet):
    condition = condition_filter("trial_conditions__condition")
    has_results = TrueFalseFilter(
        method="filter_results", label="Whether a published study here reports its results"
    )

    class Meta:
        model = Trial
        fields: list[str] = []

    def filter_results(self, trials: Any, name: str, value: Any) -> Any:  # noqa: ARG002
        reported = Study.objects.published()
        return trials.filter(results__in=reported) if value else trials.exclude(results__in=reported)


class RegistryCheckFilter(django_filters.FilterSet):
    study = study_filter()
    registry = django_filters.ChoiceFilter(choices=Registry.choices, label="Registry")
    answer = django_filters.ChoiceFilter(choices=RegistryCheck.Answer.choices, label="Answer")

    class Meta:
        model = RegistryCheck
        fields: list[str] = []


class NoticeFilter(django_filters.FilterSet):
    study = study_filter()
    kind = django_filters.ChoiceFilter(choices=Notice.Kind.choices, label="Kind")

    class Meta:
        model = Notice
        fields: list[str] = []
