"""python manage.py migrate, as Django's, and the views of the past anew where the tables have changed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from history.services.views import drop_views, make_views


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        is_ours = options["database"] == DEFAULT_DB_ALIAS and not (
            options["plan"] or options["check_unapplied"]
        )
        if is_ours and (missing := _missing_of_before()):
            raise CommandError(
                f"This database has only some of the migrations of before; missing: {', '.join(missing)}. "
                "Run `manage.py migrate` with the code that still has them, then again with this one."
            )
        if is_ours and (options["app_label"] or _is_behind()):
            drop_views()
        super().handle(*args, **options)
        if is_ours and not _is_behind():
            make_views()


def _is_behind() -> bool:
    """Whether a migration is not applied."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _missing_of_before() -> list[str]:
    """Those that are not applied of migrations that were replaced by one, where others of them are.

    Django takes such a database for up to date.
    """
    applied = MigrationRecorder(connection).applied_migrations()
    missing: list[str] = []
    for migration in MigrationExecutor(connection).loader.disk_migrations.values():
        rest = [f"{room}.{name}" for room, name in migration.replaces if (room, name) not in applied]
        if len(rest) < len(migration.replaces):
            missing += rest
    return missing
