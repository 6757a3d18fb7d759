"""What any registry's JSON is read with: whatever stands there, a plain value or None comes out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from studies.domain.bibliography import AnswerError
from studies.domain.identifiers import normalise_doi, normalise_pmid
from studies.domain.wording import clean_text, strip_markup

LARGEST_NUMBER = 10**9


def read_json(body: bytes) -> Any:
    """Return what the body holds. Raises AnswerError when it is empty or no complete JSON."""
    if not body.strip():
        raise AnswerError("the answer is empty")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise AnswerError("the answer is not complete JSON") from None


def stored_json(value: Mapping[str, Any], kept: Iterable[str]) -> str:
    """Return the kept fields of an object as text that is the same for the same content."""
    chosen = {name: value[name] for name in kept if value.get(name) not in (None, [], {})}
    try:
        return json.dumps(chosen, sort_keys=True, ensure_ascii=True)
    except (ValueError, RecursionError):
        raise AnswerError("the entry cannot be stored") from None


def text_of(value: Any) -> str | None:
    """Return a text, or a whole number as text, on one line; None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < LARGEST_NUMBER:
        value = str(value)
    return (clean_text(value) or None) if isinstance(value, str) else None


def title_of(value: Any) -> str | None:
    """Return a title without markup and without its closing full stop."""
    title = strip_markup(value).removesuffix(".") if isinstance(value, str) else ""
    return title.strip() or None


def whole_of(value: Any) -> int | None:
    """Return a whole number of a sensible size, also one written as text."""
    if isinstance(value, str) and value.isascii() and value.strip().isdigit() and len(value) < 12:
        value = int(value)
    is_whole = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < LARGEST_NUMBER
    return value if is_whole else None


def year_of(value: Any) -> int | None:
    """Return a year between 1500 and 2200."""
    year = whole_of(value)
    return year if year and 1500 <= year <= 2200 else None


def doi_of(value: Any) -> str | None:
    """Return a DOI in its one written form."""
    return normalise_doi(value) if isinstance(value, str) else None


def pmid_of(value: Any) -> int | None:
    """Return a PubMed number; 0 is none."""
    text = text_of(value)
    return normalise_pmid(text) if text else None


def object_of(value: Any) -> dict[str, Any]:
    """Return an object; {} for anything else."""
    return value if isinstance(value, dict) else {}


def objects_of(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list; some registries write a list of one without its brackets."""
    if isinstance(value, dict):
        return [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def texts_of(value: Any) -> tuple[str, ...]:
    """Return the texts of a list, or the one text that stands in its place."""
    items = value if isinstance(value, list) else [value]
    return tuple(text for item in items if (text := text_of(item)))
