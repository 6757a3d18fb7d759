"""Files of studies to take away: one study, a selection, the references of a page."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from studies.filters import StudyFilter
from studies.models import Study
from studies.services.exporting import FORMATS, export


def download(studies: QuerySet[Study], *, suffix: str, name: str) -> HttpResponseBase:
    """The studies as a file; `name` and the format's suffix make its name."""
    if suffix not in FORMATS:
        raise Http404(f"There is no format {suffix}; there are {', '.join(FORMATS)}.")
    answer = StreamingHttpResponse(export(studies, suffix), content_type=FORMATS[suffix].content_type)
    answer["Content-Disposition"] = f'attachment; filename="ldn-{name}.{suffix}"'
    answer["X-Robots-Tag"] = "noindex"
    return answer


@require_safe
def study_export(request: HttpRequest, key: str, suffix: str) -> HttpResponseBase:  # noqa: ARG001
    study = get_object_or_404(Study.objects.published(), key=key)
    return download(Study.objects.filter(pk=study.pk), suffix=suffix, name=study.key)


@require_safe
def selection_export(request: HttpRequest, suffix: str) -> HttpResponseBase:
    """The list of studies with the filters of its address, all pages of it."""
    filters = StudyFilter(request.GET, queryset=Study.objects.published().newest_first())
    if not filters.is_valid():
        return HttpResponse(filters.errors.as_text(), status=400, content_type="text/plain; charset=utf-8")
    return download(filters.qs, suffix=suffix, name="studies")
