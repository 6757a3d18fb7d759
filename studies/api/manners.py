"""What every answer of the API has in common as HTTP: errors for programs, and reading from any site."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from studies.api.problems import MEDIA_TYPE, as_problem

PREFIX = "/api/"
READING = ("GET", "HEAD", "OPTIONS")
# What a script of another site may see of an answer beside its body.
EXPOSED = (
    "Allow, ETag, Last-Modified, LDN-Release, LDN-Release-Changed, Link, RateLimit-Limit, "
    "RateLimit-Remaining, RateLimit-Reset, Retry-After"
)
PREFLIGHT = {
    "Access-Control-Allow-Methods": ", ".join(READING),
    "Access-Control-Allow-Headers": "Accept, Content-Type, If-Modified-Since, If-None-Match",
    "Access-Control-Max-Age": "86400",
}


class ApiManners:
    """Middleware, the outermost: what Django refuses or fails at is told to programs as a problem, too.

    Scripts of any site may read (CORS), as nothing here depends on who asks; they may send nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        if not request.META.get("HTTP_ACCEPT", "*/*").strip():
            del request.META["HTTP_ACCEPT"]  # an empty list of wishes is none (RFC 9110, 12.5.1)
        response = self._answer(request)
        if response.status_code >= 400:
            if response.get("Content-Type") != MEDIA_TYPE:
                response = as_problem(request, response)
            response["Cache-Control"] = "no-store"
        if request.method in READING:
            response["Access-Control-Allow-Origin"] = "*"
            response["Access-Control-Expose-Headers"] = EXPOSED
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if request.method == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in request.META:
            return HttpResponse(status=204, headers=PREFLIGHT)
        return self.get_response(request)
