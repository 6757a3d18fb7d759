"""The web server's protocol over real sockets, in front of a site that answers at once or takes its time."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import uvicorn

from pages import protocol
from pages.domain import recent
from pages.domain.memory import Headers, Reply
from pages.domain.recent import Recent
from pages.protocol import FrontProtocol, environ_of

BODY = b"a page from memory " * 1_000
PAGE = b"GET /page/ HTTP/1.1\r\nHost: example.org\r\n\r\n"
SLOW = b"GET /slow/ HTTP/1.1\r\nHost: example.org\r\n\r\n"
STATE = object()


class FakeSite:
    """Remembers /page/ and takes its time over everything else: says what came, after or before its body."""

    def __init__(self) -> None:
        self.told = Recent(lambda: STATE)
        self.n_remembered = 0
        self.n_asked = 0

    def remembered(self, environ: dict[str, Any]) -> Reply | None:
        if environ["PATH_INFO"] != "/page/":
            return None
        self.n_remembered += 1
        if environ.get("HTTP_IF_NONE_MATCH"):
            return Reply("304 Not Modified", (Headers([("ETag", '"t"')]),))
        length = Headers([("Content-Length", str(len(BODY)))])
        return Reply("200 OK", (length, Headers()), BODY if environ["REQUEST_METHOD"] == "GET" else b"")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.n_asked += 1
        said = scope["method"].encode() + b" " + scope["path"].encode()
        if scope["path"] != "/early/":
            more = True
            while more:
                message = await receive()
                said, more = said + b" " + message.get("body", b""), message.get("more_body", False)
        if scope["path"] == "/slow/":
            await asyncio.sleep(0.05)
        length = (b"content-length", str(len(said)).encode())
        await send({"type": "http.response.start", "status": 200, "headers": [length]})
        await send({"type": "http.response.body", "body": said})


@pytest.fixture
def app(monkeypatch) -> FakeSite:
    """One whose second never ends, so that what it knows is not forgotten amid a test."""
    monkeypatch.setattr(recent, "time", SimpleNamespace(time=lambda: 1_000.0))
    return FakeSite()


@pytest.fixture
def serve(app) -> Iterator[Callable[..., Line]]:
    """Dials a server that is started at the first call, with a number of seconds to keep idle connections."""
    started: list[uvicorn.Server] = []
    threads: list[threading.Thread] = []
    lines: list[Line] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def dial(keep_alive: int = 75) -> Line:
        if not started:
            config = uvicorn.Config(
                app,
                http=FrontProtocol,
                loop="uvloop",
                lifespan="off",
                proxy_headers=False,
                log_level="critical",
                timeout_keep_alive=keep_alive,
            )
            started.append(uvicorn.Server(config))
            threads.append(threading.Thread(target=started[0].run, args=[[listener]]))
            threads[0].start()
        lines.append(Line(listener.getsockname()[1]))
        return lines[-1]

    yield dial
    for line in lines:
        line.file.close()
        line.socket.close()
    for server in started:
        server.should_exit = True
    for thread in threads:
        thread.join(20)
    listener.close()


class Line:
    """A connection, and the answers that come over it."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.file = self.socket.makefile("rb")

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self, *, has_body: bool = True) -> tuple[int, dict[str, str], bytes]:
        status = int(self.file.readline().split()[1])
        headers = {}
        while line := self.file.readline().strip():
            name, _, value = line.decode().partition(": ")
            headers[name] = value
        body = self.file.read(int(headers.get("content-length", 0))) if has_body else b""
        return status, headers, body

    def ask(self, data: bytes) -> tuple[int, dict[str, str], bytes]:
        self.send(data)
        return self.answer()

    def is_closed(self) -> bool:
        """Whether the server has closed it; waits until it does."""
        return self.file.read(1) == b""


def test_a_page_from_memory_is_answered_without_the_application_and_the_same_again_without_a_look(app, serve):
    line = serve()
    answers = [line.ask(PAGE) for _ in range(4)]
    assert {(status, body) for status, _, body in answers} == {(200, BODY)}
    assert all("date" in headers for _, headers, _ in answers)
    assert (app.n_remembered, app.n_asked) == (1, 0)
    assert serve().ask(PAGE)[2] == BODY  # the first question of another connection
    assert app.n_remembered == 1
    other = PAGE.replace(b"example.org", b"example.com")
    assert line.ask(other)[2] == BODY
    assert app.n_remembered == 2


def test_the_process_gives_way_after_each_round_of_answers(serve, monkeypatch):
    turns = []
    monkeypatch.setattr(protocol, "sched_yield", lambda: turns.append(1))
    line = serve()
    line.ask(PAGE)
    assert turns == []  # it was parsed: no crowd asks so
    for n in range(1, 4):
        line.ask(PAGE)
        serve().ask(SLOW)  # a round later
        assert len(turns) == n


def test_answers_come_in_the_order_of_the_questions(app, serve):
    line = serve()
    line.ask(PAGE)
    line.send(PAGE + SLOW + PAGE + SLOW + PAGE)
    bodies = [line.answer()[2] for _ in range(5)]
    page = (BODY, b"GET /page/ ")  # behind one that waits, the application is asked
    assert all(body in page for body in bodies[::2])
    assert bodies[1::2] == [b"GET /slow/ "] * 2
    assert line.ask(PAGE)[2] == BODY


