"""python manage.py dump_evidence DIR: the database as corpus files."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from conditions.services.corpus import dump_files


class Command(BaseCommand):
    help = "Write the corpus as files that load_evidence reads back to the same facts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directory", type=Path)

    def handle(self, *args: Any, directory: Path, **options: Any) -> None:  # noqa: ARG002
        files = dump_files()
        try:
            for name, raw in files.items():
                (directory / name).parent.mkdir(parents=True, exist_ok=True)
                (directory / name).write_bytes(raw)
        except OSError as error:
            raise CommandError(
                f"Cannot write to {directory}: {error.strerror}. Choose another directory."
            ) from None
        self.stdout.write(f"{len(files)} files written to {directory}")
