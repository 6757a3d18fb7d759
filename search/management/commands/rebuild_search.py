"""python manage.py rebuild_search: every entry of search anew, while readers go on searching."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from search.services.indexing import rebuild_search
from search.services.sending import rebuild_opensearch


class Command(BaseCommand):
    help = (
        "Make every entry and word of search anew, each in place. Needed after new code; safe to run twice."
    )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        self.stdout.write(f"{rebuild_search()} entries made anew")
        if settings.OPENSEARCH_URL:
            self.stdout.write(
                f"{rebuild_opensearch(now=timezone.now())} entries sent to a new index of OpenSearch"
            )
