"""CSL-JSON, as reference managers and Pandoc exchange it.

Format: https://citeproc-js.readthedocs.io/en/latest/csl-json/markup.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from studies.domain.citation_files.entry import Entry, ImportRefusedError, Words, build_entry, unreadable
from studies.domain.json_answer import object_of, objects_of, text_of
from studies.domain.wording import initials_of

KEPT = frozenset(
    [
        "id",
        "type",
        "title",
        "author",
        "container-title",
        "container-title-short",
        "journalAbbreviation",
        "issued",
        "volume",
        "issue",
        "page",
        "DOI",
        "PMID",
        "PMCID",
        "URL",
    ]
)
DECODER = json.JSONDecoder()
BLANKS = re.compile(r"[ \t\n\r]*")


def read_csl(text: str) -> tuple[list[Entry], list[str]]:
    """Return the entries of a CSL-JSON file: a list of items, one item, or {"items": [...]}.

    Raises ImportRefusedError when it is no JSON, or none of CSL's.
    """
    start = BLANKS.match(text, 0)
    position = start.end() if start else 0
    if text[position : position + 1] == "{":
        return [_entry(line, item) for line, item in _of_object(text, position)], []
    if text[position : position + 1] != "[":
        raise ImportRefusedError("it is no JSON list of items")
    entries = list(_of_list(text, position + 1))
    if not entries:
        raise ImportRefusedError("the list is empty")
    return entries, []


def _of_object(text: str, position: int) -> list[tuple[int, Any]]:
    try:
        whole, _ = DECODER.raw_decode(text, position)
    except ValueError as error:
        raise ImportRefusedError("it is not complete JSON", getattr(error, "lineno", None)) from None
    except RecursionError:
        raise ImportRefusedError("it is nested too deeply") from None
    items = objects_of(whole.get("items"))
    if items:
        return [(_line(text, position), item) for item in items]
    if isinstance(whole.get("type"), str) and ("title" in whole or "DOI" in whole):
        return [(_line(text, position), whole)]
    raise ImportRefusedError("it is JSON, but no item of CSL-JSON: there is no list of items with titles")


def _of_list(text: str, position: int) -> Iterator[Entry]:
    """Each item with its line; what follows a broken one cannot be told apart and is one unreadable entry."""
    line, counted = 1, 0
    while True:
        match = re.compile(r"[ \t\n\r,]*").match(text, position)
        position = match.end() if match else position
        line, counted = line + text.count("\n", counted, position), position
        if text[position : position + 1] == "]":
            return
        try:
            item, end = DECODER.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            reason = getattr(error, "msg", "nested too deeply")
            yield unreadable(line, f"from here on it is not complete JSON: {reason}", text[position:])
            return
        yield (
            _entry(line, item)
            if isinstance(item, dict)
            else unreadable(line, "it is no object", text[position:end])
        )
        position = end


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _entry(line: int, item: dict[str, Any]) -> Entry:
    words = Words(
        title=_text(item.get("title")),
        authors=[name for author in objects_of(item.get("author")) if (name := _name(author))],
        journal=_text(item.get("container-title")),
        journal_abbrev=_text(item.get("container-title-short")) or text_of(item.get("journalAbbreviation")),
        year=_year(item.get("issued")),
        volume=text_of(item.get("volume")),
        issue=text_of(item.get("issue")),
        pages=text_of(item.get("page")),
        doi=text_of(item.get("DOI")),
        pmid=text_of(item.get("PMID")),
        pmcid=text_of(item.get("PMCID")),
        others=[text for name in ("URL", "id") if (text := text_of(item.get(name)))],
        left_out=[
            str(name) for name, value in item.items() if name not in KEPT and value not in (None, "", [], {})
        ],
    )
    return build_entry(line, words, json.dumps(item, ensure_ascii=False, indent=1, default=str))


def _text(value: Any) -> str | None:
    """A text, or the first of a list of texts, as Crossref gives titles."""
    return text_of(value[0]) if isinstance(value, list) and value else text_of(value)


def _year(said: Any) -> str | None:
    if not isinstance(said, dict):
        return text_of(said)  # a plain date, as some programs write it
    issued = object_of(said)
    parts = issued.get("date-parts")
    first = parts[0] if isinstance(parts, list) and parts else None
    if isinstance(first, list) and first:
        return text_of(first[0])
    return text_of(issued.get("raw")) or text_of(issued.get("literal"))


def _name(author: dict[str, Any]) -> str | None:
    family, given = text_of(author.get("family")), text_of(author.get("given"))
    if not family:
        return text_of(author.get("literal")) or text_of(author.get("name")) or given
    particle = text_of(author.get("non-dropping-particle")) or text_of(author.get("dropping-particle"))
    parts = [particle, family, initials_of(given) if given else None, text_of(author.get("suffix"))]
    return " ".join(filter(None, parts))
