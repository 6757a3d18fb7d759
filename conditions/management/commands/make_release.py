"""python manage.py make_release [--directory DIR]: what is published now, as a dated release."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from conditions.services.releases import ReleaseUnderWayError, make_release


class Command(BaseCommand):
    help = "Write a release that never changes; /releases/ serves it. Nothing is written if nothing changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--directory", type=Path, help="write its files here too, in a folder of its name"
        )

    def handle(self, *args: Any, directory: Path | None, **options: Any) -> None:  # noqa: ARG002
        try:
            release, is_new = make_release(now=timezone.now())
        except ReleaseUnderWayError as error:
            raise CommandError(str(error)) from None
        for line in release.changes if is_new else []:
            self.stdout.write(line)
        if is_new:
            self.stdout.write(f"release {release} made, {release.files.count()} files")
        else:
            self.stdout.write(f"nothing has changed since release {release}")
        if directory:
            for file in release.files.all():
                path = directory / release.name / file.name
                try:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(bytes(file.content))
                except OSError as error:
                    raise CommandError(f"{path} cannot be written: {error.strerror}.") from None
            self.stdout.write(f"written to {directory / release.name}")
