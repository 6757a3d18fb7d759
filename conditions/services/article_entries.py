"""Articles between rows and the corpus."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from conditions.domain.article import ArticleRecord
from conditions.models import Article, Condition
from conditions.services.articles import save_articles


def read_article_row(row: Article) -> ArticleRecord:
    """Return the article as the corpus holds it."""
    return ArticleRecord(
        slug=row.slug,
        title=row.title,
        condition=row.condition.slug if row.condition else None,
        summary=row.summary,
        body=row.body,
        front_matter=row.front_matter,
    )


def fill_article_row(
    *, record: ArticleRecord, row: Article | None, loaded_record: dict[str, Any] | None
) -> Article:
    """Return an article, new or an existing row, with the text of the record, not saved yet."""
    row = row or Article(slug=record.slug)
    row.title, row.summary = record.title, record.summary
    row.body, row.front_matter = record.body, record.front_matter
    row.condition = Condition.objects.get(slug=record.condition) if record.condition else None
    row.loaded_record = loaded_record
    return row


@transaction.atomic
def save_loaded_articles(*, rows: Sequence[Article], now: datetime) -> None:
    """Save articles that were filled from the corpus; their findings tell why one is a draft.

    One that an editor has set to draft, though nothing was found, stays one.
    """
    wanted = [
        (row, row.pk is None or row.status == Article.Status.PUBLISHED or bool(row.findings)) for row in rows
    ]
    save_articles(wanted=wanted, now=now, note="Loaded from the corpus.")
