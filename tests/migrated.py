"""One migrated database for a run of tests by several processes, of which each one's own is a copy.

As a pytest plugin (`-p tests.migrated`). Running the migrations takes longer than anything else at the start.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from tests.pages.server import database_url

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Have the process's database made as a copy; the first process that comes here makes what is copied."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    name = _name(os.getppid())
    with psycopg.connect(database_url("postgres"), autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            _make(server, name)
    connection.settings_dict["TEST"]["TEMPLATE"] = name


def _make(server: psycopg.Connection[Any], name: str) -> None:
    server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    env = {**os.environ, "DATABASE_URL": database_url(name)}
    try:
        subprocess.run(command, cwd=ROOT, env=env, check=True)
    except BaseException:
        _drop(server, name)
        raise


def _drop(server: psycopg.Connection[Any], name: str) -> None:
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Remove it, from the process that directed the others."""
    if session.config.getoption("numprocesses", None):
        with psycopg.connect(database_url("postgres"), autocommit=True) as server:
            _drop(server, _name(os.getpid()))


def _name(director: int) -> str:
    return f"ldn_kb_migrated_{director}"
