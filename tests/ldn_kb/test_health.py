"""/healthz tells that the process lives; /readyz what is missing, and by its status whether it matters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from redis import ConnectionError as RedisConnectionError

from ldn_kb import health
from studies.models import RefreshRun
from studies.tasks import HEARTBEAT_KEY, record_heartbeat

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
QUIET = {"crossref": {"state": "never asked"}}


@pytest.fixture(autouse=True)
def quiet_registries(monkeypatch) -> None:
    monkeypatch.setattr(health, "describe_registries", lambda: QUIET)
    monkeypatch.setattr(health, "last_looks", lambda: {"crossref": NOON})


@pytest.fixture
def beating():
    """A heartbeat of this moment, and a clock that stands still."""
    with time_machine.travel(NOON, tick=False) as clock:
        record_heartbeat()
        yield clock
    cache.delete(HEARTBEAT_KEY)


def fail(error: Exception):
    def check():
        raise error

    return check


def test_healthz_answers_without_asking_anything(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert answer["Content-Type"].startswith("text/plain")


@pytest.mark.django_db
def test_a_site_that_has_everything_is_ready(client, beating):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "database": "ok",
        "migrations": "ok",
        "redis": "ok",
        "beat": "ok",
        "registries": {
            "crossref": {
                "state": "never asked",
                "nothing_checked_since": None,
                "looked_at": "2026-05-01T12:00:00Z",
            }
        },
    }
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("check", "error", "part"),
    [
        ("_check_database", OperationalError("secret detail"), "database"),
        ("_check_redis", RedisConnectionError("secret detail"), "redis"),
        ("_check_migrations", OperationalError("secret detail"), "migrations"),
    ],
)
def test_without_what_it_needs_it_is_not_ready_and_tells_no_detail(
    client, beating, monkeypatch, check, error, part
):
    monkeypatch.setattr(health, check, fail(error))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["status"] == "not ready"
    assert answer.json()[part].startswith("failed: ")
    assert "secret" not in answer.content.decode()


@pytest.mark.django_db
def test_a_migration_that_is_not_applied_is_told_with_the_mend(client, beating):
    # One that replaces no other, which would stand for it.
    [(app, name)] = MigrationLoader(connection).graph.leaf_nodes("search")
    MigrationRecorder.Migration.objects.get(app=app, name=name).delete()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["migrations"].endswith("not applied: run manage.py migrate")


@pytest.mark.django_db
def test_a_timetable_that_has_not_run_for_three_minutes_degrades_only(client, beating):
    beating.shift(timedelta(minutes=2, seconds=59))
    assert client.get("/readyz").json()["status"] == "ready"
    beating.shift(timedelta(seconds=1))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["beat"] == "late: last heartbeat 2026-05-01T12:00:00+00:00"


@pytest.mark.django_db
def test_a_timetable_that_never_ran_is_told(client):
    cache.delete(HEARTBEAT_KEY)
    assert client.get("/readyz").json()["beat"] == "no heartbeat yet"


@pytest.mark.django_db
def test_a_registry_that_fails_degrades_only(client, beating, monkeypatch):
    monkeypatch.setattr(health, "describe_registries", lambda: {"crossref": {"state": "failing"}})
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")


@pytest.mark.django_db
def test_it_tells_since_when_nothing_could_be_checked_in_a_registry(client, beating, monkeypatch):
    names = ("crossref", "pubmed", "openalex")
    monkeypatch.setattr(health, "describe_registries", lambda: {name: {"state": "ok"} for name in names})

    def run(registry, days_ago, **fields):
        started_at = NOON - timedelta(days=days_ago)
        RefreshRun.objects.create(registry=registry, started_at=started_at, **fields)

    # Down, answering, down, and down again: the second outage is the one that lasts.
    run("crossref", 9, error="not reachable")
    run("crossref", 8, asked=2, found=1, failed=1, error="one answer was cut off")
    run("crossref", 7, asked=1, failed=1, error="not reachable")
    run("crossref", 6)  # nothing was due
    run("crossref", 5, error="not reachable")
    run("pubmed", 9, error="not reachable")
    run("pubmed", 1, asked=3)
    told = client.get("/readyz").json()["registries"]
    assert {name: told[name]["nothing_checked_since"] for name in names} == {
        "crossref": "2026-04-24T12:00:00Z",
        "pubmed": None,
        "openalex": None,
    }
