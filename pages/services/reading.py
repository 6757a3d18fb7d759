# ruff: noqa: S608 - the only words put into the SQL are names of columns
"""Reading published pages and their version over connections of our own, beside Django's."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

import psycopg
from django.db import connection as django_connection

from pages.domain.memory import Answer, Headers
from pages.domain.negotiation import COLUMNS, Encoding, is_about_reading, tag_of
from pages.models import CHANNEL
from pages.services.edition import read_edition

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.4
# How long after a look at the version what it said may be relied on.
TRUST_SECONDS = 0.8

# Browsers and shared caches ask again each time, which costs a 304; a page older than a second is shown only
# while the site is broken. A longer max-age would show a retracted result for as long.
CACHE_CONTROL = "public, max-age=0, stale-while-revalidate=1, stale-if-error=86400"
VARY = "Accept-Encoding"

T = TypeVar("T")
State = tuple[int, str]
NO_STATE: State = (-1, "")

_STATE = "SELECT pages_version(), (now() AT TIME ZONE 'utc')::date::text"
_SINCE = "SELECT pages_standing_since(%s, %s, %s)"
# Its values by number, as PostgreSQL itself has them: psycopg is not always in between.
PAGES = {
    encoding: f"""
        SELECT version, published_on::text, etag, headers::text, {column} FROM pages_page
        WHERE path = $1 AND edition = $2 AND version = pages_version()
          AND published_on = (now() AT TIME ZONE 'utc')::date
    """
    for encoding, column in COLUMNS.items()
}


def read_state() -> tuple[State, datetime | None]:
    """Return what Watcher.look says, read over Django's connection."""
    with django_connection.cursor() as cursor:
        cursor.execute(_STATE)
        version, day = cursor.fetchone()
        cursor.execute(_SINCE, (version, date.fromisoformat(day), read_edition()))
        return (version, day), cursor.fetchone()[0]


def connect() -> psycopg.Connection[Any]:
    """Return a connection of our own to Django's database, that gives up within about two seconds."""
    settings = django_connection.get_connection_params()
    names = ("dbname", "user", "password", "host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey")
    return psycopg.connect(
        **{name: settings[name] for name in names if name in settings},
        autocommit=True,
        connect_timeout=2,
        # Compiling a query takes longer than any that is asked here.
        options="-c statement_timeout=2000 -c jit=off",
        prepare_threshold=0,
    )


def read_page(connection: psycopg.Connection[Any], path: str, encoding: Encoding) -> Answer | None:
    """Return the fresh page of a path in one coding, or None where there is none: one indexed row."""
    with psycopg.RawCursor(connection) as cursor:
        cursor.execute(PAGES[encoding], (path, read_edition()), binary=True)
        row = cursor.fetchone()
    if row is None:
        return None
    version, day, etag, headers, body = row
    return make_answer((version, day), etag, json.loads(headers), encoding, bytes(body))


def make_answer(state: State, etag: str, headers: Any, encoding: Encoding, body: bytes) -> Answer:
    """Return a page as it is sent in one coding, with the headers of its 200 and its 304."""
    tag = tag_of(etag, encoding)
    sharing = [(name, value) for name, value in headers if is_about_reading(name)]
    caching = Headers([("ETag", tag), ("Cache-Control", CACHE_CONTROL), ("Vary", VARY), *sharing])
    coding = [] if encoding is Encoding.IDENTITY else [("Content-Encoding", encoding.value)]
    own = [(name, value) for name, value in headers if not is_about_reading(name)]
    length = ("Content-Length", str(len(body)))
    return Answer(state, tag, Headers([*own, *caching, *coding, length]), caching, body)


class Connections(threading.local):
    """One connection for each thread that reads, opened when it is first needed and again after a failure."""

    _open: psycopg.Connection[Any] | None = None

    def read(self, path: str, encoding: Encoding) -> Answer | None:
        """Return what read_page does; None too, after a line in the log, while the database is away."""
        return self.use(lambda connection: read_page(connection, path, encoding))

    def use(self, read: Callable[[psycopg.Connection[Any]], T]) -> T | None:
        """Return what is read over the thread's connection; None, after a line in the log, where it fails."""
        for is_last in (False, True):
            try:
                if self._open is None or self._open.closed:
                    self._open = connect()
                return read(self._open)
            except psycopg.Error as error:
                self._close()
                # The first failure may be of a connection that was cut while it lay idle; one that took too
                # long would take as long again.
                if is_last or isinstance(error, psycopg.errors.QueryCanceled):
                    logger.warning("what is published cannot be read: %s", type(error).__name__)
                    return None
        return None

    def _close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None


@dataclass
class Watcher:
    """Knows the version of the records and the day, as of at most TRUST_SECONDS ago.

    A thread of its own listens for writes, which are told at their commit, and looks by itself as well every
    POLL_SECONDS: a channel that has died in silence delays news by that long at most. What was seen too long
    ago to be relied on is not told at all.
    """

    _seen: tuple[State, datetime | None] = (NO_STATE, None)
    _trusted_until: float = 0.0
    _thread: threading.Thread | None = None
    _starting: threading.Lock = field(default_factory=threading.Lock)

    def look(self) -> tuple[State, datetime | None] | None:
        """Return version and UTC day, and since when they and the code stand; None while nobody can say.

        The time is None where another process has seen a newer state already.
        """
        return self._seen if time.monotonic() < self._trusted_until else None

    def start(self) -> None:
        """Start to watch, once in each process; a process made by fork starts its own."""
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._watch, name="pages-watcher", daemon=True)
                self._thread.start()

    def _watch(self) -> None:
        is_silent = False
        while True:
            try:
                with connect() as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    is_silent = False
                    self._listen(connection)
            except psycopg.Error as error:
                if not is_silent:
                    logger.warning("the watch over the pages was cut: %s", type(error).__name__)
                is_silent = True
            time.sleep(POLL_SECONDS / 2)

    def _listen(self, connection: psycopg.Connection[Any]) -> None:
        while True:
            asked_at = time.monotonic()
            row = connection.execute(_STATE).fetchone()
            if row is not None:
                self._see((row[0], row[1]), connection)
                self._trusted_until = asked_at + TRUST_SECONDS
            for _ in connection.notifies(timeout=POLL_SECONDS, stop_after=1):
                pass

    def _see(self, state: State, connection: psycopg.Connection[Any]) -> None:
        if self._seen[0] != state or self._seen[1] is None:
            asked = (state[0], date.fromisoformat(state[1]), read_edition())
            row = connection.execute(_SINCE, asked).fetchone()
            self._seen = (state, row[0] if row else None)
