"""The front door: answers anonymous readers of published pages before Django's request handler is asked."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import close_old_connections
from django.http.request import split_domain_port, validate_host
from django.utils import timezone

from pages.domain.memory import Answer, Memory
from pages.domain.negotiation import Encoding, choose_encoding, is_known
from pages.models import Page
from pages.services.addresses import is_published_kind
from pages.services.publishing import NotPublishedError, RenderingError, publish
from pages.services.reading import Connections, Watcher, make_answer

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
        self._rendering: dict[str, threading.Lock] = {}

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        answer = self.find(environ) if _is_for_everybody(environ) else None
        if answer is None:
            return self.django(environ, start_response)
        keep = [("X-Accel-Expires", f"@{int(time.time())}")] if self.is_behind_proxy else []
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known and is_known(known, answer.tag):
            start_response("304 Not Modified", answer.not_modified_headers + keep)
            return []
        start_response("200 OK", answer.headers + keep)
        return [answer.body] if environ["REQUEST_METHOD"] == "GET" else []

    def find(self, environ: dict[str, Any]) -> Answer | None:
        """The answer from memory, from its row, or from Django just now; None where it is not published."""
        path = environ["PATH_INFO"]
        encoding = _encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))
        state = self.watcher.state()
        if state is None:
            self.watcher.start()
        else:
            kept = self.memory.get(path, encoding)
            if kept is not None and kept.state == state:
                return kept
        if not _has_published_form(path):
            return None
        answer = self.connections.read(path, encoding) or self._publish(path, encoding)
        if answer is not None:
            self.memory.put(path, encoding, answer)
        return answer

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


def _is_for_everybody(environ: dict[str, Any]) -> bool:
    return (
        environ["REQUEST_METHOD"] in ("GET", "HEAD")
        and not environ.get("QUERY_STRING")
        and settings.SESSION_COOKIE_NAME not in environ.get("HTTP_COOKIE", "")
        and _is_our_name(environ.get("HTTP_HOST", ""))
    )


@lru_cache(maxsize=1000)
def _is_our_name(host: str) -> bool:
    """Whether the site may be asked under this name; Django answers the rest, with an error."""
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


@lru_cache(maxsize=1000)
def _encoding(accept_encoding: str) -> Encoding:
    return choose_encoding(accept_encoding)


@lru_cache(maxsize=10_000)
def _has_published_form(path: str) -> bool:
    return is_published_kind(path)
