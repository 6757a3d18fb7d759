"""What a release is made of, in bytes that are the same for the same facts: no clock, no order of chance.

Formats: CSV by RFC 4180, SHA256SUMS as sha256sum(1) checks it, CITATION.cff 1.2.0
(https://github.com/citation-file-format/citation-file-format/blob/main/schema-guide.md).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

# The oldest date that a zip archive can hold: one that says nothing.
NO_TIME = (1980, 1, 1, 0, 0, 0)
State = Mapping[str, Any]


def name_release(day: date, taken: Collection[str]) -> str:
    """Return a free name for a release: its day, and from the second of a day on a number.

    >>> name_release(date(2026, 3, 1), ()), name_release(date(2026, 3, 1), {"2026-03-01"})
    ('2026-03-01', '2026-03-01.2')
    """
    plain = day.isoformat()
    names = (plain, *(f"{plain}.{n}" for n in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)


def write_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return a CSV file with a line of headings; None is an empty cell, a list its items with "; " between.

    >>> write_table(["key", "n"], [["a", 3], ["b", None]])
    b'key,n\\r\\na,3\\r\\nb,\\r\\n'
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue().encode()


def write_json(data: Any) -> bytes:
    """Return data as JSON with its keys in order."""
    return json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def sum_files(files: Mapping[str, bytes]) -> bytes:
    """Return the SHA-256 sums of files by name, as `sha256sum --check` reads them."""
    lines = (f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return "".join(lines).encode()


def pack_files(files: Mapping[str, bytes], folder: str) -> bytes:
    """Return the files as a zip archive with one folder; the same bytes for the same files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{folder}/{name}", NO_TIME)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, files[name])
    return out.getvalue()


def citation_file(name: str, day: date, address: str) -> dict[str, Any]:
    """Return what CITATION.cff says of a release at an address."""
    return {
        "cff-version": "1.2.0",
        "message": "If you use these records, cite the release that you used.",
        "type": "dataset",
        "title": "LDN knowledge base: what studies of low-dose naltrexone did and found",
        "authors": [{"name": "LDN knowledge base"}],
        "version": name,
        "date-released": day.isoformat(),
        "license": "CC-BY-4.0",
        "url": address,
    }


def describe_changes(before: State | None, after: State, causes: Mapping[str, str]) -> list[str]:
    """Return what differs between two states, a sentence each: answers, then papers, then other files.

    Args:
        before: the state of the release before; None for the first release.
        after: the state now. Both map `answers` (by kind and subject: name, words, because), `studies` (by
            key: title, publication_status, sha256) and `files` (name to SHA-256).
        causes: what brought a change of an answer about, by "kind of name", where it is on record.
    """
    if before is None:
        return []
    answers = [*_changed_answers(before["answers"], after["answers"], causes)]
    return [*answers, *_changed_studies(before["studies"], after["studies"]), *_changed_files(before, after)]


def _changed_answers(
    before: Mapping[str, Any], after: Mapping[str, Any], causes: Mapping[str, str]
) -> Iterable[str]:
    for subject in sorted(before.keys() | after.keys()):
        old, new = before.get(subject, {}), after.get(subject, {})
        if old.get("words") == new.get("words"):
            continue
        name = f"{subject.split(':', 1)[0]} of {(new or old)['name']}"
        reason = new.get("because", "")
        because = f" because {reason[:1].lower()}{reason[1:]}" if reason else ""
        cause = f" [{causes[name]}]" if name in causes else ""
        if old and new:
            yield f"{name} moved from “{old['words']}” to “{new['words']}”{because}{cause}"
        elif new:
            yield f"{name} is new: “{new['words']}”{because}{cause}"
        else:
            yield f"{name} is gone; it was “{old['words']}”{cause}"


def _changed_studies(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[str]:
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key, {}), after.get(key, {})
        if not old:
            yield f"study {key} is new: {new['title']}"
        elif not new:
            yield f"study {key} is gone: {old['title']}"
        elif old != new:
            was, now = old["publication_status"], new["publication_status"]
            if was != now:
                yield f"publication status of study {key} moved from “{was}” to “{now}”"
            if old["sha256"] != new["sha256"]:
                yield f"record of study {key} was changed"


def _changed_files(before: State, after: State) -> Iterable[str]:
    old, new = before["files"], after["files"]
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield f"{name} {'is new' if name not in old else 'is gone' if name not in new else 'was changed'}"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return "; ".join(str(item) for item in value)
    return value.isoformat() if isinstance(value, date) else str(value)
