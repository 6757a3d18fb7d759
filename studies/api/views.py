"""The API's addresses on studies, arms, outcomes, side effects, trials and notices."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from studies.api.filters import (
    DoseFilter,
    NoticeFilter,
    OutcomeFilter,
    RegistryCheckFilter,
    StudyApiFilter,
    TrialFilter,
)
from studies.api.parts import NoticeSerializer
from studies.api.read_only import FULL, PROVENANCE, ReadOnly
from studies.api.serializers import (
    STUDY_PARTS,
    DoseRowSerializer,
    OutcomeOfStudySerializer,
    RegistryCheckOfStudySerializer,
    SideEffectListSerializer,
    SideEffectSerializer,
    StudyListSerializer,
    StudySerializer,
    TrialSerializer,
)
from studies.domain.publication_status import GONE
from studies.models import Arm, Notice, Outcome, RegistryCheck, SideEffect, SideEffectReport, Study, Trial

PUBLISHED = Q(study__status=Study.Status.PUBLISHED)


class StudyViewSet(ReadOnly):
    """Studies: what each did and found, where it was read, and what the registries say of it."""

    lookup_field = "key"
    lookup_value_regex = "[a-z0-9]+"
    filterset_class = StudyApiFilter
    queryset = Study.objects.none()
    expandable = STUDY_PARTS
    provenances = (FULL,)

    def get_queryset(self) -> QuerySet[Study]:
        studies = Study.objects.published()
        if self.action != "list":
            return studies.with_everything()
        with_parts = studies.with_everything() if self.parts else studies.with_conditions()
        return with_parts.select_related("checked_by").newest_first()

    @property
    def parts(self) -> list[str]:
        """Full provenance in a list is one of its parts."""
        is_full = self.action == "list" and self._wants_full()
        return [*super().parts, *([PROVENANCE] if is_full else [])]

    def get_serializer_class(self) -> Any:
        """In a list with parts, and in the schema, which tells of all parts, the whole entry."""
        is_whole = self.action != "list" or not self._is_asked() or self.parts
        return StudySerializer if is_whole else StudyListSerializer

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), PROVENANCE: FULL if self._wants_full() else ""}

    def _is_asked(self) -> bool:
        """Whether there is a request; the schema is made without one."""
        return hasattr(getattr(self, "request", None), "query_params")

    def _wants_full(self) -> bool:
        return self._is_asked() and self.wants_full_provenance


class OutcomeViewSet(ReadOnly):
    """Outcomes with their results per side and the reported effect."""

    serializer_class = OutcomeOfStudySerializer
    filterset_class = OutcomeFilter
    lookup_value_regex = "[0-9]{1,18}"
    queryset = (
        Outcome.objects.filter(PUBLISHED)
        .select_related("study", "effect")
        .prefetch_related("results", "provenance__checked_by")
        .order_by("study__key", "position", "pk")
    )


class DoseViewSet(ReadOnly):
    """Arms given LDN, with the dose of each; what a comparison was given is with its study."""

    serializer_class = DoseRowSerializer
    filterset_class = DoseFilter
    lookup_value_regex = "[0-9]{1,18}"
    queryset = (
        Arm.objects.published()
        .given_ldn()
        .filter(dose__isnull=False)
        .select_related("study", "dose")
        .prefetch_related("dose__steps")
        .order_by("study__key", "position", "pk")
    )


class SideEffectViewSet(ReadOnly):
    """Side effects; a single one with what each study counted."""

    lookup_field = "slug"
    lookup_value_regex = "[a-z0-9-]+"
    queryset = SideEffect.objects.none()

    def get_queryset(self) -> QuerySet[SideEffect]:
        # A count of its own: rows as they stood on a day (as_of) have no primary key to be grouped by.
        reports = SideEffectReport.objects.published().filter(side_effect=OuterRef("pk")).order_by()
        standing = reports.exclude(study__publication_status__in=GONE)
        n_studies = standing.values("side_effect").annotate(n=Count("study", distinct=True)).values("n")
        effects = SideEffect.objects.order_by("slug").annotate(n_studies=Coalesce(Subquery(n_studies), 0))
        if self.action == "list":
            return effects
        reports = SideEffectReport.objects.published().with_counts().order_by("study__key", "position")
        reports = reports.prefetch_related("provenance__checked_by")
        return effects.prefetch_related(Prefetch("reports", queryset=reports, to_attr="published_reports"))

    def get_serializer_class(self) -> Any:
        return SideEffectListSerializer if self.action == "list" else SideEffectSerializer


class TrialViewSet(ReadOnly):
    """Registered trials, with the study that reports their results where there is one."""

    serializer_class = TrialSerializer
    filterset_class = TrialFilter
    lookup_field = "registry_id"
    lookup_value_regex = r"[^\x00]+?"  # CTRI/2013/06/003735 is one
    queryset = Trial.objects.with_conditions().order_by("registry_id")


class NoticeViewSet(ReadOnly):
    """Notices of retraction, concern and correction, as the registries report them."""

    serializer_class = NoticeSerializer
    filterset_class = NoticeFilter
    lookup_value_regex = "[0-9]{1,18}"
    queryset = Notice.objects.filter(PUBLISHED).select_related("study").order_by("-first_seen_at", "pk")


class RegistryCheckViewSet(ReadOnly):
    """What each registry answered last about each study, and when."""

    serializer_class = RegistryCheckOfStudySerializer
    filterset_class = RegistryCheckFilter
    lookup_value_regex = "[0-9]{1,18}"
    queryset = (
        RegistryCheck.objects.filter(PUBLISHED).select_related("study").order_by("study__key", "registry")
    )
