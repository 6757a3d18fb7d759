"""Reading and listing resources over HTTP (https://hl7.org/fhir/R5/http.html)."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from itertools import islice
from typing import Any
from urllib.parse import urlencode

import simplejson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import condition

from conditions.models import Condition
from fhir_r5.domain.codes import Json
from fhir_r5.services.capability import capability
from fhir_r5.services.collections import KINDS, bundle, find, of_condition, of_kind
from pages.services.edition import read_edition
from pages.services.publishing import read_version

JSON_TYPE = "application/fhir+json; fhirVersion=5.0; charset=utf-8"
ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
DEFAULT_COUNT, MOST_COUNT = 20, 100
# What a client may ask for and means JSON by; FHIR lets `_format` overrule the header.
FORMATS = {"json", "application/json", "application/fhir+json", "text/json"}
ACCEPTED = ("application/fhir+json", "application/json", "text/html")

View = Callable[..., HttpResponse]


def answering(view: View) -> View:
    """Reads only, in JSON only; the same answer until the records change."""

    @wraps(view)
    def checked(request: HttpRequest, **kwargs: str) -> HttpResponse:
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            return outcome(
                405, "not-supported", "Resources here can be read, not written.", Allow="GET, HEAD"
            )
        if not _takes_json(request):
            return outcome(406, "not-supported", "Ask for application/fhir+json: there is no other here.")
        response: HttpResponse = condition(etag_func=_etag)(view)(request, **kwargs)
        response["Cache-Control"] = "public, max-age=60"
        response["Access-Control-Allow-Origin"] = "*"
        response["Vary"] = "Accept"
        return response

    return checked


@answering
def metadata(_request: HttpRequest) -> HttpResponse:
    return answer(capability())


@answering
def read(_request: HttpRequest, kind: str, ident: str) -> HttpResponse:
    if kind not in KINDS:
        return unknown_kind(kind)
    found = find(kind, ident) if ID.fullmatch(ident) else None
    return (
        answer(found) if found else outcome(404, "not-found", f"There is no {kind} with the id {ident[:64]}.")
    )


@answering
def condition_bundle(_request: HttpRequest, slug: str) -> HttpResponse:
    row = Condition.objects.conditions_only().filter(slug=slug).first()
    if row is None:
        return outcome(404, "not-found", f"There is no condition with the id {slug}.")
    return answer(bundle("collection", of_condition(row), id=slug))


@answering
def search(request: HttpRequest, kind: str) -> HttpResponse:
    """A page of a kind. Parameters that we do not know are left out of `link`, as FHIR asks."""
    if kind not in KINDS:
        return unknown_kind(kind)
    count = request.GET.get("_count", str(DEFAULT_COUNT))
    if not re.fullmatch(r"[0-9]{1,9}", count):
        return outcome(400, "value", "_count is to be a whole number from 0.")
    size = min(int(count), MOST_COUNT)
    if "_id" in request.GET:
        return _by_ids(kind, request.GET["_id"])
    after = request.GET.get("_after", "")
    if after and not ID.fullmatch(after):
        return outcome(
            400, "value", "_after is to be the id of a resource. Follow `link` instead of making it."
        )
    rows = list(islice(of_kind(kind, after=after), size + 1)) if size else []
    asked = {"_count": str(size), **({"_after": after} if after else {})}
    following = rows[size - 1]["id"] if len(rows) > size else ""
    return answer(_searchset(kind, rows[:size], asked, following))


def _by_ids(kind: str, text: str) -> HttpResponse:
    wanted = [ident for ident in dict.fromkeys(text.split(",")) if ID.fullmatch(ident)][:MOST_COUNT]
    rows = [row for ident in wanted if (row := find(kind, ident))]
    return answer(_searchset(kind, rows, {"_id": ",".join(wanted)}, total=len(rows)))


def _searchset(
    kind: str, rows: list[Json], asked: dict[str, str], following: str = "", **fields: int
) -> Json:
    links = [{"relation": "self", "url": _address(kind, asked)}]
    if following:
        links.append({"relation": "next", "url": _address(kind, asked | {"_after": following})})
    return bundle("searchset", rows, link=links, **fields)


def _address(kind: str, parameters: dict[str, str]) -> str:
    return f"{settings.PUBLIC_URL}/fhir/{kind}?{urlencode(parameters)}"


def unknown_kind(kind: str) -> HttpResponse:
    kinds = f"{', '.join(KINDS)} and Bundle"
    return outcome(404, "not-supported", f"There is no kind {kind[:60]} here; there are {kinds}.")


def outcome(status: int, code: str, words: str, **headers: str) -> HttpResponse:
    """An error as OperationOutcome (https://hl7.org/fhir/R5/operationoutcome.html)."""
    issue = {"severity": "error", "code": code, "diagnostics": words}
    response = answer({"resourceType": "OperationOutcome", "issue": [issue]})
    response.status_code = status
    for name, value in headers.items():
        response[name] = value
    return response


def answer(resource: Json) -> HttpResponse:
    # The standard library cannot write a decimal with its printed digits: 4.50 would become 4.5.
    text = simplejson.dumps(resource, use_decimal=True, ensure_ascii=False)
    return HttpResponse(text, content_type=JSON_TYPE)


def _takes_json(request: HttpRequest) -> bool:
    if asked := request.GET.get("_format"):
        return asked.partition(";")[0].strip() in FORMATS
    return any(request.accepts(kind) for kind in ACCEPTED)


def _etag(_request: HttpRequest, **_kwargs: Any) -> str:
    """Weak, as FHIR's are: everything here says the same until somebody writes, or the code changes."""
    return f'W/"{read_version()}-{read_edition()[:12]}"'
