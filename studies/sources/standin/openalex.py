"""OpenAlex's side of the protocol, as the stand-in speaks it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote
from zlib import crc32

from studies.sources.standin.papers import Paper, Papers
from studies.sources.standin.pubmed import RETRACTING
from studies.sources.standin.wire import Answer, Pool, Question

PREFIX = "/openalex/works"
MOST_VALUES = 100


def answer(papers: Papers, question: Question) -> Answer:
    """Return OpenAlex's answer to a GET."""
    path = question.path.removeprefix(PREFIX)
    if path.startswith("/"):
        paper = papers.by_doi.get(unquote(path[1:]).removeprefix("doi:").lower())
        return _ok(work(paper)) if paper else Answer(404, "text/html", b"<title>404 Not Found</title>")
    name, _, values = question.query.get("filter", "").partition(":")
    wanted = values.split("|")
    if name not in {"doi", "pmid"} or "," in values:
        # A comma starts another filter; the real one says so.
        return _invalid(f"Unknown filter field in: {name}:{values[:100]}")
    if len(wanted) > MOST_VALUES:
        return _invalid("Maximum number of values exceeded for filter")
    found = [paper for each in wanted if (paper := papers.find(each))]
    per_page = int(question.query.get("per_page", "25"))
    meta = {"count": len(found), "db_response_time_ms": 7, "page": 1, "per_page": per_page}
    return _ok({"meta": meta, "results": [work(paper) for paper in found[:per_page]], "group_by": []})


def pool_of(question: Question) -> Pool:
    """Return the pool that a question belongs to: a lookup by one identifier costs nothing."""
    budget = 10_000 if question.query.get("api_key") else 1_000
    is_list = question.path == PREFIX
    return Pool("openalex", 100, daily=budget if is_list else None)


def work(paper: Paper) -> dict[str, Any]:
    """Return a paper as OpenAlex's work."""
    ids = {"openalex": _id(paper), "doi": _doi(paper), "pmid": _pubmed(paper)}
    first, _, last = (paper.pages or "").partition("-")
    return {
        "id": _id(paper),
        "doi": _doi(paper),
        "ids": {name: value for name, value in ids.items() if value},
        "title": paper.title,
        "publication_year": paper.year,
        "type": "retraction" if paper.notice_of else "article",
        "is_retracted": _is_retracted(paper),
        "authorships": [_authorship(n, name) for n, name in enumerate(paper.authors)],
        "biblio": {"volume": paper.volume, "issue": paper.issue, "first_page": first, "last_page": last},
        "primary_location": {"source": {"display_name": paper.journal} if paper.journal else None},
    }


def _id(paper: Paper) -> str:
    return f"https://openalex.org/W{paper.pmid or crc32((paper.doi or paper.title).encode())}"


def _doi(paper: Paper) -> str | None:
    return f"https://doi.org/{paper.doi}" if paper.doi else None


def _pubmed(paper: Paper) -> str | None:
    return f"https://pubmed.ncbi.nlm.nih.gov/{paper.pmid}" if paper.pmid else None


def _is_retracted(paper: Paper) -> bool:
    if paper.is_retracted is not None:
        return paper.is_retracted
    grave = [said.kind for said in paper.notices if said.kind in (*RETRACTING, "reinstatement")]
    return bool(grave) and grave[-1] != "reinstatement"


def _authorship(number: int, name: str) -> dict[str, Any]:
    surname, _, initials = name.rpartition(" ")
    whole = f"{' '.join(initials)} {surname}" if surname else name
    position = "first" if number == 0 else "middle"
    return {"author_position": position, "author": {"display_name": whole}, "raw_author_name": whole}


def _ok(body: dict[str, Any]) -> Answer:
    return Answer(200, "application/json", json.dumps(body).encode())


def _invalid(message: str) -> Answer:
    body = {"error": "Invalid query parameters error.", "message": message}
    return Answer(400, "application/json", json.dumps(body).encode())
