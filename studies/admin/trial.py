"""Registered trials."""

from __future__ import annotations

from typing import Any

from django.contrib import admin

from studies.admin.base import EditorsInline, EditorsPage
from studies.models import Trial, TrialCondition
from studies.services import editing


class TrialConditionInline(EditorsInline):
    model = TrialCondition
    verbose_name_plural = "conditions"
    autocomplete_fields = ["condition"]
    fields = ["position", "condition"]


@admin.register(Trial)
class TrialPage(EditorsPage):
    inlines = [TrialConditionInline]
    autocomplete_fields = ["results"]
    readonly_fields = [
        *("primary_completion", "why_stopped", "has_posted_results", "results_posted_on", "registry_answer"),
        *("registry_answered_at", "registry_asked_at", "next_check_at", "registry_detail"),
    ]
    list_display = ["registry_id", "title", "status", "status_as_of", "completion", "enrolment", "results"]
    list_select_related = ["results"]
    list_filter = [
        "registry_answer",
        "has_posted_results",
        "status",
        "phase",
        ("results", admin.EmptyFieldListFilter),
        "conditions",
    ]
    search_fields = ["registry_id", "other_ids", "title", "sponsor"]
    fieldsets = [
        (None, {"fields": ["registry_id", "other_ids", "title", "position"]}),
        ("State", {"fields": ["status", "status_as_of", "phase", ("start", "completion"), "enrolment"]}),
        (
            "What the registry says",
            {
                "fields": [
                    ("primary_completion", "why_stopped"),
                    ("has_posted_results", "results_posted_on"),
                    ("registry_answer", "registry_answered_at", "registry_asked_at", "next_check_at"),
                    "registry_detail",
                ]
            },
        ),
        ("What is tested", {"fields": ["dose", "sponsor", "note"]}),
        ("Results and source", {"fields": ["results", "source_url", "source_kind", "unverified"]}),
    ]

    def after_save(self, request: Any, form: Any, formsets: Any, change: bool) -> None:  # noqa: ARG002
        editing.after_entry_edit()

    def after_deletion(self) -> None:
        editing.after_entry_edit()
