"""python manage.py check_pools [--mend]: proves that stored pools and certainties are what records say."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from conditions.models import Certainty, Pool
from conditions.services.answers import refresh_answers
from conditions.services.certainty import find_stale_certainties
from conditions.services.pools import compute_pools, find_stale_pools


class Command(BaseCommand):
    help = "Compute every pool and certainty anew and compare it, number by number, with the stored one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--mend", action="store_true", help="store those that differ, as after new rules")

    def handle(self, *args: Any, mend: bool, **options: Any) -> None:  # noqa: ARG002
        now = timezone.now()
        if mend:
            refresh_answers(now=now)
        fresh = compute_pools()
        stale = [*find_stale_pools(fresh), *find_stale_certainties(pools=fresh, now=now)]
        if stale:
            raise CommandError(f"{len(stale)} stored answer(s) differ from the records: {', '.join(stale)}")
        self.stdout.write(
            f"{Pool.objects.count()} stored pools and {Certainty.objects.count()} certainties equal a fresh "
            "computation"
        )
