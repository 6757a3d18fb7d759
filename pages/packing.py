"""gzip for what the front door does not pack itself: FHIR, the schema, files of references, the sitemap."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware

# The front door packs pages and the API, and keeps them so; a page with a form is not packed at all.
LEFT_ALONE = ("/api/v1/", "/admin/", "/static/")


class PackedFiles(GZipMiddleware):
    """Packs answers that are no pages, for whoever takes them packed."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if is_page or request.path_info.startswith(LEFT_ALONE):
            return response
        return super().process_response(request, response)
