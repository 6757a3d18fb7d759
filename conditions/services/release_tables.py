"""The tables of a release, and their dictionary, both from one list of columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Field, Model, QuerySet

from conditions.domain.release import write_table
from conditions.models import Certainty, ComputedVerdict, Pool
from studies.models import (
    Arm,
    ArmResult,
    Notice,
    Outcome,
    RiskOfBias,
    SideEffectCount,
    Study,
    StudyCondition,
    Trial,
)
from studies.services.read_study import PLAIN_FIELDS

TYPES = {
    "ArrayField": "list of texts",
    "BooleanField": "true or false",
    "CharField": "text",
    "DateField": "day (ISO 8601)",
    "DateTimeField": "time (ISO 8601)",
    "DecimalField": "number, with the digits that were printed",
    "FloatField": "number, computed",
    "SlugField": "text",
    "TextField": "text",
}


@dataclass(frozen=True)
class Table:
    """A table: its rows in an order that is always the same, and the paths of its columns in the models."""

    name: str
    rows: Callable[[], QuerySet[Any]]
    columns: tuple[str, ...]


def _of_published(model: type[Model], path: str, *order: str) -> Callable[[], QuerySet[Any]]:
    """Rows of studies that are published; `path` leads to the study."""
    where = {f"{path}__status" if path else "status": Study.Status.PUBLISHED}
    return lambda: model._default_manager.filter(**where).order_by(*order)


TABLES = (
    Table(
        "studies",
        _of_published(Study, "", "key"),
        (*PLAIN_FIELDS, "publication_status", "checked_on"),
    ),
    Table(
        "study_conditions",
        _of_published(StudyCondition, "study", "study__key", "position", "condition__slug"),
        ("study__key", "position", "condition__slug"),
    ),
    Table(
        "arms",
        _of_published(Arm, "study", "study__key", "position"),
        (
            *("study__key", "position", "name", "role", "n", "dose__amount_mg", "dose__per", "dose__route"),
            *(
                "dose__range_text",
                "dose__mg_per_kg",
                "dose__start_mg",
                "dose__max_mg",
                "dose__duration_weeks",
            ),
            *("dose__timing", "dose__formulation", "dose__note"),
        ),
    ),
    Table(
        "outcomes",
        _of_published(Outcome, "study", "study__key", "position"),
        (
            *(
                "study__key",
                "position",
                "name",
                "domain",
                "instrument",
                "timepoint",
                "is_primary",
                "direction",
            ),
            *("better", "effect__measure", "effect__value", "effect__ci_low", "effect__ci_high"),
            *("effect__p_relation", "effect__p_value", "effect__i2_percent", "effect__note"),
        ),
    ),
    Table(
        "results",
        _of_published(ArmResult, "outcome__study", "outcome__study__key", "outcome__position", "side"),
        (
            *("outcome__study__key", "outcome__position", "side", "arm__position", "value", "unit", "sd"),
            *("ci_low", "ci_high", "events", "n", "baseline", "baseline_text", "baseline_sd", "p_relation"),
            *("p_value", "note"),
        ),
    ),
    Table(
        "side_effects",
        _of_published(SideEffectCount, "report__study", "report__study__key", "report__position", "side"),
        (
            *("report__study__key", "report__position", "report__reported_name", "report__side_effect__slug"),
            *("side", "arm__position", "events", "n", "percent"),
        ),
    ),
    Table(
        "risk_of_bias",
        _of_published(RiskOfBias, "study", "study__key", "position", "domain"),
        (
            "study__key",
            "tool",
            "domain",
            "judgement",
            "reason",
            "assessed_by",
            "assessed_on",
            "second_assessor",
        ),
    ),
    Table(
        "notices",
        _of_published(Notice, "study", "study__key", "registry", "kind", "dated_on", "notice_doi", "pk"),
        ("study__key", "registry", "kind", "raw_kind", "dated_on", "date_text", "notice_doi", "asserted_by"),
    ),
    Table(
        "trials",
        lambda: Trial.objects.order_by("registry_id"),
        ("registry_id", "title", "status", "phase", "start", "completion", "results__key"),
    ),
    Table(
        "pools",
        lambda: Pool.objects.order_by("condition__slug", "slug"),
        (
            *(
                "condition__slug",
                "slug",
                "domain",
                "comparator",
                "measure",
                "is_main",
                "k",
                "n_people",
                "better",
            ),
            *("scale", "estimate", "ci_low", "ci_high", "prediction_low", "prediction_high", "i2", "tau2"),
        ),
    ),
    Table(
        "certainties",
        lambda: Certainty.objects.order_by("condition__slug", "domain", "comparator"),
        (
            *("condition__slug", "domain", "comparator", "level", "size", "direction", "override_level"),
            "override_reason",
        ),
    ),
    Table(
        "verdicts",
        lambda: ComputedVerdict.objects.order_by("claim__slug"),
        ("claim__slug", "claim__statement", "claim__verdict", "word", "reason", "version"),
    ),
)


def write_tables() -> dict[str, bytes]:
    """Return each table as a CSV file by name, and the dictionary of their columns."""
    files = {
        f"tables/{table.name}.csv": write_table(
            [_column(path) for path in table.columns], table.rows().values_list(*table.columns)
        )
        for table in TABLES
    }
    headings = ["table", "column", "type", "may_be_empty", "words", "meaning"]
    return {**files, "data-dictionary.csv": write_table(headings, _dictionary())}


def _dictionary() -> list[list[Any]]:
    return [
        [table.name, _column(path), *_describe(table.rows().model, path)]
        for table in TABLES
        for path in table.columns
    ]


def _column(path: str) -> str:
    """A column's heading: study__key is study, effect__ci_low is effect_ci_low.

    >>> _column("outcome__study__key"), _column("dose__amount_mg")
    ('study', 'dose_amount_mg')
    """
    path = path.replace("outcome__study", "study").replace("report__study", "study").removeprefix("report__")
    return path.removesuffix("__key").removesuffix("__slug").replace("__", "_")


def _describe(model: type[Model], path: str) -> list[Any]:
    may_be_empty = False
    field: Any = None
    for part in path.split("__"):
        field = model._meta.get_field(part)
        # What hangs on another row may have none of it.
        may_be_empty = may_be_empty or bool(getattr(field, "null", True))
        model = field.related_model or model
    assert isinstance(field, Field)  # noqa: S101 - a path ends in a column
    words = [str(value) for value, _ in field.flatchoices] if field.choices else []
    kind = TYPES.get(field.get_internal_type(), "whole number")
    return [kind, may_be_empty, words, str(field.help_text or field.verbose_name)]
