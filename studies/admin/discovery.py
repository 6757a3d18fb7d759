"""Saved searches, and the inbox of what they and imports found."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode

from studies.admin.base import EditorsPage, ReadOnly
from studies.models import Find, SavedSearch
from studies.services import discovery
from studies.services.editing import EditError

# In the list and on the page of a find: which searches and files it comes from.
WHY = ("matches__search", "import_rows__citation_import", "found_again")
UNTITLED = "No title yet: only an identifier was imported"
FILLED = (
    *("title", "journal", "journal_abbrev", "year", "volume", "issue", "pages", "doi", "pmid", "pmcid"),
)


@admin.register(SavedSearch)
class SavedSearchPage(EditorsPage):
    list_display = ["name", "registry", "query", "is_active", "answered_at", "n_found", "error"]
    list_filter = ["registry", "is_active", ("error", admin.EmptyFieldListFilter)]
    fields = ["name", "registry", "query", "is_active", "asked_at", "answered_at", "n_found", "error"]
    readonly_fields = ["asked_at", "answered_at", "n_found", "error"]

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        if {"query", "registry"} & set(form.changed_data):
            obj.next_search_at = None  # another question: put it at the next look
        super().save_model(request, obj, form, change)


class StateFilter(admin.SimpleListFilter):
    """The inbox shows what is new unless asked for more."""

    title = "state"
    parameter_name = "state"

    def lookups(self, *_: Any) -> Any:
        return [*Find.State.choices, ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        for value, label in self.lookup_choices:
            chosen = self.value() or Find.State.NEW
            query = changelist.get_query_string({self.parameter_name: value})
            yield {"selected": chosen == value, "query_string": query, "display": label}

    def queryset(self, request: Any, queryset: Any) -> Any:  # noqa: ARG002
        state = self.value() or Find.State.NEW
        return queryset if state == "all" else queryset.filter(state=state)


class DismissForm(forms.Form):
    because = forms.CharField(
        label="Why", max_length=500, help_text="A dismissed find does not come back, so say why."
    )


@admin.register(Find)
class FindPage(ReadOnly, EditorsPage):
    list_display = ["paper", "why", "duplicate", "to_do"]
    list_display_links = None
    list_filter = [StateFilter, "registry", ("duplicate_by", admin.EmptyFieldListFilter), "matches__search"]
    list_select_related = ["duplicate_study", "duplicate_trial", "duplicate_find", "decided_by"]
    search_fields = ["title", "identifier", "doi", "authors"]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).prefetch_related(*WHY)

    def has_decide_permission(self, request: Any) -> Any:
        return request.user.has_perm("studies.change_find")

    def changelist_view(self, request: Any, extra_context: Any = None) -> HttpResponse:
        title = {"title": "Drafts: what saved searches and imports found"}
        return super().changelist_view(request, {**(extra_context or {}), **title})

    @admin.display(description="paper or trial", ordering="title")
    def paper(self, find: Find) -> str:
        address = reverse("admin:studies_find_decide", args=[find.pk])
        who = ", ".join(find.authors[:3]) + (" et al." if len(find.authors) > 3 else "")
        said = ", ".join(filter(None, [who, str(find.year or ""), identifiers_of(find)]))
        return format_html('<a href="{}">{}</a><p>{}</p>', address, find.title or UNTITLED, said)

    @admin.display(description="why it was found")
    def why(self, find: Find) -> str:
        lines = (
            (match.search.name, match.query, ", ".join(match.words) or "none of its words, by other fields")
            for match in find.matches.all()
        )
        searched = format_html_join("", "<p>{}: {} (in the title: {})</p>", lines)
        return searched + format_html_join("", "<p>{}</p>", ([line] for line in imported_from(find)))

    @admin.display(description="already here")
    def duplicate(self, find: Find) -> str:
        same = find.duplicate_study or find.duplicate_trial
        if same is None:
            return _other_drafts(find) or "no"
        kind = "study" if find.duplicate_study else "trial"
        address = reverse(f"admin:studies_{kind}_change", args=[same.pk])
        return format_html('<a href="{}">{}</a>, by {}', address, same, find.duplicate_by)

    @admin.display(description="decide")
    def to_do(self, find: Find) -> str:
        address = reverse("admin:studies_find_decide", args=[find.pk])
        if find.state == Find.State.NEW:
            return format_html('<a href="{}">Take or dismiss</a>', address)
        said = f", because {find.decided_because}" if find.decided_because else ""
        when = f"{find.decided_by}, {find.decided_at:%-d %B %Y}{said}"
        return format_html('{} <a href="{}">Put back or take again</a>', when, address)

    def get_urls(self) -> Any:
        decide = self.admin_site.admin_view(self.decide_view)
        return [path("<int:pk>/decide/", decide, name="studies_find_decide"), *super().get_urls()]

    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One find with what can be done about it."""
        if not self.has_decide_permission(request):
            raise PermissionDenied
        find = get_object_or_404(Find.objects.prefetch_related(*WHY), pk=pk)
        form = DismissForm(request.POST if request.POST.get("action") == "dismiss" else None)
        if request.method == "POST" and (form.is_valid() or not form.is_bound):
            try:
                return HttpResponseRedirect(self._carry_out(request, find, form))
            except EditError as error:
                self.message_user(request, f"Nothing was changed. {error}", messages.ERROR)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Take or dismiss",
            "find": find,
            "form": form,
            "identifiers": identifiers_of(find),
            "imported_from": imported_from(find),
            "untitled": UNTITLED,
            "by_hand": filled_form(find) if find.registry == Find.Origin.IMPORT else "",
            "duplicate": self.duplicate(find) if find.duplicate_by or find.found_again.all() else "",
        }
        return TemplateResponse(request, "admin/studies/find/decide.html", context)

    def _carry_out(self, request: Any, find: Find, form: DismissForm) -> str:
        now = timezone.now()
        inbox = reverse("admin:studies_find_changelist")
        if request.POST.get("action") == "take":
            discovery.take(find=find, editor=request.user, now=now)
            return _form_for(find)
        if request.POST.get("action") == "dismiss":
            because = form.cleaned_data["because"]
            discovery.dismiss(find=find, because=because, editor=request.user, now=now)
            self.message_user(request, f"{find} is dismissed and will not come back.")
        else:
            discovery.reopen(find=find)
            self.message_user(request, f"{find} is among the new ones again.")
        return inbox


