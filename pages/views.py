"""Pages as they stood on a day."""

from __future__ import annotations

from datetime import date

import brotli
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from pages.services.copies import find_copy, has_changed_since
from pages.services.static_files import with_current_names
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
    body = with_current_names(brotli.decompress(bytes(copy.body))).replace(BEGINNING, note + BEGINNING, 1)
    return HttpResponse(body, headers={"X-Robots-Tag": "noindex"})
