"""What runs in the background: a few lines over the services."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from pages.services.publishing import publish_stale


@shared_task
def publish_stale_pages() -> None:
    """Publish every page that is not fresh: after a change, and when the day turns."""
    publish_stale(now=timezone.now())
