"""What somebody typed into the box, taken apart: words, phrases, what to leave out, author and year."""

from __future__ import annotations

import re
from dataclasses import dataclass

from search.domain.text import fold

MAX_WORDS = 12
_PART = (
    r"(?P<not>[-\u2013\u2212]{also})?(?:(?P<field>author|year):\s*)?"
    r'(?:"(?P<quoted>[^"]*)"|(?P<plain>\S+))'
)
# Between two words of which one is enough; no text folds to this.
OR = "|"
# The OR of libraries' catalogues, where plain words stand on both sides.
_EITHER = re.compile(r'(?<!\S)(?P<one>[^\s":\-][^\s":]*)\s+(?:OR|ODER)(?=\s+[^\s":\-][^\s":]*(?:\s|$))')
_MINUS = re.compile(_PART.format(also=""), re.I)
# The NOT of libraries' catalogues, as they write it; where all is in capitals it is a word like others.
_MINUS_OR_NOT = re.compile(_PART.format(also=r"|(?-i:NOT)\s+"), re.I)
# As telephones and German keyboards write them.
_QUOTES = str.maketrans(dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb", '"'))
_AND_OTHERS = re.compile(r"(?<!\S)et\s+al\b\.?", re.I)
_YEARS = re.compile(r"(?P<low>\d{4})?(?P<dash>[-\u2013])?(?P<high>\d{4})?")


@dataclass(frozen=True)
class Query:
    """Words that must be there, phrases, what must not be there, surnames, and years from and to.

    Among the words OR stands between two of which one is enough.
    """

    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    year_low: int | None = None
    year_high: int | None = None
    unread_years: tuple[str, ...] = ()
    excluded_authors: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.words or self.phrases or self.authors or self.year_low or self.year_high)

    @property
    def text(self) -> str:
        """The words and phrases without what limits them."""
        return " ".join([*self.phrases, *self.words])


def read_query(text: str) -> Query:
    """Return what the text asks for; a year that cannot be read, or must not be, is left out and named.

    >>> read_query('pain -cancer "low dose" author:Younger year:2010-2015').authors
    ('younger',)
    >>> read_query("fatigue crohn OR colitis").words
    ('fatigue', 'crohn', '|', 'colitis')
    """
    words: list[str] = []
    phrases: list[str] = []
    excluded: list[str] = []
    authors: list[str] = []
    others: list[str] = []
    years: tuple[int | None, int | None] = (None, None)
    unread: list[str] = []
    text = text.replace(OR, " ")
    token_of = _MINUS
    if not text.isupper():
        token_of, text = _MINUS_OR_NOT, _EITHER.sub(rf"\g<one> {OR}", text)
    for token in token_of.finditer(_AND_OTHERS.sub(" ", text.translate(_QUOTES))):
        value = token["quoted"] if token["quoted"] is not None else token["plain"]
        folded, field = fold(value), (token["field"] or "").lower()
        if value == OR:
            words.append(OR)
        elif field == "year":
            read = None if token["not"] else _read_years(value)
            years = read or (None, None)
            unread += [] if read else [value]
        elif not folded or value.lower() in ("author:", "year:"):
            continue
        elif field == "author":
            (others if token["not"] else authors).extend(folded.split())
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
        tuple(others[:MAX_WORDS]),
    )


def _read_years(value: str) -> tuple[int | None, int | None] | None:
    match = _YEARS.fullmatch(value)
    low, high = (match["low"], match["high"]) if match else (None, None)
    if not match or not int(low or high or 0):
        return None
    first = int(low) if low else None
    last = int(high) if high else (None if match["dash"] else first)
    if first and last and first > last:
        first, last = last, first
    return first, last
