"""The front door: answers anonymous readers of published pages before Django's request handler is asked."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import close_old_connections
from django.http.request import split_domain_port, validate_host
from django.utils import timezone

from pages.api_door import NOT_MODIFIED, OK, PREFIX, ApiDoor, tell_time
from pages.domain.memory import Answer, Headers, Memory, Reply
from pages.domain.negotiation import Encoding, accepts_json, choose_encoding, is_known, is_unmodified
from pages.models import Page
from pages.services.addresses import is_published_kind
from pages.services.publishing import NotPublishedError, RenderingError, publish
from pages.services.reading import Connections, State, Watcher, make_answer

logger = logging.getLogger(__name__)

StartResponse = Callable[..., Any]
Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


class FrontDoor:
    """A WSGI application over another: published pages from memory or one row, everything else from Django.

    Only a GET or HEAD without query and without an editor's cookie is answered here, and only with what
    everybody is given. A page that is not published, or stale, is rendered and published on the spot.

    Behind a proxy of our own each answer lets it keep the page to the end of the current second
    (deploy/nginx.conf), which nobody else may: so no reader gets a page from before a retraction for longer.
    """

    def __init__(self, django: Application, *, memory_bytes: int, is_behind_proxy: bool = False) -> None:
        self.django = django
        self.is_behind_proxy = is_behind_proxy
        self.memory = Memory(memory_bytes)
        self.watcher = Watcher()
        self.connections = Connections()
        # An API may be asked in endless ways: they share a part of the memory, and the pages keep theirs.
        self.api = ApiDoor(django, self.watcher, Memory(memory_bytes // 4), self.connections)
        self.session_cookie = settings.SESSION_COOKIE_NAME
        self._rendering: dict[str, threading.Lock] = {}

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        reply = self.reply(environ)
        if reply is None:
            return self.django(environ, start_response)
        start_response(reply.status, [pair for group in reply.headers for pair in group])
        return [reply.body]

    def remembered(self, environ: dict[str, Any]) -> Reply | None:
        """What a reader is told from memory alone, without waiting for anything; None where it needs more.

        Of a WSGI environment, only method, path, query and headers are looked at.
        """
        seen = self.watcher.look()
        if seen is None:
            return None
        kept = self._kept(environ, seen[0]) if self._is_for_everybody(environ) else None
        if kept is not None:
            return self._tell(environ, kept, seen[1])
        return self.api.remembered(environ) if environ["PATH_INFO"].startswith(PREFIX) else None

    def reply(self, environ: dict[str, Any]) -> Reply | None:
        """What a reader is told, from memory, a row or rendered just now; None where Django is to answer."""
        seen = self._look()
        answer = self.find(environ, seen[0] if seen else None) if self._is_for_everybody(environ) else None
        if answer is not None:
            return self._tell(environ, answer, seen[1] if seen and seen[0] == answer.state else None)
        return self.api.reply(environ) if environ["PATH_INFO"].startswith(PREFIX) else None

    def is_asked(self, environ: dict[str, Any]) -> bool:
        """Whether reply() may know more than that Django is to answer; it does not wait to find out."""
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return False
        return environ["PATH_INFO"].startswith(PREFIX) or self.page_asked(environ) is not None

    def page_asked(self, environ: dict[str, Any]) -> tuple[str, Encoding] | None:
        """Path and coding of a page that may be published; None where something else is asked for."""
        path = environ["PATH_INFO"]
        is_page = self._is_for_everybody(environ) and _has_published_form(path)
        return (path, _coding_of(environ)) if is_page else None

    def tell(self, environ: dict[str, Any], answer: Answer) -> Reply:
        """What a reader is told who asked for a page that has just been read; it is kept for the next one."""
        seen = self._look()
        self.memory.put(environ["PATH_INFO"], _coding_of(environ), answer)
        return self._tell(environ, answer, seen[1] if seen and seen[0] == answer.state else None)

    def _look(self) -> tuple[State, datetime | None] | None:
        """What the watcher says; at the first question it begins to watch."""
        seen = self.watcher.look()
        if seen is None:
            self.watcher.start()
        return seen

    def _tell(self, environ: dict[str, Any], answer: Answer, since: datetime | None) -> Reply:
        keep = _keeping(since, int(time.time()), self.is_behind_proxy)
        if _has_it(environ, answer.tag, since):
            return Reply(NOT_MODIFIED, (answer.not_modified_headers, keep))
        return Reply(OK, (answer.headers, keep), answer.body if environ["REQUEST_METHOD"] == "GET" else b"")

    def _is_for_everybody(self, environ: dict[str, Any]) -> bool:
        return (
            environ["REQUEST_METHOD"] in ("GET", "HEAD")
            and not environ.get("QUERY_STRING")
            and self.session_cookie not in environ.get("HTTP_COOKIE", "")
            and _is_our_name(environ.get("HTTP_HOST", ""))
            and (not environ["PATH_INFO"].startswith(PREFIX) or accepts_json(environ.get("HTTP_ACCEPT", "")))
        )

    def find(self, environ: dict[str, Any], state: State | None) -> Answer | None:
        """The answer from memory, from its row, or from Django just now; None where it is not published."""
        kept = self._kept(environ, state) if state is not None else None
        path, encoding = environ["PATH_INFO"], _coding_of(environ)
        if kept is not None or not _has_published_form(path):
            return kept
        answer = self.connections.read(path, encoding) or self._publish(path, encoding)
        if answer is not None:
            self.memory.put(path, encoding, answer)
        return answer

    def _kept(self, environ: dict[str, Any], state: State) -> Answer | None:
        kept = self.memory.get(environ["PATH_INFO"], _coding_of(environ))
        return kept if kept is not None and kept.state == state else None

    def _publish(self, path: str, encoding: Encoding) -> Answer | None:
        """Render a page once, however many ask for it at the same time."""
        with self._rendering.setdefault(path, threading.Lock()):
            try:
                return self.connections.read(path, encoding) or _publish_now(path, encoding)
            except (NotPublishedError, RenderingError):
                return None  # Django answers it: a redirect, what is not there, a failure
            except Exception:
                logger.exception("%s was not published", path)
                return None
            finally:
                self._rendering.pop(path, None)


def _publish_now(path: str, encoding: Encoding) -> Answer:
    close_old_connections()
    page = publish(path=path, now=timezone.now())
    return make_answer(
        (page.version, page.published_on.isoformat()),
        page.etag,
        page.headers,
        encoding,
        _body(page, encoding),
    )


def _body(page: Page, encoding: Encoding) -> bytes:
    return bytes({Encoding.BROTLI: page.brotli, Encoding.GZIP: page.gzip}.get(encoding, page.identity))


def _has_it(environ: dict[str, Any], tag: str, since: datetime | None) -> bool:
    """Whether the reader has the page already: by its tag or, where none is sent, by its time."""
    tags = environ.get("HTTP_IF_NONE_MATCH")
    return is_known(tags, tag) if tags else is_unmodified(environ.get("HTTP_IF_MODIFIED_SINCE", ""), since)


@lru_cache(maxsize=8)  # thousands of answers in a second say the same
def _keeping(since: datetime | None, second: int, is_behind_proxy: bool) -> Headers:
    """The headers that tell a page's time and, to a proxy of our own, how long it may be kept."""
    told = tell_time(since)
    return Headers([*told, ("X-Accel-Expires", f"@{second}")]) if is_behind_proxy else told


@lru_cache(maxsize=1000)
def _is_our_name(host: str) -> bool:
    """Whether the site may be asked under this name; Django answers the rest, with an error."""
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


@lru_cache(maxsize=1000)
def _encoding(accept_encoding: str) -> Encoding:
    return choose_encoding(accept_encoding)


def _coding_of(environ: dict[str, Any]) -> Encoding:
    return _encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))


@lru_cache(maxsize=10_000)
def _has_published_form(path: str) -> bool:
    return is_published_kind(path)
