"""python manage.py check_search: proves that what can be found is what the records say."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from search.models import SearchEntry, UnsentEntry
from search.services.indexing import find_stale_entries


class Command(BaseCommand):
    help = "Compute every entry of search anew and compare it, column by column, with the stored one."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        stale = find_stale_entries()
        if stale:
            raise CommandError(f"{len(stale)} entries differ; run rebuild_search: {', '.join(stale[:20])}")
        self.stdout.write(f"{SearchEntry.objects.count()} stored entries equal a fresh computation")
        waiting = UnsentEntry.objects.count()
        if waiting:
            self.stdout.write(f"{waiting} changes wait for OpenSearch to acknowledge them")
