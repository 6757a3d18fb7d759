"""python manage.py lint_articles [DIR]: whether the articles may be published, line by line."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import localdate

from conditions.domain.article import ArticleRecord, line_of_body, read_article
from conditions.domain.article_lint import Finding
from conditions.models import Article
from conditions.services.article_entries import read_article_row
from conditions.services.articles import lint_records


class Command(BaseCommand):
    help = (
        "Check the articles of a corpus directory against the records in the database. "
        "Ends with 1 if anything is found; each finding names file, line and mend. "
        "Tells the reading grade of each (Flesch-Kincaid, about the years of school it asks)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directory", nargs="?", type=Path, default=settings.EVIDENCE_DIR)
        parser.add_argument(
            "--stored", action="store_true", help="Check the articles in the database instead of files."
        )

    def handle(self, *args: Any, directory: Path, stored: bool, **options: Any) -> None:  # noqa: ARG002
        lines: list[str] = []
        if stored:
            records = [read_article_row(row) for row in Article.objects.select_related("condition")]
        else:
            records = _read_files(directory, lines)
        checked = lint_records(records, today=localdate())
        for record, (findings, _) in zip(records, checked, strict=True):
            lines += [_line(record, finding) for finding in findings]
        for line in lines:
            self.stdout.write(line)
        for record, (_, grades) in zip(records, checked, strict=True):
            self.stdout.write(
                f"articles/{record.slug}.md reads at grade {grades.patients} for patients, "
                f"{grades.clinicians} for clinicians"
            )
        if lines:
            raise CommandError(f"{len(lines)} finding(s) in {len(records)} article(s), listed above.")
        self.stdout.write(f"{len(records)} article(s), nothing found")


def _read_files(directory: Path, complaints: list[str]) -> list[ArticleRecord]:
    """The articles of a corpus directory; what is no article is added to the complaints.

    Raises:
        CommandError: there is none, as where its folder of articles was named instead of the directory.
    """
    records = []
    paths = sorted(directory.glob("articles/*.md"))
    if not paths:
        raise CommandError(f"{directory} holds no articles/*.md: name the corpus directory, like evidence.")
    for path in paths:
        record, found = read_article(path.read_bytes(), f"articles/{path.name}")
        records += [record] if record else []
        complaints += map(str, found)
    return records


def _line(record: ArticleRecord, finding: Finding) -> str:
    line = finding.line + line_of_body(record)
    return f"articles/{record.slug}.md:{line}: {finding.problem}. {finding.mend}"
