"""python manage.py check_verdicts [--mend]: proves that every stored verdict is what the records say now."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from conditions.models import ComputedVerdict
from conditions.services.verdicts import find_stale, recompute_verdicts


class Command(BaseCommand):
    help = "Compute every verdict anew and compare it with the stored one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--mend", action="store_true", help="store those that differ, as after new rules")

    def handle(self, *args: Any, mend: bool, **options: Any) -> None:  # noqa: ARG002
        if mend:
            changed = recompute_verdicts(now=timezone.now())
            self.stdout.write(f"{len(changed)} verdict(s) stored anew")
        stale = find_stale()
        if stale:
            raise CommandError(f"{len(stale)} stored verdict(s) differ from the records: {', '.join(stale)}")
        self.stdout.write(f"{ComputedVerdict.objects.count()} stored verdicts equal a fresh computation")
