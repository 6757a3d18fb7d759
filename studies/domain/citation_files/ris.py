"""RIS files, and the tagged files of Web of Science, by rispy.

Formats: https://en.wikipedia.org/wiki/RIS_(file_format) and
https://images.webofknowledge.com/images/help/WOS/hs_wos_fieldtags.html - the file is cut into its records
first, so that one that is broken costs no other, and each has a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rispy import RisParser, WokParser
from rispy.config import TAG_KEY_MAPPING, WOK_TAG_KEY_MAPPING

from studies.domain.citation_files.entry import (
    Entry,
    ImportRefusedError,
    Words,
    author_of,
    build_entry,
    unreadable,
)

UNKNOWN = "unknown"
# Tags that say what kind of entry it is, or when somebody looked at it: nothing that a reference needs.
SILENT = frozenset({"TY", "ER", "PT", "ST", "Y2", "DA", "PY", "Y1"})
PUBMED_NAMES = re.compile(r"pubmed|medline|nlm", re.I)
Tags = dict[str, list[str]]


@dataclass(frozen=True)
class Dialect:
    """How a tagged format marks its lines, and which parser reads a record of it."""

    start: re.Pattern[str]
    end: re.Pattern[str]
    parser: type[RisParser]
    mapping: dict[str, str]


RIS = Dialect(re.compile(r"\s*TY {1,2}-"), re.compile(r"\s*ER {1,2}-"), RisParser, TAG_KEY_MAPPING)
WOS = Dialect(re.compile(r"PT( |$)"), re.compile(r"E[RF]\s*$"), WokParser, WOK_TAG_KEY_MAPPING)
# A tag with one blank less than the format asks for, as some programs write it.
LOOSE_TAG = re.compile(r"\s*([A-Z][A-Z0-9]) {1,2}-(?: |$)")


def read_ris(text: str) -> tuple[list[Entry], list[str]]:
    """Return the entries of a RIS file, and what was left out between them.

    Raises ImportRefusedError when no line begins a record (`TY  -`).
    """
    return _read(text, RIS)


def read_web_of_science(text: str) -> tuple[list[Entry], list[str]]:
    """Return the entries of a Web of Science file, and what was left out between them.

    Raises ImportRefusedError when no line begins a record (`PT`).
    """
    return _read(text, WOS)


def _read(text: str, dialect: Dialect) -> tuple[list[Entry], list[str]]:
    entries: list[Entry] = []
    between: list[tuple[int, str]] = []
    for line, chunk in _records(text, dialect, between):
        entries.append(_entry(line, chunk, dialect))
    if not entries:
        raise ImportRefusedError("no record begins anywhere: there is no line with TY (RIS) or PT")
    return entries, _notes(between)


def _records(text: str, dialect: Dialect, between: list[tuple[int, str]]) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line it begins in; lines outside of records go into `between`."""
    chunk: list[str] = []
    begun = 0
    for number, line in enumerate(text.split("\n"), 1):
        if dialect.start.match(line):
            if chunk:
                yield begun, chunk
            chunk, begun = [line], number
        elif not chunk:
            if line.strip():
                between.append((number, line.strip()))
        elif dialect.end.match(line):
            yield begun, chunk
            chunk = []
        else:
            chunk.append(line)
    if chunk:
        yield begun, chunk


def _notes(between: Sequence[tuple[int, str]]) -> list[str]:
    told = [(line, text) for line, text in between if not re.fullmatch(r"[0-9]+\.?|FN .*|VR .*|EF", text)]
    if not told:
        return []
    line, text = told[0]
    return [f"{len(told)} lines between records are left out, the first in line {line}: “{text[:100]}”"]


def _entry(line: int, chunk: Sequence[str], dialect: Dialect) -> Entry:
    shown = "\n".join(chunk)
    try:
        tags = _tags(chunk, dialect)
    except Exception as error:
        return unreadable(line, f"the record cannot be read ({type(error).__name__})", shown)
    return build_entry(line, _ris_words(tags) if dialect is RIS else _wos_words(tags), shown)


def _tags(chunk: Sequence[str], dialect: Dialect) -> Tags:
    """The values of a record by tag, each a list."""
    mapping = {tag: tag for tag in dialect.mapping} | {"UK": UNKNOWN}
    parser = dialect.parser(
        mapping=mapping, list_tags=list(mapping), delimiter_tags_mapping={}, enforce_list_tags=False
    )
    if dialect is RIS:
        chunk = [LOOSE_TAG.sub(r"\1  - ", line, count=1) for line in _folded(chunk)]
        ending = "ER  - "
    else:
        chunk = [line if line.strip() else "   " for line in chunk]
        ending = "ER"
    found = parser.parse_lines(iter([*chunk, ending]))[0]
    unknown = found.pop(UNKNOWN, {})
    said = {**found, **unknown}
    values = {
        str(tag): [each for each in (value if isinstance(value, list) else [value]) if each.strip()]
        for tag, value in said.items()
    }
    return {tag: texts for tag, texts in values.items() if texts}


