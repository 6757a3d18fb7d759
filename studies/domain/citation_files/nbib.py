"""MEDLINE's tagged format, as PubMed saves it (.nbib).

Format: https://www.nlm.nih.gov/bsd/mms/medlineelements.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from studies.domain.citation_files.entry import (
    Entry,
    ImportRefusedError,
    Words,
    author_of,
    build_entry,
    unreadable,
)
from studies.domain.identifiers import normalise_registry_id

# "TI  - A title"; a line that begins with blanks goes on.
TAG = re.compile(r"(?P<tag>[A-Z]{2,4}) {0,2}- ?(?P<value>.*)")
FIRST = ("PMID", "BTI")
# Who keeps the record, when it was changed: nothing that a reference needs.
SILENT = frozenset(
    [
        "OWN",
        "STAT",
        "DA",
        "DCOM",
        "LR",
        "PUBM",
        "SB",
        "EDAT",
        "MHDA",
        "CRDT",
        "PHST",
        "PST",
        "JID",
        "IS",
        "SO",
        "FAU",
        "FED",
        "FIR",
        "LA",
        "PL",
        "DP",
        "DEP",
        "DRDT",
        "CTDT",
        "COI",
    ]
)
Field = tuple[str, str]


def read_nbib(text: str) -> tuple[list[Entry], list[str]]:
    """Return the entries of a MEDLINE file, and what was left out between them.

    Raises ImportRefusedError when no line begins a record (`PMID-`).
    """
    entries = [_entry(line, fields, shown) for line, fields, shown in _records(text)]
    if not entries:
        raise ImportRefusedError("no record begins anywhere: there is no line with PMID-")
    return entries, []


def _records(text: str) -> Iterator[tuple[int, list[Field], str]]:
    """A record begins with its PMID, or after an empty line."""
    begun, fields, lines = 0, list[Field](), list[str]()
    for number, line in enumerate(text.split("\n"), 1):
        match = TAG.match(line)
        starts = bool(match and match["tag"] in FIRST and match["tag"] in {tag for tag, _ in fields})
        if (not line.strip() or starts) and lines:
            yield begun, fields, "\n".join(lines)
            fields, lines = [], []
        if not line.strip():
            continue
        begun = begun if lines else number
        lines.append(line)
        if match:
            fields.append((match["tag"], match["value"].strip()))
        elif fields:
            tag, value = fields[-1]
            fields[-1] = (tag, f"{value} {line.strip()}")
    if lines:
        yield begun, fields, "\n".join(lines)


def _entry(line: int, fields: list[Field], shown: str) -> Entry:
    if not fields:
        return unreadable(line, "no line of it begins with a tag, such as TI  -", shown)
    asked = set(SILENT)

    def every(*tags: str) -> list[str]:
        asked.update(tags)
        return [value for tag in tags for name, value in fields if name == tag and value]

    def first(*tags: str) -> str | None:
        return next((found[0] for tag in tags if (found := every(tag))), None)

    locations = every("AID", "LID")
    numbers = {each: each.partition("/")[2] or each for each in every("SI")}
    known = {each: number for each, number in numbers.items() if normalise_registry_id(number)}
    others = [each for each in locations if not each.endswith("[doi]")]
    title = first("TI", "TT", "BTI")
    words = Words(
        title=re.sub(r"^\[(.*)\]\.?$", r"\1", title) if title else None,
        # Some programs write the full names alone.
        authors=(every("AU") or [author_of(name) for name in every("FAU")]) + every("CN"),
        journal=first("JT"),
        journal_abbrev=first("TA"),
        year=first("DP") or (first("DEP") or "")[:4],
        volume=first("VI"),
        issue=first("IP"),
        pages=first("PG"),
        doi=next((each.removesuffix("[doi]").strip() for each in locations if each.endswith("[doi]")), None),
        pmid=first("PMID"),
        pmcid=first("PMC"),
        registry_ids=known.values(),
        left_out=dict.fromkeys(
            [
                *(tag for tag, _ in fields if tag not in asked),
                *(n for n in numbers if n not in known),
                *others,
            ]
        ),
    )
    return build_entry(line, words, shown)
