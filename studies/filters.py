"""Which studies and arms a list shows; the same for the pages and the API."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from drf_spectacular.utils import extend_schema_field

from studies.domain.dosing import BAND_CHOICES, BAND_ENDS, DoseBand
from studies.domain.vocabulary import Design, DesignGroup, Direction, PublicationStatus, choices_of
from studies.models import Arm, Study

MAX_QUERY = 200


NO_SUCH_ENTRY = "no_such_entry"
SLUG = r"[a-z0-9-]+"
KEY = r"[a-z]+[0-9]{4}[a-z]?"


def describe_parameter(filter_: Any, **schema: Any) -> Any:
    """Say in the API's schema what a filter takes, as exactly as it is checked; the filter itself."""
    described = {"description": filter_.extra.get("help_text") or filter_.label, **schema}
    extend_schema_field(described)(filter_)
    return filter_


def refuse_control_characters(value: str) -> None:
    """PostgreSQL cannot hold a NUL; nobody types one."""
    if any(ord(character) < 32 for character in value):
        raise ValidationError("Remove the control characters.")


def all_conditions(request: Any) -> QuerySet[Any]:  # noqa: ARG001 - django-filter passes it
    """Every condition, through the foreign key: this room knows no more of them."""
    conditions: Any = Study._meta.get_field("conditions").related_model
    return conditions.objects.only("slug", "name")


class EntryField(django_filters.fields.ModelChoiceField):
    """The entry that is named; a name that could be one, and is none, is told from a wrong one."""

    pattern = SLUG

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except ValidationError as error:
            if isinstance(value, str) and re.fullmatch(self.pattern, value):
                raise ValidationError(f"There is no “{value}”.", code=NO_SUCH_ENTRY) from error
            raise


class ReadOnce(django_filters.fields.ModelChoiceIterator):
    """The choices from the rows that the field keeps."""

    def __iter__(self) -> Iterator[tuple[Any, str]]:
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        yield from map(self.choice, self.field.queryset)


class ConditionField(EntryField):
    """One of all conditions, which are read once: to be offered, and to find the one that is named."""

    iterator = ReadOnce

    def to_python(self, value: Any) -> Any:
        is_named = value not in self.empty_values
        named = (condition for condition in self.queryset if condition.slug == value) if is_named else ()
        return next(iter(named), None) or super().to_python(value)


class ConditionFilter(django_filters.ModelChoiceFilter):
    field_class = ConditionField


def condition_filter(field_name: str) -> ConditionFilter:
    """A filter by the condition's slug."""
    found = ConditionFilter(
        field_name=field_name,
        to_field_name="slug",
        queryset=all_conditions,
        label="Condition",
        empty_label="Any condition",
    )
    said = "Slug of a condition, such as fibromyalgia."
    return describe_parameter(found, type="string", pattern=f"^({SLUG})?$", description=said)


