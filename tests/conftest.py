"""What several tests lean on: the loaded corpus, and rows made by hand (tests/make.py)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from conditions.services.corpus import load_corpus, read_directory
from search.models import SynonymGroup
from tests.studies.admin_world import sign_in

# How long a try takes depends on what else the machine does, which no test is about.
hypothesis.settings.register_profile("house", hypothesis.settings.default, deadline=None)
hypothesis.settings.load_profile("house")


# The database of whoever runs the tests. pytest-django makes another only where a test says it needs one.
IN_USE = settings.DATABASES["default"]["NAME"]
# The rows of the loaded corpus by table, as PostgreSQL writes them out: reading them back takes a tenth of
# the time of loading the corpus anew for every file of tests.
LOADED: dict[str, bytes] = {}


@pytest.fixture(scope="module")
def corpus(django_db_setup, django_db_blocker) -> Iterator[None]:
    """The whole corpus in the database, for all tests of a file."""
    refuse_database_in_use(connection.settings_dict["NAME"])
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        if LOADED:
            put_back(cursor)
        else:
            load_corpus(files=read_directory(settings.EVIDENCE_DIR))
            keep(cursor)
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        # As when they are put back: that they are gone need not be kept by triggers. TRUNCATE makes every
        # table and index anew, which takes twenty times as long for so few rows.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("; ".join(f"DELETE FROM {table}" for table in corpus_tables()))  # noqa: S608
        cursor.execute("SET session_replication_role = DEFAULT")


def refuse_database_in_use(name: str) -> None:
    """Fail before tests fill and empty a database that is not theirs."""
    if name == IN_USE:
        pytest.fail(f"{name} is no database of tests: mark the file with pytest.mark.django_db.")


@pytest.fixture
def editor() -> Client:
    """A browser in which an editor of the group that a new site has is signed in."""
    return sign_in("ada", group="Editors")


def corpus_tables() -> list[str]:
    return [
        model._meta.db_table
        for room in ("studies", "conditions", "pages", "readers", "search", "history")
        for model in apps.get_app_config(room).get_models(include_auto_created=True)
        if model is not SynonymGroup  # those come with the migrations
        and not model._meta.proxy
    ]


def keep(cursor: Any) -> None:
    for table in corpus_tables():
        with cursor.copy(f"COPY {table} TO STDOUT") as rows:
            LOADED[table] = b"".join(rows)


def put_back(cursor: Any) -> None:
    """Write the rows without their triggers, whose doing is among them, and count on behind them."""
    with transaction.atomic():
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table, rows in LOADED.items():
            with cursor.copy(f"COPY {table} FROM STDIN") as writer:
                writer.write(rows)
        cursor.execute(
            "SELECT c.oid::regclass, a.attname, pg_get_serial_sequence(c.oid::regclass::text, a.attname)"
            " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE c.relname = ANY(%s) AND a.attidentity <> ''",
            [list(LOADED)],
        )
        for table, column, sequence in cursor.fetchall():
            last = f"SELECT setval('{sequence}', coalesce(max({column}), 0) + 1, false) FROM {table}"  # noqa: S608
            cursor.execute(last)
