"""Retraction Watch's file as facts. Format: https://gitlab.com/crossref/retraction-watch-data (README)

One row is one notice; a paper may have several, in any order. The file is read row by row and never held
as a whole. Total: whatever bytes come in, facts or an AnswerError come out.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import NamedTuple

from studies.domain.bibliography import AnswerError, NoticeFacts, NoticeKind, PaperEntry, PaperFacts
from studies.domain.identifiers import find_doi, normalise_doi, normalise_pmid
from studies.domain.wording import clean_text, is_same_title, strip_markup

COLUMNS = (
    "Record ID",
    "Title",
    "Journal",
    "Author",
    "RetractionDate",
    "RetractionDOI",
    "RetractionPubMedID",
    "OriginalPaperDate",
    "OriginalPaperDOI",
    "OriginalPaperPubMedID",
    "RetractionNature",
    "Reason",
)
NOTICE_KINDS: dict[str, NoticeKind] = {
    "retraction": "retraction",
    "expression of concern": "concern",
    "correction": "correction",
    "reinstatement": "reinstatement",
}
# A reason with which the paper was replaced by a mended one.
REPLACED = "retract and replace"
# Rows that cannot be read, as a share of all: beyond it the file is not what it should be.
MOST_UNREADABLE = 0.01
# How much smaller than the last one a file may be. More than this is a fault, not mass reinstatement.
MOST_SHRINKAGE = 0.01
US_DATE = re.compile(r"(?P<month>[0-9]{1,2})/(?P<day>[0-9]{1,2})/(?P<year>[0-9]{4})(?: .*)?")
# As a table is written that passed through another program.
ISO_DATE = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})(?:[ T].*)?")


@dataclass(frozen=True)
class Row:
    """One notice, with the identifiers of the paper and those of the notice kept apart."""

    record_id: str
    title: str
    journal: str
    authors: tuple[str, ...]
    paper_doi: str | None
    paper_pmid: int | None
    paper_date: str
    notice_doi: str | None
    notice_pmid: int | None
    notice_date: str
    nature: str
    reason: str


class Tally(NamedTuple):
    """How many rows a file has, and how many of them could not be read."""

    rows: int
    unreadable: int


def read_rows(lines: Iterable[bytes], wanted: Container[str | int]) -> Iterator[Row | Tally]:
    """Yield each row that names a wanted DOI or PubMed number as paper or notice, and at the end the Tally.

    `lines` are the file's lines as bytes. Raises AnswerError when a column is missing, when the file breaks
    off in its last row, when more than one row in a hundred cannot be read, or when there are no rows.
    """
    rows = unreadable = 0
    is_whole = True
    try:
        reader = csv.reader(_texts(lines))
        places = _places(next(reader, []))
        for cells in reader:
            if not cells:
                continue
            rows += 1
            is_whole = _is_whole(cells, places)
            unreadable += not is_whole
            if is_whole and (row := _row(cells, places, wanted)):
                yield row
    except csv.Error as error:
        raise AnswerError(f"the file is no CSV: {clean_text(str(error))[:100]}") from None
    if not rows:
        raise AnswerError("the file has no rows")
    if not is_whole:
        raise AnswerError(f"the file breaks off in its last row, after {rows:,} rows")
    if unreadable > rows * MOST_UNREADABLE:
        raise AnswerError(f"{unreadable:,} of {rows:,} rows cannot be read")
    yield Tally(rows, unreadable)


def has_shrunk(rows: int, last_rows: int | None) -> bool:
    """True when a file has over one row in a hundred less than the last one that was accepted.

    >>> has_shrunk(68_310, 69_000), has_shrunk(68_309, 69_000), has_shrunk(5, None)
    (False, True, False)
    """
    return last_rows is not None and rows < last_rows * (1 - MOST_SHRINKAGE)


def entry_of(rows: Sequence[Row], doi: str | None, pmid: int | None) -> PaperEntry | None:
    """Return what the rows say of a paper, by either identifier; None when no row is about it.

    A row whose notice, but not whose paper, has the identifier tells that the identifier is a notice's. Rows
    with the DOI come first, and with them the title to compare: PubMed numbers are at times another paper's.
    """
    found = (row for row in rows if is_about(row, doi, pmid))
    about = sorted(found, key=lambda row: (not doi or row.paper_doi != doi, row.record_id))
    if about:
        notices = tuple(_notice(row) if _is_like(row, about[0]) else _doubtful(row) for row in about)
        return PaperEntry(_stored(about), partial(_facts, about, notices, is_notice=False))
    named = sorted((row for row in rows if _is_notice(row, doi, pmid)), key=lambda row: row.record_id)
    return PaperEntry(_stored(named), partial(_facts, named, (), is_notice=True)) if named else None


def is_about(row: Row, doi: str | None, pmid: int | None) -> bool:
    """True when the row's paper has one of the identifiers."""
    return bool((doi and row.paper_doi == doi) or (pmid and row.paper_pmid == pmid))


