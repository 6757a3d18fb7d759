"""How the registries are opened: where the settings say, and as whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from redis import Redis, RedisError

from studies.models import RegistryEdition
from studies.sources.answer import Edition
from studies.sources.bucket import BucketLevel
from studies.sources.registries import REGISTRIES
from studies.sources.registry import RegistryClient


def all_registries() -> list[str]:
    """The names of the registries whose address is set; one without is never asked."""
    return [row.name for row in REGISTRIES.values() if getattr(settings, row.address)]


def paper_registries() -> list[str]:
    """The names of those that are asked about papers."""
    return [name for name in all_registries() if not REGISTRIES[name].is_for_trials]


@transaction.atomic
def last_edition(*, registry: str) -> Edition | None:
    """The last state of a registry's data that was accepted."""
    row = RegistryEdition.objects.filter(registry=registry).first()
    return Edition(row.version, row.rows) if row else None


@transaction.atomic
def accept_edition(*, registry: str, edition: Edition, now: datetime) -> None:
    """Keep the state of a registry's data whose answers have been written down."""
    values = {"version": edition.version[:64], "rows": edition.rows, "accepted_at": now}
    RegistryEdition.objects.update_or_create(registry=registry, defaults=values)


def open_client(registry: str, **options: Any) -> RegistryClient[Any, Any]:
    """A client of a registry, at the address and with the key that the settings name; close it in the end.

    `options` are those of studies.sources.registry.ClientOptions that differ from the settings.
    """
    row = REGISTRIES[registry]
    return row.open(getattr(settings, row.address), **{**client_options(registry), **options})


def read_levels() -> dict[str, Mapping[str, BucketLevel]]:
    """How the pools of each registry stand, by registry and pool; empty while Redis cannot be reached.

    Nothing is asked and nothing taken: it is for a page that shows how a run gets on.
    """
    try:
        return {name: _levels_of(name) for name in all_registries()}
    except RedisError:
        return {}


def _levels_of(registry: str) -> Mapping[str, BucketLevel]:
    client = open_client(registry)
    try:
        return client.levels()
    finally:
        client.close()


def client_options(registry: str) -> dict[str, Any]:
    """Return what a client of a registry is made with, from the settings."""
    row = REGISTRIES[registry]
    return {
        "redis": Redis.from_url(settings.REDIS_URL),
        "contact_email": settings.CONTACT_EMAIL,
        "version": settings.VERSION,
        "public_url": settings.PUBLIC_URL,
        "api_key": getattr(settings, row.api_key) if row.api_key else "",
        "speed": settings.REGISTRY_SPEED,
    }
