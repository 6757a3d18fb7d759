"""What was typed, in the words of our pages: known words, names of conditions, synonyms, typing mistakes."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain, pairwise
from typing import NamedTuple

from django.db import connection

from search.domain.fillers import find_fillers
from search.domain.query import OR, Query
from search.domain.spelling import SHORTEST, Known, choose, deletions
from search.domain.text import fold
from search.models import Kind, SynonymGroup

LONGEST_NAME = 6
# With fewer letters too many synonyms begin so.
SHORTEST_BEGINNING = 5
# A key that no text can be.
BEGUN = ""
Group = tuple[list[str], bool]

# The groups of synonyms come first, in the place of the words that are near.
WORDS = """
SELECT '', false, false, NULL, false,
       (SELECT json_agg(json_build_array(terms, is_everywhere) ORDER BY id) FROM search_synonymgroup)
UNION ALL
SELECT t.word, numnode(plainto_tsquery('pg_catalog.english', t.word)) = 0 AS is_stop,
       EXISTS (SELECT FROM search_searchword w WHERE w.word = t.word)
       OR EXISTS (SELECT FROM search_searchentry e WHERE e.tier = 0 AND e.names @> ARRAY[t.word]) AS is_known,
       (SELECT w.word FROM search_searchword w WHERE w.lexeme = (ts_lexize('english_stem', t.word))[1]
        ORDER BY n DESC, w.word LIMIT 1) AS same_stem,
       EXISTS (SELECT FROM search_searchword w WHERE w.word > t.word COLLATE "C"
               AND w.word < (t.word || chr(1114111)) COLLATE "C") AS begins_one,
       (SELECT json_agg(json_build_array(w.word, w.n, w.is_in_name)) FROM search_searchword w
        WHERE w.deletions && t.deletions AND abs(length(w.word) - length(t.word)) <= 2
        AND (w.lexeme <> '' OR left(w.word, 1) = left(t.word, 1))
        AND NOT EXISTS (SELECT FROM search_searchword k WHERE k.word = t.word)) AS near
FROM jsonb_to_recordset(%s::jsonb) AS t(word text, deletions text[])
"""


@dataclass(frozen=True)
class Term:
    """A word, or several that are one name, with all that means the same; it may do instead of the last."""

    text: str
    others: tuple[str, ...] = ()
    condition: str | None = None
    is_prefix: bool = False
    is_instead: bool = False


class Name(NamedTuple):
    """An entry that has a name, and the slug where it is a condition."""

    pk: int
    slug: str | None


@dataclass(frozen=True)
class Understood:
    """A query in terms of our pages.

    `terms` are without the words that every page is about, which are `everywhere`, where there are others;
    `core` is their text, which may name a page; `whole` is all that was typed, and `same` the core, each with
    what means the same. `out` is what must not be there, understood like the terms. `named` are entries.
    `swaps` are words that were taken for others; `unknown` are those that no page holds.
    """

    query: Query
    terms: tuple[Term, ...] = ()
    out: tuple[Term, ...] = ()
    core: str = ""
    whole: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    named: tuple[int, ...] = ()
    swaps: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = ()
    stop_words: frozenset[str] = field(default_factory=frozenset)
    everywhere: tuple[str, ...] = ()

    @property
    def beginning(self) -> str:
        """What a name begins with that is meant: whole words, but for a last one that was left unfinished."""
        is_unfinished = bool(self.terms) and self.terms[-1].is_prefix
        return self.core if is_unfinished else f"{self.core} "

    @property
    def beside_names(self) -> list[str]:
        """The words that name no condition and are not on every page: surnames, where all of them are."""
        return [
            word for term in self.terms if not (term.condition or term.others) for word in term.text.split()
        ]

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but words says which pages are meant."""
        query = self.query
        return bool(query.phrases or query.authors or query.year_low or query.year_high)

    @property
    def choices(self) -> list[list[Term]]:
        """The terms in their order, those together of which one is enough."""
        return _choices(self.terms)

    @property
    def known(self) -> list[Term]:
        return [term for term in self.terms if term.text not in self.unknown]


