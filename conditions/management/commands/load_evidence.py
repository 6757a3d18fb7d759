"""python manage.py load_evidence [DIR]: the corpus files into the database."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from conditions.services.corpus import CorpusRefusedError, load_corpus, read_directory


class Command(BaseCommand):
    help = "Check every corpus file, then save them all in one transaction. Safe to run twice."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directory", nargs="?", type=Path, default=settings.EVIDENCE_DIR)

    def handle(self, *args: Any, directory: Path, **options: Any) -> None:  # noqa: ARG002
        try:
            report = load_corpus(files=read_directory(directory))
        except CorpusRefusedError as error:
            for complaint in error.complaints:
                self.stderr.write(str(complaint))
            raise CommandError(
                f"Nothing was saved: {len(error.complaints)} complaint(s), listed above."
            ) from None
        for label in report.changed:
            self.stdout.write(f"changed {label}")
        for label in report.drafts:
            self.stdout.write(f"kept as a draft: {label}")
        for label in report.kept:
            self.stdout.write(f"kept an editor's change to {label}")
        self.stdout.write(
            f"{len(report.added)} added, {len(report.changed)} changed, "
            f"{len(report.same)} same, {len(report.kept)} kept"
        )
