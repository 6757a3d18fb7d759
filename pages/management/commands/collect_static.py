"""Put static files in place under names by their content, and packed; earlier ones stay for a while."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from pages.services.static_files import collect_static


class Command(BaseCommand):
    help = __doc__ or ""
    # What it makes is needed by pages alone, whatever else may be wrong.
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        done = collect_static(root=Path(settings.STATIC_ROOT), now=timezone.now())
        self.stdout.write(
            f"{done.n_files} files, {done.n_new} of them new; {done.n_removed} old ones removed."
        )
