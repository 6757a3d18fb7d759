"""Side effects, and what each study reports of them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, JSONField

from studies.admin.base import EditorsInline, EditorsPage
from studies.admin.fields import Codes
from studies.admin.outcome import OfOneStudy, ProvenanceOfNumberInline
from studies.admin.part import PartPage
from studies.admin.wording import describe_count
from studies.models import SideEffect, SideEffectCount, SideEffectReport
from studies.services import editing


def describe_counts(report: SideEffectReport) -> str:
    """The counts in one line; fetch them beforehand."""
    return "; ".join(describe_count(count) for count in report.counts.all()) or "no counts yet: enter them"


class SideEffectCountInline(OfOneStudy, EditorsInline):
    model = SideEffectCount
    verbose_name_plural = "counts, one a side: 0 means nobody, empty means not reported"
    max_num = 2
    fields = ["side", "arm", "events", "n", "percent"]


@admin.register(SideEffectReport)
class SideEffectReportPage(PartPage):
    inlines = [SideEffectCountInline, ProvenanceOfNumberInline]
    autocomplete_fields = ["study", "side_effect"]
    list_display = ["reported_name", "study", "side_effect", "counts_line"]
    list_select_related = ["study", "side_effect"]
    search_fields = ["reported_name", "side_effect__name", "study__key"]
    ordering = ["study__key", "position", "pk"]
    fields = [
        "study",
        "position",
        "side_effect",
        "reported_name",
        ("p_relation", "p_value", "p_high"),
        "note",
    ]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).prefetch_related("counts")

    def get_fields(self, request: Any, obj: SideEffectReport | None = None) -> Any:
        fields = super().get_fields(request, obj)
        return ["study_link", *fields[1:]] if obj else fields

    def get_readonly_fields(self, request: Any, obj: SideEffectReport | None = None) -> list[str]:  # noqa: ARG002
        return ["study_link"] if obj else []

    @admin.display(description="counts")
    def counts_line(self, report: SideEffectReport) -> str:
        return describe_counts(report)


@admin.register(SideEffect)
class SideEffectPage(EditorsPage):
    fields = ["slug", "position", "name", "description", "reported_as", "codes"]
    list_display = ["name", "slug", "n_reports"]
    search_fields = ["name", "slug", "reported_as"]
    prepopulated_fields = {"slug": ["name"]}
    formfield_overrides = {**EditorsPage.formfield_overrides, JSONField: {"form_class": Codes}}  # type: ignore[misc]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).annotate(n_reports=Count("reports"))

    def get_prepopulated_fields(self, request: Any, obj: SideEffect | None = None) -> Any:  # noqa: ARG002
        return {} if obj else {"slug": ["name"]}

    @admin.display(description="reported by", ordering="n_reports")
    def n_reports(self, effect: Any) -> Any:
        return effect.n_reports

    # Questions name side effects, and verdicts and articles quote the question.
    def after_save(self, request: Any, form: Any, formsets: Any, change: bool) -> None:  # noqa: ARG002
        editing.after_entry_edit()

    def after_deletion(self) -> None:
        editing.after_entry_edit()
