# ruff: noqa: S608 - what is put into the SQL are numbers, and SQL that Django has made
"""The API's list of studies, put together from stored documents before Django's request handler is asked."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson
import psycopg
from django.core.exceptions import EmptyResultSet
from django.core.handlers.wsgi import WSGIRequest
from django.db import DatabaseError, close_old_connections, connection
from django.http import Http404
from rest_framework.exceptions import APIException
from rest_framework.utils.urls import remove_query_param, replace_query_param

from pages.services.addresses import own_address
from pages.services.documents import publish_documents
from pages.services.edition import read_edition
from pages.services.reading import Connections, State
from studies.api.past import AS_OF
from studies.api.read_only import PROVENANCE
from studies.api.serializers import STUDY_PARTS, StudyListSerializer
from studies.api.views import StudyViewSet
from studies.pagination import CURSOR, CURSOR_PATTERN, NOT_WITH_CURSOR, WHOLE_NUMBER, Pages

logger = logging.getLogger(__name__)

PATH = "/api/v1/studies/"
# Addresses as programs write them; any other is read by Django.
PLAIN_QUERY = re.compile(r"([a-z_]+=[A-Za-z0-9_.,*~+%:/-]*(&[a-z_]+=[A-Za-z0-9_.,*~+%:/-]*)*)?")
PAGE, PAGE_SIZE = "page", "page_size"
# So many wordings are remembered, and of each the studies on so many of its pages.
PLANS, PAGES_OF_A_PLAN = 300, 4
_DOCUMENTS = """
    SELECT p.id, d.entry, {parts},
        d.edition IS DISTINCT FROM '{edition}'
        OR EXISTS (SELECT FROM pages_documentchange c WHERE c.study_id = p.id)
    FROM unnest({ids}) WITH ORDINALITY AS p(id, place)
    LEFT JOIN pages_studydocument d ON d.study_id = p.id ORDER BY p.place
