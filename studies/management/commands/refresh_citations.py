"""python manage.py refresh_citations [--study KEY] [--registry NAME] [--wait]: ask the registries now."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from kombu.exceptions import OperationalError

from studies import tasks
from studies.models import Study
from studies.services.refresh import refresh
from studies.services.registries import paper_registries


class Command(BaseCommand):
    help = "Ask the registries about the papers that are due, or about one study."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--study", metavar="KEY", help="ask about this study, due or not")
        parser.add_argument("--registry", choices=paper_registries(), help="ask this registry only")
        parser.add_argument("--wait", action="store_true", help="ask here and now, and print what came of it")

    def handle(self, *args: Any, study: str | None, registry: str | None, wait: bool, **options: Any) -> None:  # noqa: ARG002
        if study and not Study.objects.filter(key=study).exists():
            raise CommandError(f"There is no study {study}. `manage.py shell` or /studies/ lists the keys.")
        registries = [registry] if registry else paper_registries()
        if wait:
            for name in registries:
                self._refresh(name, [study] if study else None)
            return
        try:
            for name in registries:
                if study:
                    tasks.refresh_studies.delay([study], [name])
                else:
                    tasks.refresh_registry.delay(name)
        except OperationalError:
            raise CommandError(
                "Redis cannot be reached, so nothing was queued. Start the site, or use --wait."
            ) from None
        self.stdout.write(f"queued for {', '.join(registries)}; the admin shows the runs")

    def _refresh(self, registry: str, keys: list[str] | None) -> None:
        run = refresh(registry=registry, now=timezone.now(), keys=keys)
        self.stdout.write(
            f"{registry}: {run.due} due, {run.asked} asked, {run.found} found, {run.unknown} unknown there, "
            f"{run.conflicts} conflicts, {run.failed} failed; "
            f"{run.filled} fields filled, {run.proposed} proposed"
        )
        if run.error:
            self.stderr.write(f"{registry}: {run.error}")
