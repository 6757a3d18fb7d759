"""What runs in the background: a few lines over the services."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from conditions.services.answers import refresh_answers


@shared_task
def refresh_all_answers() -> None:
    """For what changes without an editor: trials become overdue, registries answer."""
    refresh_answers(now=timezone.now())
