"""Dates as notices name them: "2010 Feb 6", "2010-02", "2010"; whole or in part."""

from __future__ import annotations

import re
from datetime import date, timedelta

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CITED = re.compile(r"\b((?:1[89]|20)[0-9]{2})(?: ([A-Z][a-z]{2})(?: ([0-9]{1,2}))?)?\b")
# A year in brackets tells series of one journal apart: "J Appl Physiol (1985). 2012 Jan;112(1):1".
_OUTSIDE_BRACKETS = re.compile(r"(?<!\()" + _CITED.pattern)
_WRITTEN = re.compile(r"([0-9]{4})(?:[- ]([0-9]{1,2}|[A-Za-z]{3}))?(?:[- ]([0-9]{1,2}))?")


def cited_date(source: str) -> tuple[date | None, str | None]:
    """Return the day that "Lancet. 2010 Feb 6;375(9713):445" names, if it names one, and its words for it.

    >>> cited_date("Lancet. 2010 Feb 6;375(9713):445"), cited_date("Lancet. 2010 Feb;375")
    ((datetime.date(2010, 2, 6), '2010 Feb 6'), (None, '2010 Feb'))
    """
    match = _OUTSIDE_BRACKETS.search(source) or _CITED.search(source)
    if not match:
        return None, None
    first, last = span_of(match[0])
    return (first if first == last and match[3] else None), match[0]


def span_of(text: str | None) -> tuple[date | None, date | None]:
    """Return the first and the last day that a date, whole or in part, can mean; (None, None) without one.

    >>> span_of("2010-02"), span_of("soon")
    ((datetime.date(2010, 2, 1), datetime.date(2010, 2, 28)), (None, None))
    """
    match = _WRITTEN.fullmatch((text or "").strip())
    if not match:
        return None, None
    year, month, day = int(match[1]), _month(match[2]), int(match[3]) if match[3] else None
    try:
        if match[2] and month is None:
            return None, None
        if day:
            return date(year, month or 1, day), date(year, month or 1, day)
        if month:
            after = date(year + (month == 12), month % 12 + 1, 1)
            return date(year, month, 1), after - timedelta(days=1)
        return date(year, 1, 1), date(year, 12, 31)
    except (ValueError, OverflowError):
        return None, None


def _month(text: str | None) -> int | None:
    if not text:
        return None
    if text.isdigit():
        return int(text)
    return MONTHS.index(text.lower()) + 1 if text.lower() in MONTHS else None
