"""HTTP/1.1 as uvicorn speaks it, with what lies in memory answered on the spot.

A page from memory costs less than handing the question to a thread, or even to a task of the event loop:
docs/decisions/0005-web-server.md. Everything else takes uvicorn's own way to the application.
"""

from __future__ import annotations

import asyncio
import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from pages.domain.recent import Told

if TYPE_CHECKING:  # the web server needs this before Django is set up
    from pages.site import Site

# So many bytes of headers are read, and so many seconds waited for them; uvicorn sets no bounds itself.
MOST_BYTES, MOST_SECONDS = 65_536, 30
# Whoever sends one of these wants more than a look.
NOT_JUST_ASKING = {b"content-length", b"transfer-encoding", b"expect", b"upgrade"}
# Lets what else waits for this core have it now; macOS has no such call.
sched_yield = getattr(os, "sched_yield", lambda: None)


class FrontProtocol(HttpToolsProtocol):
    """One connection of a reader, in front of a pages.site.Site."""

    app: Site
    # Of the process: whether it will give way once all who have asked by now are answered.
    will_give_way = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]  # as uvicorn itself narrows it
        self._is_between = True  # all that has come was whole questions
        self._is_in_head = False
        self._n_asked = self._head_bytes = 0
        self._told: Told | None = None  # what was answered at once to the question that came last
        self._has_asked_again = False
        self._patience: asyncio.TimerHandle | None = None
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._is_between and self._is_free():
            told = self.app.told.get(data)
            if told is not None:
                self.transport.writelines(told)
                self._note_told()
                return
        self._read(data)

    def _read(self, data: bytes) -> None:
        """Let the parser read; remember what it read where that was one whole question, answered at once."""
        if self._is_in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_BYTES:
                self.send_400_response(f"Headers of more than {MOST_BYTES} bytes are not read.")
                return
        was_between, n_before = self._is_between, self._n_asked
        super().data_received(data)
        if was_between and self._is_between and self._n_asked == n_before + 1 and self._told is not None:
            self.app.told.keep(data, self._told)
        if self._is_in_head and self._patience is None:
            self._wait_for_head()

    def on_message_begin(self) -> None:
        self._is_between, self._is_in_head = False, True
        self._n_asked, self._head_bytes, self._told = self._n_asked + 1, 0, None
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        if self._patience is not None:
            self._stop_waiting()
        if not self._answer_at_once():
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._is_between = True
        if self._told is None:
            super().on_message_complete()

    def timeout_keep_alive_handler(self) -> None:
        if self._has_asked_again:  # it was not worth a new timer each time
            self._has_asked_again = False
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
        else:
            super().timeout_keep_alive_handler()

    def _is_free(self) -> bool:
        """Whether what was asked before has been answered, and the reader takes what he is sent."""
        return (self.cycle is None or self.cycle.response_complete) and not self.flow.write_paused

    def _answer_at_once(self) -> bool:
        """Send what is remembered, if something is and the connection stays open and is free for it."""
        if not self._is_free() or self.transport.is_closing():
            return False
        if not self.parser.should_keep_alive() or self.parser.get_http_version() == "1.0":
            return False
        environ = environ_of(self.parser.get_method(), self.url, self.headers)
        reply = self.app.remembered(environ) if environ is not None else None
        if reply is None:
            return False
        dated = [b"%b: %b\r\n" % header for header in self.server_state.default_headers]
        head = [_status_line(reply.status), *(group.lines for group in reply.headers), *dated, b"\r\n"]
        self._told = (b"".join(head), reply.body)
        self.transport.writelines(self._told)
        self.on_response_complete()
        return True

    def _note_told(self) -> None:
        if self.timeout_keep_alive_task is None:  # the connection's first question
            self._stop_waiting()
            self.on_response_complete()
        self._has_asked_again = True
        if not FrontProtocol.will_give_way:
            FrontProtocol.will_give_way = True
            self.loop.call_soon(_give_way)

    def _wait_for_head(self) -> None:
        self._patience = self.loop.call_later(MOST_SECONDS, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


def _give_way() -> None:
    """Have the proxy send now what it was given, instead of when this process is stopped for it.

    In a crowd the core is never free, and whoever asked just before such a stop waited for all of it.
    """
    FrontProtocol.will_give_way = False
    sched_yield()


def environ_of(method: bytes, url: bytes, headers: list[tuple[bytes, bytes]]) -> dict[str, Any] | None:
    """What the front door looks at of a WSGI environment; None where the question is not a plain one.

    Plain is a GET or HEAD of a path without escapes, with each header once and no body.

    >>> environ_of(b"GET", b"/studies/?q=x", [(b"host", b"example.org")])
    {'REQUEST_METHOD': 'GET', 'PATH_INFO': '/studies/', 'QUERY_STRING': 'q=x', 'HTTP_HOST': 'example.org'}
    >>> environ_of(b"GET", b"/", [(b"content-length", b"1")]) is None
    True
    """
    if method not in (b"GET", b"HEAD") or not url.startswith(b"/") or b"%" in url or not url.isascii():
        return None
    path, _, query = url.decode("ascii").partition("?")
    environ = {"REQUEST_METHOD": method.decode("ascii"), "PATH_INFO": path, "QUERY_STRING": query}
    n_before = len(environ)
    for name, value in headers:
        if name in NOT_JUST_ASKING:
            return None
        environ[_key_of(name)] = value.decode("latin-1")
    return environ if len(environ) == n_before + len(headers) else None


@lru_cache(maxsize=500)
def _key_of(name: bytes) -> str:
    return "HTTP_" + name.decode("latin-1").upper().replace("-", "_")


@lru_cache(maxsize=10)
def _status_line(status: str) -> bytes:
    return f"HTTP/1.1 {status}\r\n".encode("ascii")
