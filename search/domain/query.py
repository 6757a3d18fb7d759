"""What somebody typed into the box, taken apart: words, phrases, what to leave out, author and year."""

from __future__ import annotations

import re
from dataclasses import dataclass

from search.domain.text import fold

MAX_WORDS = 12
_TOKEN = re.compile(r'(?P<not>-)?(?:(?P<field>author|year):)?(?:"(?P<quoted>[^"]*)"|(?P<plain>\S+))', re.I)
_YEARS = re.compile(r"(?P<low>\d{4})?(?P<dash>[-\u2013])?(?P<high>\d{4})?")


@dataclass(frozen=True)
class Query:
    """Words that must be there, phrases, words that must not, surnames, and years from and to."""

    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    year_low: int | None = None
    year_high: int | None = None
    unread_years: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.words or self.phrases or self.authors or self.year_low or self.year_high)

    @property
    def text(self) -> str:
        """The words and phrases without what limits them."""
        return " ".join([*self.phrases, *self.words])


def read_query(text: str) -> Query:
    """Return what the text asks for; a year that cannot be read is left out and named.

    >>> read_query('pain -cancer "low dose" author:Younger year:2010-2015').authors
    ('younger',)
    """
    words: list[str] = []
    phrases: list[str] = []
    excluded: list[str] = []
    authors: list[str] = []
    years: tuple[int | None, int | None] = (None, None)
    unread: list[str] = []
    for token in _TOKEN.finditer(text):
        value = token["quoted"] if token["quoted"] is not None else token["plain"]
        folded, field = fold(value), (token["field"] or "").lower()
        if field == "year":
            read = _read_years(value)
            years = read or (None, None)
            unread += [] if read else [value]
        elif not folded:
            continue
        elif field == "author":
            authors += folded.split()
        elif token["not"]:
            excluded.append(folded)
        elif token["quoted"] is not None:
            phrases.append(folded)
        else:
            words += folded.split()
    return Query(
        tuple(words[:MAX_WORDS]),
        tuple(phrases[:MAX_WORDS]),
        tuple(excluded[:MAX_WORDS]),
        tuple(authors[:MAX_WORDS]),
        *years,
        tuple(unread),
    )


def _read_years(value: str) -> tuple[int | None, int | None] | None:
    match = _YEARS.fullmatch(value)
    low, high = (match["low"], match["high"]) if match else (None, None)
    if not match or not (low or high):
        return None
    first = int(low) if low else None
    last = int(high) if high else (None if match["dash"] else first)
    if first and last and first > last:
        first, last = last, first
    return first, last
