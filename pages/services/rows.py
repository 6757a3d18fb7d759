"""Published pages from their rows, read on an event loop: questions go out as they come, over one connection.

Handing a question to a thread and back takes longer than the question itself. This is libpq's pipeline mode
(https://www.postgresql.org/docs/current/libpq-pipeline-mode.html), as psycopg.pq has it.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from concurrent.futures import Executor
from typing import Any

import psycopg
from psycopg import pq

from pages.domain.memory import Answer
from pages.domain.negotiation import Encoding
from pages.services.edition import read_edition
from pages.services.reading import PAGES, connect, make_answer

logger = logging.getLogger(__name__)

# PostgreSQL gives up a query after two seconds (connect()); one that is not even given up has lost its way.
PATIENCE_SECONDS = 2.5
RETRY_SECONDS = 1
CANCELLED = b"57014"


class Rows:
    """Reads pages over a connection that it opens when first asked, and again after a failure.

    Args:
        threads: where a connection is opened, for which an event loop must not wait.
    """

    def __init__(self, threads: Executor) -> None:
        self._threads = threads
        self._line: _Line | None = None
        self._opening: asyncio.Future[None] | None = None
        self._opened_at = float("-inf")

    async def read(self, path: str, encoding: Encoding) -> Answer | None:
        """Return the fresh page of a path in one coding: one indexed row, as pages.services.reading has it.

        None where there is none, and while it cannot be found out: whoever then asks in a thread will hear
        which of the two it is, and say so in the log.
        """
        if self._line is None or not self._line.is_open:
            self._open()
            return None
        result = await self._line.ask(path, encoding)
        return None if result is None or result.ntuples == 0 else _answer(result, encoding)

    def close(self) -> None:
        if self._line is not None:
            self._line.close()

    def _open(self) -> None:
        loop = asyncio.get_running_loop()
        if self._opening is None and loop.time() - self._opened_at > RETRY_SECONDS:
            self._opened_at = loop.time()
            self._opening = asyncio.ensure_future(self._connect(loop))

    async def _connect(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            self._line = _Line(await loop.run_in_executor(self._threads, _connect), loop)
        except psycopg.Error as error:
            logger.warning("no connection for published pages: %s", type(error).__name__)
        finally:
            self._opening = None


class _Line:
    """A connection in pipeline mode: answers come in the order of the questions."""

    def __init__(self, connection: psycopg.Connection[Any], loop: asyncio.AbstractEventLoop) -> None:
        self.is_open = True
        self._connection, self._pg, self._loop = connection, connection.pgconn, loop
        self._socket = self._pg.socket  # its number is gone once the connection is closed
        self._waiting: deque[tuple[asyncio.Future[pq.abc.PGresult | None], float]] = deque()
        self._is_watched = False
        self._heard_at = float("-inf")
        loop.add_reader(self._socket, self._read)

    def ask(self, path: str, encoding: Encoding) -> asyncio.Future[pq.abc.PGresult | None]:
        """The result for one page, or None where the connection fails before it has come."""
        future: asyncio.Future[pq.abc.PGresult | None] = self._loop.create_future()
        self._waiting.append((future, self._loop.time()))
        values = [path.encode(), read_edition().encode()]
        try:
            self._pg.send_query_prepared(encoding.encode(), values, result_format=pq.Format.BINARY)
            self._pg.pipeline_sync()  # each is a transaction of its own: an error is its own too
            self._send()
        except psycopg.Error as error:
            self._fail(type(error).__name__)
        if not self._is_watched:
            self._watch()
        return future

    def close(self) -> None:
        """Close it, and tell everybody who waits that nothing will come."""
        if self.is_open:
            self.is_open = False
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._connection.close()
        while self._waiting:
            _settle(self._waiting.popleft()[0], None)

    def _send(self) -> None:
        """Send what is written down; the rest of it as soon as the socket takes more."""
        if self._pg.flush():
            self._loop.add_writer(self._socket, self._send_more)

    def _send_more(self) -> None:
        try:
            if not self._pg.flush():
                self._loop.remove_writer(self._socket)
        except psycopg.Error as error:
            self._fail(type(error).__name__)

    def _read(self) -> None:
        """Hand out what has come. After each result libpq says None, and then that a step is done."""
        was_none = False
        try:
            self._pg.consume_input()
            while self._waiting and not self._pg.is_busy():
                result = self._pg.get_result()
                if result is None and was_none:
                    raise psycopg.OperationalError("libpq waits for nothing, but somebody does")
                was_none = result is None
                if result is not None and result.status != pq.ExecStatus.PIPELINE_SYNC:
                    self._hand_out(result)
        except psycopg.Error as error:
            self._fail(type(error).__name__)

    def _hand_out(self, result: pq.abc.PGresult) -> None:
        future, _ = self._waiting.popleft()
        self._heard_at = self._loop.time()
        if result.status == pq.ExecStatus.TUPLES_OK:
            _settle(future, result)
            return
        _settle(future, None)
        state = result.error_field(pq.DiagnosticField.SQLSTATE)
        if state != CANCELLED:  # a plan that no longer fits, perhaps: the next connection makes another
            self._fail(f"SQLSTATE {(state or b'none').decode()}")

    def _watch(self) -> None:
        """Look from time to time whether nothing has come for too long, while somebody waits.

        Questions are answered one after the other: the time of one begins when that before it is answered.
        """
        since = max(self._waiting[0][1], self._heard_at) if self._waiting else self._loop.time()
        if self._loop.time() - since > PATIENCE_SECONDS:
            self._fail("no answer")
        self._is_watched = bool(self._waiting)
        if self._is_watched:
            self._loop.call_later(PATIENCE_SECONDS, self._watch)

    def _fail(self, why: str) -> None:
        logger.warning("the connection for published pages was given up: %s", why)
        self.close()


def _settle(future: asyncio.Future[pq.abc.PGresult | None], result: pq.abc.PGresult | None) -> None:
    if not future.done():  # whoever asked may have gone
        future.set_result(result)


def _connect() -> psycopg.Connection[Any]:
    """A connection in pipeline mode that knows the queries by the names of the codings."""
    connection = connect()
    pg = connection.pgconn
    for encoding, query in PAGES.items():
        prepared = pg.prepare(encoding.encode(), query.encode())
        if prepared.status != pq.ExecStatus.COMMAND_OK:
            connection.close()
            raise psycopg.OperationalError("the query for a page cannot be prepared")
    pg.enter_pipeline_mode()
    pg.nonblocking = 1
    return connection


def _answer(result: pq.abc.PGresult, encoding: Encoding) -> Answer:
    version, day, etag, headers, body = (result.get_value(0, column) or b"" for column in range(5))
    state = (int.from_bytes(version, "big"), day.decode())
    return make_answer(state, etag.decode(), json.loads(headers), encoding, body)
