"""Tables of citations as CSV, with a line of headings that tells what each column holds.

Format: RFC 4180; commas, semicolons or tabs. The headings are those of PubMed, Zotero, Scopus, Embase,
Cochrane CENTRAL, ClinicalTrials.gov and Retraction Watch.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from studies.domain.citation_files.entry import (
    Entry,
    ImportRefusedError,
    Words,
    author_of,
    build_entry,
    unreadable,
)

# A cell holds an abstract at most.
LARGEST_CELL = 1_000_000
COLUMNS: dict[str, str] = {
    heading: field
    for field, headings in {
        "title": ("title", "article title", "document title", "study title", "ti"),
        "authors": ("authors", "author", "author(s)", "author names", "au"),
        "journal": (
            *("journal", "journal/book", "journal title", "publication title", "source title", "source"),
            *("publication name", "secondary title"),
        ),
        "journal_abbrev": ("journal abbreviation", "abbreviated source title", "journal_abbrev"),
        "year": (
            *("year", "publication year", "pub year", "year of publication", "originalpaperdate", "date"),
            "publication date",
        ),
        "volume": ("volume", "vol"),
        "issue": ("issue", "number"),
        "pages": ("pages", "page range"),
        "first_page": ("page start", "start page", "first page"),
        "article_number": ("article number", "art. no.", "elocation"),
        "last_page": ("page end", "end page", "last page"),
        "doi": ("doi", "originalpaperdoi", "digital object identifier"),
        "pmid": ("pmid", "pubmed id", "medline pmid", "pubmed_id", "originalpaperpubmedid", "pubmedid"),
        "pmcid": ("pmcid", "pmc", "pmc id"),
        "registry_ids": ("nct number", "nct id", "registry id", "trial registration", "registration number"),
    }.items()
    for heading in headings
}
IDENTIFYING = {"title", "doi", "pmid", "pmcid", "registry_ids"}
SEPARATOR = re.compile(r"\A\s*\"?sep=.\"?[ ,;\t]*\n", re.I)
# Written where PubMed has no number.
NO_NUMBER = {"0", "-", "n/a", "na", "none", "unavailable"}


def headings_of(text: str) -> str:
    """Return the line of headings: the first one but what Excel reads for the separator (`sep=;`)."""
    return SEPARATOR.sub("", text, count=1).lstrip("\n").partition("\n")[0]


def columns_of(line: str) -> Mapping[int, str]:
    """Return which field each column of a line of headings holds; {} when it is no such line."""
    try:
        headings = next(csv.reader([line], delimiter=delimiter_of(line)), [])
    except csv.Error:
        return {}
    named = [(n, COLUMNS.get(heading.strip().casefold())) for n, heading in enumerate(headings)]
    found: dict[int, str] = {}
    for n, field in named:
        if field and field not in found.values():  # of two columns for one thing the first counts
            found[n] = field
    return found if set(found.values()) & IDENTIFYING else {}


def delimiter_of(line: str) -> str:
    """Return what separates the columns: whichever of comma, semicolon and tab comes most often."""
    return max(",;\t", key=line.count)


def read_table(text: str) -> tuple[list[Entry], list[str]]:
    """Return the entries of a CSV file, one a row.

    Raises ImportRefusedError when no column of the first line is known, or there are no rows.
    """
    heading = headings_of(text)
    text = SEPARATOR.sub("\n", text, count=1)  # the lines keep their numbers
    columns = columns_of(heading)
    if not columns:
        raise ImportRefusedError(
            "no column of the first line is known: call one title, doi, pmid or NCT number", 1
        )
    headings = next(csv.reader([heading], delimiter=delimiter_of(heading)))
    unknown = [h.strip() for n, h in enumerate(headings) if n not in columns and h.strip()]
    entries = _rows(text, delimiter_of(heading), columns)
    if not entries:
        raise ImportRefusedError("the table has a line of headings and no rows")
    notes = [f"columns that are not kept: {', '.join(unknown)[:500]}"] if unknown else []
    return entries, notes


def _rows(text: str, delimiter: str, columns: Mapping[int, str]) -> list[Entry]:
    with _cells_up_to(LARGEST_CELL):
        return _read_rows(text, delimiter, columns)


@contextmanager
def _cells_up_to(characters: int) -> Iterator[None]:
    """Python's reader of CSV has one limit for the whole process, which other files count on."""
    before = csv.field_size_limit(characters)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _read_rows(text: str, delimiter: str, columns: Mapping[int, str]) -> list[Entry]:
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    entries: list[Entry] = []
    is_heading, begun = True, 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return entries
        except csv.Error as error:
            entries.append(unreadable(begun, f"the row cannot be read: {error}", ""))
            begun = reader.line_num + 1
            continue
        if any(cell.strip() for cell in row):
            if not is_heading:
                entries.append(_entry(begun, row, columns, delimiter))
            is_heading = False
        begun = reader.line_num + 1


def _entry(line: int, row: Sequence[str], columns: Mapping[int, str], delimiter: str) -> Entry:
    cells = {field: row[n].strip() for n, field in columns.items() if n < len(row) and row[n].strip()}
    from_to = "-".join(filter(None, (cells.get("first_page"), cells.get("last_page"))))
    pages = cells.get("pages") or from_to or cells.get("article_number")
    pmid = cells.get("pmid")
    words = Words(
        title=cells.get("title"),
        authors=_authors(cells.get("authors", "")),
        journal=cells.get("journal"),
        journal_abbrev=cells.get("journal_abbrev"),
        year=cells.get("year"),
        volume=cells.get("volume"),
        issue=cells.get("issue"),
        pages=pages,
        doi=None if (cells.get("doi") or "").casefold() in NO_NUMBER else cells.get("doi"),
        pmid=None if (pmid or "").casefold() in NO_NUMBER else re.sub(r"\.0$", "", pmid or ""),
        pmcid=cells.get("pmcid"),
        registry_ids=re.split(r"[;,|\s]+", cells.get("registry_ids", "")),
    )
    return build_entry(line, words, delimiter.join(row))


def _authors(cell: str) -> list[str]:
    """Names between semicolons; between commas only where each is a surname with initials, as in PubMed's."""
    names = [name.strip() for name in re.split(r"[;|]", cell) if name.strip()]
    if len(names) == 1:
        by_comma = [name.strip() for name in names[0].rstrip(".").split(",")]
        if len(by_comma) > 1 and all(
            re.fullmatch(r".+ [A-Z]{1,4}(?: (?:Jr|Sr|[23][nr]d))?", n) for n in by_comma
        ):
            return by_comma
    return [author_of(name) for name in names]
