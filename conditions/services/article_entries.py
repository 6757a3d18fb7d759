"""Articles between rows and the corpus."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from conditions.domain.article import ArticleRecord
from conditions.models import Article, Condition
from conditions.services.articles import save_article


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


@transaction.atomic
def write_article_row(
    *, record: ArticleRecord, row: Article | None, loaded_record: dict[str, Any] | None, now: datetime
) -> Article:
    """Save an article, new or over an existing row, and return the row; its findings tell why it is a draft.

    One that an editor has set to draft, though nothing was found, stays one.
    """
    publish = row is None or row.status == Article.Status.PUBLISHED or bool(row.findings)
    row = row or Article(slug=record.slug)
    row.title, row.summary = record.title, record.summary
    row.body, row.front_matter = record.body, record.front_matter
    row.condition = Condition.objects.get(slug=record.condition) if record.condition else None
    row.loaded_record = loaded_record
    save_article(article=row, publish=publish, now=now, note="Loaded from the corpus.")
    return row
