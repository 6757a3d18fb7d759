"""Studies as finished JSON, for those who keep it: the same bytes that the API's own answers are made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.http import HttpRequest
from rest_framework.renderers import JSONRenderer

from studies.api.read_only import FULL, PROVENANCE
from studies.api.serializers import STUDY_PARTS, StudySerializer
from studies.models import Study


def write_studies(study_ids: Sequence[int], request: HttpRequest) -> Iterator[tuple[int, bytes, bytes]]:
    """Each published one of the studies: its number, its entry in a list, and its parts in full.

    Args:
        study_ids: numbers of studies.
        request: under its address the studies' own addresses stand.
    """
    studies = list(Study.objects.published().with_everything().filter(pk__in=study_ids).order_by("pk"))
    context = {"request": request, PROVENANCE: FULL}
    write = JSONRenderer().render
    for study, data in zip(studies, StudySerializer(studies, many=True, context=context).data, strict=True):
        parts = {name: data.pop(name) for name in STUDY_PARTS}
        yield study.pk, write(data), write(parts)
