"""Which of the stored bodies a reader is sent, and whether the reader has it already (RFC 9110)."""

from __future__ import annotations

from enum import StrEnum


class Encoding(StrEnum):
    """A content coding, best first."""

    BROTLI = "br"
    GZIP = "gzip"
    IDENTITY = "identity"


# The names of the columns that hold the bodies.
COLUMNS = {Encoding.BROTLI: "brotli", Encoding.GZIP: "gzip", Encoding.IDENTITY: "identity"}


def choose_encoding(accept_encoding: str) -> Encoding:
    """The best coding that an Accept-Encoding header allows; what it refuses with q=0 is not sent.

    Identity is sent where nothing else is allowed, even if the header refuses that too: RFC 9110, 12.5.3.

    >>> choose_encoding("gzip, deflate, br")
    <Encoding.BROTLI: 'br'>
    >>> choose_encoding("br;q=0, *;q=0.1")
    <Encoding.GZIP: 'gzip'>
    """
    weights = dict(_read_weight(part) for part in accept_encoding.lower().split(",") if part.strip())
    anything = weights.get("*", 0.0)
    for encoding in (Encoding.BROTLI, Encoding.GZIP):
        if weights.get(encoding.value, anything) > 0:
            return encoding
    return Encoding.IDENTITY


def _read_weight(part: str) -> tuple[str, float]:
    coding, _, weight = part.partition(";")
    try:
        return coding.strip(), float(weight.strip().removeprefix("q=") or 1)
    except ValueError:
        return coding.strip(), 0.0


def tag_of(fingerprint: str, encoding: Encoding) -> str:
    """The strong ETag of one body of a page: codings of one page differ (RFC 9110, 8.8.3.3).

    >>> tag_of("abc", Encoding.GZIP)
    '"abc.gzip"'
    """
    return f'"{fingerprint}"' if encoding is Encoding.IDENTITY else f'"{fingerprint}.{encoding.value}"'


def is_known(if_none_match: str, tag: str) -> bool:
    """Whether an If-None-Match header names the tag, by weak comparison (RFC 9110, 13.1.2).

    >>> is_known('W/"abc", "abd"', '"abc"')
    True
    >>> is_known('"abc.gzip"', '"abc"')
    False
    """
    return if_none_match.strip() == "*" or tag in if_none_match
