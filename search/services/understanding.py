"""What was typed, in the words of our pages: known words, names of conditions, synonyms, typing mistakes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from django.db import connection

from search.domain.query import Query
from search.domain.spelling import SHORTEST, Known, choose, deletions
from search.domain.text import fold
from search.models import Kind

LONGEST_NAME = 6

WORDS = """
SELECT t.word, numnode(plainto_tsquery('pg_catalog.english', t.word)) = 0 AS is_stop,
       EXISTS (SELECT FROM search_searchword w WHERE w.word = t.word) AS is_known,
       (SELECT w.word FROM search_searchword w WHERE w.lexeme = (ts_lexize('english_stem', t.word))[1]
        ORDER BY n DESC, w.word LIMIT 1) AS same_stem,
       EXISTS (SELECT FROM search_searchword w WHERE w.word > t.word COLLATE "C"
               AND w.word < (t.word || chr(1114111)) COLLATE "C") AS begins_one,
       (SELECT json_agg(json_build_array(w.word, w.n, w.is_in_name)) FROM search_searchword w
        WHERE w.deletions && t.deletions AND abs(length(w.word) - length(t.word)) <= 2
        AND NOT EXISTS (SELECT FROM search_searchword k WHERE k.word = t.word)) AS near
FROM jsonb_to_recordset(%s::jsonb) AS t(word text, deletions text[])
"""


@dataclass(frozen=True)
class Term:
    """A word, or several that are one name, with all that means the same."""

    text: str
    others: tuple[str, ...] = ()
    condition: str | None = None
    is_prefix: bool = False


@dataclass(frozen=True)
class Understood:
    """A query in terms of our pages.

    `core` is what names a page: the words without those that every page is about. `swaps` are words that were
    taken for others; `unknown` are those that no page holds.
    """

    query: Query
    terms: tuple[Term, ...] = ()
    core: str = ""
    named: tuple[int, ...] = ()
    swaps: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = ()
    stop_words: frozenset[str] = field(default_factory=frozenset)

    @property
    def known(self) -> list[Term]:
        return [term for term in self.terms if term.text not in self.unknown]


def understand(query: Query) -> Understood:
    """Return the query with its names, synonyms and mistakes recognised. Two queries."""
    words, swaps, unknown, prefixes, stops = _know(query.words)
    query = replace(query, words=words)
    runs = _runs([*query.words, *(w for phrase in query.phrases for w in phrase.split())])
    names, groups = _find_names(runs)
    terms, named = [], []
    i = 0
    while i < len(words):
        for size in range(min(LONGEST_NAME, len(words) - i), 0, -1):
            run = " ".join(words[i : i + size])
            entry = names.get(run) if run not in stops or len(words) == 1 else None
            group = next((terms_ for terms_, _ in groups if run in terms_), None)
            if entry or group:
                others = tuple(term for term in group or [] if term != run)
                terms.append(Term(run, others, entry[0] if entry else None, run in prefixes))
                named += [entry[1]] if entry else []
                break
        else:
            size, run = 1, words[i]
            if run not in stops:
                terms.append(Term(run, is_prefix=run in prefixes))
        i += size
    everywhere = {term for terms_, is_everywhere in groups if is_everywhere for term in terms_}
    core = " ".join(term.text for term in terms if term.text not in everywhere) or query.text
    return Understood(
        query, tuple(terms), " ".join([*query.phrases, core]).strip() if words else query.text,
        tuple(named), tuple(swaps), tuple(unknown), frozenset(stops),
    )  # fmt: skip


def _know(
    words: Sequence[str],
) -> tuple[tuple[str, ...], list[tuple[str, str]], list[str], set[str], set[str]]:
    """The words as they are searched, what was swapped, what is unknown, beginnings, and stop words."""
    asked = [
        {"word": word, "deletions": deletions(word) if len(word) >= SHORTEST else []}
        for word in dict.fromkeys(words)
    ]
    with connection.cursor() as cursor:
        cursor.execute(WORDS, [json.dumps(asked)])
        rows = {row[0]: row[1:] for row in cursor.fetchall()}
    meant, swaps, unknown, prefixes, stops = [], [], [], set(), set()
    for word in words:
        is_stop, is_known, same_stem, begins_one, near = rows[word]
        if is_stop:
            stops.add(word)
        best = choose(word, (Known(*entry) for entry in near or []))
        is_anagram = best is not None and sorted(best) == sorted(word)
        swap = None
        if not (is_stop or is_known or not word.isalpha()):
            if same_stem:
                swap = None if word.startswith(same_stem) else same_stem
            elif begins_one and not is_anagram:
                prefixes.add(word)
            elif best:
                swap = best
            else:
                unknown.append(word)
        if swap:
            swaps.append((word, swap))
        meant.append(swap or word)
    return tuple(meant), swaps, unknown, prefixes, stops


def _runs(words: Sequence[str]) -> list[str]:
    """Every run of up to LONGEST_NAME words."""
    return [
        " ".join(words[i : i + size])
        for i in range(len(words))
        for size in range(1, min(LONGEST_NAME, len(words) - i) + 1)
    ]


def _find_names(
    runs: Sequence[str],
) -> tuple[dict[str, tuple[str, int]], list[tuple[list[str], bool]]]:
    """The runs that name conditions, with slug and number of the entry; and all groups of synonyms."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT names, conditions[1], id FROM search_searchentry "
            "WHERE tier = 0 AND kind = %s AND names && %s::text[] UNION ALL "
            "SELECT terms, CASE WHEN is_everywhere THEN '*' END, NULL FROM search_synonymgroup",
            [Kind.CONDITION.value, list(runs)],
        )
        rows = cursor.fetchall()
    asked = set(runs)
    names = {
        name: (slug, pk)
        for found, slug, pk in sorted(rows, key=lambda row: -(row[2] or 0))
        if pk is not None
        for name in found
        if name in asked
    }
    return names, [(list(map(fold, terms)), bool(mark)) for terms, mark, pk in rows if pk is None]
