"""What was told in the present second, by the bytes of the question."""

from __future__ import annotations

import time
from collections.abc import Callable

# The head of an answer, and its body.
Told = tuple[bytes, bytes]
# As many questions of one second are known, each of at most so many bytes.
MOST_QUESTIONS, MOST_BYTES = 1_000, 4_000


class Recent:
    """Answers to questions that are the same byte for byte, as those of a crowd with the same browsers are.

    Of what stands now alone: all is forgotten with the second, at which the times in the answers change, and
    as soon as a write is heard of. For one thread.

    Args:
        look: what is known of the state of the world; another object once it is another state, or None while
            nobody can say.
    """

    def __init__(self, look: Callable[[], object | None]) -> None:
        self._look = look
        self._seen: object | None = None
        self._second = 0
        self._told: dict[bytes, Told] = {}

    def get(self, question: bytes) -> Told | None:
        """What was told to these bytes, or None."""
        seen, second = self._look(), int(time.time())
        if seen is not self._seen or second != self._second:
            self._seen, self._second = seen, second
            self._told.clear()
        return self._told.get(question)

    def keep(self, question: bytes, told: Told) -> None:
        """Keep what was told since the last get, unless the world has moved on since then."""
        is_now = self._look() is self._seen is not None and int(time.time()) == self._second
        if is_now and len(self._told) < MOST_QUESTIONS and len(question) <= MOST_BYTES:
            self._told[question] = told
