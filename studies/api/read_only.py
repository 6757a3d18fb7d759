"""What all lists of the API have in common: they are read, and no parameter is silently ignored."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import api_view
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response

PAGING = ("page", "page_size")


class MissingSerializer(serializers.Serializer[Any]):
    """Nothing is there."""

    detail = serializers.CharField()


# Field names are not known beforehand, so no serializer can name them.
REFUSAL = {
    "type": "object",
    "additionalProperties": {"type": "array", "items": {"type": "string"}},
    "example": {"year_min": ["Enter a whole number."]},
}


class ReadOnlySchema(AutoSchema):
    """Every address may also refuse a parameter, by its name, or find nothing."""

    def get_response_serializers(self) -> Any:
        return {
            200: super().get_response_serializers(),
            400: OpenApiResponse(REFUSAL, "A parameter that does not exist or makes no sense, by its name."),
            404: OpenApiResponse(MissingSerializer, "There is no such entry or page."),
        }


class JsonOnly(DefaultContentNegotiation):
    """JSON, whatever is asked for; a `format` that is none is refused with the other parameters."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:  # noqa: ARG002
        return renderers[0], renderers[0].media_type


class ReadOnly(viewsets.ReadOnlyModelViewSet[Any]):
    """Lists and single entries. A filter that does not exist is refused, not ignored."""

    schema = ReadOnlySchema()
    content_negotiation_class = JsonOnly

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows asked for; a single entry is found by its address alone."""
        is_list = self.action == "list"
        filters = getattr(self, "filterset_class", None)
        known = {*PAGING, *(filters.base_filters if filters else ())} if is_list else set()
        refuse_parameters(self.request, known)
        return super().filter_queryset(queryset) if is_list else queryset


def refuse_parameters(request: Request, known: set[str]) -> None:
    """Refuse each parameter that is not known or is given twice, and any format but JSON."""
    complaints: dict[str, list[str]] = {}
    for name, values in request.query_params.lists():
        if name not in known | {"format"}:
            complaints[name] = [
                f"There is no such parameter. There are: {', '.join(sorted(known)) or 'none'}."
            ]
        elif len(values) > 1:
            complaints[name] = ["Give it once."]
        elif name == "format" and values != ["json"]:
            complaints[name] = ["There is only json."]
    if complaints:
        raise ValidationError(complaints)


@extend_schema(exclude=True)
@api_view(["GET"])
def nothing_here(request: Request) -> Response:
    """A program is told in JSON what a reader is told on a page."""
    raise NotFound(f"There is nothing at {request.path}. The lists are named at /api/v1/.")
