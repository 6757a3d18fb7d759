"""What is published, and how far the publisher is."""

from __future__ import annotations

from typing import Any

from django.contrib import admin

from pages.models import Page, PublishRun
from pages.services.publishing import find_fresh
from studies.admin.base import EditorsPage, ReadOnly


@admin.register(PublishRun)
class PublishRunPage(ReadOnly, EditorsPage):
    list_display = ["started_at", "finished_at", "n_published", "n_stale", "n_failed", "error"]


@admin.register(Page)
class PublishedPage(ReadOnly, EditorsPage):
    list_display = ["path", "is_fresh", "published_at", "content_type"]
    search_fields = ["path"]
    exclude = ["identity", "gzip", "brotli"]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).defer("identity", "gzip", "brotli")

    @admin.display(boolean=True, description="fresh")
    def is_fresh(self, page: Page) -> bool:
        return page.path in find_fresh(paths=[page.path])
