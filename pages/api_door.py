"""The API's front door: answers are kept packed while the records stand, and nobody is sent what he has."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from typing import Any

import brotli
from django.utils.http import http_date

from pages.conditional import PREFIX, standing_of, target_of
from pages.domain.memory import Answer, Headers, Memory, Reply
from pages.domain.negotiation import (
    Encoding,
    accepts_json,
    choose_encoding,
    find_mark,
    fingerprint_of,
    has_body,
    is_about_reading,
    is_unmodified,
    mark_of,
    tag_of,
)
from pages.services.addresses import own_address
from pages.services.edition import read_edition
from pages.services.publishing import BROTLI_QUALITY
from pages.services.reading import NO_STATE, VARY, Connections, State, Watcher
from pages.study_lists import StudyLists

__all__ = ["PREFIX", "ApiDoor"]

Pairs = list[tuple[str, str]]
# Smaller bodies grow by packing, or save less than a packet.
LEAST_PACKED = 600
OF_THE_BODY = ("ETag", "Content-Length", "Last-Modified")
LONGEST_QUERY = 1000
GZIP_LEVEL = 6
# What a 304 says that is told without looking for the answer.
ALWAYS = [("Vary", VARY), ("Access-Control-Allow-Origin", "*")]
NOTHING = Headers()
OK, NOT_MODIFIED = "200 OK", "304 Not Modified"
# Of one reader: the answer is made for everybody, and who has it already is found out here.
OF_ONE_READER = ("HTTP_COOKIE", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_AUTHORIZATION")


class ApiDoor:
    """What readers of the API are told, from memory or as Django's WSGI application says it.

    An answer is asked of Django under the site's own address and without cookies, so that it is the same for
    everybody; kept with the state in which it is true; and sent as it is kept until the state is another.
    Errors are not kept. While nobody can say what the state is, Django answers.
    """

    def __init__(
        self, django: Callable[..., Any], watcher: Watcher, memory: Memory, connections: Connections
    ) -> None:
        self.django = django
        self.watcher = watcher
        self.memory = memory
        self.lists = StudyLists(connections)
        self._headers_of_lists: tuple[State, Pairs] = (NO_STATE, [])

    def remembered(self, environ: dict[str, Any]) -> Reply | None:
        """What is told from memory alone, without waiting for anything; None where that does not suffice."""
        return self._reply(environ, may_wait=False)

    def reply(self, environ: dict[str, Any]) -> Reply | None:
        """What a reader is told; None where Django is to answer him."""
        return self._reply(environ, may_wait=True)

    def _reply(self, environ: dict[str, Any], *, may_wait: bool) -> Reply | None:
        seen = self.watcher.look() if _is_reading(environ) else None
        if seen is None:
            return None
        (state, since, keep), target = standing_of(environ, seen), target_of(environ)
        mark = mark_of(state, read_edition(), target)
        encoding = choose_encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))
        tags = environ.get("HTTP_IF_NONE_MATCH", "")
        known = find_mark(tags, mark)
        answer = self.memory.get(target, encoding)
        if answer is None or answer.state != state:
            if known:  # whatever the answer is: nothing has changed since it was given
                told = Headers([("ETag", known), ("Cache-Control", keep), *ALWAYS])
                return Reply(NOT_MODIFIED, (told, tell_time(since)))
            asked = self._ask(environ, state, mark, encoding) if may_wait else None
            if not isinstance(asked, Answer):
                return asked
            answer = asked
        fingerprint = answer.tag.strip('"').partition(".")[0]
        changed_since = environ.get("HTTP_IF_MODIFIED_SINCE", "")
        if has_body(tags, fingerprint) if tags else is_unmodified(changed_since, since):
            return Reply(NOT_MODIFIED, (answer.not_modified_headers, tell_time(since)))
        body = answer.body if environ["REQUEST_METHOD"] == "GET" else b""
        return Reply(OK, (answer.headers, tell_time(since)), body)

    def _ask(self, environ: dict[str, Any], state: State, mark: str, encoding: Encoding) -> Answer | Reply:
        """The answer, kept where it is of this state; what Django said, where that is none to keep."""
        body = self.lists.answer(environ, state)
        if body is None:
            status, headers, body = _call(self.django, _as_anybody(environ))
            tag = next((value for name, value in headers if name == "ETag"), "").strip('"')
        else:
            status, headers, tag = "200 OK", self._list_headers(environ, state), fingerprint_of(mark, body)
        if not status.startswith("200") or not tag.startswith(f"{mark}-"):
            return Reply(status, (Headers(headers),), body if environ["REQUEST_METHOD"] == "GET" else b"")
        answer = _packed(state, tag, headers, encoding, body)
        if len(environ.get("QUERY_STRING", "")) <= LONGEST_QUERY:
            self.memory.put(target_of(environ), encoding, answer)
        return answer

    def _list_headers(self, environ: dict[str, Any], state: State) -> Pairs:
        """What Django says beside a list, which is the same for all lists while the records stand."""
        of, headers = self._headers_of_lists
        if of != state:
            asked = {**_as_anybody(environ), "QUERY_STRING": "page_size=1"}
            headers = _call(self.django, asked)[1]
            self._headers_of_lists = (state, headers)
        return headers


def _is_reading(environ: dict[str, Any]) -> bool:
    return environ["REQUEST_METHOD"] in ("GET", "HEAD") and accepts_json(environ.get("HTTP_ACCEPT", ""))


def _as_anybody(environ: dict[str, Any]) -> dict[str, Any]:
    asked = {name: value for name, value in environ.items() if name not in OF_ONE_READER}
    return {**asked, "REQUEST_METHOD": "GET", "CONTENT_LENGTH": "", "wsgi.input": BytesIO(), **own_address()}


def _call(application: Callable[..., Any], environ: dict[str, Any]) -> tuple[str, Pairs, bytes]:
    """Status, headers and whole body of what a WSGI application answers."""
    said: list[Any] = []
    chunks = application(environ, lambda status, headers, *_: said.extend((status, headers)))
    try:
        body = b"".join(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close:
            close()
    return said[0], said[1], body


def _packed(state: State, tag: str, headers: Pairs, encoding: Encoding, body: bytes) -> Answer:
    """The answer in one coding; as it is where packing would not make it smaller."""
    if len(body) < LEAST_PACKED:
        encoding = Encoding.IDENTITY
    if encoding is Encoding.BROTLI:
        body = brotli.compress(body, quality=BROTLI_QUALITY)
    elif encoding is Encoding.GZIP:
        body = gzip.compress(body, GZIP_LEVEL, mtime=0)
    own = [(name, value) for name, value in headers if name not in OF_THE_BODY]
    tag = tag_of(tag, encoding)
    coding = [] if encoding is Encoding.IDENTITY else [("Content-Encoding", encoding.value)]
    length = ("Content-Length", str(len(body)))
    shared = [(name, value) for name, value in own if name == "Cache-Control" or is_about_reading(name)]
    telling = [("ETag", tag), ("Vary", VARY)]
    headers_of_all = Headers([*own, *telling, *coding, length])
    return Answer(state, tag, headers_of_all, Headers([*telling, *shared]), body)


def tell_time(since: datetime | None) -> Headers:
    """The Last-Modified header, never of a time to come (RFC 9110, 8.8.2.1)."""
    if since is None:
        return NOTHING
    seconds, told = _told(since)
    return told if seconds <= time.time() else NOTHING


@lru_cache(maxsize=10)
def _told(since: datetime) -> tuple[float, Headers]:
    seconds = since.timestamp()
    return seconds, Headers([("Last-Modified", http_date(seconds))])
