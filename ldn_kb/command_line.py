"""Django's commands, with a sentence instead of a traceback where the database is what is missing."""

from __future__ import annotations

from django.core.management import execute_from_command_line
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor


def execute(argv: list[str]) -> None:
    """Run a command; end with the mend when the database cannot be reached or is not up to date."""
    try:
        execute_from_command_line(argv)
    except DatabaseError:
        mend = _mend(is_migrating="migrate" in argv[1:2])
        if mend is None:
            raise
        raise SystemExit(mend) from None


def _mend(*, is_migrating: bool) -> str | None:
    """What is wrong with the database as a whole, and how it is put right; None when that is well.

    A migration that fails tells by itself what is wrong with it.
    """
    # A session of its own: the command's may be in the middle of a transaction that has failed.
    fresh = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        executor = MigrationExecutor(fresh)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        reason = str(error).strip().splitlines()[0]
        return f"The database of DATABASE_URL cannot be used: {reason}"
    finally:
        fresh.close()
    if not missing or is_migrating:
        return None
    return f"{len(missing)} migrations are not applied to this database: run `manage.py migrate` first."
