"""python manage.py import_citations FILE [--save]: what is in a file of citations; with --save as drafts."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from studies.domain.citation_files.reading import READERS
from studies.domain.citation_files.text import CHOICES
from studies.models import CitationImport, ImportRow
from studies.services.editing import EditError
from studies.services.imports import read_import, save_import, store_import

STEPS = 20


class Command(BaseCommand):
    help = (
        "Read a file of citations and say of each entry whether it is new; nothing is saved without --save."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="the file, or - for a list of identifiers on standard input")
        parser.add_argument("--save", action="store_true", help="save the new entries as drafts of the inbox")
        parser.add_argument("--kind", choices=list(READERS), default="", help="found out unless given")
        parser.add_argument("--encoding", choices=list(CHOICES), default="", help="found out unless given")

    def handle(self, *args: Any, file: str, save: bool, kind: str, encoding: str, **options: Any) -> None:  # noqa: ARG002
        now = timezone.now()
        try:
            content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
            upload = store_import(
                name=Path(file).name, content=content, now=now, kind=kind, encoding=encoding
            )
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
        except EditError as error:
            raise CommandError(f"{file}: {error}") from None
        upload = read_import(pk=upload.pk, now=now, on_progress=self._progress("read"))
        if upload.state == CitationImport.State.REFUSED:
            raise CommandError(f"{file}: {upload.error}. Nothing was saved.")
        self._tell(upload)
        if save:
            n = save_import(pk=upload.pk, now=timezone.now(), on_progress=self._progress("saved"))
            self.stdout.write(f"{n} saved as drafts; what differs from a study is proposed to the editors")
        else:
            self.stdout.write("nothing saved; the admin shows it under Imports of citations, or use --save")

    def _tell(self, upload: CitationImport) -> None:
        for row in upload.rows.exclude(state=ImportRow.State.NEW):
            self.stdout.write(f"entry {row.number}, line {row.line}: {row.state}, {row.reason}")
            for field, here, there in row.differences_in_words():
                self.stdout.write(f"    {field}: here {here or 'nothing'}, in the file {there}")
        for note in upload.notes:
            self.stdout.write(note)
        guess = ", a guess" if upload.is_encoding_guessed else ""
        self.stdout.write(
            f"{READERS[upload.kind][0]} in {upload.encoding}{guess}: {upload.n_new} new, "
            f"{upload.n_same} same, {upload.n_differs} differ, {upload.n_unreadable} unreadable"
        )

    def _progress(self, word: str) -> Any:
        """A bar on a terminal, nothing in a log."""

        def tell(done: int, total: int) -> None:
            if self.stderr.isatty():
                bar = "#" * (STEPS * done // max(total, 1))
                self.stderr.write(
                    f"\r[{bar:<{STEPS}}] {done} of {total} {word}", ending="\n" if done == total else ""
                )

        return tell