def _other_drafts(find: Find) -> str:
    """The same paper or trial in the inbox once more: as a file brought it, or as a search found it."""
    drafts = ([find.duplicate_find] if find.duplicate_find else []) + list(find.found_again.all())
    return format_html_join(
        ", ",
        '<a href="{}">draft from {}</a> ({}), by {}',
        (
            (
                reverse("admin:studies_find_decide", args=[draft.pk]),
                draft.get_registry_display(),
                draft.get_state_display().lower(),
                find.duplicate_by or draft.duplicate_by,
            )
            for draft in drafts
        ),
    )


def identifiers_of(find: Find) -> str:
    """The numbers of a find in one line."""
    pmid = f"PMID {find.pmid}" if find.pmid else None
    numbers = [pmid, find.doi and f"DOI {find.doi}", find.pmcid, find.registry_id, *find.registry_ids]
    return ", ".join(filter(None, numbers))


def imported_from(find: Find) -> list[str]:
    """The files that named a find, each with the line."""
    rows = find.import_rows.all()
    return [f"In {row.citation_import.name}, line {row.line}" for row in rows]


def filled_form(find: Find) -> str:
    """Where a paper is entered with what the file says of it, when no registry can be asked."""
    values = {name: getattr(find, name) for name in FILLED}
    lists = {"authors": "\n".join(find.authors), "registry_ids": "\n".join(find.registry_ids)}
    said = {name: value for name, value in {**values, **lists}.items() if value}
    return f"{reverse('admin:studies_study_add')}?{urlencode(said)}"


def _form_for(find: Find) -> str:
    """Where a find is entered: the study looked up by its identifier, or the trial's form, filled."""
    if find.registry_id:
        values = {"registry_id": find.registry_id, "title": find.title, "source_kind": "registry"}
        return f"{reverse('admin:studies_trial_add')}?{urlencode(values)}"
    identifier = find.doi or find.pmid or ""
    if not identifier:
        return filled_form(find)
    return f"{reverse('admin:studies_study_look_up')}?{urlencode({'identifier': identifier})}"
