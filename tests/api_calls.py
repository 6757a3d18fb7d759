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

# How many queries each list costs, whatever the number of its rows; two of them ask for the state.
LISTS = {
    "studies": 5,
    "conditions": 7,
    "outcomes": 7,
    "doses": 5,
    "side-effects": 4,
    "claims": 7,
    "trials": 5,
    "notices": 4,
    "registry-checks": 4,
    "safety": 7,
    "pools": 6,
    "certainties": 4,
    "changes": 6,
}


def get(client: Client, path: str, status: int = 200) -> Any:
    """The answer under /api/v1/, which has this status and is JSON."""
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == status, answer.content[:300]
    return answer.json()


def refused(answer: Any) -> dict[str, str]:
    """What was said of each field that was refused."""
    assert answer["type"] == "about:blank"
    return {error["field"]: error["detail"] for error in answer["errors"]}


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
