"""Three-way comparison: what the file changed, and what an editor changed meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Merge:
    """The entry to save, and the fields in which an editor's change stands against the file."""

    merged: dict[str, Any]
    taken: list[str]
    kept: list[str]


def merge_entry(base: Mapping[str, Any] | None, mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> Merge:
    """Take the file's fields, except where an editor has changed them since the last load.

    Args:
        base: the entry as last loaded; None when it never was, so that every field counts as an editor's.
        mine: the entry in the database now.
        theirs: the entry in the file.

    >>> merge_entry({"n": 4, "year": 1999}, {"n": 5, "year": 1999}, {"n": 4, "year": 2000})
    Merge(merged={'n': 5, 'year': 2000}, taken=['year'], kept=['n'])
    """
    merged: dict[str, Any] = {}
    taken: list[str] = []
    kept: list[str] = []
    for field, new in theirs.items():
        old = mine.get(field)
        if old == new:
            merged[field] = old
        elif base is not None and base.get(field) == old:
            merged[field] = new
            taken.append(field)
        else:
            merged[field] = old
            kept.append(field)
    return Merge(merged, taken, kept)
