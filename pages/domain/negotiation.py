"""Which of the stored bodies a reader is sent, and whether the reader has it already (RFC 9110)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from hashlib import sha256


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


def is_about_reading(header: str) -> bool:
    """Whether a header says who may read an answer (CORS) or which release it goes by, which a 304 says too.

    >>> is_about_reading("Access-Control-Allow-Origin"), is_about_reading("LDN-Release")
    (True, True)
    >>> is_about_reading("X-Frame-Options")
    False
    """
    return header.lower().startswith(("access-control-", "ldn-release"))


def accepts_json(accept: str) -> bool:
    """Whether an Accept header surely allows JSON; where it does not, the API itself decides.

    >>> accepts_json(""), accepts_json("text/html, */*;q=0.8"), accepts_json("text/csv")
    (True, True, False)
    """
    return not accept.strip() or any(name in accept for name in ("*/*", "application/json", "application/*"))


def mark_of(state: tuple[int, str], edition: str, target: str) -> str:
    """The first half of an answer's fingerprint: what it was made from, and what was asked for.

    Args:
        state: version of the records and UTC day.
        edition: fingerprint of the code.
        target: path and query.
    """
    return sha256(f"{state[0]} {state[1]} {edition} {target}".encode(errors="surrogateescape")).hexdigest()[
        :20
    ]


def fingerprint_of(mark: str, body: bytes) -> str:
    """An answer's fingerprint: its mark, and that of its body.

    >>> fingerprint_of("abc", b"{}")
    'abc-44136fa355b3678a1146'
    """
    return f"{mark}-{sha256(body).hexdigest()[:20]}"


def find_mark(if_none_match: str, mark: str) -> str | None:
    """The tag in an If-None-Match header that bears a mark: the reader has what would be answered now.

    >>> find_mark('"old-1", W/"new-2.br"', "new")
    '"new-2.br"'
    """
    found = re.search(rf'"{re.escape(mark)}-[0-9a-f]+(\.[a-z]+)?"', if_none_match)
    return found.group() if found else None


def has_body(if_none_match: str, fingerprint: str) -> bool:
    """Whether a tag in an If-None-Match header is of the same body, whenever it was made; `*` is of any.

    >>> has_body('"old-2.br"', "new-2"), has_body('"old-3.br"', "new-2")
    (True, False)
    """
    body = re.escape(fingerprint.rpartition("-")[2])
    return if_none_match.strip() == "*" or bool(re.search(rf'-{body}(\.[a-z]+)?"', if_none_match))


def is_unmodified(if_modified_since: str, since: datetime | None) -> bool:
    """Whether nothing has changed after the time in an If-Modified-Since header (RFC 9110, 13.1.3).

    A header that is no date counts for nothing; so does a time that is not known.

    >>> is_unmodified("Wed, 25 Nov 2026 10:00:00 GMT", datetime(2026, 11, 25, 10, tzinfo=UTC))
    True
    """
    if since is None or not if_modified_since:
        return False
    try:
        asked = parsedate_to_datetime(if_modified_since)
    except (TypeError, ValueError):
        return False
    return since <= asked.replace(tzinfo=asked.tzinfo or UTC)


def is_known(if_none_match: str, tag: str) -> bool:
    """Whether an If-None-Match header names the tag, by weak comparison (RFC 9110, 13.1.2).

    >>> is_known('W/"abc", "abd"', '"abc"')
    True
    >>> is_known('"abc.gzip"', '"abc"')
    False
    """
    return if_none_match.strip() == "*" or tag in if_none_match