def _is_notice(row: Row, doi: str | None, pmid: int | None) -> bool:
    return bool((doi and row.notice_doi == doi) or (pmid and row.notice_pmid == pmid))


def _is_like(row: Row, first: Row) -> bool:
    """Whether a row is about the paper of the first one, by which its identity is told."""
    is_same_doi = row.paper_doi is not None and row.paper_doi == first.paper_doi
    return is_same_doi or is_same_title(row.title, first.title)


def _texts(lines: Iterable[bytes]) -> Iterator[str]:
    """The lines as text: UTF-8, or what older editions of the file were written in."""
    for number, line in enumerate(lines):
        if number == 0:
            line = line.removeprefix(b"\xef\xbb\xbf")
        try:
            text = line.decode()
        except UnicodeDecodeError:
            text = line.decode("cp1252", "replace")
        yield text.replace("\x00", "")


def _places(header: list[str]) -> dict[str, int]:
    names = [name.strip() for name in header]
    missing = [column for column in COLUMNS if column not in names]
    if missing:
        raise AnswerError(f"the file has no column {', '.join(missing[:3])}")
    return {column: names.index(column) for column in COLUMNS}


def _is_whole(cells: list[str], places: dict[str, int]) -> bool:
    """True when a row reaches to its last column, and names its number and its nature."""
    return len(cells) > max(places.values()) and all(
        cells[places[column]].strip() for column in ("Record ID", "RetractionNature")
    )


def _row(cells: list[str], places: dict[str, int], wanted: Container[str | int]) -> Row | None:
    """The row, when it is about a wanted paper or notice; the rest of it is read only then."""
    dois = [_doi(cells[places[column]]) for column in ("OriginalPaperDOI", "RetractionDOI")]
    columns = ("OriginalPaperPubMedID", "RetractionPubMedID")
    pmids = [normalise_pmid(cells[places[column]]) for column in columns]
    if not any(each and each in wanted for each in (*dois, *pmids)):
        return None
    said = {column: clean_text(cells[place]) for column, place in places.items()}
    return Row(
        record_id=said["Record ID"],
        title=strip_markup(said["Title"]).removesuffix("."),
        journal=said["Journal"],
        authors=tuple(name.strip() for name in said["Author"].split(";") if name.strip()),
        paper_doi=dois[0],
        paper_pmid=pmids[0],
        paper_date=said["OriginalPaperDate"],
        notice_doi=dois[1],
        notice_pmid=pmids[1],
        notice_date=said["RetractionDate"],
        nature=said["RetractionNature"],
        reason=said["Reason"],
    )


def _doi(cell: str) -> str | None:
    """The DOI in a cell; "unavailable" is none."""
    return (normalise_doi(cell) or find_doi(cell)) if "10." in cell else None


def _facts(rows: Sequence[Row], notices: tuple[NoticeFacts, ...], *, is_notice: bool) -> PaperFacts:
    row = rows[0]
    day, _ = read_date(row.paper_date)
    return PaperFacts(
        registry="retraction_watch",
        title=row.title or None,
        first_author=row.authors[0] if row.authors else None,
        journal=row.journal or None,
        year=day.year if day else None,
        doi=None if is_notice else row.paper_doi,
        pmid=None if is_notice else row.paper_pmid,
        notices=notices,
        is_notice=is_notice,
    )


def _notice(row: Row) -> NoticeFacts:
    kind = NOTICE_KINDS.get(row.nature.lower(), "unknown")
    if kind == "retraction" and REPLACED in row.reason.lower():
        kind = "retraction and republication"
    day, said = read_date(row.notice_date)
    doi = row.notice_doi if row.notice_doi != row.paper_doi else None
    pmid = row.notice_pmid if row.notice_pmid != row.paper_pmid else None
    return NoticeFacts(kind, row.nature[:200], doi, pmid, day, said, asserted_by="retraction-watch")


def _doubtful(row: Row) -> NoticeFacts:
    """The notice of a row that bears one of the paper's numbers and another title: for an editor."""
    return replace(_notice(row), kind="unknown", raw_kind=f"{row.nature[:200]} of “{row.title[:300]}”")


def read_date(text: str) -> tuple[date | None, str | None]:
    """Return the day of a date as the file writes it, month first or as 2020-06-05, and its words if any.

    >>> read_date("6/5/2020 0:00")
    (datetime.date(2020, 6, 5), '2020-06-05')
    >>> read_date("2020-06-05") == read_date("6/5/2020 0:00")
    True
    """
    match = US_DATE.fullmatch(text) or ISO_DATE.fullmatch(text)
    if not match:
        return None, text[:40] or None
    try:
        found = date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError:
        return None, text[:40]
    return found, found.isoformat()


def _stored(rows: Sequence[Row]) -> str:
    return json.dumps([row.__dict__ for row in rows], sort_keys=True, indent=1, ensure_ascii=True)
