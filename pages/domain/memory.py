"""A memory of answers that is bounded in bytes: what was read last stays longest."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock
from typing import NamedTuple, Self

# What an entry costs beside its body: headers, key and the objects themselves.
OVERHEAD_BYTES = 2_000


class Headers(tuple[tuple[str, str], ...]):
    """Names and values of headers, and `lines`, in which they go over a connection of HTTP/1.1.

    >>> Headers([("ETag", '"a"'), ("Vary", "Accept-Encoding")]).lines
    b'etag: "a"\\r\\nvary: Accept-Encoding\\r\\n'
    """

    lines: bytes

    def __new__(cls, pairs: Iterable[tuple[str, str]] = ()) -> Self:
        made = super().__new__(cls, pairs)
        made.lines = "".join(f"{name.lower()}: {value}\r\n" for name, value in made).encode("latin-1")
        return made


class Reply(NamedTuple):
    """What one reader is told: a status with its reason, headers in groups, each made once, and a body."""

    status: str
    headers: tuple[Headers, ...]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """A body in one coding with its headers, and the state of the world in which it is true."""

    state: tuple[int, str]
    tag: str
    headers: Headers
    not_modified_headers: Headers
    body: bytes


class Memory:
    """Answers by path and coding; safe to use from several threads.

    Args:
        max_bytes: how much it may hold; with 0 it keeps nothing.
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.size_bytes = 0
        self._answers: OrderedDict[tuple[str, str], Answer] = OrderedDict()
        self._lock = Lock()

    def get(self, path: str, encoding: str) -> Answer | None:
        """The answer that is kept for a path, or None; whether it is still true the caller must ask."""
        key = (path, encoding)
        answer = self._answers.get(key)
        if answer is not None:
            # Each of the two steps is whole by itself: readers need no lock, which costs as much as both.
            try:  # noqa: SIM105 - suppress() takes longer than all of this
                self._answers.move_to_end(key)
            except KeyError:
                pass  # another thread has forgotten it in between
        return answer

    def put(self, path: str, encoding: str, answer: Answer) -> None:
        """Keep an answer; forget those unread for longest until all fit."""
        key = (path, encoding)
        with self._lock:
            self._forget(key)
            self._answers[key] = answer
            self.size_bytes += _cost(answer)
            while self.size_bytes > self.max_bytes:
                self._forget(next(iter(self._answers)))

    def _forget(self, key: tuple[str, str]) -> None:
        answer = self._answers.pop(key, None)
        if answer is not None:
            self.size_bytes -= _cost(answer)


def _cost(answer: Answer) -> int:
    return len(answer.body) + OVERHEAD_BYTES
