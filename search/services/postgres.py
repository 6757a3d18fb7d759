"""PostgreSQL as the engine of search: candidates by words, ranked, with counts of what they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from search.domain.query import Query
from search.models import Tier
from search.services.engine import (
    END,
    LISTS,
    MARK,
    MOST_COUNTED,
    PAGE_SIZE,
    SINGLES,
    TRUTHS,
    WHOLE,
    Found,
    Hit,
)
from search.services.understanding import Term, Understood

MOST_RANKED = 1_000
# So many of a tier are ranked for what is offered while somebody types.
MOST_OFFERED = 100
HEADLINE = f"StartSel={MARK}, StopSel={END}, "


class Sql:
    """A piece of SQL with its parameters."""

    def __init__(self, text: str, *values: Any) -> None:
        self.text, self.values = text, list(values)

    @staticmethod
    def join(glue: str, parts: list[Sql]) -> Sql:
        return Sql(f"({glue.join(part.text for part in parts)})", *(v for part in parts for v in part.values))


# Each as an index has it.
MATCH = Sql("vector @@ (SELECT q FROM q)")
MATCH_BY_NAME = Sql("ts_filter(vector, '{a,b}') @@ (SELECT q FROM q)")


def ask(understood: Understood, filters: dict[str, str], page: int, *, nearest: bool = False) -> Found:
    """Return what matches, best first, from the table of entries. One query."""
    words = (
        Sql.join(" || ", [_of_term(term) for term in understood.known]) if nearest else _tsquery(understood)
    )
    return _ask(understood, words, filters, page)


def _tsquery(understood: Understood) -> Sql | None:
    """The words as a question to the index; None where only years or filters limit."""
    either = [Sql.join(" || ", list(map(_of_term, choice))) for choice in understood.choices]
    parts = [*either, *_sure(understood.query), *_left_out(understood)]
    return Sql.join(" && ", parts) if parts else None


def _sure(query: Query) -> list[Sql]:
    """What a page must hold even where its name was typed: phrases and surnames."""
    return [
        *(Sql("phraseto_tsquery('pg_catalog.english', %s)", phrase) for phrase in query.phrases),
        *(Sql("%s::tsquery", f"'au_{word}':*") for word in query.authors),
    ]


def _left_out(understood: Understood) -> list[Sql]:
    """What no page may hold."""
    out = [_of_term(term, phrase="phraseto") for term in understood.out]
    out += [Sql("%s::tsquery", f"'au_{word}':*") for word in understood.query.excluded_authors]
    return [Sql(f"!! {each.text}", *each.values) for each in out]


def _of_term(term: Term, phrase: str = "plainto") -> Sql:
    if term.is_prefix:
        ways = [Sql("to_tsquery('pg_catalog.english', %s)", f"{term.text}:*")]
    else:
        ways = [Sql(f"{phrase}_tsquery('pg_catalog.english', %s)", term.text)]
    ways += [Sql("phraseto_tsquery('pg_catalog.english', %s)", other) for other in term.others]
    if term.condition:
        ways.append(Sql("%s::tsquery", f"'co_{term.condition}'"))
    return Sql.join(" || ", ways)


def _limits(query: Query, filters: dict[str, str]) -> list[Sql]:
    limits = [Sql(f"{column} @> ARRAY[%s]", filters[key]) for key, column in LISTS.items() if key in filters]
    limits += [Sql(f"{column}::text = %s", filters[key]) for key, column in SINGLES.items() if key in filters]
    limits += [
        Sql(f"{column} = %s", filters[key] == "yes") for key, column in TRUTHS.items() if key in filters
    ]
    if query.year_low:
        limits.append(Sql("year >= %s", query.year_low))
    if query.year_high:
        limits.append(Sql("year <= %s", query.year_high))
    return limits


COUNT = "SELECT '{key}' AS f, {value}::text AS v, count(*) FROM {rows} WHERE {value} IS NOT NULL GROUP BY 2"
FACETS = " UNION ALL ".join(
    [COUNT.format(key=key, value="v", rows=f"matched, unnest({c}) AS v") for key, c in LISTS.items()]
    + [COUNT.format(key=key, value=c, rows="matched") for key, c in SINGLES.items()]
    + [
        COUNT.format(key=key, value=f"CASE {c} WHEN true THEN 'yes' WHEN false THEN 'no' END", rows="matched")
        for key, c in TRUTHS.items()
    ]
)
# The three tiers are asked one after the other, so that the cap never keeps a trial out for a case report.
RANKING = """
WITH q AS MATERIALIZED (SELECT {words} AS q),
matched AS MATERIALIZED (
    SELECT * FROM ({tiers}) AS t LIMIT {counted}
),
ranked AS (
    SELECT m.id, ts_rank('{{0.05, 0.2, 0.4, 1.0}}', e.vector, (SELECT q FROM q), 1) * e.prior
        + CASE WHEN e.names && %s::text[] THEN {exact} + 1.9
               WHEN e.names && %s::text[] THEN {exact}
               WHEN e.kind = 'condition' AND EXISTS (
                   SELECT FROM unnest(e.names) AS n WHERE n LIKE %s) THEN 3
               WHEN e.id = ANY(%s) THEN CASE WHEN e.vector @@ (SELECT q FROM q) THEN 2 ELSE 1 END
               WHEN e.kind = 'condition' AND ts_filter(e.vector, '{{a}}') @@ (SELECT q FROM q) THEN 1.9
               WHEN e.kind = 'condition' AND ts_filter(e.vector, '{{a,c}}') @@ (SELECT q FROM q) THEN 1.1
               WHEN e.kind = 'study' AND e.vector @@ %s::tsquery THEN 1 + 0.5 * e.prior
               WHEN e.kind = 'page' AND ts_filter(e.vector, '{{a,b}}') @@ (SELECT q FROM q) THEN 1.5
               WHEN e.kind = 'article' AND ts_filter(e.vector, '{{a}}') @@ (SELECT q FROM q) THEN 1.2
               WHEN e.kind = 'side_effect' AND ts_filter(e.vector, '{{a,b}}') @@ (SELECT q FROM q) THEN 1.5
               WHEN e.name LIKE '%%' || %s || '%%'
                   THEN CASE e.kind WHEN 'condition' THEN 1.5 ELSE 0.5 * e.prior END
               WHEN e.kind = 'study' AND ts_filter(e.vector, '{{a,b}}') @@ (SELECT q FROM q)
                   THEN 0.4 * e.prior
               ELSE 0 END AS score, e.year
    FROM (SELECT id FROM matched LIMIT {ranked}) AS m JOIN search_searchentry e USING (id)
),
best AS (SELECT * FROM ranked ORDER BY score DESC, year DESC NULLS LAST, id LIMIT %s OFFSET %s)
"""
FIRST = """
SELECT e.title, e.kind, e.path, e.byline, e.status
FROM best b JOIN search_searchentry e USING (id) ORDER BY b.score DESC, b.year DESC NULLS LAST, b.id
"""
PAGE = """
SELECT (SELECT count(*) FROM matched),
    (SELECT json_agg(json_build_array(f, v, count)) FROM ({facets}) AS counted(f, v, count)),
    (SELECT json_agg(json_build_array(e.kind, e.path,
        ts_headline('pg_catalog.english', e.title, (SELECT q FROM q), '{headline}HighlightAll=true'),
        ts_headline('pg_catalog.english', e.byline, (SELECT q FROM q), '{headline}HighlightAll=true'),
        ts_headline('pg_catalog.english', left(e.text, 6000), (SELECT q FROM q),
            CASE WHEN length(e.text) <= {whole} THEN '{headline}HighlightAll=true'
            ELSE '{headline}MaxFragments=2, MaxWords=28, MinWords=10, FragmentDelimiter=" … "' END),
        e.design, e.year, e.status, e.conditions) ORDER BY b.score DESC, b.year DESC NULLS LAST, b.id)
     FROM best b JOIN search_searchentry e USING (id))
