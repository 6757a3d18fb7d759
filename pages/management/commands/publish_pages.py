"""Publish every page that is not fresh, now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from pages.services.publishing import publish_stale


class Command(BaseCommand):
    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        run = publish_stale(now=timezone.now())
        if run is None:
            self.stdout.write("Every page is fresh, or another run is under way.")
            return
        self.stdout.write(f"{run.n_published} of {run.n_stale} pages published.")
        if run.n_failed:
            raise CommandError(f"{run.n_failed} failed; the last: {run.error}")
