"""Pages as they stood on a day, and what tells programs which pages there are."""

from __future__ import annotations

from datetime import date
from typing import Any

import brotli
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from conditions.models import Condition
from pages.services.copies import find_copy, has_changed_since
from pages.services.sitemap import count_parts, find_entries
from studies.models import Notice

# Where the sheet begins: what has to be said of its age stands before it.
BEGINNING = b'<div class="sheet">'


def sheet_of_day(request: HttpRequest, slug: str, day: str) -> HttpResponse:
    """The sheet of a condition as it stood on a day; at its head, what has been taken back since."""
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        raise Http404(f"{day} is no day: write it as 2026-11-25.") from None
    path = reverse("sheet", args=[slug])
    copy = find_copy(path=path, day=wanted)
    if copy is None or wanted > timezone.now().date():
        raise Http404(f"What the sheet said on {day} is not known. Today's is at {path}")
    since = Notice.objects.filter(
        study__study_conditions__condition__slug=slug, dismissed_by=None, first_seen_at__gt=copy.at
    )
    context = {
        "day": wanted,
        "today": path,
        "has_changed": has_changed_since(copy),
        "notices": since.select_related("study").order_by("first_seen_at"),
    }
    note = render_to_string("pages/_dated.html", context, request).encode()
    body = brotli.decompress(bytes(copy.body)).replace(BEGINNING, note + BEGINNING, 1)
    return HttpResponse(body, headers={"X-Robots-Tag": "noindex"})


def sitemap(request: HttpRequest) -> HttpResponse:
    """All pages, or the files that hold them where one cannot."""
    n_parts = count_parts()
    if n_parts == 1:
        return sitemap_part(request, 1)
    parts = [reverse("sitemap-part", args=[part]) for part in range(1, n_parts + 1)]
    return _program_file(request, "pages/sitemap_index.xml", "application/xml", {"parts": parts})


def sitemap_part(request: HttpRequest, part: int) -> HttpResponse:
    entries = list(find_entries(part=part)) if part else []
    if not entries:
        raise Http404(f"There is no part {part} of the sitemap.")
    return _program_file(request, "pages/sitemap.xml", "application/xml", {"entries": entries})


def robots(request: HttpRequest) -> HttpResponse:
    return _program_file(request, "pages/robots.txt", "text/plain", {})


def llms(request: HttpRequest) -> HttpResponse:
    """What the site holds and how far it may be relied on, for language models (https://llmstxt.org)."""
    groups = {
        "conditions": Condition.objects.conditions_only(),
        "topics": Condition.objects.topics_only(),
    }
    return _program_file(request, "pages/llms.txt", "text/markdown", groups)


def _program_file(request: HttpRequest, template: str, kind: str, context: dict[str, Any]) -> HttpResponse:
    whole = {**context, "home": settings.PUBLIC_URL}
    return render(request, template, whole, content_type=f"{kind}; charset=utf-8")
