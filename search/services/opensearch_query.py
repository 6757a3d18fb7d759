"""A question to OpenSearch, and the shape of its index: the principles of PostgreSQL's ranking in its words.

The format is OpenSearch's query DSL (docs.opensearch.org, "Query DSL", "Aggregations", "Highlight").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from search.models import Kind, Tier
from search.services.engine import END, LISTS, MARK, MOST_COUNTED, PAGE_SIZE, SINGLES, TRUTHS
from search.services.understanding import Term, Understood

Clause = dict[str, Any]
# The four weights of an entry as PostgreSQL counts them: names, what stands beside them, texts, codes.
FIELDS = ["a^1", "b^0.4", "c^0.2", "d^0.05"]
NAMES, BESIDE, TEXTS, _ = FIELDS
# What a name adds, in the order and proportion of PostgreSQL's; far above what words alone can reach.
NAME = 100
EXACT = {Kind.CONDITION: 10, Kind.PAGE: 9.5, Kind.SIDE_EFFECT: 9, Kind.ARTICLE: 8, Kind.STUDY: 7}
EXACT_OF_OTHERS = 6
# More where all that was typed is the name, not only what is left without the words of every page.
OF_WHOLE = 1.9
MOST_VALUES = 1_000
SHOWN = ["kind", "path", "title", "byline", "text", "long_text", "design", "year", "status", "conditions"]
KEYWORD, BOOLEAN = {"type": "keyword"}, {"type": "boolean"}
ENGLISH = {"type": "text", "analyzer": "english"}
# Years are compared as numbers, and filtered by whatever a reader's address holds, which may be no number.
YEAR = {"type": "integer", "fields": {"word": KEYWORD}}
INDEX: Clause = {
    "mappings": {
        "dynamic": "strict",
        "properties": {
            **dict.fromkeys(["kind", "path", "name", "names", "authors", "design", "status"], KEYWORD),
            **dict.fromkeys(LISTS.values(), KEYWORD),
            **dict.fromkeys(TRUTHS.values(), BOOLEAN),
            **dict.fromkeys(["title", "byline", "text", "long_text", "a", "b", "c", "d"], ENGLISH),
            "tier": {"type": "byte"},
            "prior": {"type": "float"},
            "year": YEAR,
        },
    }
}


def write_question(
    understood: Understood, filters: dict[str, str], page: int, named: list[str], *, nearest: bool
) -> Clause:
    """Return the body of a `_search`; `named` are the documents that the query names."""
    wanted = _any(map(_of_term, understood.known)) if nearest else _words(understood)
    limits = _limits(understood, filters)
    if named and not nearest:
        pages = [{"ids": {"values": named}}, {"term": {"tier": int(Tier.PAGES)}}, *_sure(understood)]
        wanted = _any([wanted, {"bool": {"filter": pages, "must_not": _left_out(understood)}}])
    return {
        "from": (page - 1) * PAGE_SIZE,
        "size": PAGE_SIZE,
        "track_total_hits": MOST_COUNTED,
        "query": _rank({"bool": {"must": [wanted], "filter": limits}}, understood, named),
        "sort": ["_score", {"year": {"order": "desc", "missing": "_last"}}, {"path": "asc"}],
        "_source": SHOWN,
        "highlight": _highlight(),
        "aggs": {
            key: {"terms": {"field": field, "size": MOST_VALUES}} for key, field in _facet_fields().items()
        },
    }


def _facet_fields() -> dict[str, str]:
    return {**LISTS, **SINGLES, **TRUTHS, "year": "year.word"}


def _words(understood: Understood, fields: list[str] = FIELDS) -> Clause:
    must = [_any(way for term in choice for way in _ways(term, fields)) for choice in understood.choices]
    must += _sure(understood, fields)
    return {"bool": {"must": must or [{"match_all": {}}], "must_not": _left_out(understood)}}


def _sure(understood: Understood, fields: list[str] = FIELDS) -> list[Clause]:
    """What a page must hold even where its name was typed: phrases and surnames."""
    query = understood.query
    return [*(_phrase(phrase, fields) for phrase in query.phrases), *map(_author, query.authors)]


def _left_out(understood: Understood) -> list[Clause]:
    """What no page may hold."""
    out = [
        _phrase(text) for term in understood.out for text in (term.text, *term.others) if not term.is_prefix
    ]
    out += [_of_term(term) for term in understood.out if term.is_prefix]
    out += [{"term": {"conditions": {"value": term.condition}}} for term in understood.out if term.condition]
    return [*out, *map(_author, understood.query.excluded_authors)]


def _author(surname: str) -> Clause:
    return {"prefix": {"authors": {"value": surname}}}


def _of_term(term: Term) -> Clause:
    return _any(_ways(term))


def _ways(term: Term, fields: list[str] = FIELDS) -> list[Clause]:
    kind: Clause = (
        {"type": "phrase_prefix"} if term.is_prefix else {"type": "cross_fields", "operator": "and"}
    )
    ways = [{"multi_match": {"query": term.text, "fields": fields, **kind}}]
    ways += [_phrase(other, fields) for other in term.others]
    if term.condition:
        ways.append({"term": {"conditions": {"value": term.condition}}})
    return ways


def _phrase(words: str, fields: list[str] = FIELDS) -> Clause:
    return {"multi_match": {"query": words, "fields": fields, "type": "phrase"}}


def _any(ways: Any) -> Clause:
    return {"bool": {"should": list(ways), "minimum_should_match": 1}}


def _limits(understood: Understood, filters: dict[str, str]) -> list[Clause]:
    fields = _facet_fields()
    limits: list[Clause] = [
        {"term": {fields[key]: filters[key] == "yes" if key in TRUTHS else filters[key]}}
        for key in fields
        if key in filters
    ]
    low, high = understood.query.year_low, understood.query.year_high
    years = {name: year for name, year in (("gte", low), ("lte", high)) if year}
    return [*limits, {"range": {"year": years}}] if years else limits


def _rank(wanted: Clause, understood: Understood, named: list[str]) -> Clause:
    """Words times how strong the design is, and on top what the first fitting name adds."""
    by_design = {
        "function_score": {
            "query": wanted,
            "field_value_factor": {"field": "prior", "missing": 1},
            "boost_mode": "multiply",
        }
    }
    core, words = understood.core, _words(understood)
    kinds = (Kind.CONDITION, Kind.STUDY, Kind.PAGE, Kind.ARTICLE, Kind.SIDE_EFFECT)
    condition, study, page, article, side_effect = ({"term": {"kind": kind.value}} for kind in kinds)
    names = [*_exact(understood.whole, OF_WHOLE), *_exact(understood.same, 0)]
    names += [
        _adds(3, {"prefix": {"names": {"value": understood.beginning}}}, condition),
        _adds(2, {"ids": {"values": named}}, words),
        _adds(1, {"ids": {"values": named}}),
        _adds(1.9, _words(understood, [NAMES]), condition),
        _adds(1.1, _words(understood, [NAMES, TEXTS]), condition),
        _adds(1.5, {"terms": {"authors": understood.beside_names}}, study),
        _adds(1.5, _words(understood, [NAMES, BESIDE]), page),
        _adds(1.2, _words(understood, [NAMES]), article),
        _adds(1.5, _words(understood, [NAMES, BESIDE]), side_effect),
        _adds(1.5, {"match_phrase": {"title": core}}, condition),
        _adds(0.5, {"match_phrase": {"title": core}}),
        _adds(0.4, _words(understood, [NAMES, BESIDE]), study),
    ]
    return {
        "function_score": {
            "query": by_design,
            "functions": names,
            "score_mode": "first",
            "boost_mode": "sum",
        }
    }


def _exact(names: Sequence[str], more: float) -> list[Clause]:
    so = {"terms": {"names": list(names)}}
    added = [_adds(n + more, so, {"term": {"kind": kind.value}}) for kind, n in EXACT.items()]
    return [*added, _adds(EXACT_OF_OTHERS + more, so)]


def _adds(n: float, *conditions: Clause) -> Clause:
    return {"filter": {"bool": {"filter": list(conditions)}}, "weight": n * NAME}


def _highlight() -> Clause:
    whole = {"number_of_fragments": 0}
    return {
        "pre_tags": [MARK],
        "post_tags": [END],
        # Words are sought in a to d, which are folded; shown is what was written.
        "require_field_match": False,
        "fields": {
            "title": whole,
            "byline": whole,
            "text": whole,
            "long_text": {"number_of_fragments": 2, "fragment_size": 180, "no_match_size": 180},
        },
    }