def _folded(chunk: Sequence[str]) -> list[str]:
    """The lines of a record, each that has no tag put behind the one it goes on from."""
    lines: list[str] = []
    for line in chunk:
        if lines and not LOOSE_TAG.match(line):
            lines[-1] = f"{lines[-1]} {line.strip()}".rstrip()
        else:
            lines.append(line)
    return lines


class _Taken:
    """The tags of a record, remembering which were asked for, and what came twice where one is kept."""

    def __init__(self, tags: Tags) -> None:
        self.tags = tags
        self.asked = set(SILENT)
        self.twice: list[str] = []

    def all(self, *names: str) -> list[str]:
        self.asked |= set(names)
        return [text for name in names for text in self.tags.get(name, [])]

    def first(self, *names: str) -> str | None:
        """The first text of the first of these tags that there is; the others stay left out."""
        name = next((name for name in names if name in self.tags), None)
        if name is None:
            return None
        text, *more = self.all(name)
        self.twice += [f"{name} “{other}”" for other in more if other != text]
        return text

    def whole(self, *names: str) -> str | None:
        """The text of the first of these tags that there is, all its lines."""
        name = next((name for name in names if name in self.tags), None)
        return " ".join(self.all(name)) if name else None

    def rest(self) -> list[str]:
        return [*(tag for tag in self.tags if tag not in self.asked), *self.twice]


def _ris_words(tags: Tags) -> Words:
    taken = _Taken(tags)
    authors = taken.all("AU") or taken.all("A1")
    return Words(
        title=taken.first("TI", "T1", "CT", "BT", "ST"),
        authors=[author_of(name) for name in authors],
        # Of a chapter that has a title of its own, the book.
        journal=taken.first("JF", "T2", "JO", *(["BT"] if {"TI", "T1"} & set(tags) else [])),
        journal_abbrev=taken.first("JA", "J2", "JO"),
        year=taken.first("PY", "Y1", "DA"),
        volume=taken.first("VL", "VO"),
        issue=taken.first("IS", "CP"),
        # A last page alone says nothing of where the paper is.
        pages=_range(taken.first("SP"), taken.first("EP")) if "SP" in tags else None,
        doi=taken.first("DO"),
        pmid=_pubmed_number(taken),
        others=[*taken.all("UR"), *taken.all("ID"), *_known(taken, "AN", "C1", "C2", "M3", "L3")],
        left_out=taken.rest(),
    )


def _wos_words(tags: Tags) -> Words:
    taken = _Taken(tags)
    authors = taken.all("AU") or taken.all("BA", "GP", "CA")
    return Words(
        title=taken.whole("TI"),
        authors=[author_of(name) for name in authors],
        journal=taken.whole("SO"),
        journal_abbrev=taken.whole("JI", "J9"),
        year=taken.whole("PY"),
        volume=taken.whole("VL"),
        issue=taken.whole("IS"),
        pages=_range(taken.whole("BP"), taken.whole("EP")) or taken.whole("AR"),
        doi=taken.whole("DI"),
        pmid=taken.whole("PM"),
        left_out=taken.rest(),
    )


def _range(first: str | None, last: str | None) -> str | None:
    return f"{first}-{last}" if first and last and last not in first.split("-") else first or last


def _pubmed_number(taken: _Taken) -> str | None:
    """The accession number, where the record says that it is PubMed's."""
    number = " ".join(taken.tags.get("AN", []))
    where = " ".join(text for tag in ("DB", "DP", "AN") for text in taken.tags.get(tag, []))
    digits = re.search(r"[0-9]{1,9}", number)
    if not digits or not PUBMED_NAMES.search(where):
        return None
    taken.asked |= {"AN", "DB", "DP"}
    return digits[0]


def _known(taken: _Taken, *names: str) -> list[str]:
    """What stands in fields for anything, where it names itself as an identifier."""
    texts = []
    for name in names:
        said = [
            text
            for text in taken.tags.get(name, [])
            if re.match(r"(?i)10\.|doi|pmc|pmid|nct|isrctn|http", text)
        ]
        if said:
            texts += said
            taken.asked.add(name)
    return texts
