# ruff: noqa: S608 - the SQL is put together from names of our own tables
"""Whether anything was written in a stretch of time."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import connection

from history.models import KEPT


def is_changed(*, since: datetime, until: datetime, leave_out: Collection[str] = ()) -> bool:
    """Return whether a kept row was written by a transaction that began in this time.

    Args:
        since: the first moment that counts.
        until: the first that does not count any more.
        leave_out: tables whose rows do not matter.
    """
    where = "WHERE pgh_created_at >= %s AND pgh_created_at < %s"
    tables = [row._meta.db_table for table, row in KEPT.items() if table not in leave_out]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT " + " OR ".join(f"EXISTS (SELECT FROM {table} {where})" for table in tables),
            [since, until] * len(tables),
        )
        return bool(cursor.fetchone()[0])
