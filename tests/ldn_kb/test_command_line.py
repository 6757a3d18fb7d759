"""Commands that find no database to work with say so in one line, with the mend."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from psycopg.conninfo import make_conninfo

ROOT = Path(__file__).resolve().parents[2]


def run_command(database_url: str, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url, "REDIS_URL": settings.REDIS_URL},
        capture_output=True,
        text=True,
    )


def complaint_of(database_url: str, *command: str) -> str:
    """What the command prints when it gives up."""
    done = run_command(database_url, *command)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr.strip().splitlines()[-1]


def test_a_database_that_cannot_be_reached_is_named():
    said = complaint_of("postgresql://nobody@127.0.0.1:9/nothing", "load_evidence")
    assert said.startswith("The database of DATABASE_URL cannot be used: ")


@pytest.mark.django_db
def test_an_empty_database_is_to_be_migrated_first():
    url = os.environ["DATABASE_URL"]
    with psycopg.connect(make_conninfo(url, dbname="postgres"), autocommit=True) as server:
        server.execute("CREATE DATABASE ldn_kb_empty")
        try:
            empty = url.rpartition("/")[0] + "/ldn_kb_empty"
            said = complaint_of(empty, "load_evidence")
        finally:
            server.execute("DROP DATABASE ldn_kb_empty WITH (FORCE)")
    assert said.endswith("migrations are not applied to this database: run `manage.py migrate` first.")


@pytest.mark.django_db
def test_a_migration_that_fails_says_what_stopped_it():
    url = os.environ["DATABASE_URL"]
    with psycopg.connect(make_conninfo(url, dbname="postgres"), autocommit=True) as server:
        server.execute("CREATE DATABASE ldn_kb_taken")
        try:
            taken = url.rpartition("/")[0] + "/ldn_kb_taken"
            with psycopg.connect(taken) as database:
                database.execute("CREATE TABLE django_content_type (id int)")
            done = run_command(taken, "migrate")
        finally:
            server.execute("DROP DATABASE ldn_kb_taken WITH (FORCE)")
    assert done.returncode != 0
    assert 'relation "django_content_type" already exists' in done.stderr
