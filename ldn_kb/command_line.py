"""Django's commands, with a sentence instead of a traceback where the database is what is missing."""

from __future__ import annotations

from django.core.management import execute_from_command_line
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor


def execute(argv: list[str]) -> None:
    """Run a command; end with the mend when the database cannot be reached or is not up to date."""
    try:
        execute_from_command_line(argv)
    except DatabaseError:
        mend = _mend()
        if mend is None:
            raise
        raise SystemExit(mend) from None


def _mend() -> str | None:
    """What is wrong with the database as a whole, and how it is put right; None when that is well."""
    try:
        connection.close()
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        reason = str(error).strip().splitlines()[0]
        return f"The database of DATABASE_URL cannot be used: {reason}"
    if not missing:
        return None
    return f"{len(missing)} migrations are not applied to this database: run `manage.py migrate` first."
