"""Europe PMC's side of the protocol, as the stand-in speaks it."""

from __future__ import annotations

import json
import re
from typing import Any

from studies.sources.standin.papers import Paper, Papers
from studies.sources.standin.pubmed import links_of, types_of
from studies.sources.standin.wire import Answer, Pool, Question

PREFIX = "/europepmc/webservices/rest/"
PHRASE = re.compile(r'DOI:"((?:[^"\\]|\\.)*)"|EXT_ID:([0-9]+)')


def answer(papers: Papers, question: Question) -> Answer:
    """Return Europe PMC's answer to a GET; an error comes with status 200."""
    if question.path != f"{PREFIX}search":
        return Answer(404, "text/html", b"<h1>Not Found</h1>")
    query = question.query.get("query", "")
    if not query or query.count('"') - query.count('\\"') & 1:
        return _ok({"version": "6.9", "errCode": 404, "errMsg": "Invalid query: please check the syntax"})
    wanted = [re.sub(r"\\(.)", r"\1", doi) or number for doi, number in PHRASE.findall(query)]
    found = {id(paper): paper for each in wanted if (paper := papers.find(each))}
    size = int(question.query.get("pageSize", "25"))
    results = [result(paper) for paper in found.values()]
    return _ok({"version": "6.9", "hitCount": len(results), "resultList": {"result": results[:size]}})


def pool_of(_question: Question) -> Pool:
    """Return the pool that a question belongs to."""
    return Pool("europepmc", 3)


def result(paper: Paper) -> dict[str, Any]:
    """Return a paper as a core result; what it does not have is left out."""
    journal = {"title": paper.journal, "medlineAbbreviation": paper.journal_abbrev}
    info = {"volume": paper.volume, "issue": paper.issue, "yearOfPublication": paper.year}
    fields = {
        "id": str(paper.pmid or paper.pmcid or "PPR1"),
        "source": "MED" if paper.pmid else "PMC",
        "pmid": str(paper.pmid) if paper.pmid else None,
        "pmcid": paper.pmcid,
        "doi": paper.doi,
        "title": f"{paper.title}.",
        "authorString": f"{', '.join(paper.authors)}." if paper.authors else None,
        "authorList": {"author": [_author(name) for name in paper.authors]} if paper.authors else None,
        "journalInfo": _said(info) | {"journal": _said(journal)},
        "pubYear": str(paper.year) if paper.year else None,
        "pageInfo": paper.pages,
        "pubTypeList": {"pubType": [name for _, name in types_of(paper)]},
        "commentCorrectionList": {"commentCorrection": _links(paper)} if _links(paper) else None,
    }
    return _said(fields)


def _links(paper: Paper) -> list[dict[str, Any]]:
    return [
        _said(
            {
                "id": str(number) if number else None,
                "source": "MED" if number else None,
                "type": _words(kind),
                "reference": source,
            }
        )
        for kind, source, number in links_of(paper)
    ]


def _words(kind: str) -> str:
    """PubMed's "RetractionIn" as "Retraction in"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).capitalize()


def _author(name: str) -> dict[str, str]:
    surname, _, initials = name.rpartition(" ")
    return {"fullName": name, "lastName": surname or name, "initials": initials}


def _said(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _ok(body: dict[str, Any]) -> Answer:
    return Answer(200, "application/json", json.dumps(body).encode())
