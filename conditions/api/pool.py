"""The calculator: anybody's studies pooled by the methods that the pages use. Nothing is kept."""

from __future__ import annotations

import logging
from math import ceil
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from pydantic import ValidationError as Complaints
from redis import RedisError
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import AnonRateThrottle
from rest_framework.views import APIView

from conditions.domain.pool_request import MOST_STUDIES, PoolAnswer, PoolRequest
from studies.api.problems import TooLarge
from studies.api.read_only import problems, refuse_parameters

logger = logging.getLogger(__name__)
MOST_BYTES = 4_000_000


class PoolParser(JSONParser):
    """JSON in which NaN and Infinity are read, so that their field can be named in the refusal."""

    strict = False

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError("JSON parse error - nested too deeply") from None


class PoolThrottle(AnonRateThrottle):
    """So many calculations a caller; while Redis is down nobody is counted, which the log shows."""

    rate = "120/minute"
    scope = "pool"

    def allow_request(self, request: Any, view: Any) -> bool:
        try:
            return bool(super().allow_request(request, view))
        except RedisError:
            logger.exception("calculations are not counted: Redis does not answer")
            return True

    num_requests: int
    duration: int

    def headers(self) -> dict[str, str]:
        """How many calculations a minute are allowed, how many are left, and in how many seconds all are."""
        made = getattr(self, "history", [])  # none where nobody could be counted
        until = made[0] + self.duration - self.now if made else 0
        left = max(0, self.num_requests - len(made))
        return {
            "RateLimit-Limit": str(self.num_requests),
            "RateLimit-Remaining": str(left),
            "RateLimit-Reset": str(max(0, ceil(until))),
        }


EXAMPLE = OpenApiExample(
    "Two trials by REML",
    request_only=True,
    value={
        "kind": "generic",
        "measure": "MD",
        "method": "REML",
        "ci": "hartung_knapp_guarded",
        "studies": [{"effect": -0.34, "variance": 0.0969}, {"effect": 0.49, "variance": 0.1688}],
    },
)


class PoolView(APIView):
    """Pools studies that are sent."""

    parser_classes = [PoolParser]
    throttle_classes = [PoolThrottle]

    def get_throttles(self) -> list[Any]:
        """The one that counts this caller, kept to be asked for its headers."""
        self.throttle = PoolThrottle()
        return [self.throttle]

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)
        if hasattr(self, "throttle"):
            for name, value in self.throttle.headers().items():
                answer[name] = value
        return answer

    @extend_schema(
        operation_id="pool_calculate",
        request=PoolRequest,
        responses={
            200: PoolAnswer,
            **problems(
                status_400="What is wrong, by the field's path, such as studies.3.n_e.",
                status_406="There is only JSON.",
                status_413=f"More than {MOST_BYTES:,} bytes.",
                status_415="Something else than JSON was sent.",
                status_429="Too many calculations: wait as long as Retry-After says.",
            ),
        },
        examples=[EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        """Pool two-by-two tables, means or effects; at most 10,000 studies. Nothing is stored."""
        # SciPy is loaded by the first calculation only: pages do without it.
        from conditions.domain.pool_answer import answer_pool

        refuse_parameters(request, set())
        if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
            raise TooLarge(f"More than {MOST_BYTES:,} bytes: send at most {MOST_STUDIES:,} studies.")
        try:
            asked = PoolRequest.model_validate(request.data)
            return Response(answer_pool(asked).model_dump())
        except Complaints as complaints:
            raise ValidationError(_by_field(complaints)) from None
        except (ValueError, ArithmeticError) as error:
            raise ValidationError({"studies": [f"They cannot be pooled: {error}."]}) from None


def _by_field(complaints: Complaints) -> dict[str, list[str]]:
    """The first twenty complaints by the path of their field; a rule over fields names its field first."""
    found: dict[str, list[str]] = {}
    for complaint in complaints.errors(include_url=False, include_input=False, include_context=False)[:20]:
        # The first step names the kind of request.
        path = [str(step) for step in complaint["loc"][1:]]
        message = complaint["msg"].removeprefix("Value error, ")
        named, _, rest = message.partition(": ")
        if complaint["type"] == "value_error" and named in ("ci", "measure"):
            path, message = [named], rest
        elif complaint["type"] == "value_error":
            path = [*path, message.split(" ", 1)[0]]
        found.setdefault(".".join(path) or "kind", []).append(message)
    return found
