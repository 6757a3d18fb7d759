"""Arms and doses."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from studies.admin.base import EditorsInline, RuledForm
from studies.admin.part import PartPage, edit_link
from studies.admin.wording import describe_dose
from studies.domain.record import split_range
from studies.models import Arm, Dose, Study, TitrationStep
from studies.services import editing


def dose_link(arm: Arm) -> str:
    """The arm's dose as a link to its page, or a link to enter one."""
    if arm.pk is None:
        return "after saving"
    dose = getattr(arm, "dose", None)
    if dose:
        return edit_link(dose, describe_dose(dose))
    return format_html(
        '<a href="{}?arm={}">none entered: add one</a>', reverse("admin:studies_dose_add"), arm.pk
    )


@admin.register(Arm)
class ArmPage(PartPage):
    fields = ["study", "position", "name", "role", "n", "dose_line"]
    readonly_fields = ["dose_line"]
    autocomplete_fields = ["study"]
    list_display = ["name", "study", "role", "n", "dose_line"]
    list_select_related = ["study", "dose"]
    list_filter = ["role"]
    search_fields = ["name", "study__key"]
    ordering = ["study__key", "position", "pk"]

    @admin.display(description="dose")
    def dose_line(self, arm: Arm) -> str:
        return dose_link(arm)

    def get_search_results(self, request: Any, queryset: Any, search_term: str) -> Any:
        return super().get_search_results(request, queryset.select_related("study"), search_term)


class TitrationStepInline(EditorsInline):
    model = TitrationStep
    verbose_name_plural = "titration as published"
    fields = ["position", "unit", "at_number", "at_text", "amount_mg"]


class DoseForm(RuledForm):
    def clean_range_text(self) -> Any:
        text = self.cleaned_data["range_text"]
        if text and split_range(text) == (None, None):
            self.add_error("range_text", "Write the range from low to high, like 1.5-4.5.")
        return text


@admin.register(Dose)
class DosePage(PartPage):
    form = DoseForm
    inlines = [TitrationStepInline]
    readonly_fields = ["study_link"]
    autocomplete_fields = ["arm"]
    list_display = ["study_key", "arm", "amount_mg", "per", "range_text", "duration_weeks", "route"]
    list_display_links = ["study_key", "arm"]
    list_select_related = ["arm__study"]
    list_filter = ["per"]
    search_fields = ["arm__study__key", "arm__name", "formulation"]
    ordering = ["arm__study__key", "arm__position"]
    fieldsets = [
        (None, {"fields": ["study_link", "arm", ("amount_mg", "per"), ("start_mg", "max_mg"), "range_text"]}),
        ("How and how long", {"fields": ["route", "timing", "formulation", "duration_weeks"]}),
        ("By body weight", {"fields": ["mg_per_kg", "mg_per_kg_text"]}),
        ("Other", {"fields": ["regimens", "note"]}),
    ]

    def get_readonly_fields(self, request: Any, obj: Dose | None = None) -> list[str]:  # noqa: ARG002
        return ["study_link", "arm"] if obj else []

    def get_fieldsets(self, request: Any, obj: Dose | None = None) -> Any:
        (first, options), *rest = super().get_fieldsets(request, obj)
        fields = [name for name in options["fields"] if obj or name != "study_link"]
        return [(first, {"fields": fields}), *rest]

    def study_of(self, part: Dose) -> Study:
        return part.arm.study

    @admin.display(description="study", ordering="arm__study__key")
    def study_key(self, dose: Dose) -> str:
        return dose.arm.study.key

    def save_model(self, request: Any, obj: Dose, form: Any, change: bool) -> None:
        editing.read_range(dose=obj)
        super().save_model(request, obj, form, change)
