"""The stand-in registries: a real server on a real socket, for tests and for work without internet."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from studies.sources.standin import (
    clinicaltrials,
    crossref,
    europepmc,
    openalex,
    pubmed,
    retraction_watch,
)
from studies.sources.standin.papers import Papers
from studies.sources.standin.scenario import Scenario
from studies.sources.standin.wire import PIECE, Answer, Fault, Pool, Question, Turnstile, spoil

CONTROL = "/_standin/"
TOO_MANY = Answer(429, "application/json", b'{"error":"API rate limit exceeded"}', {"Retry-After": "1"})
SPENT = Answer(429, "application/json", b'{"error":"Rate limit exceeded"}', {"X-RateLimit-Remaining": "0"})
BLANKS = b" " * PIECE


class Desk(NamedTuple):
    """One registry: where it stands, what it answers, and what it counts together."""

    name: str
    prefix: str
    answer: Callable[[Papers, Question], Answer]
    pool_of: Callable[[Question], Pool]


DESKS = (
    Desk("crossref", crossref.LIST_PATH, crossref.answer, crossref.pool_of),
    Desk("pubmed", "/entrez/eutils/", pubmed.answer, pubmed.pool_of),
    Desk("openalex", openalex.PREFIX, openalex.answer, openalex.pool_of),
    Desk("europepmc", europepmc.PREFIX, europepmc.answer, europepmc.pool_of),
    Desk("clinicaltrials", clinicaltrials.PREFIX, clinicaltrials.answer, clinicaltrials.pool_of),
    Desk("retraction_watch", retraction_watch.PATH, retraction_watch.answer, retraction_watch.pool_of),
)


class Standin:
    """All six registries on 127.0.0.1, until the `with` block ends.

    `requests` is every question so far; `refused` how many were beyond the limits, by registry (counted only
    with `keep_limits`, at `speed` times the real pace). `papers` and `faults` may be changed at any time, and
    `day` moves a `scenario` on. `settings` are the addresses by the names of the site's settings.
    """

    def __init__(
        self,
        papers: Papers,
        *,
        port: int = 0,
        keep_limits: bool = False,
        speed: float = 1.0,
        scenario: Scenario | None = None,
    ) -> None:
        self.papers = papers
        self.scenario = scenario or Scenario()
        self.faults: list[Fault] = []
        self.requests: list[Question] = []
        self.refused_by: Counter[str] = Counter()
        keep_limits = keep_limits or self.scenario.keep_limits
        speed = self.scenario.speed if self.scenario.keep_limits else speed
        self._turnstile = Turnstile(speed=speed) if keep_limits else None
        self._lock = threading.Lock()
        self._day = 0
        self._started_at = time.monotonic()
        self._views: dict[tuple[str, int], Papers] = {}
        self._server = _Server(("127.0.0.1", port), self)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.crossref_url = self.url
        self.ncbi_url = f"{self.url}/entrez/eutils"
        self.settings = {
            "CROSSREF_URL": self.crossref_url,
            "NCBI_URL": self.ncbi_url,
            "OPENALEX_URL": f"{self.url}/openalex",
            "EUROPEPMC_URL": f"{self.url}/europepmc/webservices/rest",
            "CLINICALTRIALS_URL": f"{self.url}/api/v2",
            "RETRACTION_WATCH_CSV": f"{self.url}{retraction_watch.PATH}",
        }

    def __enter__(self) -> Standin:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def serve_forever(self) -> None:
        """Answer until the process is interrupted."""
        self._server.serve_forever()

    @property
    def refused(self) -> int:
        """How many questions were beyond the limits, at all registries."""
        return self.refused_by.total()

    @property
    def day(self) -> int:
        """The scenario's day: as set, or counted by the clock when the scenario says how long a day lasts."""
        if self.scenario.day_seconds:
            return int((time.monotonic() - self._started_at) / self.scenario.day_seconds)
        return self._day

    @day.setter
    def day(self, day: int) -> None:
        self._day = day
        if self._turnstile:
            self._turnstile.new_day()

    def record(self, question: Question) -> Fault | None:
        """Note a question and return what is to go wrong with it, if anything."""
        desk = desk_of(question)
        with self._lock:
            self.requests.append(question)
            for fault in (*self.faults, *self.scenario.faults(self.day)):
                if fault.concerns(desk.name if desk else "", question):
                    fault.times -= 1
                    return fault
        return None

    def answer(self, question: Question) -> Answer:
        """Return what the registry says, within its limits when those are kept."""
        desk = desk_of(question)
        if desk is None:
            return Answer(404, "text/html", b"<h1>Not Found</h1>")
        if self._turnstile is None:
            return desk.answer(self._view(desk.name), question)
        pool = desk.pool_of(question)
        if not self._turnstile.enter(pool):
            with self._lock:
                self.refused_by[desk.name] += 1
            return SPENT if self._turnstile.left_today(pool) == 0 else TOO_MANY
        try:
            return self._with_limits(desk.answer(self._view(desk.name), question), pool, self._turnstile)
        finally:
            self._turnstile.leave(pool)

    def control(self, question: Question) -> Answer:
        """Answer a developer: GET requests; POST faults (JSON: one Fault), day (JSON: {"day": 3}), reset."""
        what = question.path.removeprefix(CONTROL)
        if question.method == "POST" and what in {"faults", "day"}:
            try:
                self._take(what, json.loads(question.body))
            except (TypeError, ValueError, KeyError) as error:
                return Answer(400, "text/plain", f"not a {what.removesuffix('s')}: {error}\n".encode())
        elif question.method == "POST" and what == "reset":
            self.faults.clear()
            self.requests.clear()
            self.refused_by.clear()
        elif what != "requests":
            return Answer(404, "text/plain", b"ask for requests, faults, day or reset\n")
        seen: dict[str, Any] = {
            "day": self.day,
            "requests": [asdict(request) for request in self.requests],
            "faults": [asdict(fault) for fault in self.faults],
            "refused": self.refused,
            "refused_by": dict(self.refused_by),
        }
        return Answer(200, "application/json", json.dumps(seen, indent=1).encode())

    def _take(self, what: str, data: Any) -> None:
        if what == "faults":
            self.faults.append(Fault(**data))
        else:
            self.day = int(data["day"])

    def _view(self, registry: str) -> Papers:
        """What a registry knows today. Without a scenario that is `papers` itself."""
        if self.scenario == Scenario():
            return self.papers
        key = registry, self.day
        if key not in self._views:
            self._views[key] = self.scenario.knowledge(self.papers, *key)
        return self._views[key]

    def _with_limits(self, answer: Answer, pool: Pool, turnstile: Turnstile) -> Answer:
        """The answer with the limits in its headers, as they are kept here."""
        headers = dict(answer.headers)
        if "x-rate-limit-limit" in headers:
            headers["x-rate-limit-limit"] = str(round(pool.per_second * turnstile.speed))
        if (left := turnstile.left_today(pool)) is not None:
            headers["X-RateLimit-Remaining"] = str(left)
        return replace(answer, headers=headers)


