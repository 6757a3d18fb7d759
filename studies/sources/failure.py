"""How asking a registry can fail, under names that stay the same for every registry."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum


class FailureKind(StrEnum):
    """What went wrong, for counting and for showing; the words are fit for a page."""

    NOT_ASKED = "not asked yet"
    RATE_LIMITED = "told to wait"
    BLOCKED = "shut out"
    SERVER_ERROR = "error at the registry"
    UNREACHABLE = "not reachable"
    TIMED_OUT = "timed out"
    BROKEN_OFF = "broken off"
    NOT_AN_ANSWER = "not an answer"
    TOO_LARGE = "too large"
    REDIRECTED = "redirected elsewhere"
    SHRUNK = "shrunk file"
    NO_PACE_KEEPER = "no pace keeper"


class UnansweredError(Exception):
    """No answer that counts, after all tries. `reason` and `body` may be shown to an editor.

    `body` is the beginning of what came instead of an answer, without key or mail address; empty when
    nothing came. `retry_at` is UTC.
    """

    def __init__(
        self, reason: str, retry_at: datetime, kind: FailureKind, *, was_asked: bool = True, body: str = ""
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_at = retry_at
        self.kind = kind
        self.was_asked = was_asked
        self.body = body


class PassingError(Exception):
    """A failure worth another try. `hold`: seconds for which nobody should ask."""

    def __init__(self, reason: str, kind: FailureKind, *, hold: float | None = None, body: str = "") -> None:
        super().__init__(reason)
        self.kind = kind
        self.hold = hold
        self.body = body


class CutOffError(PassingError):
    """An answer that dripped until its time was over. A try costs all of that time: there are few."""
