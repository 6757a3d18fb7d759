"""Conditional requests to the API: who has the answer already is told so before any record is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date

from conditions.services.release_standing import read_standing
from pages.domain import past
from pages.domain.negotiation import find_mark, fingerprint_of, has_body, is_unmodified, mark_of
from pages.services.edition import read_edition
from pages.services.reading import CACHE_CONTROL, State, read_state

PREFIX = "/api/v1/"


def target_of(environ: Mapping[str, Any]) -> str:
    """Path and query of a WSGI request as they came."""
    return f"{environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')}"


def standing_of(
    environ: Mapping[str, Any], seen: tuple[State, datetime | None]
) -> tuple[State, datetime | None, str]:
    """The state that an answer depends on, since when it stands, and how long the answer may be kept.

    That of a day which is over for good depends on the code alone; since when it stands nobody noted.
    """
    if past.is_settled(environ.get("QUERY_STRING", ""), seen[0][1]):
        return past.PAST, None, past.CACHE_CONTROL
    return *seen, CACHE_CONTROL


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
        state, since, keep = standing_of(request.META, read_state())
        mark = mark_of(state, read_edition(), target_of(request.META))
        tags = request.META.get("HTTP_IF_NONE_MATCH", "")
        known = find_mark(tags, mark)
        if known:
            return _validated(HttpResponse(status=304), known, since, keep)
        response = self.get_response(request)
        if response.status_code != 200:
            return response
        fingerprint = fingerprint_of(mark, response.content)
        asked = request.META.get("HTTP_IF_MODIFIED_SINCE", "")
        if has_body(tags, fingerprint) if tags else is_unmodified(asked, since):
            response = HttpResponse(status=304)
        _name_release(response, past.find_day(request.META.get("QUERY_STRING", "")))
        return _validated(response, f'"{fingerprint}"', since, keep)


def _name_release(response: HttpResponse, day: date | None) -> None:
    """Say which release the answer can be cited by, and whether it may differ from it."""
    standing = read_standing(day=day)
    if standing is not None:
        response["LDN-Release"] = standing.name
        response["LDN-Release-Changed"] = str(standing.is_changed).lower()


def _validated(response: HttpResponse, tag: str, since: datetime | None, keep: str) -> HttpResponse:
    response["ETag"] = tag
    response["Cache-Control"] = keep
    if since is not None and since <= datetime.now(UTC):  # never a time to come (RFC 9110, 8.8.2.1)
        response["Last-Modified"] = http_date(since.timestamp())
    if response.status_code == 304:
        del response["Content-Type"]
    return response
