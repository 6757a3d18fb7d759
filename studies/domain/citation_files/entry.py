"""What one entry of a citation file says, in the words of a study's record, or why it says nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from studies.domain.identifiers import (
    find_doi,
    find_identifier,
    normalise_doi,
    normalise_pmcid,
    normalise_pmid,
    normalise_registry_id,
)
from studies.domain.json_answer import title_of
from studies.domain.wording import clean_text, expand_pages, initials_of, strip_markup

# As much of an entry that cannot be read as a person needs to find it again.
SHOWN_CHARACTERS = 2_000
# More people than this in one entry are no list of authors.
MOST_AUTHORS = 5_000
SUFFIX = re.compile(r"(?:Jr|Sr|II|III|IV|[23](?:nd|rd))\.?", re.I)
# A group's name may hold a comma: "Department of Health, Education and Welfare".
GROUP_WORDS = re.compile(r"\b(?:and|for|of|the|group|committee|team|consortium|collaboration)\b", re.I)
YEAR = re.compile(r"(?<![0-9])(?:1[5-9]|20|21)[0-9]{2}(?![0-9])")


class ImportRefusedError(ValueError):
    """A file of which nothing can be read; `line` is where the trouble is, when it is at one place."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(f"line {line:,}: {reason}" if line else reason)
        self.reason = reason
        self.line = line


@dataclass(frozen=True)
class Citation:
    """One publication or trial as a file names it. A field is None or () where the file does not say it.

    `line` is where the entry begins, from 1. `left_out` names what of the entry is not kept, in its own tags.
    """

    line: int
    title: str | None = None
    authors: tuple[str, ...] = ()
    journal: str | None = None
    journal_abbrev: str | None = None
    year: int | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    doi: str | None = None
    pmid: int | None = None
    pmcid: str | None = None
    registry_ids: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def is_trial(self) -> bool:
        """True for a registered trial itself, as opposed to a paper that names its number."""
        return bool(self.registry_ids) and not (self.doi or self.pmid or self.pmcid or self.journal)


@dataclass(frozen=True)
class Unreadable:
    """An entry that cannot be used: where it begins, why, and its own text, cut."""

    line: int
    reason: str
    text: str = ""


Entry = Citation | Unreadable


@dataclass(frozen=True)
class Words:
    """The texts of an entry, each as the file has it. `others` are places where an identifier may be."""

    title: str | None = None
    authors: Iterable[str] = ()
    journal: str | None = None
    journal_abbrev: str | None = None
    year: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    doi: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    registry_ids: Iterable[str] = ()
    others: Iterable[str] = ()
    left_out: Iterable[str] = ()


def build_entry(line: int, words: Words, text: str) -> Entry:
    """Return the citation that the words make, or that they make none.

    Args:
        line: where the entry begins.
        words: what it says.
        text: the entry as it stands, to show when nothing identifies it.

    An identifier that is none is named in `left_out`, with its text; nothing is guessed.
    """
    found, numbers, wrong = _identifiers(words)
    title = title_of(words.title or "")
    if not (title or numbers or any(found.values())):
        return unreadable(line, "it has neither a title nor an identifier", text)
    authors = (clean_text(strip_markup(name)) for name in words.authors)
    return Citation(
        line=line,
        title=title,
        authors=tuple(name for name in authors if name)[:MOST_AUTHORS],
        journal=plain(words.journal),
        journal_abbrev=plain(words.journal_abbrev),
        year=year_in(words.year),
        volume=plain(words.volume),
        issue=plain(words.issue),
        pages=_pages(words.pages),
        doi=found["doi"],
        pmid=int(found["pmid"]) if found["pmid"] else None,
        pmcid=found["pmcid"],
        registry_ids=tuple(dict.fromkeys(numbers)),
        left_out=tuple(dict.fromkeys([*(clean_text(each)[:200] for each in words.left_out), *wrong])),
    )


def unreadable(line: int, reason: str, text: str) -> Unreadable:
    """Return an entry that cannot be used, with as much of its text as is shown."""
    kept = "".join(c for c in text[:SHOWN_CHARACTERS] if c in "\n\t" or c.isprintable())
    return Unreadable(line, clean_text(reason)[:500], kept.strip())


def plain(text: str | None) -> str | None:
    """Return a text on one line, without markup; None when nothing is left."""
    return strip_markup(text) or None if text else None


def year_in(text: str | None) -> int | None:
    """Return the first year of a date as it was written.

    >>> year_in("1948/07//"), year_in("2012 Oct"), year_in("in press")
    (1948, 2012, None)
    """
    match = YEAR.search(text or "")
    return int(match[0]) if match else None


def author_of(name: str) -> str:
    """Return surname and initials of a name written surname first; what is no person's name stays.

    >>> author_of("Shannon,Claude E."), author_of("Due Bruun, Karin"), author_of("Smith, John, Jr.")
    ('Shannon CE', 'Due Bruun K', 'Smith J Jr')
    >>> author_of("Fanning E."), author_of("Long COVID Study Group"), author_of("Smith, Jr., John")
    ('Fanning E', 'Long COVID Study Group', 'Smith J Jr')
    """
    name = clean_text(name).strip(" ,;")
    parts = [part.strip() for part in name.split(",") if part.strip()]
    if len(parts) == 1:
        match = re.fullmatch(r"(.*\S)\s+((?:[^\W\d_]\.[\s-]?)+)", parts[0])
        return f"{match[1]} {initials_of(match[2])}" if match else parts[0]
    if not parts or len(parts) > 3 or GROUP_WORDS.search(name):
        return name
    suffixes = [part.rstrip(".") for part in parts[1:] if SUFFIX.fullmatch(part)]
    given = [part for part in parts[1:] if not SUFFIX.fullmatch(part)]
    if len(given) > 1 or len(suffixes) > 1:
        return name
    initials = initials_of(given[0]) if given else ""
    return " ".join(filter(None, [parts[0], initials, *suffixes]))


def _pages(text: str | None) -> str | None:
    pages = expand_pages(re.sub(r"-{2,}", "-", plain(text) or "").strip("-"))
    return pages or None


def _identifiers(words: Words) -> tuple[dict[str, str | None], list[str], list[str]]:
    """The identifiers in their one written form, registration numbers, and what is no identifier at all."""
    pmid = normalise_pmid(words.pmid) if words.pmid else None
    found = {
        "doi": normalise_doi(words.doi) or find_doi(words.doi) if words.doi else None,
        "pmid": str(pmid) if pmid else None,
        "pmcid": normalise_pmcid(words.pmcid) if words.pmcid else None,
    }
    wrong = [
        f"{label} “{clean_text(said)[:100]}”, which is none"
        for label, name, said in (
            ("DOI", "doi", words.doi),
            ("PMID", "pmid", words.pmid),
            ("PMCID", "pmcid", words.pmcid),
        )
        if said and said.strip() and not found[name]
    ]
    numbers: list[str] = []
    for text in filter(None, words.registry_ids):
        if number := normalise_registry_id(text):
            numbers.append(number)
        else:
            wrong.append(f"registration number “{clean_text(text)[:100]}”, which is none")
    for text in words.others:
        other = find_identifier(text) if not text.strip().isdigit() else None
        if other and other.kind == "registry":
            numbers.append(other.value)
        elif other and not found[other.kind]:
            found[other.kind] = other.value
    return found, numbers, wrong
