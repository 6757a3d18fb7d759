"""The tables of a release as CSV and Parquet, and their dictionary, all from one list of columns."""

from __future__ import annotations

from typing import Any

from django.db.models import Field, Model

from conditions.domain.release import write_table
from conditions.services.release_columns import TABLES

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
WHOLE_NUMBER = "whole number"
# What Parquet calls them. A number that was printed is a double there: its digits are in the CSV file.
PARQUET_TYPES = {
    "list of texts": "list of string",
    "true or false": "bool",
    "text": "string",
    "day (ISO 8601)": "date",
    "time (ISO 8601)": "timestamp",
    "number, with the digits that were printed": "double",
    "number, computed": "double",
    WHOLE_NUMBER: "int64",
}


def write_tables() -> dict[str, bytes]:
    """Return each table as a CSV file by name, and the dictionary of their columns."""
    files = {
        f"tables/{table.name}.csv": write_table(
            [_column(path) for path in table.columns], table.rows().values_list(*table.columns)
        )
        for table in TABLES
    }
    headings = ["table", "column", "type", "may_be_empty", "words", "meaning", "parquet"]
    return {**files, "data-dictionary.csv": write_table(headings, _dictionary())}


def write_parquet_tables() -> dict[str, bytes]:
    """Return each table as a Parquet file by name, with the columns of its CSV file."""
    # PyArrow is loaded by those who make a release, not by every web process.
    from conditions.domain.release_parquet import write_parquet

    files = {}
    for table in TABLES:
        model = table.rows().model
        columns = []
        for path in table.columns:
            kind, _, _, meaning = _describe(model, path)
            columns.append((_column(path), PARQUET_TYPES[kind], meaning))
        files[f"parquet/{table.name}.parquet"] = write_parquet(
            columns, table.rows().values_list(*table.columns)
        )
    return files


def _dictionary() -> list[list[Any]]:
    rows = [
        [table.name, _column(path), *_describe(table.rows().model, path)]
        for table in TABLES
        for path in table.columns
    ]
    return [[*row, PARQUET_TYPES[row[2]]] for row in rows]


def _column(path: str) -> str:
    """A column's heading: study__key is study, effect__ci_low is effect_ci_low.

    >>> _column("outcome__study__key"), _column("dose__amount_mg")
    ('study', 'dose_amount_mg')
    """
    for way, here in (
        *(("outcome__study", "study"), ("report__study", "study"), ("dose__arm__study", "study")),
        *(("dose__arm__", "arm__"), ("pool__condition", "condition")),
    ):
        path = path.replace(way, here)
    path = path.removeprefix("report__")
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
    kind = TYPES.get(field.get_internal_type(), WHOLE_NUMBER)
    return [kind, may_be_empty, words, str(field.help_text or field.verbose_name)]
