"""Days that pass for what is kept, and what the API says on each of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.test import Client

from history.models import KEPT
from tests.api_calls import get

RESOURCES = (
    *("studies", "conditions", "outcomes", "doses", "side-effects", "claims", "pools", "certainties"),
    *("trials", "notices", "registry-checks", "changes", "safety"),
)


def day_before(n: int) -> str:
    """The UTC day that was so many days ago."""
    return (datetime.now(UTC) - timedelta(days=n)).date().isoformat()


def let_days_pass(n: int = 1) -> None:
    """Date everything that is kept, and the beginning of history, so many days further back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT history_began()")
        began = cursor.fetchone()[0] - timedelta(days=n)
        # Only so can what is kept be changed: its own rule refuses it to everybody.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for row in KEPT.values():
            cursor.execute(
                f"UPDATE {row._meta.db_table} SET pgh_created_at = pgh_created_at - %s",  # noqa: S608
                [timedelta(days=n)],
            )
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
        cursor.execute(
            "CREATE OR REPLACE FUNCTION history_began() RETURNS timestamptz LANGUAGE sql IMMUTABLE AS "
            f"$$ SELECT '{began.isoformat()}'::timestamptz $$"
        )


def read_everything(client: Client, day: str | None = None) -> dict[str, Any]:
    """Every entry of every list, with all its parts, as it stands or as of a day; by list and address."""
    said = {}
    for name in RESOURCES:
        parts = "&provenance=full" if name == "studies" else ""
        asked = f"&as_of={day}" if day else ""
        said[name] = get(client, f"{name}/?page_size=100{parts}{asked}")["results"]
        for entry in said[name]:
            path = entry["url"].partition("/api/v1/")[2] if "url" in entry else f"{name}/{entry['id']}/"
            said[path] = get(client, f"{path}?{parts.lstrip('&')}{asked}")
            if day:
                assert said[path].pop("as_of")["day"] == day
    return said
