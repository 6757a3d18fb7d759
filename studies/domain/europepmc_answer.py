"""Europe PMC's answers (search, resultType=core) as facts. Format: https://europepmc.org/RestfulWebService

Total: whatever bytes come in, facts or an AnswerError come out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from studies.domain.bibliography import AnswerError, NoticeFacts, NoticeKind, PaperEntry, PaperFacts
from studies.domain.cited_date import cited_date
from studies.domain.identifiers import find_doi, normalise_pmcid, normalise_registry_id
from studies.domain.json_answer import (
    doi_of,
    object_of,
    objects_of,
    pmid_of,
    read_json,
    stored_json,
    text_of,
    texts_of,
    title_of,
    year_of,
)
from studies.domain.wording import expand_pages, is_notice_title, status_mark

KEPT_FIELDS = (
    "id",
    "source",
    "pmid",
    "pmcid",
    "doi",
    "title",
    "authorString",
    "authorList",
    "journalInfo",
    "pubYear",
    "pageInfo",
    "pubTypeList",
    "commentCorrectionList",
    "isRetracted",
)
# commentCorrection/type, in small letters without blanks: the same links as PubMed's.
NOTICE_KINDS: dict[str, NoticeKind] = {
    "retractionin": "retraction",
    "retractedandrepublishedin": "retraction and republication",
    "expressionofconcernin": "concern",
    "erratumin": "correction",
    "correctedandrepublishedin": "correction",
}
# The record is the notice, and the paper named is another one.
NOTICE_OF = frozenset(
    {"retractionof", "partialretractionof", "expressionofconcernfor", "expressionofconcernover", "erratumfor"}
)
# Links that say nothing about whether the paper stands.
OTHER_LINKS = frozenset(
    {
        "cites",
        "commentin",
        "commenton",
        "correctedandrepublishedfrom",
        "originalreportin",
        "preprintin",
        "preprintof",
        "reprintin",
        "reprintof",
        "republishedfrom",
        "republishedin",
        "retractedandrepublishedfrom",
        "reviewin",
        "reviewof",
        "summaryforpatientsin",
        "updatein",
        "updateof",
        "versionof",
        "associateddataset",
        "associatedpublication",
    }
)
RETRACTED_PUBLICATION = "retracted publication"
NOTICE_TYPES = frozenset(
    {
        "retraction of publication",
        "retraction notice",
        "published erratum",
        "expression of concern",
        "retraction",
        "partial retraction",
        "correction",
        "erratum",
        "addendum",
    }
)


def parse_results(body: bytes) -> list[PaperEntry]:
    """Return the papers of an answer, those of PubMed first, with the stored part of each.

    Raises AnswerError when the answer is an error inside a good status, no list of results, or holds none
    that can be read.
    """
    answer = object_of(read_json(body))
    if "errMsg" in answer or "errCode" in answer:
        raise AnswerError(f"Europe PMC says: {(text_of(answer.get('errMsg')) or 'an error')[:200]}")
    results = object_of(answer.get("resultList")).get("result")
    if not isinstance(results, list) or not isinstance(answer.get("hitCount"), int):
        raise AnswerError("the list of results is missing")
    entries = [entry for result in objects_of(results) if (entry := _entry(result))]
    if results and not entries:
        raise AnswerError("no result of the answer can be read: a field is missing or has another name")
    return sorted(entries, key=lambda entry: entry.pmid is None)


def _entry(result: dict[str, Any]) -> PaperEntry | None:
    """The paper, or None when it is named by nothing, or tells neither its type nor its links."""
    if not (text_of(result.get("id")) and text_of(result.get("title"))):
        return None
    if "pubTypeList" not in result and "commentCorrectionList" not in result:
        return None
    body, pmid = stored_json(result, KEPT_FIELDS), pmid_of(result.get("pmid"))
    return PaperEntry(body, partial(_facts, result), doi=doi_of(result.get("doi")), pmid=pmid)


def _facts(result: dict[str, Any]) -> PaperFacts:
    info = object_of(result.get("journalInfo"))
    journal = object_of(info.get("journal"))
    pages = text_of(result.get("pageInfo"))
    return PaperFacts(
        registry="europepmc",
        title=title_of(result.get("title")),
        authors=_authors(result),
        journal=text_of(journal.get("title")),
        journal_abbrev=text_of(journal.get("medlineAbbreviation")) or text_of(journal.get("isoabbreviation")),
        year=year_of(info.get("yearOfPublication")) or year_of(result.get("pubYear")),
        volume=text_of(info.get("volume")),
        issue=text_of(info.get("issue")),
        pages=expand_pages(pages) if pages else None,
        doi=doi_of(result.get("doi")),
        pmid=pmid_of(result.get("pmid")),
        pmcid=normalise_pmcid(text_of(result.get("pmcid")) or ""),
        registry_ids=_registry_ids(result),
        publication_types=_types(result),
        notices=tuple(_notices(result)),
        is_notice=_is_notice(result),
    )


def _authors(result: dict[str, Any]) -> tuple[str, ...]:
    authors = objects_of(object_of(result.get("authorList")).get("author"))
    names = (text_of(each.get("fullName")) or text_of(each.get("collectiveName")) for each in authors)
    listed = tuple(name for name in names if name)
    return listed or tuple(
        name for part in (text_of(result.get("authorString")) or "").split(", ") if (name := part.strip(" ."))
    )


def _registry_ids(result: dict[str, Any]) -> tuple[str, ...]:
    lists = objects_of(object_of(result.get("dataBankList")).get("dataBank"))
    numbers = (number for bank in lists for number in texts_of(bank.get("accessionNumber")))
    return tuple(dict.fromkeys(filter(None, map(normalise_registry_id, numbers))))


def _types(result: dict[str, Any]) -> tuple[str, ...]:
    return texts_of(object_of(result.get("pubTypeList")).get("pubType"))


def _links(result: dict[str, Any]) -> list[dict[str, Any]]:
    return objects_of(object_of(result.get("commentCorrectionList")).get("commentCorrection"))


def _notices(result: dict[str, Any]) -> Iterator[NoticeFacts]:
    notices = [notice for link in _links(result) if (notice := _notice(link))]
    yield from notices
    if any(notice.kind not in {"correction", "concern"} for notice in notices):
        return
    title = title_of(result.get("title"))
    is_marked = result.get("isRetracted") in (True, "Y", "true")
    if is_marked or RETRACTED_PUBLICATION in map(str.lower, _types(result)):
        yield NoticeFacts("retraction", "Retracted Publication", asserted_by="europepmc")
    elif title and (mark := status_mark(title)):
        yield NoticeFacts("unknown", f"title is marked {mark}", asserted_by="title")


def _notice(link: dict[str, Any]) -> NoticeFacts | None:
    raw = text_of(link.get("type")) or "no type given"
    word = _word(raw)
    if word in NOTICE_OF or word in OTHER_LINKS:
        return None
    reference = text_of(link.get("reference")) or ""
    day, said = cited_date(reference)
    pmid = pmid_of(link.get("id")) if text_of(link.get("source")) in (None, "MED") else None
    kind = NOTICE_KINDS.get(word, "unknown")
    return NoticeFacts(kind, raw, find_doi(reference), pmid, day, said, asserted_by="europepmc")


def _is_notice(result: dict[str, Any]) -> bool:
    title = title_of(result.get("title"))
    return (
        # Full texts bring the types of JATS, such as expression-of-concern.
        any(kind.lower().replace("-", " ") in NOTICE_TYPES for kind in _types(result))
        or any(_word(text_of(link.get("type")) or "") in NOTICE_OF for link in _links(result))
        or bool(title and is_notice_title(title))
    )


def _word(raw: str) -> str:
    return re.sub(r"[^a-z]", "", raw.lower())
