"""python manage.py discover_studies [--all]: put the saved searches that are due, here and now."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from studies.services.discovery import discover


class Command(BaseCommand):
    help = "Search PubMed and ClinicalTrials.gov for new studies, with the saved searches that are due."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="put every active search, due or not")

    def handle(self, *args: Any, all: bool, **options: Any) -> None:  # noqa: ARG002
        results = discover(now=timezone.now(), even_if_not_due=all)
        if not results:
            self.stdout.write("no search is due; the admin lists them under Saved searches")
        for result in results:
            if not result.error:
                self.stdout.write(f"{result.search}: {result.n_found} found, {result.n_new} new")
        failed = [f"{result.search}: {result.error}" for result in results if result.error]
        if failed:
            raise CommandError("\n".join(failed))