class WordField(forms.TypedChoiceField):
    """One of two words, in capitals or not."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).lower()


class TrueFalseFilter(django_filters.TypedChoiceFilter):
    """`true` or `false`; anything else is refused, where a BooleanFilter would look the other way."""

    field_class = WordField

    def __init__(self, *, label: str, words: tuple[str, str, str] = ("Either", "Yes", "No"), **options: Any):
        choices = zip(("", "true", "false"), words, strict=True)
        super().__init__(
            label=label, choices=list(choices), coerce="true".__eq__, empty_value=None, **options
        )
        describe_parameter(self, type="boolean")


class WholeNumberFilter(django_filters.NumberFilter):
    field_class = forms.IntegerField


def year_filter(lookup: str, label: str) -> WholeNumberFilter:
    """A filter by the year of publication."""
    ends = {"min_value": 1900, "max_value": 2100}
    found = WholeNumberFilter(field_name="year", lookup_expr=lookup, label=label, **ends)
    return describe_parameter(found, type="integer", minimum=1900, maximum=2100)


def in_band(band: DoseBand) -> Q:
    """Arms whose dose is in a band: what `band_of_dose` says, in the words of the database."""
    in_mg = Q(dose__amount_mg__isnull=False)
    is_daily = Q(dose__per="day")
    per_kg = Q(dose__mg_per_kg__isnull=False) | Q(dose__mg_per_kg_text__gt="")
    has_range = Q(dose__range_text__gt="")
    others = {
        DoseBand.NOT_DAILY: in_mg & ~is_daily,
        DoseBand.PER_KG: ~in_mg & per_kg,
        DoseBand.RANGE_ONLY: ~in_mg & ~per_kg & has_range,
        DoseBand.NOT_STATED: ~in_mg & ~per_kg & ~has_range,
    }
    return others[band] if band in others else is_daily & _between_ends(band)


def _between_ends(band: DoseBand) -> Q:
    low, has_low, high, has_high = BAND_ENDS[band]
    above = Q(**{f"dose__amount_mg__{'gte' if has_low else 'gt'}": low})
    return above if high is None else above & Q(**{f"dose__amount_mg__{'lte' if has_high else 'lt'}": high})


class StudyFilter(django_filters.FilterSet):
    """Filters of the list of studies, each a parameter of the address."""

    q = describe_parameter(
        django_filters.CharFilter(
            method="filter_text",
            label="Words",
            help_text="Each must begin a word of title, conclusion or population, or stand in the authors.",
            max_length=MAX_QUERY,
            validators=[refuse_control_characters],
        ),
        type="string",
        maxLength=MAX_QUERY,
        pattern=r"^[^\x00-\x1f]*$",
    )
    condition = condition_filter("study_conditions__condition")
    design_group = django_filters.ChoiceFilter(
        method="filter_group", choices=choices_of(DesignGroup), label="Kind of study", empty_label="Any kind"
    )
    design = django_filters.ChoiceFilter(choices=choices_of(Design), label="Design", empty_label="Any design")
    year_min = year_filter("gte", "From year")
    year_max = year_filter("lte", "To year")
    dose_band = django_filters.ChoiceFilter(
        method="filter_dose", choices=BAND_CHOICES, label="Daily dose", empty_label="Any dose"
    )
    direction = django_filters.ChoiceFilter(
        method="filter_direction",
        choices=choices_of(Direction),
        label="Has a result that",
        empty_label="Any result",
    )
    has_numbers = TrueFalseFilter(
        method="filter_numbers",
        label="Results",
        words=("With or without numbers", "With numbers", "Without numbers"),
    )
    publication_status = django_filters.ChoiceFilter(
        choices=choices_of(PublicationStatus), label="Publication status", empty_label="Any status"
    )
    is_checked = TrueFalseFilter(
        method="filter_checked",
        label="Checked against the paper",
        words=("Checked or not", "By a second person", "Not yet"),
    )

    class Meta:
        model = Study
        fields: list[str] = []

    def filter_text(self, studies: Any, name: str, value: str) -> Any:  # noqa: ARG002
        return studies.matching(value)

    def filter_group(self, studies: Any, name: str, value: str) -> Any:  # noqa: ARG002
        return studies.of_group(value)

    def filter_dose(self, studies: Any, name: str, value: str) -> Any:  # noqa: ARG002
        arms = Arm.objects.given_ldn().filter(in_band(DoseBand(value)), study=OuterRef("pk"))
        return studies.filter(Exists(arms))

    def filter_direction(self, studies: Any, name: str, value: str) -> Any:  # noqa: ARG002
        return studies.filter(Exists(Study.objects.filter(pk=OuterRef("pk"), outcomes__direction=value)))

    def filter_numbers(self, studies: Any, name: str, value: Any) -> Any:  # noqa: ARG002
        having = studies.with_numbers()
        return having if value else studies.exclude(pk__in=Study.objects.with_numbers().values("pk"))

    def filter_checked(self, studies: Any, name: str, value: Any) -> Any:  # noqa: ARG002
        return studies.filter(checked_by__isnull=not value)
