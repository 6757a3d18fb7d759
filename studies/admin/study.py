"""The study's page and the list of studies."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.safestring import mark_safe
from kombu.exceptions import OperationalError

from studies.admin import look_up, proposals
from studies.admin.base import EditorsPage, RuledForm, today
from studies.admin.study_filters import FILTERS, SEARCHED, with_identifier
from studies.admin.study_inlines import FILLED_IN, NOTED
from studies.domain.identifiers import find_identifier, normalise_doi, normalise_pmcid, normalise_registry_id
from studies.models import Outcome, SideEffectReport, Study
from studies.services import editing
from studies.services.lookup import note_registry_origins
from studies.tasks import refresh_studies


class StudyForm(RuledForm):
    def clean_authors(self) -> list[str] | None:
        """No authors named, and not known who they are, are two things that look alike when empty."""
        before = self.initial.get("authors")
        return self.cleaned_data["authors"] or (None if before else before)

    # A pasted address of doi.org or PMC is understood.
    def clean_doi(self) -> str | None:
        text = self.cleaned_data["doi"]
        return (normalise_doi(text) or text) if text else None

    def clean_pmcid(self) -> str | None:
        text = self.cleaned_data["pmcid"]
        return (normalise_pmcid(text) or text) if text else None

    def clean_registry_ids(self) -> list[str]:
        return [normalise_registry_id(text) or text for text in self.cleaned_data["registry_ids"]]


@admin.register(Study)
class StudyPage(EditorsPage):
    form = StudyForm
    list_display = [
        *("key", "short_title", "year", "design", "condition_names", "status", "publication_status"),
        *("checked", "n_open"),
    ]
    list_select_related = ["checked_by"]
    list_filter = FILTERS
    search_fields = SEARCHED
    search_help_text = "Key, title, author, DOI, PubMed number or registration number."
    ordering = ["key"]
    actions = ["mark_checked", "ask_registries"]
    readonly_fields = ["publication_status", "citation", "entered_by", "checked_by", "checked_on"]
    fieldsets = [
        ("State", {"fields": ["status", "publication_status", "entered_by", "checked_by", "checked_on"]}),
        (
            "The paper",
            {
                "fields": [
                    *("key", "title", "authors", ("journal", "journal_abbrev")),
                    ("year", "volume", "issue", "pages"),
                    ("doi", "pmid", "pmcid"),
                    *("registry_ids", "publication_types", "open_access", "citation"),
                ]
            },
        ),
        (
            "What was done",
            {
                "fields": [
                    ("design", "blinding"),
                    ("n_enrolled", "n_analysed"),
                    *("population", "country", "funding"),
                ]
            },
        ),
        (
            "What was found",
            {
                "fields": [
                    *("conclusion", "limitations", "serious_adverse_events", "withdrawals", "unverified"),
                ]
            },
        ),
    ]

    # ---- the list

    def get_queryset(self, request: Any) -> Any:
        n_open = Count("proposals", filter=Q(proposals__state="open"), distinct=True)
        studies: Any = super().get_queryset(request)
        return studies.with_conditions().annotate(n_open=n_open)

    def get_search_results(self, request: Any, queryset: Any, search_term: str) -> Any:
        """A pasted identifier leads to its paper; everything else is looked for in the texts."""
        found = find_identifier(search_term)
        if found:
            return with_identifier(queryset, found), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="title", ordering="title")
    def short_title(self, study: Study) -> str:
        return study.title if len(study.title) <= 90 else f"{study.title[:89]}…"

    @admin.display(description="conditions")
    def condition_names(self, study: Study) -> str:
        return ", ".join(link.condition.name for link in study.study_conditions.all())

    @admin.display(description="checked", ordering="checked_on")
    def checked(self, study: Study) -> str:
        return f"{study.checked_by}, {study.checked_on}" if study.checked_by else "not yet"

    @admin.display(description="open proposals", ordering="n_open")
    def n_open(self, study: Any) -> Any:
        return study.n_open

    # ---- the page

    def get_inlines(self, request: Any, obj: Study | None) -> Any:  # noqa: ARG002
        return [*FILLED_IN, *NOTED] if obj else FILLED_IN

    def get_readonly_fields(self, request: Any, obj: Study | None = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return [*fields, "key"] if obj else fields

    def get_changeform_initial_data(self, request: Any) -> dict[str, Any]:
        looked_up = look_up.recall(request)
        return looked_up.initial if looked_up else super().get_changeform_initial_data(request)

    @admin.display(description="citation as shown")
    def citation(self, study: Study) -> str:
        # Cleaned of everything but a few tags when it was formatted.
        return mark_safe(study.citation_html)  # noqa: S308

    def after_save(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        study = form.instance
        looked_up = None if change else look_up.recall(request)
        if looked_up:
            note_registry_origins(study=study, fields=looked_up.fields, today=today())
        fields = [name for name in form.changed_data if name != "status"]
        check = editing.after_study_edit(
            study=study,
            editor=request.user,
            today=today(),
            is_new=not change,
            changed_fields=fields,
            changed_numbers=_changed_numbers(formsets),
            has_new_facts=bool(fields) or any(formset.has_changed() for formset in formsets),
        )
        self.say_reopened(request, check)

    def after_deletion(self) -> None:
        editing.after_entry_edit()

    # ---- what else can be done with a study

    def get_urls(self) -> Any:
        pages = [
            path(
                "<int:pk>/proposals/",
                self.admin_site.admin_view(self.proposals_view),
                name="studies_study_proposals",
            ),
            path("look-up/", self.admin_site.admin_view(self.look_up_view), name="studies_study_look_up"),
            path(
                "<int:pk>/mark-checked/",
                self.admin_site.admin_view(self.mark_checked_view),
                name="studies_study_mark_checked",
            ),
            path(
                "<int:pk>/ask-registries/",
                self.admin_site.admin_view(self.ask_registries_view),
                name="studies_study_ask_registries",
            ),
        ]
        return [*pages, *super().get_urls()]

    def proposals_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return proposals.view(self, request, get_object_or_404(Study, pk=pk))

    def look_up_view(self, request: HttpRequest) -> HttpResponse:
        return look_up.view(self, request)

    def mark_checked_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._do(request, pk, self.mark_checked)

    def ask_registries_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._do(request, pk, self.ask_registries)

    def _do(self, request: HttpRequest, pk: int, action: Any) -> HttpResponse:
        """Carry out an action of the list on one study, from its page."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        study = get_object_or_404(Study, pk=pk)
        if not self.has_change_permission(request, study):
            raise PermissionDenied
        action(request, Study.objects.filter(pk=pk))
        return HttpResponseRedirect(reverse("admin:studies_study_change", args=[pk]))

    @admin.action(description="Mark as checked by me", permissions=["change"])
    def mark_checked(self, request: Any, queryset: Any) -> None:
        done = []
        for study in queryset:
            try:
                editing.mark_checked(study=study, checker=request.user, today=today())
                done.append(study.key)
            except editing.EditError as error:
                self.message_user(request, str(error), messages.ERROR)
        if done:
            self.message_user(request, f"Marked as checked by you: {', '.join(done)}.")

    @admin.action(description="Ask the registries now", permissions=["change"])
    def ask_registries(self, request: Any, queryset: Any) -> None:
        keys = list(queryset.values_list("key", flat=True))
        try:
            refresh_studies.apply_async([keys], retry=False)
        except OperationalError:
            self.message_user(
                request,
                "The registries were not asked: the queue for background work (Redis) cannot be reached. "
                "Nothing was changed; try again later.",
                messages.ERROR,
            )
        else:
            self.message_user(
                request,
                f"The registries are being asked about {', '.join(keys[:10])}{' …' if keys[10:] else ''}. "
                "Their answers appear under Registry checks in a minute or so.",
            )


def _changed_numbers(formsets: Any) -> list[Outcome | SideEffectReport]:
    changed = [row for formset in formsets for row, _ in getattr(formset, "changed_objects", [])]
    return [row for row in changed if isinstance(row, Outcome | SideEffectReport)]
