"""Outcomes with what each side came to and the effect between them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin

from studies.admin.base import LONG_TEXTS, EditorsInline, ReadOnlyInline
from studies.admin.part import PartPage
from studies.admin.wording import describe_effect, describe_result
from studies.models import Arm, ArmResult, Effect, Outcome, Provenance


def describe_numbers(outcome: Outcome) -> str:
    """The outcome's results and effect in one line; fetch both beforehand."""
    parts = [describe_result(result) for result in outcome.results.all()]
    effect = getattr(outcome, "effect", None)
    return "; ".join([*parts, *([describe_effect(effect)] if effect else [])]) or "no numbers yet: enter them"


class OfOneStudy:
    """For an inline whose rows name an arm: only arms of the page's own study are offered."""

    def get_formset(self, request: Any, obj: Any = None, **options: Any) -> Any:
        formset = super().get_formset(request, obj, **options)  # type: ignore[misc]
        study = obj.study_id if obj else request.POST.get("study") or request.GET.get("study") or ""
        arms = Arm.objects.filter(study=int(study)) if str(study).isdecimal() else Arm.objects.none()
        if "arm" in formset.form.base_fields:
            formset.form.base_fields["arm"].queryset = arms
            formset.form.base_fields["arm"].widget.can_add_related = False
        return formset


class ArmResultInline(OfOneStudy, EditorsInline):
    model = ArmResult
    template = "admin/edit_inline/stacked.html"
    verbose_name_plural = "results, one a side"
    max_num = 2
    fields = [
        ("side", "arm"),
        ("events", "n"),
        ("value", "unit", "sd"),
        ("ci_low", "ci_high"),
        ("baseline", "baseline_text", "baseline_sd"),
        ("p_relation", "p_value", "p_high"),
        "note",
    ]


class EffectInline(EditorsInline):
    model = Effect
    template = "admin/edit_inline/stacked.html"
    verbose_name = "effect between the sides"
    verbose_name_plural = "effect between the sides"
    fields = [
        ("measure", "value"),
        ("ci_low", "ci_high"),
        ("p_relation", "p_value", "p_high"),
        ("i2_percent", "better"),
        "note",
    ]


class ProvenanceOfNumberInline(ReadOnlyInline):
    model = Provenance
    verbose_name_plural = "where it was read"
    fields = ["source", "place", "quote", "read_by", "read_on", "checked_by", "checked_on"]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("source", "checked_by")


@admin.register(Outcome)
class OutcomePage(PartPage):
    long_texts = LONG_TEXTS | {"name"}
    inlines = [ArmResultInline, EffectInline, ProvenanceOfNumberInline]
    autocomplete_fields = ["study"]
    list_display = ["name", "study", "domain", "timepoint", "is_primary", "direction", "numbers"]
    list_select_related = ["study", "effect"]
    list_filter = ["domain", "direction", "is_primary"]
    search_fields = ["name", "instrument", "study__key"]
    ordering = ["study__key", "position", "pk"]
    fields = [
        "study",
        "position",
        "name",
        ("domain", "direction"),
        ("instrument", "timepoint"),
        ("is_primary", "better"),
    ]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).prefetch_related("results")

    def get_fields(self, request: Any, obj: Outcome | None = None) -> Any:
        fields = super().get_fields(request, obj)
        return ["study_link", *fields[1:]] if obj else fields

    def get_readonly_fields(self, request: Any, obj: Outcome | None = None) -> list[str]:  # noqa: ARG002
        return ["study_link"] if obj else []

    @admin.display(description="numbers")
    def numbers(self, outcome: Outcome) -> str:
        return describe_numbers(outcome)
