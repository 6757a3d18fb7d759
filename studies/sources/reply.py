"""What goes to a registry and what comes back, and how a reply is read for people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime

from studies.domain.bibliography import AnswerError
from studies.domain.wording import clean_text

JSON = frozenset({"application/json"})
XML = frozenset({"text/xml", "application/xml"})
# Enough of a strange reply to see what it is.
EXCERPT_BYTES = 2_000


@dataclass(frozen=True)
class Request:
    """A question: `path` is already percent-encoded; `form` makes it a POST."""

    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Reply:
    """An answer that came whole: status 200, or a refusal that asking again would not change."""

    status: int
    content_type: str
    body: bytes
    headers: Mapping[str, str]

    @property
    def is_web_page(self) -> bool:
        return "html" in self.content_type or self.body[:200].lstrip()[:9].lower() in (b"<!doctype", b"<html")


def expect(reply: Reply, registry: str, content_types: frozenset[str]) -> None:
    """Raise AnswerError unless the reply is a 200 of one of the content types."""
    if reply.status != 200:
        raise AnswerError(f"not {registry}'s answer: {refusal(reply)}")
    if reply.content_type not in content_types:
        kind = "XML" if content_types == XML else "JSON"
        raise AnswerError(f"the answer is {reply.content_type[:60] or 'of no type'}, not {kind}")


def retry_after(value: str | None, now: float) -> float | None:
    """Return the seconds that a Retry-After header asks for: a number, or a date as in RFC 9110; else None.

    >>> retry_after("120", 0.0), retry_after("Thu, 01 Jan 1970 00:00:30 GMT", 0.0), retry_after("soon", 0.0)
    (120.0, 30.0, None)
    """
    value = (value or "").strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", value):
        return max(float(value), 0.5)
    try:
        moment = parsedate_to_datetime(value)
        return max(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() - now, 0.5)
    except (ValueError, OverflowError):
        return None


def refusal(reply: Reply) -> str:
    """Return a short text for people from a lasting refusal; an HTML page is not quoted."""
    return f"status {reply.status}: {summary(reply)}"


def summary(reply: Reply) -> str:
    """Return the first words of a reply, on one line."""
    if "html" in reply.content_type:
        return "(a web page)"
    return clean_text(reply.body[:400].decode("utf-8", "replace"))[:200] or "(nothing)"


def excerpt(reply: Reply) -> str:
    """Return the beginning of a reply's body, for an editor who looks for the fault."""
    return clean_text(reply.body[:EXCERPT_BYTES].decode("utf-8", "replace"))
