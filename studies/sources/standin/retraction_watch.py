"""Retraction Watch's file, as the stand-in serves it: rows about our papers among rows about others."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date

from studies.sources.standin.papers import Paper, Papers, Said
from studies.sources.standin.wire import Answer, Pool, Question

PATH = "/retraction_watch.csv"
# With the empty last column that the real one has.
COLUMNS = (
    *("Record ID", "Title", "Subject", "Institution", "Journal", "Publisher", "Country", "Author", "URLS"),
    *("ArticleType", "RetractionDate", "RetractionDOI", "RetractionPubMedID", "OriginalPaperDate"),
    *("OriginalPaperDOI", "OriginalPaperPubMedID", "RetractionNature", "Reason", "Paywalled", "Notes", ""),
)
NATURES = {
    "retraction": "Retraction",
    "withdrawal": "Retraction",
    "retract and republish": "Retraction",
    "concern": "Expression of concern",
    "correction": "Correction",
    "reinstatement": "Reinstatement",
    "unknown type": "Something new",
}


def answer(papers: Papers, _question: Question) -> Answer:
    """Return the file."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(_fillers(papers.filler_rows))
    number = 500_000
    for paper in papers.all():
        for said in paper.notices:
            number += 1
            writer.writerow(row(str(number), paper, said))
        if paper.notice_of:
            number += 1
            retracted = Paper(title="The paper that it retracts", doi=paper.notice_of)
            writer.writerow(row(str(number), retracted, Said("retraction", notice_doi=paper.doi)))
    return Answer(200, "text/csv", text.getvalue().encode())


def pool_of(_question: Question) -> Pool:
    """Return the pool that a question belongs to."""
    return Pool("retraction_watch", 1)


def row(number: str, paper: Paper, said: Said) -> list[str]:
    """Return one notice about a paper as a row."""
    reason = "Retract and Replace;" if said.kind == "retract and republish" else "Unreliable Data;"
    day = date.fromisoformat(said.on) if len(said.on) == 10 else date(2024, 1, 1)
    fields = {
        "Record ID": number,
        "Title": paper.title,
        "Journal": paper.journal or "",
        "Author": ";".join(_whole_name(name) for name in paper.authors),
        "RetractionDate": f"{day.month}/{day.day}/{day.year} 0:00",
        "RetractionDOI": said.notice_doi or "unavailable",
        "RetractionPubMedID": str(said.notice_pmid or 0),
        "OriginalPaperDate": f"1/2/{paper.year} 0:00" if paper.year else "",
        "OriginalPaperDOI": paper.doi or "unavailable",
        "OriginalPaperPubMedID": str(paper.pmid or 0),
        "RetractionNature": NATURES.get(said.kind, said.kind),
        "Reason": reason,
        "Paywalled": "No",
    }
    return [fields.get(column, "") for column in COLUMNS]


def _whole_name(name: str) -> str:
    surname, _, initials = name.rpartition(" ")
    return f"{initials} {surname}" if surname else name


def _fillers(count: int) -> Iterator[list[str]]:
    for number in range(count):
        paper = Paper(title=f"Another paper, number {number}", doi=f"10.9999/filler.{number}", year=2019)
        yield row(str(number + 1), paper, Said("retraction", notice_doi=f"10.9999/notice.{number}"))
