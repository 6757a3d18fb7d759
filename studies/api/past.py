"""`as_of`: answers as things stood at the end of a day. docs/decisions/0024-as-of.md"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from django.utils.timezone import localdate
from drf_spectacular.utils import OpenApiParameter
from rest_framework import status, viewsets
from rest_framework.exceptions import APIException, ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from history.services.reading import HistoryNotReadyError, read_beginning, standing_as_of
from studies.filters import NO_SUCH_ENTRY

AS_OF = "as_of"
AS_OF_PARAMETER = OpenApiParameter(
    AS_OF,
    {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
    description=(
        "As everything stood at the end of this UTC day, such as 2026-11-30; of today, as it stands by now. "
        "The answer's own `as_of` says what it is. A day before history began, or one to come, is refused "
        "with 404 and the days there are."
    ),
)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
NOT_RECONSTRUCTED = [
    "url and page lead to what stands today; add as_of to url.",
    "What is put into words, sorted or counted when it is asked for follows today's rules, applied to the "
    "records of that day. Pools, certainties and verdicts are as they were computed and stored then.",
]
# For the schema, which is put together from more than serializers (studies.api.schema).
AS_OF_SCHEMA = {
    "type": "object",
    "description": "Only at the top of an answer to as_of: what the answer stands for.",
    "properties": {
        "day": {"type": "string", "format": "date", "description": "Everything is as at its end."},
        "is_over": {
            "type": "boolean",
            "description": "False: it is today, and the answer may still change.",
        },
        "history_since": {
            "type": "string",
            "format": "date-time",
            "description": "Since when every row is kept; days before are not answered.",
        },
        "not_reconstructed": {
            "type": "array",
            "items": {"type": "string"},
            "description": "What in the answer is not of that day.",
        },
    },
    "required": ["day", "is_over", "history_since", "not_reconstructed"],
}


class NotReady(APIException):
    """The past cannot be read while the tables are being changed."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = "The past cannot be read at present: an update is under way. Ask again in a minute."


def read_day(request: Request) -> date | None:
    """The day that was asked for, None where the present is; what is no day is refused."""
    texts = request.query_params.getlist(AS_OF)
    if not texts:
        return None
    if len(texts) > 1:
        raise ValidationError({AS_OF: ["Give it once."]})
    try:
        if DAY.fullmatch(texts[0]):
            return date.fromisoformat(texts[0])
    except ValueError:
        pass
    raise ValidationError({AS_OF: ["Give a day of the calendar as YYYY-MM-DD, such as 2026-11-30."]})


class AnswersAsOf(viewsets.ReadOnlyModelViewSet[Any]):
    """Lists and single entries, as they stand or, with `as_of`, as they stood."""

    # No docstrings: the schema would say them of every address.
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        answer = partial(super().list, request, *args, **kwargs)
        return answer_as_of(read_day(request), answer)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        answer = partial(super().retrieve, request, *args, **kwargs)
        return answer_as_of(read_day(request), answer)

    def get_serializer_context(self) -> dict[str, Any]:
        """What depends on the day goes by the one that was asked for."""
        day = None if getattr(self, "swagger_fake_view", False) else read_day(self.request)
        return {**super().get_serializer_context(), "today": day or localdate()}


def answer_as_of(day: date | None, answer: Callable[[], Response]) -> Response:
    """The answer made while everything stands as at the end of the day, and a word on which day that is."""
    if day is None:
        return answer()
    today = datetime.now(UTC).date()
    try:
        began = read_beginning().astimezone(UTC)
    except HistoryNotReadyError:
        raise NotReady from None
    if not began.date() <= day <= today:
        reason = "That day is still to come" if day > today else "Nothing was kept then"
        text = f"{reason}: give a day from {began:%Y-%m-%d} to {today:%Y-%m-%d}."
        raise ValidationError({AS_OF: [ErrorDetail(text, code=NO_SUCH_ENTRY)]})
    with standing_as_of(day):
        made = answer()
    made.data = {**made.data, AS_OF: _describe(day, today, began)}
    return made


def _describe(day: date, today: date, began: datetime) -> dict[str, Any]:
    return {
        "day": day.isoformat(),
        "is_over": day < today,
        "history_since": began.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "not_reconstructed": NOT_RECONSTRUCTED,
    }
