"""Putting a transaction back to the end of a day."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection, transaction

from history.services.views import CUT, SCHEMA


class HistoryNotReadyError(Exception):
    """The past cannot be read at present: migrations are under way, or were not run."""


def end_of(day: date) -> datetime:
    """Return the moment at which a UTC day is over.

    >>> end_of(date(2026, 11, 25))
    datetime.datetime(2026, 11, 26, 0, 0, tzinfo=datetime.timezone.utc)
    """
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def read_beginning() -> datetime:
    """Return since when every row is kept.

    Raises:
        HistoryNotReadyError: the views are not there.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regnamespace(%s) IS NOT NULL, to_regproc('history_began')", [SCHEMA])
        has_views, began = cursor.fetchone()
        if not has_views or not began:
            raise HistoryNotReadyError
        cursor.execute("SELECT history_began()")
        moment: datetime = cursor.fetchone()[0]
        return moment


@contextmanager
def standing_as_of(day: date) -> Iterator[None]:
    """Let every query inside read what stood at the end of a UTC day; nothing can be written there.

    Of a transaction that lasts over midnight all belongs to the day on which it began.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('search_path'), set_config('search_path', %s, true),"
            " set_config(%s, %s, true)",
            [SCHEMA, CUT, end_of(day).isoformat()],
        )
        before = cursor.fetchone()[0]
        yield
        # What ends in an error is rolled back, and this with it.
        cursor.execute("SELECT set_config('search_path', %s, true)", [before])
