# ruff: noqa: S608 - the SQL is put together from names of our own tables and columns
"""A view for every kept table, in a schema of their own, that shows its rows as of a moment.

The views bear the names of the tables, so that any query reads the past once the schema is where its names
are looked up. Nothing else is in the schema: a query that needs a table whose past is not kept fails.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.db import connection, transaction

from history.models import GONE, KEPT, Row, columns_of

SCHEMA = "as_of"
# The setting of a transaction that says which moment the views show: what began before it.
CUT = "history.cut"


def make_views() -> bool:
    """Make the views anew where the models have changed since they were made; whether they were made."""
    statements = [_view(table, row) for table, row in sorted(KEPT.items())]
    fingerprint = sha256("".join(statements).encode()).hexdigest()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(to_regnamespace(%s), 'pg_namespace')", [SCHEMA])
        if cursor.fetchone()[0] == fingerprint:
            return False
        cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        cursor.execute(f"CREATE SCHEMA {SCHEMA}")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute(f"COMMENT ON SCHEMA {SCHEMA} IS '{fingerprint}'")
    return True


def drop_views() -> None:
    """Take the views away: PostgreSQL changes no column that a view shows."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")


def _view(table: str, row: type[Row]) -> str:
    """The last state of each row before the cut, but for those that were gone by then."""
    kept, name = set(columns_of(row)), row._meta.db_table
    tracked = row.pgh_tracked_model
    assert tracked is not None  # noqa: S101 - set with the class
    columns = ", ".join(_column(field, field.column in kept) for field in tracked._meta.concrete_fields)
    before = f"pgh_created_at < current_setting('{CUT}')::timestamptz"
    return f"""
        CREATE VIEW {SCHEMA}."{table}" AS SELECT {columns} FROM "{name}" kept
        WHERE kept.{before} AND kept.pgh_label <> '{GONE}' AND NOT EXISTS (
            SELECT FROM "{name}" later
            WHERE later.id = kept.id AND later.pgh_id > kept.pgh_id AND later.{before})
    """


def _column(field: Any, is_kept: bool) -> str:
    """The column as it is in its table; empty where it is not kept."""
    if not is_kept:
        return f'NULL::{field.db_type(connection)} AS "{field.column}"'
    # Foreign keys are kept as big numbers, whatever they were.
    kind = f"::{field.db_type(connection)}" if field.is_relation else ""
    return f'kept."{field.column}"{kind} AS "{field.column}"'
