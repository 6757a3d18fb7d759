"""The synonyms that editors keep, and what can be found."""

from __future__ import annotations

from django.contrib import admin

from search.domain.complaint import COMPLAINTS
from search.models import SearchEntry, SynonymGroup
from studies.admin.base import EditorsPage, ReadOnly


@admin.register(SynonymGroup)
class SynonymGroupPage(EditorsPage):
    list_display = ["__str__", "is_everywhere"]
    complaints = COMPLAINTS


@admin.register(SearchEntry)
class SearchEntryPage(ReadOnly, EditorsPage):
    list_display = ["title", "kind", "path", "year"]
    list_filter = ["kind"]
    search_fields = ["title", "path"]
    exclude = ["vector"]
