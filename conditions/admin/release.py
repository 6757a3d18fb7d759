"""Releases, to be seen: `manage.py make_release` writes them, and nothing changes them."""

from __future__ import annotations

from django.contrib import admin

from conditions.admin.base import ConditionsPage
from conditions.models import Release, ReleaseFile
from studies.admin.base import ReadOnly


@admin.register(Release)
class ReleasePage(ReadOnly, ConditionsPage):
    list_display = ["name", "made_at", "content_sha256"]


@admin.register(ReleaseFile)
class ReleaseFilePage(ReadOnly, ConditionsPage):
    list_display = ["release", "name", "size", "sha256"]
    list_select_related = ["release"]
    search_fields = ["name"]
    fields = ["release", "name", "size", "sha256"]
    ordering = ["-release", "name"]
