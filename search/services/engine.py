"""What an engine of search is asked and answers, whichever it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from search.services.understanding import Understood

PAGE_SIZE = 20
MOST_PAGES = 50
# A text of a few sentences is shown whole, so that no finding loses its "not"; of longer ones, fragments.
WHOLE = 600
# So many matches are counted, so many of them ranked: a word of every page costs no more than others.
MOST_COUNTED = 5_000
MARK, END = "\x02", "\x03"
LISTS = {
    "condition": "conditions",
    "dose": "dose_bands",
    "certainty": "certainties",
    "direction": "directions",
}
SINGLES = {"kind": "kind", "design": "design", "status": "status", "year": "year"}
TRUTHS = {"numbers": "has_numbers", "open": "open_access"}


@dataclass(frozen=True)
class Hit:
    kind: str
    path: str
    title: str
    byline: str
    snippet: str
    design: str | None
    year: int | None
    status: str | None
    conditions: list[str]


@dataclass(frozen=True)
class Found:
    """A page of hits, how many there are (at least, where `is_more`), and counts by facet and value."""

    understood: Understood
    hits: list[Hit] = field(default_factory=list)
    n: int = 0
    is_more: bool = False
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    nearest: list[Hit] = field(default_factory=list)


class Engine(Protocol):
    """What differs between engines: how an understood question is answered."""

    def ask(
        self, understood: Understood, filters: dict[str, str], page: int, *, nearest: bool = False
    ) -> Found:
        """Return what matches every word and every filter; `nearest`: any known word, best first."""
