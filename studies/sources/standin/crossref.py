"""Crossref's side of the protocol, as the stand-in speaks it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from studies.domain.crossref_answer import SELECTED_FIELDS
from studies.sources.standin.papers import PERSON, Paper, Papers, Said
from studies.sources.standin.wire import Answer, Pool, Question

LIST_PATH = "/v1/works"
WORDS = {
    "concern": "expression_of_concern",
    "retract and republish": "retraction_and_republication",
    "unknown type": "partial_retraction_of_a_figure",
}
LIMITS = {"x-rate-limit-interval": "1s", "x-concurrency-limit": "3"}


def answer(papers: Papers, question: Question) -> Answer:
    """Return Crossref's answer to a GET."""
    if question.path == LIST_PATH:
        return _list(papers, question.query)
    return _single(papers, unquote(question.path.removeprefix(f"{LIST_PATH}/")))


def pool_of(question: Question) -> Pool:
    """Return the pool that a question belongs to."""
    is_list = question.path == LIST_PATH
    return Pool("crossref lists", 3, at_once=3) if is_list else Pool("crossref singles", 10, at_once=3)


def work(paper: Paper) -> dict[str, Any]:
    """Return a paper as Crossref's work; what it does not have is left out."""
    fields = {
        "DOI": paper.doi,
        "type": "journal-article",
        "title": [paper.title],
        "author": [_author(name) for name in paper.authors],
        "container-title": [paper.journal] if paper.journal else [],
        "short-container-title": [paper.journal_abbrev] if paper.journal_abbrev else [],
        "issued": {"date-parts": [[paper.year]]},
        "volume": paper.volume,
        "issue": paper.issue,
        "page": paper.pages,
        "clinical-trial-number": [{"clinical-trial-number": i.lower()} for i in paper.registry_ids],
        "updated-by": [*paper.updated_by, *(_update(each, each.notice_doi) for each in paper.notices)],
        "update-to": [*paper.update_to, *_of_another(paper)],
        "score": 1.0,
    }
    return {name: value for name, value in fields.items() if value not in (None, [])}


def _of_another(paper: Paper) -> list[dict[str, Any]]:
    return [_update(Said("retraction"), paper.notice_of)] if paper.notice_of else []


def _update(said: Said, doi: str | None) -> dict[str, Any]:
    kind = WORDS.get(said.kind, said.kind)
    parts = [[int(part) for part in said.on.split("-")]] if said.on else [[None]]
    label = kind.replace("_", " ").capitalize()
    update = {"DOI": doi, "type": kind, "label": label, "source": "publisher"}
    return {name: value for name, value in update.items() if value} | {"updated": {"date-parts": parts}}


def _author(name: str) -> dict[str, str]:
    person = PERSON.fullmatch(name)
    if not person:
        return {"name": name}
    family, initials, suffix = person.groups()
    author = {"family": family, "given": " ".join(f"{i}." for i in initials)}
    return author | ({"suffix": suffix} if suffix else {})


def _list(papers: Papers, query: Mapping[str, str]) -> Answer:
    wanted = query.get("filter", "").split(",")
    for part in wanted:
        if not part.startswith("doi:"):
            # A comma inside a DOI cuts the filter in two; the real one refuses the whole question.
            return _invalid("filter-not-available", part)
    chosen = query.get("select", "").split(",") if query.get("select") else None
    for name in chosen or []:
        if name not in SELECTED_FIELDS:
            return _invalid("select-not-available", name)
    rows = int(query.get("rows", "20"))
    found = [papers.by_doi[doi] for part in wanted if (doi := part[4:].lower()) in papers.by_doi]
    items = [_chosen(work(paper), chosen) for paper in found]
    message = {"total-results": len(items), "items-per-page": rows, "items": items[:rows]}
    return _ok("work-list", message, 3)


def _single(papers: Papers, doi: str) -> Answer:
    paper = papers.by_doi.get(doi.lower())
    return _ok("work", work(paper), 10) if paper else Answer(404, "text/plain", b"Resource not found.")


def _chosen(fields: dict[str, Any], names: list[str] | None) -> dict[str, Any]:
    return fields if names is None else {name: fields[name] for name in names if name in fields}


def _ok(kind: str, message: dict[str, Any], limit: int) -> Answer:
    body = {"status": "ok", "message-type": kind, "message-version": "1.0.0", "message": message}
    headers = {"x-rate-limit-limit": str(limit), **LIMITS}
    return Answer(200, "application/json", json.dumps(body).encode(), headers)


def _invalid(kind: str, value: str) -> Answer:
    complaint = {"type": kind, "value": value, "message": f"{value} is not available for this route"}
    body = {"status": "failed", "message-type": "validation-failure", "message": [complaint]}
    return Answer(400, "application/json", json.dumps(body).encode())
