"""What runs in the background: a few lines each over the services."""

from __future__ import annotations

from celery import shared_task
from django.core.cache import cache
from django.db import OperationalError
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisConnectionError

from studies.services.discovery import discover
from studies.services.pruning import prune_bodies
from studies.services.refresh import refresh
from studies.services.registries import paper_registries
from studies.services.trial_refresh import refresh_trials

HEARTBEAT_KEY = "ldn-kb:heartbeat"
# The house's own services may be away for a moment; what a registry does wrong is written down, not retried.
RETRIED = {
    "autoretry_for": (OperationalError, RedisConnectionError),
    "retry_backoff": True,
    "max_retries": 5,
    "acks_late": True,
}


@shared_task
def record_heartbeat() -> None:
    """Shows that timetable, broker and worker are alive."""
    cache.set(HEARTBEAT_KEY, timezone.now().isoformat(), timeout=None)


@shared_task(**RETRIED)
def refresh_due_citations() -> None:
    """Give each registry its own task, so that one that is down holds up no other."""
    for registry in paper_registries():
        refresh_registry.delay(registry)


@shared_task(**RETRIED)
def refresh_registry(registry: str) -> None:
    """Ask one registry about every paper that is due."""
    refresh(registry=registry, now=timezone.now())


@shared_task(**RETRIED)
def refresh_studies(keys: list[str], registries: list[str] | None = None) -> None:
    """Ask about these studies now, due or not."""
    for registry in registries or paper_registries():
        refresh(registry=registry, now=timezone.now(), keys=keys)


@shared_task
def refresh_due_trials() -> None:
    """Ask ClinicalTrials.gov about every registered trial whose week is over."""
    refresh_trials(now=timezone.now())


@shared_task
def discover_studies() -> None:
    """Put the saved searches whose week is over to PubMed and ClinicalTrials.gov."""
    discover(now=timezone.now())


@shared_task(**RETRIED)
def prune_registry_bodies() -> None:
    """Empty what registries sent long ago; hash and dates stay."""
    prune_bodies(now=timezone.now())