def desk_of(question: Question) -> Desk | None:
    """The registry that a question is put to."""
    return next((desk for desk in DESKS if question.path.startswith(desk.prefix)), None)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], standin: Standin) -> None:
        self.standin = standin
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up on a slow answer is what the tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: the requests are kept, and seen at the control address."""

    def _handle(self) -> None:
        question = self._read_question()
        standin = self.server.standin
        if question.path.startswith(CONTROL):
            self._send(standin.control(question))
            return
        fault = standin.record(question)
        answer = standin.answer(question)
        if fault is None:
            self._send(answer)
        elif fault.kind == "time-out":
            time.sleep(fault.seconds)
            self.close_connection = True
        elif fault.kind == "stall":
            self._stall(answer, fault.seconds)
        elif fault.kind == "drip":
            self._drip(answer, fault.seconds)
        elif fault.kind == "big":
            self._send_big(answer, fault.size)
        elif fault.kind == "break off":
            self._send(answer, length=len(answer.body) + 100)
            self.close_connection = True
        else:
            self._send(spoil(answer, fault, question))

    def _read_question(self) -> Question:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode("utf-8", "replace")
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query)) | dict(parse_qsl(body))
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Question(self.command, self.path, parts.path, query, headers, body, time.time())

    def _send(self, answer: Answer, length: int | None = None) -> None:
        self._send_head(answer, len(answer.body) if length is None else length)
        self.wfile.write(answer.body)

    def _send_head(self, answer: Answer, length: int) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(length))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _send_big(self, answer: Answer, size: int) -> None:
        """Send the answer and then blanks without end, until the client has had enough."""
        self._send(answer, length=len(answer.body) + size)
        for _ in range(size // len(BLANKS)):
            self.wfile.write(BLANKS)
        self.close_connection = True

    def _stall(self, answer: Answer, seconds: float) -> None:
        """Send half of the answer, then nothing."""
        self._send_head(answer, len(answer.body))
        self.wfile.write(answer.body[: len(answer.body) // 2])
        self.wfile.flush()
        time.sleep(seconds)
        self.close_connection = True

    def _drip(self, answer: Answer, seconds: float) -> None:
        """Send the answer in single bytes, each in time, the whole far too late."""
        self._send_head(answer, len(answer.body))
        for byte in answer.body:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(seconds / max(len(answer.body), 1))
