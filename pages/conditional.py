"""Conditional requests to the API: who has the answer already is told so before any record is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date

from pages.domain.negotiation import find_mark, fingerprint_of, has_body, is_unmodified, mark_of
from pages.services.edition import read_edition
from pages.services.reading import CACHE_CONTROL, read_state

PREFIX = "/api/v1/"


def target_of(environ: Mapping[str, Any]) -> str:
    """Path and query of a WSGI request as they came."""
    return f"{environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')}"


class ConditionalApi:
    """Middleware: validators on every answer of the API, and 304 where nothing has changed.

    A tag names the state of the records, code and day that its answer was made from, so that a tag of the
    present state needs no other look than at that. The state is read before the answer is made: an answer
    from amid a write carries the tag of before, which is not found again.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD") or not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        state, since = read_state()
        mark = mark_of(state, read_edition(), target_of(request.META))
        tags = request.META.get("HTTP_IF_NONE_MATCH", "")
        known = find_mark(tags, mark)
        if known:
            return _validated(HttpResponse(status=304), known, since)
        response = self.get_response(request)
        if response.status_code != 200:
            return response
        fingerprint = fingerprint_of(mark, response.content)
        asked = request.META.get("HTTP_IF_MODIFIED_SINCE", "")
        if has_body(tags, fingerprint) if tags else is_unmodified(asked, since):
            response = HttpResponse(status=304)
        return _validated(response, f'"{fingerprint}"', since)


def _validated(response: HttpResponse, tag: str, since: datetime | None) -> HttpResponse:
    response["ETag"] = tag
    response["Cache-Control"] = CACHE_CONTROL
    if since is not None and since <= datetime.now(UTC):  # never a time to come (RFC 9110, 8.8.2.1)
        response["Last-Modified"] = http_date(since.timestamp())
    if response.status_code == 304:
        del response["Content-Type"]
    return response
