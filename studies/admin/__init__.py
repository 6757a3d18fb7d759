"""The editors' pages. Everything that follows from a change is done by studies.services.editing."""

from django.contrib import admin

from studies.admin import (
    arm,
    citation_import,
    discovery,
    editor_task,
    instrument,
    outcome,
    registry,
    side_effect,
    study,
    trial,
)

admin.site.site_header = "LDN knowledge base: editors"
admin.site.site_title = "LDN knowledge base: editors"
admin.site.index_title = "What needs you"
admin.site.empty_value_display = "–"  # noqa: RUF001 - an en dash reads as "nothing here"

__all__ = [
    "arm",
    "citation_import",
    "discovery",
    "editor_task",
    "instrument",
    "outcome",
    "registry",
    "side_effect",
    "study",
    "trial",
]
