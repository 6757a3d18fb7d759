"""Asking the API as a program does."""

from __future__ import annotations

from functools import cache
from io import StringIO
from typing import Any

import yaml
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

# How many queries each list costs, whatever the number of its rows.
LISTS = {
    "studies": 3,
    "conditions": 5,
    "outcomes": 5,
    "doses": 3,
    "side-effects": 2,
    "claims": 5,
    "trials": 3,
    "notices": 2,
    "safety": 5,
}


def get(client: Client, path: str, status: int = 200) -> Any:
    """The answer under /api/v1/, which has this status and is JSON."""
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == status, answer.content[:300]
    return answer.json()


def cost(client: Client, path: str) -> int:
    """How many queries an answer costs."""
    with CaptureQueriesContext(connection) as captured:
        get(client, path)
    return len(captured)


@cache
def schema() -> dict[str, Any]:
    """The API's schema; fails on the first warning."""
    output = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=output)
    return yaml.safe_load(output.getvalue())
