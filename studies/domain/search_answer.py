"""What a search of PubMed (esearch, esummary) or ClinicalTrials.gov (API v2) found, as facts.

Formats: https://www.ncbi.nlm.nih.gov/books/NBK25499/ and https://clinicaltrials.gov/data-api/api - total:
facts or an AnswerError come out of any bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from studies.domain.bibliography import AnswerError
from studies.domain.cited_date import span_of
from studies.domain.clinicaltrials_answer import parse_studies
from studies.domain.identifiers import normalise_doi, normalise_pmcid, normalise_pmid
from studies.domain.json_answer import object_of, objects_of, pmid_of, read_json, text_of, title_of, whole_of
from studies.domain.wording import normalise_title

# Words of a query that say nothing about what was found.
GLUE = frozenset({"and", "or", "not", "the", "of", "in", "for", "with", "a", "an", "to"})


@dataclass(frozen=True)
class FoundEntry:
    """One paper or trial that a search found. `identifier` is its PubMed or NCT number as text."""

    registry: str
    identifier: str
    title: str
    authors: tuple[str, ...] = ()
    year: int | None = None
    journal: str | None = None
    doi: str | None = None
    pmid: int | None = None
    pmcid: str | None = None
    registry_id: str | None = None


class NumberPage(NamedTuple):
    """A page of PubMed numbers, and how many there are in all."""

    pmids: tuple[int, ...]
    total: int


class TrialPage(NamedTuple):
    """A page of trials, and the mark that asks for the next one, "" after the last."""

    entries: tuple[FoundEntry, ...]
    next_page: str


def parse_esearch(body: bytes) -> NumberPage:
    """Return the numbers that esearch found. Raises AnswerError for anything but a whole result."""
    result = object_of(object_of(read_json(body)).get("esearchresult"))
    error = text_of(result.get("ERROR"))
    if error:
        raise AnswerError(f"PubMed cannot search: {error[:200]}")
    total, numbers = whole_of(result.get("count")), result.get("idlist")
    if total is None or not isinstance(numbers, list):
        raise AnswerError("the list of numbers or their count is missing")
    pmids = tuple(pmid for number in numbers if (pmid := pmid_of(number)))
    if len(pmids) < len(numbers):
        raise AnswerError("the list of numbers holds something else")
    return NumberPage(tuple(dict.fromkeys(pmids)), total)


def parse_esummary(body: bytes) -> dict[int, FoundEntry]:
    """Return the papers by PubMed number; one without a title is left out. Raises AnswerError."""
    result = object_of(object_of(read_json(body)).get("result"))
    if not isinstance(result.get("uids"), list):
        raise AnswerError("the result is missing")
    entries = {}
    for name, value in result.items():
        pmid, paper = normalise_pmid(name), object_of(value)
        title = title_of(paper.get("title"))
        if name != "uids" and pmid and title and not paper.get("error"):
            entries[pmid] = _paper(pmid, title, paper)
    return entries


def _paper(pmid: int, title: str, paper: dict[str, object]) -> FoundEntry:
    ids = {
        text_of(each.get("idtype")): text_of(each.get("value"))
        for each in objects_of(paper.get("articleids"))
    }
    names = (text_of(each.get("name")) for each in objects_of(paper.get("authors")))
    year = re.match(r"(1[5-9]|2[01])[0-9]{2}", text_of(paper.get("pubdate")) or "")
    return FoundEntry(
        registry="pubmed",
        identifier=str(pmid),
        title=title,
        authors=tuple(name for name in names if name),
        year=int(year.group()) if year else None,
        journal=text_of(paper.get("fulljournalname")) or text_of(paper.get("source")),
        doi=normalise_doi(ids.get("doi") or ""),
        pmid=pmid,
        pmcid=normalise_pmcid(ids.get("pmc") or ""),
    )


def parse_trial_search(body: bytes) -> TrialPage:
    """Return a page of trials. Raises AnswerError when it is no list of studies."""
    entries = []
    for number, entry in parse_studies(body).items():
        facts = entry.facts
        start = span_of(facts.start)[0] if facts.start else None
        entries.append(
            FoundEntry(
                registry="clinicaltrials",
                identifier=number,
                title=facts.title or facts.official_title or number,
                authors=(facts.sponsor,) if facts.sponsor else (),
                year=start.year if start else None,
                registry_id=number,
            )
        )
    return TrialPage(tuple(entries), text_of(object_of(read_json(body)).get("nextPageToken")) or "")


def matched_words(query: str, text: str) -> tuple[str, ...]:
    """Return the words of a query that stand in a text, in the query's order.

    >>> matched_words('("low dose naltrexone"[tiab] OR LDN) AND trial[pt]', "Low-dose naltrexone in pain")
    ('low', 'dose', 'naltrexone')
    """
    there = set(normalise_title(text).split())
    asked = normalise_title(re.sub(r"\[[^\]]*\]", " ", query)).split()
    return tuple(dict.fromkeys(word for word in asked if word in there and word not in GLUE))
