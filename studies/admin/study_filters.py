"""Filters of the list of studies."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef

from studies.domain.identifiers import Identifier
from studies.domain.vocabulary import DesignGroup, choices_of
from studies.models import MetadataProposal


class DesignGroupFilter(admin.SimpleListFilter):
    title = "kind of study"
    parameter_name = "group"

    def lookups(self, request: Any, model_admin: Any) -> Any:  # noqa: ARG002
        return choices_of(DesignGroup)

    def queryset(self, request: Any, queryset: Any) -> Any:  # noqa: ARG002
        known = self.value() in [group.value for group in DesignGroup]
        return queryset.of_group(self.value()) if known else queryset


class CheckedFilter(admin.SimpleListFilter):
    title = "checked by a second person"
    parameter_name = "checked"

    def lookups(self, request: Any, model_admin: Any) -> Any:  # noqa: ARG002
        return [("yes", "Yes"), ("no", "Not yet")]

    def queryset(self, request: Any, queryset: Any) -> Any:  # noqa: ARG002
        wanted = {"yes": False, "no": True}.get(self.value() or "")
        return queryset if wanted is None else queryset.filter(checked_by__isnull=wanted)


class OpenProposalFilter(admin.SimpleListFilter):
    title = "open proposal"
    parameter_name = "proposal"

    def lookups(self, request: Any, model_admin: Any) -> Any:  # noqa: ARG002
        return [("yes", "Yes"), ("no", "None")]

    def queryset(self, request: Any, queryset: Any) -> Any:  # noqa: ARG002
        has_one = Exists(MetadataProposal.objects.filter(study=OuterRef("pk"), state="open"))
        if self.value() == "yes":
            return queryset.filter(has_one)
        return queryset.filter(~has_one) if self.value() == "no" else queryset


FILTERS: list[Any] = [
    "status",
    CheckedFilter,
    "publication_status",
    OpenProposalFilter,
    DesignGroupFilter,
    "conditions",
    "year",
]

SEARCHED = ["key", "title", "authors", "doi", "pmid", "pmcid", "registry_ids"]


def with_identifier(queryset: Any, found: Identifier) -> Any:
    """The studies with exactly this DOI, PubMed number, PMC number or registration number."""
    if found.kind == "registry":
        return queryset.filter(registry_ids__contains=[found.value])
    return queryset.filter(**{found.kind: found.value})
