"""What goes over the wire of the stand-in: questions, answers, and the ways in which an answer goes wrong."""

from __future__ import annotations

import threading
import time
import zlib
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from urllib.parse import unquote


@dataclass(frozen=True)
class Question:
    """A request as it came in. `target` is the raw path with its query, as sent."""

    method: str
    target: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: str
    at: float

    @property
    def text(self) -> str:
        """All that was asked, decoded."""
        return unquote(f"{self.target} {self.body}")


@dataclass(frozen=True)
class Answer:
    status: int
    content_type: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Pool(NamedTuple):
    """What a registry counts together: so many requests a second, at once, and a day; None is not counted."""

    name: str
    per_second: int
    at_once: int | None = None
    daily: int | None = None


GZIP = 31
PIECE = 65_536
HTML = b"<!doctype html><title>Maintenance</title><p>Please come back later."

# How an answer may go wrong. The first group changes the answer, the second how it is sent.
FAULTS = frozenset(
    {
        *("status", "html", "empty", "cut", "error inside", "wrong charset", "big", "packed"),
        *("redirect loop", "redirect away", "renamed field", "shrunk", "time-out", "stall", "drip"),
        *("break off", "packed wrong", "packed short"),
    }
)


@dataclass
class Fault:
    """What goes wrong, for the next `times` questions to a registry whose target or body contains `match`.

    `registry` is its name, as in studies.sources.registries; "" is any.
    `status` is for the fault "status" (429, 503, 403, ...) with `retry_after` as the header's text or None
    for no header; `seconds` is how long a time-out (before the answer), a stall (in the middle of its body)
    or a drip lasts; `size` how many blanks a big or a packed body is filled up with.
    """

    kind: str
    times: int = 1
    match: str = ""
    registry: str = ""
    status: int = 500
    retry_after: str | None = None
    seconds: float = 5.0
    size: int = 30_000_000

    def __post_init__(self) -> None:
        if self.kind not in FAULTS:
            raise ValueError(f"{self.kind} is no fault; choose one of {', '.join(sorted(FAULTS))}")

    def concerns(self, registry: str, question: Question) -> bool:
        """True when this fault is for such a question."""
        return self.times > 0 and self.registry in {"", registry} and self.match in question.text


def spoil(answer: Answer, fault: Fault, question: Question) -> Answer:
    """Return what the fault makes of a good answer."""
    if fault.kind == "status":
        headers = {"Retry-After": fault.retry_after} if fault.retry_after is not None else {}
        return Answer(fault.status, "text/plain", b"the stand-in was told to answer so", headers)
    if fault.kind == "redirect loop":
        return Answer(302, "text/plain", b"", {"Location": question.target})
    if fault.kind == "redirect away":
        return Answer(302, "text/plain", b"", {"Location": "http://127.0.0.2:9/latest/meta-data/"})
    kind = "text/html" if fault.kind == "html" else answer.content_type
    headers = {"Content-Encoding": "gzip"} if fault.kind.startswith("packed") else {}
    return replace(answer, body=_spoilt_body(answer.body, fault), content_type=kind, headers=headers)


def _spoilt_body(body: bytes, fault: Fault) -> bytes:
    ways: dict[str, Callable[[], bytes]] = {
        "html": lambda: HTML,
        "empty": lambda: b"",
        "cut": lambda: body[: len(body) // 2],
        "error inside": lambda: b'{"error":"API rate limit exceeded","count":"4","limit":"3"}',
        "wrong charset": lambda: body.replace(b"e", b"\xe9", 3),
        "renamed field": lambda: _renamed(body),
        "shrunk": lambda: b"".join(body.splitlines(keepends=True)[: -max(body.count(b"\n") // 50, 1)]),
        "packed": lambda: _packed(body, fault.size),
        "packed short": lambda: _packed(body, 0)[:-9],
    }
    return ways.get(fault.kind, lambda: body)()


def _packed(body: bytes, blanks: int) -> bytes:
    """The body and so many blanks after it, packed piece by piece."""
    packer, piece = zlib.compressobj(wbits=GZIP), b" " * PIECE
    packed = [packer.compress(body), *(packer.compress(piece) for _ in range(blanks // PIECE))]
    return b"".join([*packed, packer.flush()])


# The fields that each registry's answer cannot do without.
TELLING = (
    *(b'"items"', b'"DOI"', b"PubmedArticle>", b'"is_retracted"', b'"resultList"', b'"overallStatus"'),
    *(b'"dataTimestamp"', b"RetractionNature"),
)


def _renamed(body: bytes) -> bytes:
    """The answer with its telling fields under other names."""
    for name in TELLING:
        body = body.replace(name, name[:-1] + b"New" + name[-1:])
    return body


class Turnstile:
    """Counts each pool's questions of the last second, the unanswered ones and the day's, as they do.

    `speed` multiplies what is allowed in a second, so that a long run can be tried in a short time.
    """

    def __init__(self, *, speed: float = 1.0) -> None:
        self.speed = speed
        self._lock = threading.Lock()
        self._recent: dict[str, deque[float]] = defaultdict(deque)
        self._open: dict[str, int] = defaultdict(int)
        self._today: dict[str, int] = defaultdict(int)

    def enter(self, pool: Pool) -> bool:
        """True when the question is within the limits; leave() must follow then."""
        now = time.monotonic()
        with self._lock:
            recent = self._recent[pool.name]
            while recent and recent[0] <= now - 1:
                recent.popleft()
            is_crowded = pool.at_once is not None and self._open[pool.name] >= pool.at_once
            is_spent = pool.daily is not None and self._today[pool.name] >= pool.daily
            if is_crowded or is_spent or len(recent) >= pool.per_second * self.speed:
                return False
            recent.append(now)
            self._open[pool.name] += 1
            self._today[pool.name] += pool.daily is not None
            return True

    def leave(self, pool: Pool) -> None:
        """The question is answered."""
        with self._lock:
            self._open[pool.name] -= 1

    def left_today(self, pool: Pool) -> int | None:
        """How many more questions the day's budget allows; None when it is not counted."""
        return None if pool.daily is None else max(pool.daily - self._today[pool.name], 0)

    def new_day(self) -> None:
        """Midnight: every budget is whole again."""
        self._today.clear()
