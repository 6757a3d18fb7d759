"""Words that were meant where a word is not known.

Every known word is kept with what is left of it when one or two of its first letters are taken away; a
mistyped word, treated the same, shares one of these with the word that was meant (W. Garbe's symmetric
deletes). How far apart the two are is then counted as Damerau and Levenshtein do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

PREFIX = 7
SHORTEST = 4


@dataclass(frozen=True)
class Known:
    """A word that our pages hold: on how many, and whether it is part of the name of one."""

    word: str
    n: int
    is_in_name: bool


def deletions(word: str) -> list[str]:
    """Return what is left of the first letters of a word without none, one or two of them, sorted.

    >>> deletions("abc")
    ['a', 'ab', 'abc', 'ac', 'b', 'bc', 'c']
    """
    start = word[:PREFIX]
    kept = {
        "".join(letters)
        for n in range(max(len(start) - 2, 1), len(start) + 1)
        for letters in combinations(start, n)
    }
    return sorted(kept)


def distance(one: str, other: str) -> int:
    """Return how many letters were left out, added, changed or swapped with their neighbour.

    >>> distance("fibromialgia", "fibromyalgia"), distance("chron", "crohn")
    (1, 2)
    """
    return _distances(one, other)[-1]


def _distances(one: str, other: str) -> list[int]:
    """How far a word is from each beginning of another, from none of its letters to all."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, above, row = row, before, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
    return row


def choose(typed: str, known: Iterable[Known]) -> str | None:
    """Return the known word that was most likely meant; None where none is near enough.

    The same letters in another order come before others at the same distance, then words of names, then
    those with the same first letter, which is rarely wrong, then those that share most letters with what was
    typed, then words of many pages.

    >>> choose("crones", [Known("cross", 9, True), Known("crohns", 2, True)])
    'crohns'
    """
    near = [(distance(typed, entry.word), entry) for entry in known]
    ranked = sorted(
        (
            far,
            not _is_anagram(typed, entry.word),
            not entry.is_in_name,
            typed[0] != entry.word[0],
            -(Counter(typed) & Counter(entry.word)).total(),
            -entry.n,
            entry.word,
        )
        for far, entry in near
        if 0 < far <= _most(typed, entry)
    )
    return ranked[0][-1] if ranked else None


def choose_begun(typed: str, known: Iterable[Known]) -> str | None:
    """Return the known word whose beginning was most likely meant; None where none is near enough.

    Of words that are equally near, that on most pages.

    >>> choose_begun("fibromial", [Known("fibroma", 9, True), Known("fibromyalgia", 2, True)])
    'fibromyalgia'
    """
    if len(typed) <= SHORTEST:
        return None
    most = 2 if len(typed) > PREFIX else 1
    near = sorted((min(_distances(typed, entry.word)), -entry.n, entry.word) for entry in known)
    return near[0][-1] if near and near[0][0] <= most else None


def _most(typed: str, entry: Known) -> int:
    """How far a word may be. In a short one two mistakes make another; a first letter is rarely wrong."""
    n = len(typed)
    if n < SHORTEST or (n <= SHORTEST + 1 and not entry.is_in_name):
        return 0
    if n == SHORTEST:
        return int(typed[0] == entry.word[0])
    if _is_anagram(typed, entry.word):
        return 2
    return 2 if n > (SHORTEST + 1 if entry.is_in_name else PREFIX) else 1


def _is_anagram(one: str, other: str) -> bool:
    return sorted(one) == sorted(other)