def understand(query: Query) -> Understood:
    """Return the query with its names, synonyms and mistakes recognised. Two queries."""
    single = [text for text in query.excluded if " " not in text]
    groups, found = _look_up({*query.words, *map("".join, pairwise(query.words)), *single})
    reading = _read_words(query.words, found, _words_of(groups, query.words))
    out = _read_each(query.excluded, found, groups)
    query = replace(query, words=tuple(reading.words), excluded=tuple(out.words))
    runs = _runs([*query.words, *(w for phrase in query.phrases for w in phrase.split())])
    runs += out.words
    synonyms = {run: _others(run, groups) for run in runs}
    begun = {word: _begun(word, groups) for word in reading.unknown}
    synonyms |= {word: terms for word, terms in begun.items() if terms}
    reading.unknown = [word for word in reading.unknown if not begun[word]]
    names = _find_names({*runs, *map(_joined, runs), *chain(*synonyms.values())}, begun=query.text)
    terms = tuple(_terms(reading, names, synonyms))
    left_out = tuple(_term(text, out, synonyms, names) for text in out.words)
    everywhere = {term for group, is_everywhere in groups if is_everywhere for term in group}
    named_by = tuple(term for term in terms if term.text not in everywhere)
    for choice in _choices(named_by):
        missing = [term.text for term in choice if term.text in reading.unknown]
        if len(missing) < len(choice):  # the others will do
            reading.unknown = [word for word in reading.unknown if word not in missing]
    core = " ".join(term.text for term in named_by) or query.text
    core = " ".join([*query.phrases, core]).strip() if query.words else query.text
    whole = [query.text.replace(t.text, each) for t in terms if t not in named_by for each in t.others]
    others = named_by[0].others if len(named_by) == 1 and not query.phrases else ()
    named = {name.pk for term in terms for name in _names_of(term.text, synonyms, names) if name.slug}
    named |= {name.pk for text in (query.text, _joined(query.text), *others) for name in names.get(text, [])}
    named |= {name.pk for name in names.get(BEGUN, [])}
    return Understood(
        query, named_by or terms, left_out, core, (query.text, *whole, *others), (core, *others),
        tuple(sorted(named)), (*reading.swaps, *out.swaps), tuple(reading.unknown), frozenset(reading.stops),
        tuple(term.text for term in terms if term not in named_by) if named_by else (),
    )  # fmt: skip


def _terms(
    reading: Reading, names: dict[str, list[Name]], synonyms: dict[str, tuple[str, ...]]
) -> Iterator[Term]:
    """The words as terms, the longest run that is a name or has synonyms first."""
    words, i = reading.words, 0
    is_instead = False
    while i < len(words):
        for size in range(min(LONGEST_NAME, len(words) - i), 0, -1):
            run = " ".join(words[i : i + size])
            is_all = len(words) == size
            found = _names_of(run, synonyms, names) if is_all or run not in reading.stops else []
            is_condition = any(name.slug for name in found)
            is_plain = size > 1 and not reading.stops.issuperset(words)
            if is_condition or synonyms[run] or (found and is_all and not is_plain):
                yield replace(_term(run, reading, synonyms, {run: found}), is_instead=is_instead)
                break
        else:
            size, run = 1, words[i]
            if run not in reading.stops:
                yield Term(run, is_prefix=run in reading.prefixes, is_instead=is_instead)
        i += size
        is_instead = run == OR


def _choices(terms: Iterable[Term]) -> list[list[Term]]:
    choices: list[list[Term]] = []
    for term in terms:
        if term.is_instead and choices:
            choices[-1].append(term)
        else:
            choices.append([term])
    return choices


def _term(
    run: str, reading: Reading, synonyms: dict[str, tuple[str, ...]], names: dict[str, list[Name]]
) -> Term:
    """A run with its synonyms and the condition that it names."""
    slugs = [name.slug for name in _names_of(run, synonyms, names) if name.slug]
    return Term(run, synonyms[run], slugs[0] if slugs else None, run in reading.prefixes)


def _names_of(run: str, synonyms: dict[str, tuple[str, ...]], names: dict[str, list[Name]]) -> list[Name]:
    """The pages that a run names as it is, else written as one word, else by what means the same."""
    return (
        names.get(run)
        or names.get(_joined(run))
        or [name for other in synonyms.get(run, ()) for name in names.get(other, [])]
    )


def _joined(text: str) -> str:
    return text.replace(" ", "")


def _words_of(groups: Sequence[Group], words: Sequence[str]) -> set[str]:
    """The words of all terms that were typed in full."""
    typed = f" {' '.join(words)} "
    return {word for group, _ in groups for term in group if f" {term} " in typed for word in term.split()}


def _others(run: str, groups: Sequence[Group]) -> tuple[str, ...]:
    """All that means the same as a run, or as the run without a possessive's s: hashimotos."""
    mine = [group for group, _ in groups if run in group or run.removesuffix("s") in group]
    found = [term for group in mine for term in group if term != run]
    return tuple(dict.fromkeys(found))


def _begun(word: str, groups: Sequence[Group]) -> tuple[str, ...]:
    """All that means the same as a synonym that begins with a word of no page: Schilddrüse."""
    if len(word) < SHORTEST_BEGINNING:
        return ()
    mine = [group for group, _ in groups if any(term.startswith(word) for term in group)]
    return tuple(dict.fromkeys(chain(*mine)))