def test_two_questions_that_come_together_are_answered_twice_each_time(app, serve):
    line = serve()
    for _ in range(3):
        line.send(PAGE + PAGE)
        assert [line.answer()[2] for _ in range(2)] == [BODY, BODY]


def test_a_question_that_comes_while_another_is_answered_waits_for_it(app, serve):
    line = serve()
    line.ask(PAGE)
    line.send(SLOW)
    time.sleep(0.01)
    line.send(PAGE)
    assert line.answer()[2] == b"GET /slow/ "
    assert line.answer()[0] == 200


def test_a_reader_who_asks_on_and_on_and_reads_nothing_is_not_answered_on_and_on(app, serve):
    line = serve()
    line.ask(PAGE)
    n = 2_000
    sender = threading.Thread(target=line.send, args=[PAGE * n])
    sender.start()
    time.sleep(0.5)
    assert app.n_remembered < n / 4
    for _ in range(n):
        assert line.answer()[0] == 200
    sender.join()


@pytest.mark.parametrize("path", ["/echo/", "/early/"])
def test_a_body_that_reads_like_a_question_is_none(app, serve, path):
    """Not even where the answer was sent before the body came."""
    line = serve()
    line.ask(PAGE)
    head = f"POST {path} HTTP/1.1\r\nHost: example.org\r\nContent-Length: {len(PAGE)}\r\n\r\n".encode()
    line.send(head)
    time.sleep(0.2)
    line.send(PAGE)
    expected = b"POST /early" if path == "/early/" else b"POST /echo/ " + PAGE
    assert line.answer()[2].startswith(expected)
    assert line.ask(SLOW)[2] == b"GET /slow/ "
    assert line.ask(PAGE)[2] == BODY


def test_a_question_with_a_body_goes_to_the_application(app, serve):
    line = serve()
    assert line.ask(PAGE[:-2] + b"Content-Length: 2\r\n\r\nab")[2] == b"GET /page/ ab"
    assert line.ask(PAGE)[2] == BODY


def test_a_head_and_who_has_the_page_are_answered_without_a_body(app, serve):
    line = serve()
    for _ in range(2):
        line.send(PAGE.replace(b"GET", b"HEAD"))
        status, headers, _ = line.answer(has_body=False)
        assert (status, headers["content-length"]) == (200, str(len(BODY)))
        line.send(PAGE[:-2] + b'If-None-Match: "t"\r\n\r\n')
        assert line.answer()[0] == 304
    assert line.ask(PAGE)[2] == BODY


@pytest.mark.parametrize(
    "question", [PAGE.replace(b"1.1", b"1.0"), PAGE[:-2] + b"Connection: close\r\n\r\n"], ids=["1.0", "close"]
)
def test_who_asks_once_is_hung_up_on(app, serve, question):
    line = serve()
    assert line.ask(question)[2].startswith(b"GET /page/")
    assert line.is_closed()


def test_a_question_in_pieces_is_one(app, serve):
    line = serve()
    line.ask(PAGE)
    for at in range(len(PAGE)):
        line.send(PAGE[at : at + 1])
        time.sleep(0.001)
    assert line.answer()[2] == BODY
    assert line.ask(PAGE)[2] == BODY


def test_headers_without_end_are_refused(app, serve):
    line = serve()
    line.send(b"GET /page/ HTTP/1.1\r\n")
    time.sleep(0.1)
    line.send(b"X: " + b"y" * (protocol.MOST_BYTES - 100) + b"\r\n")
    time.sleep(0.3)
    line.send(b"Z: " + b"z" * 200)
    assert line.answer()[0] == 400
    assert line.is_closed()


@pytest.mark.parametrize("beginning", [b"", b"GET /page/ HTTP/1.1\r\nHost: exa"], ids=["silent", "half"])
def test_who_does_not_come_to_the_point_is_hung_up_on(app, serve, monkeypatch, beginning):
    monkeypatch.setattr(protocol, "MOST_SECONDS", 0.2)
    line = serve()
    line.send(beginning)
    assert line.is_closed()


def test_who_was_answered_in_time_is_not_hung_up_on_for_it(app, serve, monkeypatch):
    monkeypatch.setattr(protocol, "MOST_SECONDS", 0.2)
    line = serve()
    for _ in range(3):
        assert line.ask(PAGE)[2] == BODY
        time.sleep(0.3)


def test_a_connection_that_lies_idle_is_closed_however_often_it_was_used(app, serve):
    line = serve(keep_alive=1)
    for _ in range(3):
        line.ask(PAGE)
        time.sleep(0.4)
    assert line.is_closed()


@pytest.mark.parametrize(
    ("method", "url", "headers"),
    [
        (b"POST", b"/page/", []),
        (b"GET", b"http://example.org/page/", []),
        (b"GET", b"/p%61ge/", []),
        (b"GET", "/pagé/".encode(), []),
        (b"GET", b"/page/", [(b"cookie", b"a=1"), (b"cookie", b"sessionid=x")]),
        (b"GET", b"/page/", [(b"transfer-encoding", b"chunked")]),
        (b"GET", b"/page/", [(b"expect", b"100-continue")]),
        (b"GET", b"/page/", [(b"upgrade", b"websocket")]),
    ],
)
def test_what_is_not_plain_is_left_to_the_application(method, url, headers):
    assert environ_of(method, url, headers) is None
