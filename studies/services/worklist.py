"""What waits for a person: the head of the editors' first page."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from studies.domain.vocabulary import PublicationStatus
from studies.models import (
    EditorTask,
    Find,
    MetadataProposal,
    Notice,
    RegistryCheck,
    SavedSearch,
    Study,
)
from studies.services.refresh import describe_registries

GRAVE = (
    PublicationStatus.RETRACTED,
    PublicationStatus.WITHDRAWN,
    PublicationStatus.REPUBLISHED,
    PublicationStatus.CONCERN,
)


@dataclass(frozen=True)
class WorkList:
    """Counts of what waits; `failing` maps the name of a registry that does not answer to its last error."""

    studies: int
    unchecked: int
    in_review: int
    published_with_grave_notice: int
    open_proposals: int
    conflicts: int
    unclear_notices: int
    open_tasks: int
    new_finds: int
    failed_searches: int
    failing: dict[str, str]


def read_worklist() -> WorkList:
    """Return the counts, in nine queries whatever the number of studies."""
    counts = Study.objects.aggregate(
        studies=Count("pk"),
        unchecked=Count("pk", filter=Q(checked_by__isnull=True)),
        in_review=Count("pk", filter=Q(status=Study.Status.IN_REVIEW)),
        published_with_grave_notice=Count(
            "pk", filter=Q(status=Study.Status.PUBLISHED, publication_status__in=GRAVE)
        ),
    )
    return WorkList(
        **counts,
        open_proposals=MetadataProposal.objects.filter(state=MetadataProposal.State.OPEN).count(),
        conflicts=RegistryCheck.objects.filter(answer=RegistryCheck.Answer.CONFLICT).count(),
        unclear_notices=Notice.objects.filter(kind=Notice.Kind.UNKNOWN, dismissed_by=None).count(),
        open_tasks=EditorTask.objects.filter(state=EditorTask.State.OPEN).count(),
        new_finds=Find.objects.filter(state=Find.State.NEW).count(),
        failed_searches=SavedSearch.objects.filter(is_active=True).exclude(error="").count(),
        failing={
            name: entry.get("last_error") or f"{entry.get('n_failing')} papers without an answer"
            for name, entry in describe_registries().items()
            if entry["state"] == "failing"
        },
    )