@dataclass
class Reading:
    """Words as they are searched, what was swapped, those on no page, beginnings of words, and stop words."""

    words: list[str] = field(default_factory=list)
    swaps: list[tuple[str, str]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    prefixes: set[str] = field(default_factory=set)
    stops: set[str] = field(default_factory=set)


class Word(NamedTuple):
    """What the pages know of a word: another of the same stem, whether it begins one, and which are near."""

    word: str
    is_stop: bool
    is_known: bool
    same_stem: str | None
    begins_one: bool
    near: list[tuple[str, int, bool]] | None


def _read_words(words: Sequence[str], found: dict[str, Word], of_groups: set[str]) -> Reading:
    """Each word, or two that are one word of our pages taken apart: fibro myalgia."""
    reading, fillers = Reading(), find_fillers(words)
    left = list(words)
    while left:
        word, joined = left[0], "".join(left[:2])
        row, both = found[word], [found[part] for part in left[:2]]
        is_apart = len(both) == 2 and not (
            all(part.is_known for part in both) or any(part.is_stop for part in both)
        )
        if is_apart and found[joined].is_known:
            reading.swaps.append((" ".join(left[:2]), joined))
            reading.words.append(joined)
            del left[:2]
            continue
        is_stop = row.is_stop or word in fillers
        if is_stop:
            reading.stops.add(word)
        is_as_it_is = is_stop or row.is_known or word in of_groups or not word.isalpha()
        reading.words.append(word if is_as_it_is else _correct(row, reading, is_last=len(left) == 1))
        del left[0]
    return reading


def _read_each(texts: Sequence[str], found: dict[str, Word], groups: Sequence[Group]) -> Reading:
    """What must not be there, read like what must; a phrase stays as it is."""
    reading = Reading()
    for text in texts:
        one = _read_words((text,), found, _words_of(groups, (text,))) if text in found else Reading([text])
        reading.words += one.words
        reading.swaps += one.swaps
        reading.prefixes |= one.prefixes
    return reading


def _correct(row: Word, reading: Reading, *, is_last: bool) -> str:
    """The word that was meant by one that no page holds as it is. Only the last may be left unfinished."""
    best = choose(row.word, (Known(*entry) for entry in row.near or []))
    swap = None
    if row.same_stem:
        swap = None if row.word.startswith(row.same_stem) else row.same_stem
    elif row.begins_one and not (best and (not is_last or sorted(best) == sorted(row.word))):
        reading.prefixes.add(row.word)
    elif best:
        swap = best
    else:
        reading.unknown.append(row.word)
    if swap:
        reading.swaps.append((row.word, swap))
    return swap or row.word


def _look_up(words: Iterable[str]) -> tuple[list[Group], dict[str, Word]]:
    """All groups of synonyms, and what the pages know of each word."""
    asked = [
        {"word": word, "deletions": deletions(word) if len(word) >= SHORTEST else []}
        for word in sorted(words)
    ]
    with connection.cursor() as cursor:
        cursor.execute(WORDS, [json.dumps(asked)])
        (*_, groups), *rows = cursor.fetchall()
    return _fold_groups(groups), {row[0]: Word(*row) for row in rows}


def read_groups() -> list[Group]:
    """Return all groups of synonyms as they are searched, each with whether every page is about it."""
    return _fold_groups(SynonymGroup.objects.order_by("pk").values_list("terms", "is_everywhere"))


def _fold_groups(groups: Iterable[tuple[Sequence[str], bool]] | None) -> list[Group]:
    return [(list(map(_fold_term, terms)), mark) for terms, mark in groups or []]


# The same few hundred terms at each question.
_fold_term = lru_cache(maxsize=4_096)(fold)


def _runs(words: Sequence[str]) -> list[str]:
    """Every run of up to LONGEST_NAME words."""
    return [
        " ".join(words[i : i + size])
        for i in range(len(words))
        for size in range(1, min(LONGEST_NAME, len(words) - i) + 1)
    ]


def _find_names(texts: Iterable[str], *, begun: str) -> dict[str, list[Name]]:
    """The pages by each name of them that is among the texts, and by BEGUN those whose name begins so."""
    asked = set(texts)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT names, CASE kind WHEN %(condition)s THEN conditions[1] END, id, name "
            "FROM search_searchentry WHERE tier = 0 AND (names && %(asked)s::text[] OR "
            "length(%(begun)s) >= %(shortest)s AND kind = %(condition)s "
            "AND name >= %(begun)s AND name < %(begun)s || chr(1114111)) "
            "ORDER BY kind <> %(condition)s, id",
            {
                "condition": Kind.CONDITION.value,
                "asked": list(asked),
                "begun": begun,
                "shortest": SHORTEST,
            },
        )
        rows = cursor.fetchall()
    found: dict[str, list[Name]] = defaultdict(list)
    for names, slug, pk, title in rows:
        for name in asked.intersection(names):
            found[name].append(Name(pk, slug))
        if slug and title.startswith(begun):
            found[BEGUN].append(Name(pk, slug))
    return found