"""
EXACT = (
    "CASE e.kind WHEN 'condition' THEN 10 WHEN 'page' THEN 9.5 WHEN 'side_effect' THEN 9 "
    "WHEN 'article' THEN 8 WHEN 'study' THEN 7 ELSE 6 END"
)
COLUMNS = ", ".join(["id", *LISTS.values(), *SINGLES.values(), *TRUTHS.values()])


def ask_first(understood: Understood, n: int) -> list[tuple[str, str, str, str, str | None]]:
    """Return title, kind, path, byline and status of the first that match, out of a few. One query.

    Studies by their titles and authors alone, as the texts of many hold most words; but where words are
    left out, what is offered has them nowhere.
    """
    texts_of = Tier.values if _left_out(understood) else (Tier.PAGES,)
    ranking = _rank(understood, _tsquery(understood), {}, most=MOST_OFFERED, texts_of=texts_of)
    with connection.cursor() as cursor:
        cursor.execute(ranking.text + FIRST, [*ranking.values, n, 0])
        rows: list[tuple[str, str, str, str, str | None]] = cursor.fetchall()
    return rows


def _rank(
    understood: Understood,
    words: Sql | None,
    filters: dict[str, str],
    *,
    most: int,
    texts_of: Sequence[int] = Tier.values,
) -> Sql:
    """What the words and filters match, at most so many of each tier, and the best of it in order.

    The texts of `texts_of` count; of other tiers names and bylines alone.
    """
    limits = _limits(understood.query, filters)
    named = understood if words else None
    every = []
    for tier in Tier.values:
        matches = [MATCH if tier in texts_of else MATCH_BY_NAME] if words else []
        every.append(_of_tier(tier, matches, limits, named, most))
    candidates = Sql.join(" UNION ALL ", every)
    text = RANKING.format(
        words=words.text if words else "''::tsquery", tiers=candidates.text[1:-1], counted=most, exact=EXACT,
        ranked=MOST_RANKED,
    )  # fmt: skip
    people = " | ".join(f"'au_{word}'" for word in understood.beside_names)
    ranks = [
        list(understood.whole),
        list(understood.same),
        f"{understood.beginning}%",
        list(understood.named),
        people,
        understood.core,
    ]
    return Sql(text, *(words.values if words else []), *candidates.values, *ranks)


def _ask(understood: Understood, words: Sql | None, filters: dict[str, str], page: int) -> Found:
    ranking = _rank(understood, words, filters, most=MOST_COUNTED + 1)
    statement = ranking.text + PAGE.format(facets=FACETS, headline=HEADLINE, whole=WHOLE)
    with connection.cursor() as cursor:
        cursor.execute(statement, [*ranking.values, PAGE_SIZE, (page - 1) * PAGE_SIZE])
        n, counts, hits = cursor.fetchone()
    by_facet: dict[str, dict[str, int]] = {}
    for facet, value, count in counts or []:
        by_facet.setdefault(facet, {})[value] = count
    return Found(
        understood, [Hit(*hit) for hit in hits or []], min(n, MOST_COUNTED), n > MOST_COUNTED, by_facet
    )


def _of_tier(
    tier: int, matches: list[Sql], limits: list[Sql], understood: Understood | None, most: int
) -> Sql:
    """The candidates of a tier; among pages also those that the query names beside other words."""
    conditions = matches
    if tier == Tier.PAGES and understood and understood.named:
        also = [Sql("id = ANY(%s)", list(understood.named))]
        if narrow := _sure(understood.query) + _left_out(understood):
            words = Sql.join(" && ", narrow)
            also.append(Sql(f"vector @@ {words.text}", *words.values))
        conditions = [Sql.join(" OR ", [*matches, Sql.join(" AND ", also)])]
    where = Sql.join(" AND ", [Sql(f"tier = {tier}"), *conditions, *limits])
    return Sql(
        f"(SELECT {COLUMNS} FROM search_searchentry WHERE {where.text} LIMIT {most})",  # noqa: S608
        *where.values,
    )
