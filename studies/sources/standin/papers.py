"""What the stand-in registries know: the corpus' own citations and registered trials."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from studies.domain.wording import normalise_title

# Surname, initials, suffix.
PERSON = re.compile(r"(.+?) ([A-Z]{1,5})(?: (Jr|Sr|2nd|3rd))?")


@dataclass(frozen=True)
class Said:
    """A notice about a paper, which each registry words in its own way.

    `kind`: retraction, concern, correction, reinstatement, withdrawal, "retract and republish" or
    "unknown type". `on` is "2024-02-03", or shorter when the day is not known.
    """

    kind: str
    on: str = "2024-02-03"
    notice_doi: str | None = "10.1000/notice"
    notice_pmid: int | None = None


@dataclass(frozen=True)
class Paper:
    """A citation, and what the registries say of it besides.

    `notices` are worded by each registry itself. Raw entries in a registry's own words stand beside them:
    `updated_by` and `update_to` hold Crossref's objects; `links` pairs of (RefType, RefSource) and `types`
    pairs of (UI, name) PubMed's and Europe PMC's. `notice_of` is the DOI of the paper that this one, a
    notice, retracts; `is_retracted` is OpenAlex's word when it is not to follow from the notices.
    """

    title: str
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
    updated_by: tuple[dict[str, Any], ...] = ()
    update_to: tuple[dict[str, Any], ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    types: tuple[tuple[str, str], ...] = (("D016428", "Journal Article"),)
    notices: tuple[Said, ...] = ()
    notice_of: str | None = None
    is_retracted: bool | None = None


@dataclass(frozen=True)
class StandinTrial:
    """A registered trial; `status` in ClinicalTrials.gov's own word, dates as exact as known."""

    registry_id: str
    title: str
    other_ids: tuple[str, ...] = ()
    interventions: tuple[str, ...] = ()
    status: str = "COMPLETED"
    why_stopped: str | None = None
    phase: str | None = None
    enrolment: int | None = None
    sponsor: str | None = None
    start: str | None = None
    primary_completion: str | None = None
    completion: str | None = None
    results_first_posted_on: str | None = None


_COPIED = ("title", "journal", "journal_abbrev", "year", "volume", "issue", "pages", "doi", "pmid", "pmcid")


@dataclass
class Papers:
    """Papers by DOI (lower case) and by PMID, and trials; a test may change them while the server runs.

    `version` is the moment of ClinicalTrials.gov's data; `filler_rows` is how many rows about other papers
    Retraction Watch's file has besides ours.
    """

    by_doi: dict[str, Paper] = field(default_factory=dict)
    by_pmid: dict[int, Paper] = field(default_factory=dict)
    trials: dict[str, StandinTrial] = field(default_factory=dict)
    version: str = "2026-11-20T09:00:05"
    filler_rows: int = 1_000

    def add(self, paper: Paper) -> None:
        if paper.doi:
            self.by_doi[paper.doi.lower()] = paper
        if paper.pmid:
            self.by_pmid[paper.pmid] = paper

    def remove(self, paper: Paper) -> None:
        self.by_doi.pop((paper.doi or "").lower(), None)
        self.by_pmid.pop(paper.pmid or 0, None)

    def find(self, identifier: str | int) -> Paper | None:
        """The paper with a DOI or PubMed number."""
        text = str(identifier).lower()
        return self.by_doi.get(text) or (self.by_pmid.get(int(text)) if text.isdigit() else None)

    def add_trial(self, trial: StandinTrial) -> None:
        self.trials[trial.registry_id] = trial

    def all(self) -> list[Paper]:
        """Each paper once."""
        return list({id(paper): paper for paper in (*self.by_doi.values(), *self.by_pmid.values())}.values())

    def copy(self) -> Papers:
        """The same knowledge, to be changed apart."""
        return replace(self, by_doi=dict(self.by_doi), by_pmid=dict(self.by_pmid), trials=dict(self.trials))


def answers_query(title: str, query: str) -> bool:
    """True when all words of one of a query's alternatives (OR) stand in a title; fields are ignored."""
    words = set(normalise_title(title).split())
    alternatives = re.sub(r"\[[^\]]*\]", " ", query).split(" OR ")
    asked = ([w for w in normalise_title(each).split() if w != "and"] for each in alternatives)
    return any(each and words.issuperset(each) for each in asked)


STATUS_WORDS = {
    "completed": "COMPLETED",
    "withdrawn": "WITHDRAWN",
    "terminated": "TERMINATED",
    "suspended": "SUSPENDED",
    "active": "ACTIVE_NOT_RECRUITING",
    "not yet": "NOT_YET_RECRUITING",
    "recruiting": "RECRUITING",
}


def read_papers(evidence: Path) -> Papers:
    """Return the citations and trials of a folder of evidence (`studies/*.yaml`, `trials.yaml`)."""
    papers = _read_citations(evidence)
    file = evidence / "trials.yaml"
    for record in yaml.safe_load(file.read_text())["trials"] if file.exists() else []:
        papers.add_trial(_trial(record))
    return papers


def _trial(record: dict[str, Any]) -> StandinTrial:
    said = (record.get("status") or "").lower()
    status = next((word for start, word in STATUS_WORDS.items() if said.startswith(start)), "UNKNOWN")
    return StandinTrial(
        registry_id=record["id"],
        title=record["title"],
        other_ids=tuple(record.get("other_ids") or ()),
        status=status,
        phase=record.get("phase"),
        enrolment=record.get("enrolment"),
        sponsor=record.get("sponsor"),
        start=record.get("start"),
        primary_completion=record.get("completion"),
        completion=record.get("completion"),
    )


def _read_citations(evidence: Path) -> Papers:
    records = (yaml.safe_load(file.read_text()) for file in sorted(evidence.glob("studies/*.yaml")))
    return papers_of(
        Paper(
            **{name: record.get(name) for name in _COPIED},
            authors=tuple(record.get("authors") or ()),
            registry_ids=tuple(record.get("registry_ids") or ()),
        )
        for record in records
    )


def papers_of(papers: Iterable[Paper]) -> Papers:
    """Return the given papers, ready to be looked up."""
    known = Papers()
    for paper in papers:
        known.add(paper)
    return known
