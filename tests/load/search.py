"""What search costs over a million rows, beside a hand-written query in the same run.

python -m tests.load.search in a database of its own (DATABASE_URL); part of `make bench`.
"""

from __future__ import annotations

import os
import random
import sys
import time
from statistics import quantiles

import django

N_ROWS = int(os.environ.get("BENCH_SEARCH_ROWS", "1000000"))
N_QUERIES = 100

# Runs of twelve words of the corpus, so that words are as frequent, and stand together, as in real text.
SEED = """
INSERT INTO search_searchentry (kind, object_id, path, title, byline, text, name, names, tier, prior, vector,
    conditions, design, dose_bands, certainties, directions, status, year, has_numbers, open_access)
SELECT 'study', 10000000 + i, '/studies/synthetic' || i || '/', title, 'Tester A, Helper B', body, title,
    ARRAY[title], CASE WHEN i %% 6 = 0 THEN 1 ELSE 2 END, CASE WHEN i %% 6 = 0 THEN 1.0 ELSE 0.6 END,
    setweight(to_tsvector('pg_catalog.english', title), 'A')
        || setweight(to_tsvector('pg_catalog.english', body), 'C'),
    ARRAY[(%(slugs)s::text[])[1 + i %% %(n_slugs)s]],
    (ARRAY['rct_parallel', 'cohort', 'case_report'])[1 + i %% 3],
    ARRAY['3-to-4.5'], ARRAY['low'], ARRAY['unclear'], 'unknown', 1990 + i %% 36, i %% 2 = 0, i %% 3 = 0
FROM (
    SELECT i, string_agg(text, ' ') FILTER (WHERE k = 1) AS title,
        string_agg(text, ' ') FILTER (WHERE k > 1) AS body
    FROM (
        SELECT i, k, 1 + floor(random() * %(n_chunks)s)::int AS chunk
        FROM generate_series(%(first)s, %(last)s) AS i, generate_series(1, 5) AS k
    ) AS drawn JOIN bench_chunk USING (chunk)
    GROUP BY i
) AS made
"""
BY_HAND = """
SELECT id, ts_rank(vector, q) AS rank FROM search_searchentry, to_tsquery('pg_catalog.english', %s) AS q
WHERE vector @@ q ORDER BY rank DESC LIMIT 20
"""


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ldn_kb.settings")
    django.setup()
    from django.core.management import call_command

    from tests.load.seed import make_tables

    make_tables()
    call_command("load_evidence", verbosity=0)
    time_search()
    return 0


def time_search(rows: int = N_ROWS) -> None:
    """Fill the table and print p50 and p95 of our search, the hand-written query, and suggestions."""
    from django.db import connection

    from search.domain.query import read_query
    from search.services.finding import find
    from search.services.suggesting import suggest

    texts = fill(rows)
    chance = random.Random(7)  # the same questions in every run
    # Two words of one text, as people type them.
    sentences = [[word for word in text.split() if len(word) > 3 and word.isalpha()] for text in texts]
    pairs = [chance.sample(chance.choice(sentences), 2) for _ in range(N_QUERIES)]

    def by_hand(pair: list[str]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(BY_HAND, [" & ".join(pair)])
            cursor.fetchall()

    ours = measure(lambda pair: find(query=read_query(" ".join(pair)), filters={}), pairs)
    hand = measure(by_hand, pairs)
    offered = measure(lambda pair: suggest(typed=pair[0][: 2 + len(pair[1]) % 4]), pairs)
    # Words that begin no name: what a search finds first is offered.
    unnamed = measure(lambda pair: suggest(typed=f"{pair[0]} {pair[1][: 2 + len(pair[0]) % 4]}"), pairs)
    print(f"\nsearch over {rows:,} rows, {N_QUERIES} queries of two words")
    lines = {"search with facets": ours, "GIN query by hand": hand, "suggestions": offered}
    for name, cuts in {**lines, "of two words": unnamed}.items():
        print(f"{name:20} p50 {cuts[9] * 1000:7.1f} ms  p95 {cuts[18] * 1000:7.1f} ms")
    print(f"search to hand, p95: {ours[18] / hand[18]:.2f}")


def fill(rows: int) -> list[str]:
    """Synthetic entries of the corpus' words; returns those texts."""
    from django.db import connection

    from conditions.models import Condition
    from search.domain.text import fold
    from search.models import SearchEntry

    texts = SearchEntry.objects.filter(kind="study").values_list("title", "text")
    folded = [fold(text) for pair in texts for text in pair]
    words = [word for text in folded for word in text.split()]
    chunks = [" ".join(words[i : i + 12]) for i in range(0, len(words) - 12, 3)]
    slugs = list(Condition.objects.values_list("slug", flat=True))
    with connection.cursor() as cursor:
        began = time.monotonic()
        for name in ("0", "1", "2"):
            cursor.execute(f"DROP INDEX search_vector_tier_{name}")
        cursor.execute("CREATE TEMPORARY TABLE bench_chunk (chunk int PRIMARY KEY, text text)")
        cursor.executemany("INSERT INTO bench_chunk VALUES (%s, %s)", list(enumerate(chunks, 1)))
        cursor.execute("ANALYZE bench_chunk")
        for first in range(0, rows, 100_000):
            last = min(first + 100_000, rows) - 1
            cursor.execute(SEED, {"first": first, "last": last, "n_chunks": len(chunks),
                                  "slugs": slugs, "n_slugs": len(slugs)})  # fmt: skip
        print(f"filling: {time.monotonic() - began:.0f} s", flush=True)
        for name in ("0", "1", "2"):
            cursor.execute(
                f"CREATE INDEX search_vector_tier_{name} ON search_searchentry "
                f"USING gin (vector) WHERE tier = {name}"
            )
        cursor.execute("CREATE INDEX search_vector_by_hand ON search_searchentry USING gin (vector)")
        cursor.execute("VACUUM ANALYZE search_searchentry")
        print(f"with indexes: {time.monotonic() - began:.0f} s", flush=True)
    return folded


def measure(ask, pairs: list[list[str]]) -> list[float]:
    """Nineteen cuts of the seconds that each question takes, after one round to warm up."""
    for pair in pairs[:10]:
        ask(pair)
    taken = []
    for pair in pairs:
        began = time.perf_counter()
        ask(pair)
        taken.append(time.perf_counter() - began)
    return quantiles(taken, n=20)


if __name__ == "__main__":
    sys.exit(main())
