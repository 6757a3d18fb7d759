"""What to offer while somebody types: pages by their names, papers by author and title, whole words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from django.db import connection

from search.domain.query import MAX_WORDS, read_query
from search.domain.spelling import Known, choose_begun
from search.domain.text import fold
from search.services import postgres
from search.services.understanding import Group, Understood, read_groups, understand

MOST = 8
SHORTEST = 2
# With fewer letters too many terms begin so.
SHORTEST_TERM = 3

# More than the letters of any name: a condition named so stands before those that merely hold the words.
LONGEST = 10_000
KINDS = "ARRAY['condition', 'page', 'side_effect', 'article', 'trial']"
STATEMENT = f"""
WITH begun AS (
    SELECT string_agg(DISTINCT quote_literal(lexeme) || ':AB', ' | ') AS stems FROM search_searchword
    WHERE word >= %(last)s COLLATE "C" AND word < (%(last)s || chr(1114111)) COLLATE "C"
    AND lexeme <> '' AND length(lexeme) < length(%(last)s)
),
q AS MATERIALIZED (
    SELECT to_tsquery('pg_catalog.simple', %(query)s) || (to_tsquery('pg_catalog.english', %(before)s)
        && (to_tsquery('pg_catalog.english', %(whole)s) || coalesce(stems, '')::tsquery)) AS q
    FROM begun
),
pages AS (
    (SELECT 0 AS place, title, kind, path, byline, status, 1 AS n, length(name) AS len FROM search_searchentry
     WHERE tier = 0 AND kind <> 'claim' AND names && %(names)s::text[] LIMIT 8)
    UNION ALL
    (SELECT 1, title, kind, path, byline, status, 1,
         length(name) + CASE WHEN kind = 'condition' AND EXISTS (
             SELECT FROM unnest(names) AS n WHERE n ^@ %(core)s) THEN 0 ELSE {LONGEST} END AS len
     FROM search_searchentry WHERE tier = 0 AND kind = ANY({KINDS})
     AND (vector @@ (SELECT q FROM q) OR names && %(begun)s::text[])
     ORDER BY array_position({KINDS}, kind::text), len LIMIT 8)
    UNION ALL
    (SELECT 2, title, kind, path, byline, status, 1, 0 FROM search_searchentry
     WHERE name >= %(typed)s COLLATE "C" AND name < (%(typed)s || chr(1114111)) COLLATE "C"
     AND tier > 0 LIMIT 5)
    UNION ALL
    (SELECT 3, word, 'word', '', '', NULL, n, 0 FROM search_searchword
     WHERE word > %(last)s COLLATE "C" AND word < (%(last)s || chr(1114111)) COLLATE "C" LIMIT 200)
)
SELECT DISTINCT ON (place, o, title, path) title, kind, path, byline, status FROM (
    SELECT *, row_number() OVER (PARTITION BY place ORDER BY
        CASE WHEN place = 3 THEN -n ELSE array_position({KINDS}, kind::text) END, len
    ) AS o FROM pages
) AS numbered ORDER BY place, o LIMIT 20
"""  # noqa: S608 - SQL of our own


# The first letter is rarely wrong, and without it there were too many to compare with.
NAMED = """
SELECT word, n, is_in_name FROM search_searchword
WHERE word >= %(first)s COLLATE "C" AND word < (%(first)s || chr(1114111)) COLLATE "C"
AND is_in_name AND length(word) >= %(n)s
"""


@dataclass(frozen=True)
class Suggestion:
    """A line under the box: a page to go to, or words to search for where it has no path."""

    text: str
    kind: str
    path: str
    byline: str
    status: str | None = None


def suggest(*, typed: str) -> list[Suggestion]:
    """Return up to MOST suggestions for what was typed so far, best first.

    Two queries; where they offer nothing, the first that a search would find, by up to four more; where it
    finds nothing, what the name offers that was most likely begun, with a mistake, by two more; else what
    a search would find without the last word, which may be the beginning of another, by one more.
    """
    text = fold(typed)
    if len(text.replace(" ", "")) < SHORTEST:
        return []
    groups = read_groups()
    words = _without(groups, text).split()[:MAX_WORDS]
    if offered := _offer(groups, words, text):
        return offered
    understood = understand(read_query(typed))
    return _found(understood) or _offer_begun(groups, words) or _found_before_last(understood)


def _offer_begun(groups: list[Group], words: list[str]) -> list[Suggestion]:
    """What is offered for the words with the last as it was most likely meant."""
    *before, last = words
    meant = choose_begun(last, _words_of_names(last))
    words = [*before, meant or ""]
    return _offer(groups, words, " ".join(words)) if meant else []


def _offer(groups: list[Group], words: list[str], text: str) -> list[Suggestion]:
    """What begins with the words or is named by them, of all that was typed."""
    before = [f"'{word}':AB" for word in words[:-1]]
    core = " ".join(words)
    values: dict[str, str | list[str]] = {
        "typed": text,
        "core": core,
        "before": " & ".join(before),
        "query": " & ".join([*before, f"'{words[-1]}':*AB"]),
        "whole": f"'{words[-1]}':AB",
        "last": words[-1],
        "names": [text, core, core.replace(" ", ""), *_others(groups, {text, core})],
        "begun": _others(groups, _begun(groups, core)),
    }
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, values)
        rows = [Suggestion(*row) for row in cursor.fetchall()]
    found: dict[str, Suggestion] = {}
    for row in rows:
        # After other words a completed word could make a search that finds nothing.
        if row.kind != "word" or len(words) == 1:
            found.setdefault(row.path or row.text, row)
    return list(found.values())[:MOST]


def _words_of_names(typed: str) -> Iterator[Known]:
    """The words of names with the first letter of what was typed; asked for when they are wanted."""
    with connection.cursor() as cursor:
        cursor.execute(NAMED, {"first": typed[0], "n": len(typed) - 1})
        yield from (Known(*row) for row in cursor.fetchall())


def _without(groups: Iterable[Group], text: str) -> str:
    """The text without what every page is about, where other words are left."""
    rest = f" {text} "
    everywhere = {term for terms, is_everywhere in groups if is_everywhere for term in terms}
    for term in sorted(everywhere, key=len, reverse=True):
        rest = rest.replace(f" {term} ", " ")
    return rest.strip() or text


def _others(groups: Iterable[Group], terms: set[str]) -> list[str]:
    """All that means the same as any of the terms."""
    return [other for group, _ in groups if terms.intersection(group) for other in group]


def _begun(groups: Iterable[Group], text: str) -> set[str]:
    """The synonyms that begin so."""
    if len(text) < SHORTEST_TERM:
        return set()
    return {term for group, is_everywhere in groups if not is_everywhere for term in group
            if term.startswith(text)}  # fmt: skip


def _found(understood: Understood) -> list[Suggestion]:
    """What a search for the words finds first, where the last may be left unfinished."""
    if understood.unknown or not understood.terms:
        return []
    *before, last = understood.terms
    if not (last.others or last.condition or " " in last.text):
        last = replace(last, is_prefix=True)
    understood = replace(understood, terms=(*before, last))
    return [Suggestion(*row) for row in postgres.ask_first(understood, MOST)]


def _found_before_last(understood: Understood) -> list[Suggestion]:
    """What a search for all but the last word finds first, where every word is on a page or begins one."""
    before = understood.terms[:-1]
    if understood.unknown or not before:
        return []
    understood = replace(understood, terms=before, core=" ".join(term.text for term in before))
    return [Suggestion(*row) for row in postgres.ask_first(understood, MOST)]
