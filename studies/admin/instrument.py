"""Scales, and what difference on them matters to people."""

from __future__ import annotations

from typing import Any

from django.contrib import admin

from studies.admin.base import EditorsPage
from studies.models import Instrument
from studies.services import editing


@admin.register(Instrument)
class InstrumentPage(EditorsPage):
    fields = [
        "slug",
        "position",
        "name",
        "reported_as",
        "minimal_difference",
        "minimal_difference_source",
    ]
    list_display = ["name", "slug", "minimal_difference", "minimal_difference_source"]
    search_fields = ["name", "slug", "reported_as"]

    def get_prepopulated_fields(self, request: Any, obj: Instrument | None = None) -> Any:  # noqa: ARG002
        return {} if obj else {"slug": ["name"]}

    def after_save(self, request: Any, form: Any, formsets: Any, change: bool) -> None:  # noqa: ARG002
        editing.after_entry_edit()

    def after_deletion(self) -> None:
        editing.after_entry_edit()
