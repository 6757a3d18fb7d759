"""Writing the table of search: in the transaction of a change, all anew, and the proof that it is right."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from django.db import connection, transaction

from search.domain.spelling import deletions
from search.domain.text import join_possessives
from search.models import Kind, SearchChange, SearchEntry
from search.services.entries import MAKERS, Entry, fold_weights
from search.services.overviews import OVERVIEWS
from search.services.sending import note_unsent

T = TypeVar("T")
BATCH = 500
PLAIN = ["path", "title", "byline", "text", "name", "names", "tier", "prior", "conditions", "design"]
PLAIN += ["dose_bands", "certainties", "directions", "status", "year", "has_numbers", "open_access"]
VECTOR = (
    "setweight(to_tsvector('pg_catalog.english', %s), 'A')"
    " || setweight(to_tsvector('pg_catalog.english', %s), 'B')"
    " || setweight(to_tsvector('pg_catalog.english', %s), 'C') || to_tsvector('pg_catalog.english', %s)"
    " || %s::tsvector"
)
COLUMNS = ["kind", "object_id", *PLAIN]
UPSERT = (
    f"INSERT INTO search_searchentry ({', '.join(COLUMNS)}, vector) "  # noqa: S608 - names of our own columns
    f"VALUES ({', '.join(['%s'] * len(COLUMNS))}, {VECTOR}) ON CONFLICT (kind, object_id) DO UPDATE SET "
    + ", ".join(f"{name} = EXCLUDED.{name}" for name in [*PLAIN, "vector"])
)


@transaction.atomic
def update_search(*, now: datetime) -> int:  # noqa: ARG001 - called like all that follows a change
    """Make anew the entries of all that has changed since they were made; return how many objects that were.

    What changed is noted by the database itself, so that no way of writing is forgotten. Call it once, at the
    end of the transaction of a change.
    """
    changed: dict[str, set[int]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM search_searchchange WHERE id IN "
            "(SELECT id FROM search_searchchange FOR UPDATE SKIP LOCKED) RETURNING kind, object_id"
        )
        for kind, object_id in cursor.fetchall():
            changed[kind].add(object_id)
    if missing := _missing_overviews():
        changed[Kind.PAGE] |= missing
    for kind, ids in changed.items():
        for some in _batches(sorted(ids)):
            entries = list(MAKERS[kind](some))
            _store(entries)
            gone = set(some) - {entry.object_id for entry in entries}
            SearchEntry.objects.filter(kind=kind, object_id__in=gone).delete()
            _add_words(_count_words(entries))
            note_unsent(kind, some)
    return sum(map(len, changed.values()))


def _missing_overviews() -> set[int]:
    """The overviews that have no entry: no row stands behind them, so no write to one makes theirs."""
    stored = SearchEntry.objects.filter(kind=Kind.PAGE).values_list("object_id", flat=True)
    return {overview.number for overview in OVERVIEWS} - set(stored)


def rebuild_search() -> int:
    """Make every entry and word anew, each in place; return how many entries there are.

    Readers find the old entry or the new one, never none: nothing is emptied first.
    """
    words: Counter[tuple[str, bool]] = Counter()
    n = 0
    for kind, make in MAKERS.items():
        kept: set[int] = set()
        for batch in _batches(make(None)):
            with transaction.atomic():
                _store(batch)
            words.update(_count_words(batch))
            kept |= {entry.object_id for entry in batch}
        stored = SearchEntry.objects.filter(kind=kind).values_list("object_id", flat=True)
        gone = set(stored) - kept
        SearchEntry.objects.filter(kind=kind, object_id__in=gone).delete()
        n += len(kept)
    _replace_words(words)
    return n


def find_stale_entries() -> list[str]:
    """Return kind and number of each entry that is missing, too many, or not what the records say."""
    stale = [f"{change.kind} {change.object_id} waits" for change in SearchChange.objects.all()[:100]]
    for kind, make in MAKERS.items():
        seen: set[int] = set()
        for batch in _batches(make(None)):
            seen |= {entry.object_id for entry in batch}
            stale += [f"{kind} {pk}" for pk in _differing(kind, batch)]
        stored = set(SearchEntry.objects.filter(kind=kind).values_list("object_id", flat=True))
        stale += [f"{kind} {pk} has no object" for pk in sorted(stored - seen)]
    return stale


def _differing(kind: str, batch: Sequence[Entry]) -> list[int]:
    rows = SearchEntry.objects.filter(kind=kind, object_id__in=[entry.object_id for entry in batch])
    stored = {row["object_id"]: row for row in rows.values(*COLUMNS, "vector")}
    fresh = _fresh_vectors(batch)
    return [
        entry.object_id
        for entry, vector in zip(batch, fresh, strict=True)
        if stored.get(entry.object_id)
        != {**dict(zip(COLUMNS, _values(entry), strict=True)), "vector": vector}
    ]


def _fresh_vectors(batch: Sequence[Entry]) -> list[str]:
    with connection.cursor() as cursor:
        vectors = []
        for entry, texts in zip(batch, fold_weights(batch), strict=True):
            cursor.execute(f"SELECT ({VECTOR})::text", [*texts, entry.lexemes])
            vectors.append(cursor.fetchone()[0])
    return vectors


def _store(entries: Sequence[Entry]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            UPSERT,
            [
                [*_values(entry), *texts, entry.lexemes]
                for entry, texts in zip(entries, fold_weights(entries), strict=True)
            ],
        )


def _values(entry: Entry) -> list[Any]:
    values = {name: getattr(entry, name) for name in COLUMNS} | {
        "kind": str(entry.kind),
        "tier": int(entry.tier),
    }
    return list((values | {"names": entry.keys}).values())


def _count_words(entries: Iterable[Entry]) -> Counter[tuple[str, bool]]:
    """On how many of the entries each word stands, with whether it is part of a name."""
    found: Counter[tuple[str, bool]] = Counter()
    for entry in entries:
        named = (
            {word for name in entry.all_names for word in name.split()} if entry.kind != "study" else set()
        )
        named |= join_possessives(entry.title)  # what is mistyped is nearest to these: crohns
        words = {word for texts in fold_weights([entry]) for text in texts for word in text.split()}
        found.update(
            (word, word in named) for word in words | named if word.isalpha() and 2 <= len(word) <= 40
        )
    return found


def _merge(found: Counter[tuple[str, bool]]) -> list[tuple[str, int, bool]]:
    words = sorted({word for word, _ in found})
    return [(word, found[word, True] + found[word, False], found[word, True] > 0) for word in words]


WORD_VALUES = """
    INSERT INTO search_searchword (word, n, is_in_name, deletions, lexeme)
    VALUES (%s, %s, %s, %s, coalesce((ts_lexize('english_stem', %s))[1], ''))
    ON CONFLICT (word) DO UPDATE SET
"""
ADD_WORDS = WORD_VALUES + ("is_in_name = true WHERE EXCLUDED.is_in_name AND NOT search_searchword.is_in_name")
SET_WORDS = WORD_VALUES + "n = EXCLUDED.n, is_in_name = EXCLUDED.is_in_name, deletions = EXCLUDED.deletions"


def _add_words(found: Counter[tuple[str, bool]]) -> None:
    """Add words that are new, in alphabetical order, so that two writers never wait for each other."""
    with connection.cursor() as cursor:
        cursor.executemany(ADD_WORDS, [(w, n, named, deletions(w), w) for w, n, named in _merge(found)])


@transaction.atomic
def _replace_words(found: Counter[tuple[str, bool]]) -> None:
    words = _merge(found)
    with connection.cursor() as cursor:
        cursor.executemany(SET_WORDS, [(w, n, named, deletions(w), w) for w, n, named in words])
        cursor.execute("DELETE FROM search_searchword WHERE word <> ALL(%s)", [[w for w, _, _ in words]])


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, BATCH)):
        yield batch
