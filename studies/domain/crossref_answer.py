"""Crossref's answers as facts. Format: https://api.crossref.org/swagger-ui/index.html (works).

Every function is total: whatever bytes come in, facts or an AnswerError come out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Any

from studies.domain.bibliography import AnswerError, NoticeFacts, NoticeKind, PaperEntry, PaperFacts
from studies.domain.identifiers import normalise_registry_id
from studies.domain.json_answer import doi_of, objects_of, read_json, stored_json, text_of, year_of
from studies.domain.wording import initials_of, is_notice_title, status_mark, strip_markup

# What is asked for, and what is kept of an answer.
SELECTED_FIELDS = (
    "DOI",
    "title",
    "subtitle",
    "author",
    "container-title",
    "short-container-title",
    "issued",
    "published-print",
    "volume",
    "issue",
    "page",
    "article-number",
    "type",
    "clinical-trial-number",
    "update-to",
    "updated-by",
)

# Crossref's words: https://www.crossref.org/documentation/register-maintain-records/maintaining-your-metadata/
NOTICE_KINDS: dict[str, NoticeKind] = {
    "retraction": "retraction",
    "retraction_and_republication": "retraction and republication",
    "withdrawal": "withdrawal",
    "removal": "withdrawal",
    "expression_of_concern": "concern",
    "correction": "correction",
    "corrigendum": "correction",
    "erratum": "correction",
    "addendum": "correction",
    "clarification": "correction",
    "reinstatement": "reinstatement",
}
# A newer version of a paper is no notice about it.
VERSIONS = frozenset({"new_version", "new_edition"})
# A paper that names itself is ignored for these; for a graver word an editor must look.
HARMLESS_ALONE = frozenset({"correction", "reinstatement"})


def parse_works(body: bytes) -> dict[str, PaperEntry]:
    """Return the papers of a list answer by DOI (lower case), with the stored part of each.

    An item without a usable DOI or whose title is not where it belongs is left out, so that it is asked
    for alone. Raises AnswerError when the answer as a whole cannot be used.
    """
    message = _message(body, "work-list")
    items = message.get("items")
    if not isinstance(items, list):
        raise AnswerError("the list of works is missing")
    found = {}
    for item in objects_of(items):
        doi = doi_of(item.get("DOI"))
        if doi and isinstance(item.get("title"), list):
            found[doi] = _entry(doi, item)
    return found


def parse_work(body: bytes) -> PaperEntry:
    """Return the paper of a single answer. Raises AnswerError when it cannot be used."""
    message = _message(body, "work")
    doi = doi_of(message.get("DOI"))
    if not doi:
        raise AnswerError("the work has no DOI")
    return _entry(doi, message)


def _message(body: bytes, expected: str) -> dict[str, Any]:
    answer = read_json(body)
    if not isinstance(answer, dict) or answer.get("status") != "ok":
        raise AnswerError("the answer is not Crossref's: its status is not ok")
    if answer.get("message-type") != expected or not isinstance(answer.get("message"), dict):
        raise AnswerError(f"the answer holds no {expected}")
    message: dict[str, Any] = answer["message"]
    return message


def _entry(doi: str, work: dict[str, Any]) -> PaperEntry:
    return PaperEntry(stored_json(work, SELECTED_FIELDS), partial(_facts, doi, work), doi=doi)


def _facts(doi: str, work: dict[str, Any]) -> PaperFacts:
    title = _first(work.get("title"))
    return PaperFacts(
        registry="crossref",
        title=title,
        authors=tuple(name for name in map(_author, objects_of(work.get("author"))) if name),
        journal=_first(work.get("container-title")),
        journal_abbrev=_first(work.get("short-container-title")),
        year=_year(work.get("published-print")) or _year(work.get("issued")),
        volume=text_of(work.get("volume")),
        issue=text_of(work.get("issue")),
        pages=text_of(work.get("page")) or text_of(work.get("article-number")),
        doi=doi,
        registry_ids=_registry_ids(work),
        publication_types=tuple(filter(None, [text_of(work.get("type"))])),
        notices=tuple(_notices(doi, work, title)),
        is_notice=_is_notice(doi, work, title),
    )


def _author(author: dict[str, Any]) -> str | None:
    family = text_of(author.get("family"))
    if not family:
        return text_of(author.get("name"))
    given, suffix = text_of(author.get("given")), text_of(author.get("suffix"))
    parts = [family, initials_of(given) if given else None, suffix.rstrip(".") if suffix else None]
    return " ".join(filter(None, parts))


def _registry_ids(work: dict[str, Any]) -> tuple[str, ...]:
    numbers = (
        text_of(trial.get("clinical-trial-number")) for trial in objects_of(work.get("clinical-trial-number"))
    )
    return tuple(dict.fromkeys(normalise_registry_id(number) or number for number in numbers if number))


def _notices(doi: str, work: dict[str, Any], title: str | None) -> Iterator[NoticeFacts]:
    updates = work.get("updated-by") or []
    updates = updates if isinstance(updates, list) else [updates]
    notices = [notice for update in updates if (notice := _notice(doi, update))]
    yield from notices
    mark = status_mark(title) if title else None
    if mark and not any(n.kind not in {"correction", "concern"} for n in notices):
        yield NoticeFacts("unknown", f"title is marked {mark}", asserted_by="title")


def _notice(doi: str, update: Any) -> NoticeFacts | None:
    if not isinstance(update, dict):
        return NoticeFacts("unknown", "a notice that cannot be read", asserted_by="crossref")
    raw = text_of(update.get("type")) or text_of(update.get("label")) or "no type given"
    kind = NOTICE_KINDS.get(_word(raw), "unknown")
    notice_doi = doi_of(update.get("DOI"))
    if _word(raw) in VERSIONS or (notice_doi == doi and kind in HARMLESS_ALONE):
        return None
    if notice_doi == doi:
        kind, raw, notice_doi = "unknown", f"{raw} (names the paper itself)", None
    day, said = _date(update.get("updated"))
    return NoticeFacts(kind, raw, notice_doi, None, day, said, text_of(update.get("source")) or "crossref")


def _is_notice(doi: str, work: dict[str, Any], title: str | None) -> bool:
    updates = objects_of(work.get("update-to"))
    others = [
        _word(text_of(update.get("type")) or "") for update in updates if doi_of(update.get("DOI")) != doi
    ]
    return any(NOTICE_KINDS.get(word) for word in others) or bool(title and is_notice_title(title))


def _word(raw: str) -> str:
    return raw.strip().lower().replace("-", "_").replace(" ", "_")


def _first(value: Any) -> str | None:
    texts = [strip_markup(item) for item in value if isinstance(item, str)] if isinstance(value, list) else []
    return next(filter(None, texts), None)


def _date_parts(value: Any) -> list[int]:
    """The leading whole numbers of a date: [2010, 2, 6], [2010], or [] when there are none."""
    parts = value.get("date-parts") if isinstance(value, dict) else None
    first = parts[0] if isinstance(parts, list) and parts and isinstance(parts[0], list) else []
    numbers = []
    for part in first[:3]:
        if not isinstance(part, int) or isinstance(part, bool) or not 0 < part < 10_000:
            break
        numbers.append(part)
    return numbers


def _year(value: Any) -> int | None:
    return year_of(next(iter(_date_parts(value)), None))


def _date(value: Any) -> tuple[date | None, str | None]:
    parts = _date_parts(value)
    said = "-".join(f"{part:02d}" for part in parts) or None
    try:
        return date(*parts), said
    except (TypeError, ValueError):
        return None, said
