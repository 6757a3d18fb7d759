"""Whether the site is alive (/healthz), and whether everything it leans on is there (/readyz)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from studies.services.outages import nothing_checked_since
from studies.services.refresh import describe_registries
from studies.services.runs import last_looks
from studies.tasks import HEARTBEAT_KEY

logger = logging.getLogger(__name__)

LATE_AFTER = timedelta(minutes=3)


@never_cache
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The process answers; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """503 when the database, its migrations or Redis are missing; the rest is told, and degrades only."""
    parts = {
        "database": _try(_check_database),
        "migrations": _try(_check_migrations),
        "redis": _try(_check_redis),
        "beat": _try(_check_beat),
        "registries": _try(_check_registries),
    }
    if settings.OPENSEARCH_URL:
        parts["opensearch"] = _try(_check_opensearch)
    needed = ("database", "migrations", "redis")
    is_ready = all(parts[name] == "ok" for name in needed)
    is_whole = (
        is_ready
        and parts["beat"] == parts.get("opensearch", "ok") == "ok"
        and not _failing(parts["registries"])
    )
    status = "ready" if is_whole else "degraded" if is_ready else "not ready"
    return JsonResponse({"status": status, **parts}, status=200 if is_ready else 503)


def _try(check: Callable[[], Any]) -> Any:
    try:
        return check()
    except Exception as error:  # whatever it is, the page must say so
        logger.warning("readyz: %s: %s", getattr(check, "__name__", check), error)
        return f"failed: {type(error).__name__}"


def _check_database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _check_migrations() -> str:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return "ok" if not missing else f"{len(missing)} not applied: run manage.py migrate"


def _check_redis() -> str:
    cache.set("ldn-kb:readyz", "1", 5)
    return "ok"


def _check_opensearch() -> str:
    from search.services.opensearch import check  # loads a client that others have no use for

    return check()


def _check_beat() -> str:
    last = cache.get(HEARTBEAT_KEY)
    if last is None:
        return "no heartbeat yet"
    age = timezone.now() - datetime.fromisoformat(last)
    return "ok" if age < LATE_AFTER else f"late: last heartbeat {last}"


def _check_registries() -> dict[str, dict[str, Any]]:
    """How each registry stands, with since when nothing could be checked there; null where it answers.

    `looked_at` is when it was last looked whether anything is due: a look that finds nothing is no run.
    """
    since, looks = nothing_checked_since(), last_looks()
    return {
        name: {**entry, "nothing_checked_since": since.get(name), "looked_at": looks.get(name)}
        for name, entry in describe_registries().items()
    }


def _failing(registries: Any) -> bool:
    return isinstance(registries, str) or any(entry["state"] == "failing" for entry in registries.values())
