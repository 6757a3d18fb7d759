"""Every parser of what comes from outside, with small answers to start from: the stand-ins' own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from studies.domain import (
    clinicaltrials_answer,
    crossref_answer,
    europepmc_answer,
    openalex_answer,
    pubmed_answer,
    retraction_watch_file,
    search_answer,
)
from studies.domain.bibliography import AnswerError, RegistryEntry
from studies.domain.citation_files.entry import ImportRefusedError
from studies.domain.citation_files.reading import read_citations
from studies.sources import standin
from studies.sources.standin import Papers, Question, Said
from studies.sources.standin.server import DESKS, desk_of

KINDS = ("retraction", "concern", "correction", "reinstatement", "retract and republish", "unknown type")
PAPER = standin.Paper(
    title="A trial of <i>low-dose</i> naltrexone &amp; more",
    authors=("Due Bruun K", "Long Study Group"),
    journal="Journal of tests",
    journal_abbrev="J Tests",
    year=2020,
    volume="7",
    issue="2",
    pages="113-25",
    doi="10.1000/test",
    pmid=123456,
    pmcid="PMC12345",
    registry_ids=("NCT00000001",),
    notices=tuple(Said(kind, f"20{n}-02-03", f"10.1000/n{n}", n) for n, kind in enumerate(KINDS, 20)),
)
TRIAL = standin.StandinTrial(
    registry_id="NCT00000001",
    title="Naltrexone for something",
    other_ids=("2019-000702-30",),
    interventions=("Naltrexone",),
    status="TERMINATED",
    why_stopped="no money",
    phase="1/2",
    enrolment=21,
    sponsor="A hospital",
    start="2016-07",
    completion="2019-12-20",
    results_first_posted_on="2020-01-02",
)


@dataclass(frozen=True)
class Parser:
    """`parse` gets any bytes; `questions` are put to the stand-ins for answers to start from."""

    parse: Callable[[bytes], Any]
    questions: tuple[tuple[str, dict[str, str]], ...]

    def feed(self, body: bytes) -> None:
        """Facts that a database takes, or a named error; whatever else is raised breaks the promise."""
        try:
            found = self.parse(body)
        except (AnswerError, ImportRefusedError) as error:
            found = str(error)
        for text in _texts(found):
            text.encode()
            assert "\x00" not in text, "no database takes this"

    def seeds(self) -> list[bytes]:
        return [_answer(path, query) for path, query in self.questions]


WORKS, NCBI, EPMC = "/v1/works", "/entrez/eutils/", "/europepmc/webservices/rest/search"
DOI, PMID = {"filter": "doi:10.1000/test"}, {"db": "pubmed", "id": "123456,123457"}


def _rows(body: bytes) -> list[Any]:
    wanted = {PAPER.doi, PAPER.pmid}
    rows = list(retraction_watch_file.read_rows(body.splitlines(keepends=True), wanted))
    about = [row for row in rows if isinstance(row, retraction_watch_file.Row)]
    return [rows, retraction_watch_file.entry_of(about, PAPER.doi, PAPER.pmid)]


PARSERS = {
    "crossref_works": Parser(crossref_answer.parse_works, ((WORKS, DOI),)),
    "crossref_work": Parser(crossref_answer.parse_work, ((f"{WORKS}/10.1000%2Ftest", {}),)),
    "pubmed_articles": Parser(pubmed_answer.parse_articles, ((f"{NCBI}efetch.fcgi", PMID),)),
    "openalex_works": Parser(openalex_answer.parse_works, (("/openalex/works", DOI),)),
    "openalex_work": Parser(openalex_answer.parse_work, (("/openalex/works/doi:10.1000%2Ftest", {}),)),
    "europepmc_results": Parser(
        europepmc_answer.parse_results, ((EPMC, {"query": '(DOI:"10.1000/test")'}), (EPMC, {"query": ""}))
    ),
    "clinicaltrials_studies": Parser(
        clinicaltrials_answer.parse_studies, (("/api/v2/studies", {"filter.ids": "NCT00000001"}),)
    ),
    "clinicaltrials_study": Parser(clinicaltrials_answer.parse_study, (("/api/v2/studies/NCT00000001", {}),)),
    "clinicaltrials_version": Parser(clinicaltrials_answer.parse_version, (("/api/v2/version", {}),)),
    "retraction_watch_rows": Parser(_rows, (("/retraction_watch.csv", {}),)),
    "esearch": Parser(search_answer.parse_esearch, ((f"{NCBI}esearch.fcgi", {"term": "naltrexone"}),)),
    "esummary": Parser(search_answer.parse_esummary, ((f"{NCBI}esummary.fcgi", PMID),)),
    "trial_search": Parser(
        search_answer.parse_trial_search,
        (("/api/v2/studies", {"query.term": "naltrexone", "pageSize": "1"}),),
    ),
    # The kind is found out from the bytes; PubMed's articles lead into XML.
    "citation_files": Parser(read_citations, ((f"{NCBI}efetch.fcgi", PMID),)),
}


def _answer(path: str, query: dict[str, str]) -> bytes:
    papers = Papers(filler_rows=3, trials={t.registry_id: t for t in (TRIAL, _another_trial())})
    papers.add(PAPER)
    question = Question("GET", path, path, query, {}, "", 0.0)
    desk = desk_of(question)
    assert desk in DESKS
    return desk.answer(papers, question).body


def _another_trial() -> standin.StandinTrial:
    return replace(TRIAL, registry_id="NCT00000002")


def _texts(found: Any) -> Iterator[str]:
    """What of an answer would be stored."""
    if isinstance(found, RegistryEntry):
        yield found.body
        yield from _texts(found.facts)
    elif isinstance(found, str):
        yield found
    elif isinstance(found, dict):
        for each in (*found.keys(), *found.values()):
            yield from _texts(each)
    elif isinstance(found, list | tuple):
        for each in found:
            yield from _texts(each)
    elif hasattr(found, "__dataclass_fields__"):
        for name in found.__dataclass_fields__:
            yield from _texts(getattr(found, name))
