"""A database of before, which knows the migrations that are one set of tables now, goes on as it is."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

pytestmark = pytest.mark.django_db


def plan() -> list[str]:
    """What a migration of everything would apply."""
    executor = MigrationExecutor(connection)
    steps = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in steps]


def make_old() -> list[tuple[str, str]]:
    """Have the database know the old migrations instead of the new; return the old ones."""
    recorder, old = MigrationRecorder(connection), []
    for (room, name), migration in MigrationExecutor(connection).loader.disk_migrations.items():
        if migration.replaces:
            recorder.record_unapplied(room, name)
            old += migration.replaces
    for room, name in old:
        recorder.record_applied(room, name)
    return old


def test_a_database_with_all_the_old_ones_needs_none_of_the_new():
    old = make_old()
    assert len(old) == len(set(old)) == 70
    assert plan() == []


def test_a_database_with_some_of_the_old_ones_is_not_taken_for_whole():
    room, name = make_old()[-1]
    MigrationRecorder(connection).record_unapplied(room, name)
    with pytest.raises(CommandError, match=rf"missing: {room}\.{name}\. Run `manage.py migrate` with"):
        call_command("migrate", verbosity=0)
