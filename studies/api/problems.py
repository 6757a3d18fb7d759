"""Errors as RFC 9457 describes them: application/problem+json, naming each field that was refused."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from rest_framework import serializers, status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from studies.filters import NO_SUCH_ENTRY

MEDIA_TYPE = "application/problem+json"
# Where in the request a field stands.
LOCATIONS = [("query", "In the address"), ("body", "In the body")]
# What the API says of an error that Django answered, in place of Django's page.
DETAILS = {
    400: "The request cannot be understood.",
    404: "There is nothing at this address. The lists are named at /api/v1/.",
    500: "The site failed to answer. It is written down, and nothing is wrong with the request.",
    503: "The site cannot answer at present. Ask again in a minute.",
}


class TooLarge(APIException):
    """The request's body is larger than is read."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE


class ProblemErrorSerializer(serializers.Serializer[Any]):
    """One field of the request and what is wrong with it."""

    field = serializers.CharField(help_text="Name of the parameter, or path in the body: studies.3.n_e.")
    location = serializers.ChoiceField(LOCATIONS)
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """An error as RFC 9457 describes it. `errors` names each field of the request that was refused."""

    type = serializers.CharField(help_text="about:blank: the status says all that there is to say.")
    title = serializers.CharField(help_text="The name of the status.")
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField(help_text="What was asked for.")
    errors: Any = ProblemErrorSerializer(many=True, required=False)


def answer_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """The rest framework's answer to an error as a problem; None for what is no error of the request."""
    answer = exception_handler(error, context)
    if answer is None:
        return None
    request = context["request"]
    complaints = answer.data if isinstance(error, ValidationError) and isinstance(answer.data, dict) else None
    if complaints is None:
        problem = describe(request, answer.status_code, str(answer.data["detail"]))
    else:
        problem = describe(request, answer.status_code, errors=_list_errors(request, complaints))
    if complaints is not None and _only_names_nothing(error):
        problem, answer.status_code = {**problem, **status_of(404)}, 404
    headers = {name: answer[name] for name in ("Allow", "Retry-After") if name in answer}
    return Response(problem, answer.status_code, headers=headers, content_type=MEDIA_TYPE)


def _list_errors(request: Any, complaints: dict[str, Any]) -> list[dict[str, str]]:
    is_read = request.method in ("GET", "HEAD", "OPTIONS")
    return [
        {
            "field": str(field),
            "location": "query" if is_read or field in request.query_params else "body",
            "detail": str(text),
        }
        for field, texts in complaints.items()
        for text in (texts if isinstance(texts, list) else [texts])
    ]


def _only_names_nothing(error: Any) -> bool:
    """Whether all that is wrong is that an entry that was named by a filter is not there."""
    codes = [code for codes in error.get_codes().values() for code in codes]
    return bool(codes) and set(codes) == {NO_SUCH_ENTRY}


def status_of(code: int) -> dict[str, Any]:
    """The members of a problem that say its status."""
    return {"title": HTTPStatus(code).phrase, "status": code}


def describe(
    request: Any, code: int, detail: str = "", errors: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    """A problem as plain values: `detail` or, where there are some, what is wrong with the fields."""
    said = " ".join(f"{error['field']}: {error['detail']}" for error in errors or [])
    problem = {
        "type": "about:blank",
        **status_of(code),
        "detail": detail or said or DETAILS.get(code, HTTPStatus(code).phrase),
        "instance": request.get_full_path(),
    }
    return {**problem, "errors": errors} if errors else problem


def as_problem(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """An error that Django answered with a page for readers, as a problem with the same status."""
    body = json.dumps(describe(request, response.status_code))
    answer = HttpResponse(body, MEDIA_TYPE, response.status_code, headers={"Content-Length": len(body)})
    # Django logs every error that does not bear this: it would be in the log twice.
    answer._has_been_logged = True  # type: ignore[attr-defined]
    for name in ("Allow", "Retry-After"):
        if name in response:
            answer[name] = response[name]
    return answer
