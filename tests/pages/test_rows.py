"""Pages are read from their rows on the event loop, each reader gets his own, and a failure is no page."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from pages.domain.memory import Answer
from pages.domain.negotiation import Encoding
from pages.models import Page
from pages.services import rows
from pages.services.publishing import publish_stale
from pages.services.reading import connect, read_page
from pages.services.rows import PATIENCE_SECONDS, RETRY_SECONDS, Rows
from tests.pages.server import database_url

PATH, OTHER = "/conditions/fibromyalgia/", "/studies/bruun2024/"
HTML = Encoding.GZIP

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("published")]


@pytest.fixture(scope="module")
def published(corpus, django_db_blocker) -> None:
    with django_db_blocker.unblock():
        publish_stale(now=timezone.now())


def run(work: Callable[[Rows], Coroutine[Any, Any, None]]) -> None:
    """Let a test work on an event loop, with rows whose connection is open."""

    async def all_of_it() -> None:
        with ThreadPoolExecutor(1) as threads:
            reader = Rows(threads)
            try:
                assert await until_read(reader)
                await work(reader)
            finally:
                reader.close()

    # In a thread of its own: a browser of other tests may keep a loop running in this one.
    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, all_of_it()).result()


async def until_read(reader: Rows) -> Answer:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        answer = await reader.read(PATH, HTML)
        if answer is not None:
            return answer
        await asyncio.sleep(0.05)
    raise AssertionError("no connection was opened")


def backends() -> list[int]:
    """The processes of PostgreSQL that serve connections for pages, which are the ones that asked last."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE %s",
            ["%FROM pages_page%published_on = (now()%"],
        )
        return [pid for (pid,) in cursor.fetchall() if pid != connection.connection.info.backend_pid]


def test_a_page_is_the_same_as_read_in_a_thread_in_each_coding():
    async def work(reader: Rows) -> None:
        with connect() as line:
            for encoding in Encoding:
                assert await reader.read(PATH, encoding) == read_page(line, PATH, encoding) is not None

    run(work)


def test_of_many_who_ask_at_once_each_gets_the_page_he_asked_for():
    paths = list(Page.objects.order_by("path").values_list("path", "identity"))
    assert len(paths) > 500

    async def work(reader: Rows) -> None:
        answers = await asyncio.gather(*(reader.read(path, Encoding.IDENTITY) for path, _ in paths))
        for (path, body), answer in zip(paths, answers, strict=True):
            assert answer is not None
            assert answer.body == bytes(body), path

    run(work)


def test_a_page_that_is_stale_or_was_never_published_is_none():
    async def work(reader: Rows) -> None:
        assert await reader.read("/conditions/none-of-ours/", HTML) is None
        with psycopg.connect(database_url(), autocommit=True) as elsewhere:
            elsewhere.execute("UPDATE pages_page SET version = version - 1 WHERE path = %s", [OTHER])
            try:
                assert await reader.read(OTHER, HTML) is None
            finally:
                elsewhere.execute("UPDATE pages_page SET version = version + 1 WHERE path = %s", [OTHER])
        assert await reader.read(OTHER, HTML) is not None

    run(work)


def test_a_connection_that_is_cut_is_opened_again(caplog):
    async def work(reader: Rows) -> None:
        (pid,) = await asyncio.to_thread(backends)
        with psycopg.connect(database_url(), autocommit=True) as elsewhere:
            elsewhere.execute("SELECT pg_terminate_backend(%s)", [pid])
        assert await reader.read(PATH, HTML) is None
        assert await until_read(reader)

    run(work)
    assert "the connection for published pages was given up" in caplog.text


def test_who_waits_for_a_locked_table_is_told_nothing_and_the_connection_is_kept(caplog):
    async def work(reader: Rows) -> None:
        with psycopg.connect(database_url()) as elsewhere:
            elsewhere.execute("LOCK TABLE pages_page")
            assert await asyncio.gather(*(reader.read(PATH, HTML) for _ in range(2))) == [None, None]
        assert await reader.read(PATH, HTML) is not None

    run(work)
    assert "given up" not in caplog.text


def test_a_query_that_no_longer_fits_the_table_is_prepared_anew():
    async def work(reader: Rows) -> None:
        with psycopg.connect(database_url(), autocommit=True) as elsewhere:
            elsewhere.execute("ALTER TABLE pages_page ALTER etag TYPE varchar(65)")
            try:
                assert await reader.read(PATH, HTML) is None
                assert await until_read(reader)
            finally:
                elsewhere.execute("ALTER TABLE pages_page ALTER etag TYPE varchar(64)")

    run(work)


def test_a_database_that_falls_silent_is_waited_for_only_so_long(monkeypatch):
    async def work(reader: Rows) -> None:
        async with relay() as way:
            monkeypatch.setattr(rows, "connect", way.connect)
            reader.close()
            await asyncio.sleep(RETRY_SECONDS)
            await until_read(reader)
            way.is_silent = True
            asked_at = time.monotonic()
            assert await asyncio.gather(*(reader.read(PATH, HTML) for _ in range(3))) == [None] * 3
            assert time.monotonic() - asked_at < 3 * PATIENCE_SECONDS

    run(work)


class Relay:
    """A way to PostgreSQL that can fall silent without closing, as a cut cable does."""

    def __init__(self) -> None:
        self.is_silent = False
        self.port = 0
        self.ends: list[asyncio.StreamWriter] = []

    def connect(self) -> psycopg.Connection[Any]:
        settings = connection.get_connection_params()
        names = {name: settings[name] for name in ("dbname", "user", "password") if settings.get(name)}
        return psycopg.connect(**names, host="127.0.0.1", port=self.port, autocommit=True)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            if not self.is_silent:
                writer.write(data)
        writer.close()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        settings = connection.settings_dict
        host, port = settings["HOST"], int(settings["PORT"] or 5432)
        if host.startswith("/"):
            theirs = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        else:
            theirs = await asyncio.open_connection(host, port)
        self.ends += [writer, theirs[1]]
        await asyncio.gather(self.carry(reader, theirs[1]), self.carry(theirs[0], writer))


@asynccontextmanager
async def relay() -> AsyncIterator[Relay]:
    way = Relay()
    server = await asyncio.start_server(way.accept, "127.0.0.1", 0)
    way.port = server.sockets[0].getsockname()[1]
    try:
        yield way
    finally:
        server.close()
        for end in way.ends:
            end.transport.abort()
