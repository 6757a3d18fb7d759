"""Pages of a list in the API."""

from __future__ import annotations

import re
from typing import Any

from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

CURSOR = "cursor"
CURSOR_PATTERN = r"\*|c[0-9]{1,18}"
CURSOR_HELP = (
    "Reads the whole list at an even pace, however long it is: * for the beginning, then follow `next`. "
    "Rows come in the order in which they were entered, none twice, whatever is written meanwhile."
)
NOT_WITH_CURSOR = ("page", "ordering")
WHOLE_NUMBER = re.compile(r"0*[1-9][0-9]{0,99}")


class ExcludingError(ValidationError):
    """Parameters that exclude each other: each of them is good by itself."""

    status_code = status.HTTP_409_CONFLICT


class Pages(PageNumberPagination):
    """Numbered pages of 50, or as many as asked for; more than 100 are never in one answer."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 100
    page_query_description = "Number of the page, from 1."
    page_size_query_description = "How many on a page: 50 unless told, at most 100."
    invalid_page_message = "There is no such page. Follow `next` from the first page until it is null."

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        """The rows of a page, or those after a cursor."""
        self.cursor = request.query_params.get(CURSOR)
        if self.cursor is None:
            return super().paginate_queryset(queryset, request, view)
        refused = [name for name in NOT_WITH_CURSOR if request.query_params.get(name)]
        if refused:
            text = f"Not with {CURSOR}: its rows come in the order in which they were entered."
            raise ExcludingError({name: [text] for name in refused})
        after, size = read_cursor(self.cursor), self.get_page_size(request)
        rows = list(queryset.order_by("pk").filter(pk__gt=after)[: size + 1])
        self.request, self.last = request, rows[size - 1].pk if len(rows) > size else None
        return rows[:size]

    def get_paginated_response(self, data: Any) -> Response:
        if self.cursor is None:
            return super().get_paginated_response(data)
        assert self.request is not None  # noqa: S101 - set with the rows
        here = self.request.build_absolute_uri()
        following = self.last and replace_query_param(here, CURSOR, f"c{self.last}")
        return Response({"count": None, "next": following, "previous": None, "results": data})

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """The numbers start at 1, and a cursor is what an answer named, or the beginning."""
        described: list[dict[str, Any]] = super().get_schema_operation_parameters(view)
        for parameter in described:
            parameter["schema"]["minimum"] = 1
        cursor = {"name": CURSOR, "required": False, "in": "query", "description": CURSOR_HELP}
        return [*described, {**cursor, "schema": {"type": "string", "pattern": f"^({CURSOR_PATTERN})?$"}}]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The rest framework's own is of OpenAPI 3.0, which says otherwise that an address may be null."""
        described: dict[str, Any] = super().get_paginated_response_schema(schema)
        described["properties"]["count"] = {
            "type": ["integer", "null"],
            "example": 185,
            "description": "How many rows there are in all; null with a cursor, which counts nothing.",
        }
        for name in ("next", "previous"):
            entry = described["properties"][name]
            entry["type"] = ["string", "null"]
            entry.pop("nullable")
        return described

    def get_page_size(self, request: Request) -> int:
        asked = read_whole_number(request, self.page_size_query_param)
        return self.page_size if asked is None else min(asked, self.max_page_size)

    def get_page_number(self, request: Request, paginator: Any) -> int:  # noqa: ARG002
        return read_whole_number(request, self.page_query_param) or 1


def read_cursor(text: str) -> int:
    """The key of the row after which to go on; 0 for the beginning. What is no cursor is refused."""
    if text in ("", "*"):
        return 0
    if not re.fullmatch(CURSOR_PATTERN, text):
        raise ValidationError({CURSOR: ["Give * for the beginning, then follow `next`."]})
    return int(text[1:])


def read_whole_number(request: Request, name: str) -> int | None:
    """The parameter as a number of 1 or more, None where it is absent; anything else is refused by name."""
    text = request.query_params.get(name)
    if not text:
        return None
    if not WHOLE_NUMBER.fullmatch(text):
        raise ValidationError({name: ["Give a whole number, 1 or more."]})
    return int(text)
