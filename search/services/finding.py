"""Finding pages: the question understood, then asked of the engine that is set; else the nearest."""

from __future__ import annotations

from dataclasses import replace

from django.conf import settings

from search.domain.query import Query
from search.models import Kind
from search.services import postgres
from search.services.engine import MOST_PAGES, PAGE_SIZE, Engine, Found
from search.services.understanding import understand

NEAREST = 5
# Behind these come articles about diseases that nobody asked of.
NEAREST_GENERAL = 3


def find(*, query: Query, filters: dict[str, str], page: int = 1) -> Found:
    """Return what matches every word of the query and every filter, best first. At most six queries.

    Args:
        query: as read_query gives it.
        filters: one value by facet (the keys of LISTS, SINGLES and TRUTHS).
        page: from 1.
    """
    understood = understand(query)
    if query.is_empty and not filters:
        return Found(understood)
    if not (understood.terms or understood.is_narrowed or filters):
        return Found(understood)  # words of every text, which tell no page from another
    engine = _engine()
    found = engine.ask(understood, filters, page) if not understood.unknown else Found(understood)
    if found.n or filters:
        return found
    if understood.known:
        return Found(understood, nearest=engine.ask(understood, {}, 1, nearest=True).hits[:NEAREST])
    if not understood.everywhere:
        return found
    # Of a medicine or a disease that no page holds: what it is, and whom it harms.
    general = understand(replace(understood.query, words=understood.everywhere, phrases=()))
    return Found(understood, nearest=engine.ask(general, {}, 1, nearest=True).hits[:NEAREST_GENERAL])


def find_study_keys(*, query: Query, filters: dict[str, str]) -> list[str]:
    """Return the keys of the studies among what matches, best first, as far as hits are ranked."""
    asked = {**filters, "kind": Kind.STUDY.value}
    if filters.get("kind", Kind.STUDY) != Kind.STUDY or (query.is_empty and not filters):
        return []
    keys: list[str] = []
    for page in range(1, MOST_PAGES + 1):
        found = find(query=query, filters=asked, page=page)
        keys += [hit.path.strip("/").rpartition("/")[2] for hit in found.hits]
        if not found.hits or page * PAGE_SIZE >= found.n:
            break
    return keys


def _engine() -> Engine:
    if not settings.OPENSEARCH_URL:
        return postgres
    # Imported where it is set only: its client is of no use to others.
    from search.services import opensearch

    return opensearch


def kinds() -> list[tuple[str, str]]:
    """Return kind and label of each kind of page, in the order of the groups."""
    return [(kind.value, kind.label) for kind in Kind]
