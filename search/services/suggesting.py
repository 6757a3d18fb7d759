"""What to offer while somebody types: pages by their names, papers by author and title, whole words."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from search.domain.text import fold

MOST = 8
SHORTEST = 2

STATEMENT = """
WITH pages AS (
    (SELECT 0 AS place, title, kind, path, byline, 1 AS n, length(name) AS len FROM search_searchentry
     WHERE tier = 0 AND kind <> 'claim' AND names && ARRAY[%(typed)s] LIMIT 8)
    UNION ALL
    (SELECT 1, title, kind, path, byline, 1, length(name) FROM search_searchentry
     WHERE tier = 0 AND kind IN ('condition', 'side_effect', 'article', 'trial')
     AND vector @@ to_tsquery('pg_catalog.simple', %(query)s)
     ORDER BY array_position(ARRAY['condition', 'side_effect', 'article', 'trial'], kind::text), length(name)
     LIMIT 8)
    UNION ALL
    (SELECT 2, title, kind, path, byline, 1, 0 FROM search_searchentry
     WHERE name >= %(typed)s COLLATE "C" AND name < (%(typed)s || chr(1114111)) COLLATE "C"
     AND tier > 0 LIMIT 5)
    UNION ALL
    (SELECT 3, word, 'word', '', '', n, 0 FROM search_searchword
     WHERE word > %(last)s COLLATE "C" AND word < (%(last)s || chr(1114111)) COLLATE "C" LIMIT 200)
)
SELECT DISTINCT ON (place, o, title, path) title, kind, path, byline FROM (
    SELECT *, row_number() OVER (PARTITION BY place ORDER BY
        CASE WHEN place = 3 THEN -n
             ELSE array_position(ARRAY['condition', 'side_effect', 'article', 'trial'], kind::text) END, len
    ) AS o FROM pages
) AS numbered ORDER BY place, o LIMIT 20
"""


@dataclass(frozen=True)
class Suggestion:
    """A line under the box: a page to go to, or words to search for where it has no path."""

    text: str
    kind: str
    path: str
    byline: str


def suggest(*, typed: str) -> list[Suggestion]:
    """Return up to MOST suggestions for what was typed so far, best first. One query."""
    words = fold(typed).split()[:6]
    if len("".join(words)) < SHORTEST:
        return []
    query = " & ".join([*(f"'{word}':AB" for word in words[:-1]), f"'{words[-1]}':*AB"])
    values = {"typed": " ".join(words), "query": query, "last": words[-1]}
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, values)
        rows = [Suggestion(*row) for row in cursor.fetchall()]
    found: dict[str, Suggestion] = {}
    for row in rows:
        # After other words a completed word could make a search that finds nothing.
        if row.kind != "word" or len(words) == 1:
            found.setdefault(row.path or row.text, row)
    return list(found.values())[:MOST]
