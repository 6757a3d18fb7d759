"""OpenAlex's answers as facts. Format: https://developers.openalex.org/api-reference/works

Total: whatever bytes come in, facts or an AnswerError come out.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from studies.domain.bibliography import AnswerError, NoticeFacts, PaperEntry, PaperFacts
from studies.domain.identifiers import normalise_pmcid
from studies.domain.json_answer import (
    doi_of,
    object_of,
    objects_of,
    pmid_of,
    read_json,
    stored_json,
    text_of,
    title_of,
    year_of,
)
from studies.domain.wording import is_notice_title, status_mark

# What is asked for, and what is kept of an answer.
SELECTED_FIELDS = (
    "id",
    "doi",
    "ids",
    "title",
    "publication_year",
    "type",
    "is_retracted",
    "authorships",
    "biblio",
    "primary_location",
)
KEPT_FIELDS = (
    *("id", "doi", "ids", "title", "publication_year", "type", "is_retracted", "biblio"),
    "first_author",  # of all authors the one who is compared with the record
)
# OpenAlex says no more than yes or no, without a date, and has said yes of corrected papers and of notices.
NOTICE_TYPES = ("retraction", "erratum")
VOTE = "is_retracted, without a date or a notice"


def parse_works(body: bytes) -> list[PaperEntry]:
    """Return the papers of a list answer, those said to be retracted first, with the stored part of each.

    One identifier may stand in several works, of which the first is taken: a yes must not be lost.
    Raises AnswerError when the answer is no list of works, or when none of its works can be read.
    """
    answer = object_of(read_json(body))
    if not isinstance(answer.get("results"), list) or not isinstance(answer.get("meta"), dict):
        raise AnswerError(_complaint(answer) or "the list of works is missing")
    works = sorted(objects_of(answer["results"]), key=lambda work: work.get("is_retracted") is not True)
    entries = [entry for work in works if (entry := _entry(work))]
    if answer["results"] and not entries:
        raise AnswerError("no work of the answer can be read: a field is missing or has another name")
    return entries


def parse_work(body: bytes) -> PaperEntry:
    """Return the paper of a single answer. Raises AnswerError when it cannot be used."""
    answer = object_of(read_json(body))
    entry = _entry(answer)
    if entry is None:
        raise AnswerError(_complaint(answer) or "the answer holds no work")
    return entry


def _complaint(answer: dict[str, Any]) -> str | None:
    said = text_of(answer.get("message")) or text_of(answer.get("error"))
    return f"OpenAlex says: {said[:200]}" if said else None


def _entry(work: dict[str, Any]) -> PaperEntry | None:
    """The paper, or None when it cannot be told whether it is retracted: a renamed field is not a no."""
    if not isinstance(work.get("is_retracted"), bool) or not text_of(work.get("id")):
        return None
    body = stored_json({**work, "first_author": _first_author(work)}, KEPT_FIELDS)
    return PaperEntry(body, partial(_facts, work), doi=_doi(work), pmid=_pmid(work))


def _facts(work: dict[str, Any]) -> PaperFacts:
    ids, biblio = object_of(work.get("ids")), object_of(work.get("biblio"))
    title = title_of(work.get("title"))
    return PaperFacts(
        registry="openalex",
        title=title,
        first_author=_first_author(work),
        journal=text_of(object_of(object_of(work.get("primary_location")).get("source")).get("display_name")),
        year=year_of(work.get("publication_year")),
        volume=text_of(biblio.get("volume")),
        issue=text_of(biblio.get("issue")),
        pages=_pages(biblio),
        doi=_doi(work),
        pmid=_pmid(work),
        pmcid=normalise_pmcid(text_of(ids.get("pmcid")) or ""),
        publication_types=tuple(filter(None, [text_of(work.get("type"))])),
        notices=_notices(work, title),
        is_notice=work.get("type") in NOTICE_TYPES or bool(title and is_notice_title(title)),
    )


def _notices(work: dict[str, Any], title: str | None) -> tuple[NoticeFacts, ...]:
    if work["is_retracted"]:
        return (NoticeFacts("unknown", VOTE, asserted_by="openalex"),)
    if title and (mark := status_mark(title)):  # not all of these are marked
        return (NoticeFacts("unknown", f"title is marked {mark}", asserted_by="title"),)
    return ()


def _doi(work: dict[str, Any]) -> str | None:
    return doi_of(work.get("doi")) or doi_of(object_of(work.get("ids")).get("doi"))


def _pmid(work: dict[str, Any]) -> int | None:
    return pmid_of(object_of(work.get("ids")).get("pmid"))


def _first_author(work: dict[str, Any]) -> str | None:
    """The first author's whole name: where the surname begins is not said."""
    for authorship in objects_of(work.get("authorships")):
        if authorship.get("author_position") in (None, "first"):
            name = object_of(authorship.get("author")).get("display_name")
            return text_of(authorship.get("raw_author_name")) or text_of(name)
    return None


def _pages(biblio: dict[str, Any]) -> str | None:
    first, last = text_of(biblio.get("first_page")), text_of(biblio.get("last_page"))
    return f"{first}-{last}" if first and last and first != last else first or last