"""
Row = tuple[int, bytes, bytes, bool]


@dataclass
class Plan:
    """What a list's filters and fields come to while nobody writes: SQL, how an entry is put together, how
    many studies there are, and which stand on the pages that were asked for."""

    ids: str
    in_order: str
    names: tuple[str, ...]
    has_parts: bool
    is_full: bool
    n_in_all: int | None = None
    # Numbers as PostgreSQL writes an array: the driver takes long over a list.
    found: dict[tuple[int, int], str] = field(default_factory=dict)

    def sql(self, ids: str) -> str:
        """SQL of the documents of studies, in their order; ids is SQL of an array of their numbers."""
        parts = "d.parts" if self.has_parts else "''::bytea"
        return _DOCUMENTS.format(ids=ids, parts=parts, edition=read_edition())

    def write(self, rows: Sequence[Row]) -> bytes:
        """The entries as a JSON array."""
        entries = b"[" + b",".join([row[1] for row in rows]) + b"]"
        if self.names == tuple(StudyListSerializer.Meta.fields):
            return entries
        studies = orjson.loads(entries)
        if self.has_parts:
            for study, row in zip(studies, rows, strict=True):
                study |= orjson.loads(row[2])
                if not self.is_full:
                    study[PROVENANCE] = [place for place in study[PROVENANCE] if place["field"]]
        return orjson.dumps([{name: study[name] for name in self.names} for study in studies])


class StudyLists:
    """Answers lists of studies as Django would, from one query; None for what only Django can answer.

    Filters, fields and their checks are the API's own: they are run once for each wording while the records
    stand, and leave a query that names the studies. Documents that are stale are made for the first reader.
    """

    def __init__(self, connections: Connections) -> None:
        self.connections = connections

    def answer(self, environ: dict[str, Any], state: State) -> bytes | None:
        """The body for a request; None where Django is to answer: an error, another list, a failure."""
        query = environ.get("QUERY_STRING", "")
        if environ["PATH_INFO"] != PATH or not PLAIN_QUERY.fullmatch(query):
            return None
        pairs = parse_qsl(query, keep_blank_values=True)
        asked = dict(pairs)
        size = _read_number(asked.pop(PAGE_SIZE, None), Pages.page_size)
        number = _read_number(asked.pop(PAGE, None), 1)
        cursor = asked.pop(CURSOR, None)
        if size is None or number is None or len(dict(pairs)) < len(pairs) or AS_OF in asked:
            return None
        own = own_address()
        here = f"{own['wsgi.url_scheme']}://{own['HTTP_HOST']}{PATH}?{query}".rstrip("?")
        size = min(size, Pages.max_page_size)
        is_refused = cursor is not None and any(dict(pairs).get(name) for name in NOT_WITH_CURSOR)
        if is_refused or not re.fullmatch(f"({CURSOR_PATTERN})?", cursor or ""):
            return None
        try:
            plan = find_plan(tuple(asked.items()), state)
            if plan is None:
                return None
            if cursor is None:
                return self._numbered(plan, here, number, size)
            return self._following(plan, here, int(cursor[1:] or 0), size)
        except DatabaseError as error:
            logger.warning("a list was left to Django: %s", type(error).__name__)
            return None

    def _numbered(self, plan: Plan, here: str, number: int, size: int) -> bytes | None:
        if plan.n_in_all is None:
            count = f"SELECT count(*) FROM ({plan.ids}) AS ids"
            counted: list[tuple[int]] | None = self.connections.use(lambda c: _ask(c, count))
            plan.n_in_all = counted[0][0] if counted else None
        first = (number - 1) * size
        if plan.n_in_all is None or (first >= plan.n_in_all and number > 1):
            return None
        found = plan.found.get((number, size))
        if found is None:
            rows = self._read(plan, f"ARRAY({plan.in_order} LIMIT {size} OFFSET {first})")
            if rows is not None and len(plan.found) < PAGES_OF_A_PLAN:
                plan.found[number, size] = f"{{{','.join(str(row[0]) for row in rows)}}}"
        else:
            rows = self._read(plan, "%s::bigint[]", found)
        is_more = first + size < plan.n_in_all
        following = replace_query_param(here, PAGE, number + 1) if is_more else None
        return None if rows is None else _write(plan, rows, plan.n_in_all, following, _before(here, number))

    def _following(self, plan: Plan, here: str, after: int, size: int) -> bytes | None:
        ids = f"ARRAY(SELECT id FROM ({plan.ids}) AS ids WHERE id > %s ORDER BY id LIMIT {size + 1})"
        rows = self._read(plan, ids, after)
        if rows is None:
            return None
        following = replace_query_param(here, CURSOR, f"c{rows[size - 1][0]}") if len(rows) > size else None
        return _write(plan, rows[:size], None, following, None)

    def _read(self, plan: Plan, ids: str, *values: int | str) -> list[Row] | None:
        """The rows with their documents, made anew where they are stale; None where that was not enough."""
        for is_last in (False, True):
            rows: list[Row] | None = self.connections.use(lambda c: _ask(c, plan.sql(ids), *values))
            stale = [row[0] for row in rows or () if row[3]]
            if rows is None or not stale:
                return rows
            if not is_last:
                close_old_connections()
                publish_documents(study_ids=stale, is_waiting=False)
        return None


@lru_cache(maxsize=PLANS)
def find_plan(asked: tuple[tuple[str, str], ...], state: State) -> Plan | None:  # noqa: ARG001 - a key
    """What the API makes of a list's filters and fields; None where it refuses them, or nothing can match.

    Args:
        asked: the parameters but for those that name a page.
        state: the names in them (of a condition) may lead elsewhere in another one.
    """
    close_old_connections()
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": PATH, "QUERY_STRING": urlencode(asked)}
    view = StudyViewSet(action_map={"get": "list"}, args=(), kwargs={}, format_kwarg=None)
    view.request = view.initialize_request(WSGIRequest({**environ, "wsgi.input": BytesIO(), **own_address()}))
    try:
        studies = view.filter_queryset(view.get_queryset())
        names = tuple(view.get_serializer([], many=True).child.fields)
        ids, in_order = (_as_sql(rows) for rows in (studies.order_by(), studies))
    except (APIException, Http404, EmptyResultSet):
        return None
    return Plan(ids, in_order, names, not set(STUDY_PARTS).isdisjoint(names), view.wants_full_provenance)


def _as_sql(studies: Any) -> str:
    """A query for the studies' numbers, with its values in it, ready to be put into another one."""
    query, values = studies.values_list("id").query.sql_with_params()
    with connection.cursor() as cursor:
        return str(cursor.mogrify(query, values)).replace("%", "%%")


def _ask(connection: psycopg.Connection[Any], query: str, *values: int | str) -> list[Any]:
    with connection.cursor(binary=True) as cursor:
        return cursor.execute(query, values).fetchall()


def _write(plan: Plan, rows: list[Row], n: int | None, following: str | None, before: str | None) -> bytes:
    frame = orjson.dumps({"count": n, "next": following, "previous": before, "results": None})
    return frame.removesuffix(b"null}") + plan.write(rows) + b"}"


def _before(here: str, number: int) -> str | None:
    if number <= 1:
        return None
    before: str = (
        remove_query_param(here, PAGE) if number == 2 else replace_query_param(here, PAGE, number - 1)
    )
    return before


def _read_number(text: str | None, otherwise: int) -> int | None:
    """The number in a parameter; None where it is none that the API takes."""
    if text is None:
        return otherwise
    return int(text) if WHOLE_NUMBER.fullmatch(text) else None
