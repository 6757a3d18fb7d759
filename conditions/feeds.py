"""Atom feeds: what changed, and notices alone; of everything or of one condition (RFC 4287)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.http import http_date
from django.views.decorators.http import conditional_page

from conditions.models import AnswerChange, Condition
from conditions.services.changes import describe_statuses
from studies.models import Notice

MOST = 50
# The date of a feed in which nothing has happened yet.
BEGAN = datetime(2026, 11, 25, tzinfo=UTC)


@dataclass(frozen=True)
class Entry:
    """One entry; `mark` is unique in the site and stays the same for good."""

    mark: str
    at: datetime
    title: str
    path: str
    text: str


class _Feed(Atom1Feed):
    """Django's, whose date without any entry would be that of the asking."""

    def latest_post_date(self) -> datetime:
        return super().latest_post_date() if self.items else BEGAN


@conditional_page
def changes(request: HttpRequest) -> HttpResponse:
    """Every change of an answer, latest first."""
    return _answer(
        request, "Changes of the answers", reverse("changes"), _of_changes(AnswerChange.objects.all())
    )


@conditional_page
def notices(request: HttpRequest) -> HttpResponse:
    """Retractions, concerns, corrections and reinstatements that registries report."""
    return _answer(request, "Notices on papers", reverse("changes"), _of_notices(Notice.objects.all()))


@conditional_page
def condition(request: HttpRequest, slug: str) -> HttpResponse:
    """Both, as far as they touch one condition."""
    row = get_object_or_404(Condition, slug=slug)
    page = row.get_absolute_url()
    touching = AnswerChange.objects.filter(
        Q(pages__contains=[page]) | Q(statuses__study__study_conditions__condition=row)
    )
    of_studies = Notice.objects.filter(study__study_conditions__condition=row)
    entries = [*_of_changes(touching.distinct()), *_of_notices(of_studies)]
    return _answer(request, f"{row.name}: changes and notices", page, entries)


def _of_changes(rows: QuerySet[AnswerChange]) -> Iterable[Entry]:
    for row in rows.prefetch_related("statuses__study")[:MOST]:
        statuses = list(row.statuses.all())
        title = describe_statuses(statuses) if statuses else "Records were changed"
        yield Entry(f"change-{row.pk}", row.at, title, f"{reverse('changes')}#change-{row.pk}", row.summary)


def _of_notices(rows: QuerySet[Notice]) -> Iterable[Entry]:
    standing = rows.filter(dismissed_by=None, study__status="published").select_related("study")
    for row in standing.order_by("-first_seen_at", "-pk")[:MOST]:
        day = row.dated_on.isoformat() if row.dated_on else row.date_text or "no day is named"
        text = f"{row.study.title}. {row.get_registry_display()} reports “{row.raw_kind}” ({day})."
        title = f"{row.get_kind_display()}: {row.study.key}"
        yield Entry(f"notice-{row.pk}", row.first_seen_at, title, row.study.get_absolute_url(), text)


def _answer(request: HttpRequest, title: str, page: str, entries: Iterable[Entry]) -> HttpResponse:
    home = settings.PUBLIC_URL
    host = urlsplit(home).hostname
    feed = _Feed(
        title=f"LDN knowledge base: {title}",
        link=f"{home}{page}",
        description="What changed in an evidence base on low-dose naltrexone. Not medical advice.",
        language="en-GB",
        author_name="LDN knowledge base",
        feed_url=f"{home}{request.path}",
        feed_guid=f"tag:{host},2026:{request.path}",
    )
    for entry in sorted(entries, key=lambda e: (e.at, e.mark), reverse=True)[:MOST]:
        item: dict[str, Any] = {"unique_id": f"tag:{host},2026:{entry.mark}", "updateddate": entry.at}
        feed.add_item(entry.title, f"{home}{entry.path}", entry.text, pubdate=entry.at, **item)
    answer = HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")
    answer["Last-Modified"] = http_date(feed.latest_post_date().timestamp())
    return answer
