"""What runs in the background: a few lines over the services."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from search.services.indexing import update_search
from search.services.sending import send_unsent


@shared_task
def update_search_entries() -> None:
    """For what was written past the services."""
    update_search(now=timezone.now())


@shared_task
def send_to_opensearch() -> None:
    """Bring OpenSearch up to what PostgreSQL holds; what it does not take waits for the next time."""
    send_unsent()
