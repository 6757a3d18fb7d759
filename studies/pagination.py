"""Pages of a list in the API."""

from __future__ import annotations

import re
from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request

WHOLE_NUMBER = re.compile(r"0*[1-9][0-9]{0,99}")


class Pages(PageNumberPagination):
    """Numbered pages of 50, or as many as asked for; more than 100 are never in one answer."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 100
    page_query_description = "Number of the page, from 1."
    page_size_query_description = "How many on a page: 50 unless told, at most 100."
    invalid_page_message = "There is no such page. Follow `next` from the first page until it is null."

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The rest framework's own is of OpenAPI 3.0, which says otherwise that an address may be null."""
        described: dict[str, Any] = super().get_paginated_response_schema(schema)
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


def read_whole_number(request: Request, name: str) -> int | None:
    """The parameter as a number of 1 or more, None where it is absent; anything else is refused by name."""
    text = request.query_params.get(name)
    if not text:
        return None
    if not WHOLE_NUMBER.fullmatch(text):
        raise ValidationError({name: ["Give a whole number, 1 or more."]})
    return int(text)
