"""What all lists of the API have in common: they are read, and no parameter is silently ignored."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.decorators import api_view
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from studies.api.past import AS_OF, AS_OF_PARAMETER, AnswersAsOf
from studies.api.problems import MEDIA_TYPE, ProblemSerializer
from studies.pagination import CURSOR

PAGING = ("page", "page_size", CURSOR)
# Of text, and as good as not given where there is none; any other parameter without a value makes no sense.
MAY_BE_EMPTY = frozenset({"q", "condition", "study", CURSOR})
FIELDS, EXPAND, PROVENANCE, FULL = "fields", "expand", "provenance", "full"


def problems(**said: str) -> dict[tuple[int, str], OpenApiResponse]:
    """The errors that an address may answer with, for its schema: what each status means there."""
    return {
        (int(code.removeprefix("status_")), MEDIA_TYPE): OpenApiResponse(ProblemSerializer, text)
        for code, text in said.items()
    }


class ReadOnlySchema(AutoSchema):
    """Every address may also refuse a parameter by its name, find nothing, or have no such format."""

    view: Any

    def get_response_serializers(self) -> Any:
        of_lists = {"status_409": "Parameters that exclude each other, by their names."}
        return {
            200: super().get_response_serializers(),
            **problems(
                status_400="A parameter that does not exist or makes no sense, by its name.",
                status_404="There is no such entry or page, or nothing is known of such a day.",
                status_406="There is only JSON.",
                **(of_lists if self.view.action == "list" else {}),
            ),
        }

    def get_override_parameters(self) -> list[Any]:
        """What lists and entries have in common beside paging and filters."""
        view = self.view
        parts = view.parts_of_lists
        names = dict.fromkeys([*view.get_serializer_class()().fields, *parts])
        asked = [_words(FIELDS, list(names), "Only these fields."), AS_OF_PARAMETER]
        if parts:
            asked.append(_words(EXPAND, list(parts), "These parts of each entry too."))
        if view.provenances:
            text = "full: where every number was read, by whom, and who checked it; in a list, of each entry."
            asked.append(OpenApiParameter(PROVENANCE, str, description=text, enum=list(view.provenances)))
        return asked


def _words(name: str, words: list[str], text: str) -> OpenApiParameter:
    schema = {"type": "array", "items": {"type": "string", "enum": words}, "minItems": 1}
    return OpenApiParameter(name, schema, description=f"{text} Set apart by commas.", explode=False)


class ReadOnly(AnswersAsOf):
    """Lists and single entries. A filter that does not exist is refused, not ignored."""

    schema = ReadOnlySchema()
    # Parts of a single entry that a list gives too where it is asked to; how full its provenance may be.
    expandable: ClassVar[tuple[str, ...]] = ()
    provenances: ClassVar[tuple[str, ...]] = ()

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows asked for; a single entry is found by its address alone."""
        is_list = self.action == "list"
        filters = getattr(self, "filterset_class", None)
        known = {*PAGING, *(filters.base_filters if filters else ())} if is_list else set()
        own = {FIELDS, AS_OF, *([PROVENANCE] if self.provenances else [])}
        refuse_parameters(self.request, known | own | ({EXPAND} if is_list and self.expandable else set()))
        return super().filter_queryset(queryset) if is_list else queryset

    @property
    def asked_fields(self) -> list[str]:
        """The fields that were asked for; none where all are wanted."""
        entry: Any = self.get_serializer_class()
        known = tuple(entry().fields)
        return read_words(self.request, FIELDS, (*known, *(p for p in self.parts_of_lists if p not in known)))

    @property
    def parts_of_lists(self) -> tuple[str, ...]:
        return self.expandable if self.action == "list" else ()

    @property
    def parts(self) -> list[str]:
        """What a list was asked to give beside its own fields, by `expand` or by `fields`."""
        if not self.parts_of_lists or not hasattr(self.request, "query_params"):
            return []
        by_name = self.request.query_params.get(FIELDS, "").split(",")
        expanded = read_words(self.request, EXPAND, self.expandable)
        return [part for part in self.expandable if part in expanded or part in by_name]

    @property
    def wants_full_provenance(self) -> bool:
        return FULL in read_words(self.request, PROVENANCE, self.provenances)

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """The entry's serializer with those of its fields alone that were asked for."""
        serializer: Any = super().get_serializer(*args, **kwargs)
        if getattr(self, "swagger_fake_view", False):
            return serializer
        entry = getattr(serializer, "child", serializer)
        usual = [name for name in entry.fields if name not in self.parts_of_lists]
        wanted = {*(self.asked_fields or usual), *self.parts}
        for name in set(entry.fields) - wanted:
            entry.fields.pop(name)
        return serializer


def read_words(request: Request, name: str, known: tuple[str, ...]) -> list[str]:
    """The words of a parameter, set apart by commas; none where it is absent, others are refused."""
    text = request.query_params.get(name)
    words = text.split(",") if text else []
    unknown = [word for word in words if word not in known]
    if unknown:
        raise ValidationError({name: [f"There is no {unknown[0]!r}. There are: {', '.join(known)}."]})
    return words


def refuse_parameters(request: Request, known: set[str]) -> None:
    """Refuse each parameter that is not known, given twice or without a value, and any format but JSON."""
    complaints: dict[str, list[str]] = {}
    for name, values in request.query_params.lists():
        if name not in known | {"format"}:
            complaints[name] = [
                f"There is no such parameter. There are: {', '.join(sorted(known)) or 'none'}."
            ]
        elif len(values) > 1:
            complaints[name] = ["Give it once."]
        elif values == [""] and name not in MAY_BE_EMPTY:
            complaints[name] = ["Give it a value, or leave it out."]
        elif name == "format" and values != ["json"]:
            complaints[name] = ["There is only json."]
    if complaints:
        raise ValidationError(complaints)


@extend_schema(exclude=True)
@api_view(["GET"])
def nothing_here(request: Request) -> Response:
    """A program is told in JSON what a reader is told on a page."""
    raise NotFound(f"There is nothing at {request.path}. The lists are named at /api/v1/.")
