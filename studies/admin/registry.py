"""What the registries say: proposals to decide, and answers, notices and runs to read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from kombu.exceptions import OperationalError

from studies.admin.base import EditorsPage, ReadOnly, ReadOnlyInline
from studies.admin.fields import ReasonForm
from studies.models import (
    Correction,
    MetadataProposal,
    Notice,
    RefreshRun,
    Registry,
    RegistryCheck,
    RegistryEdition,
    RegistryLease,
    SecondReading,
    Study,
)
from studies.services.dashboard import failing_keys, read_dashboard
from studies.services.editing import EditError
from studies.services.notices import NoticeError, decide_notice
from studies.services.proposals import decide
from studies.services.registries import all_registries
from studies.services.trial_refresh import ask_failed_trials_again
from studies.tasks import refresh_due_trials, refresh_registry, refresh_studies

# Whoever decides on what registries propose may also ask them.
MAY_ASK = "studies.change_metadataproposal"


@admin.register(MetadataProposal)
class MetadataProposalPage(ReadOnly, EditorsPage):
    goes_with_its_entry = True
    list_display = [
        "study",
        "field",
        "side_by_side",
        "old",
        "new",
        "registry",
        "state",
        "proposed_at",
        "decided_by",
    ]
    list_select_related = ["study", "decided_by"]
    list_filter = ["state", "registry", "field"]
    search_fields = ["study__key", "study__title", "field"]
    actions = ["accept", "reject"]

    @admin.display(description="decide")
    def side_by_side(self, proposal: MetadataProposal) -> str:
        address = reverse("admin:studies_study_proposals", args=[proposal.study_id])
        return format_html('<a href="{}">all of this study</a>', address)

    def has_decide_permission(self, request: Any) -> Any:
        return request.user.has_perm("studies.change_metadataproposal")

    @admin.action(description="Accept: put the registry's value into the study", permissions=["decide"])
    def accept(self, request: Any, queryset: Any) -> None:
        self._decide_all(request, queryset, accept=True)

    @admin.action(description="Reject: keep the study as it is", permissions=["decide"])
    def reject(self, request: Any, queryset: Any) -> None:
        self._decide_all(request, queryset, accept=False)

    def _decide_all(self, request: Any, queryset: Any, *, accept: bool) -> None:
        done = 0
        by_study: dict[Study, list[int]] = {}
        for proposal in queryset.select_related("study"):
            by_study.setdefault(proposal.study, []).append(proposal.pk)
        for study, ticked in by_study.items():
            try:
                done += decide(
                    study=study, proposals=ticked, accept=accept, editor=request.user, now=timezone.now()
                )
            except EditError as error:
                self.message_user(request, str(error), messages.ERROR)
        if done:
            word = "accepted" if accept else "rejected"
            self.message_user(request, f"{done} {'proposal' if done == 1 else 'proposals'} {word}.")


@admin.register(RegistryCheck)
class RegistryCheckPage(ReadOnly, EditorsPage):
    goes_with_its_entry = True
    list_display = [
        *("study", "registry", "answer", "answered_at", "asked_at", "failures", "detail", "next_check_at")
    ]
    list_select_related = ["study"]
    list_filter = ["answer", "registry"]
    search_fields = ["study__key", "study__title", "detail"]
    ordering = ["study__key", "registry"]


@admin.register(RefreshRun)
class RefreshRunPage(ReadOnly, EditorsPage):
    list_display = [
        *("registry", "started_at", "finished_at", "due", "asked", "found", "filled", "proposed"),
        *("changed", "conflicts", "unknown", "failed", "waiting", "error"),
    ]
    list_filter = ["registry", ("error", admin.EmptyFieldListFilter)]
    ordering = ["-started_at", "-pk"]

    def get_urls(self) -> Any:
        own = [path("ask/", self.admin_site.admin_view(self.ask), name="studies_refreshrun_ask")]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: Any, extra_context: Any = None) -> HttpResponse:
        registries = read_dashboard(now=timezone.now())
        dashboard = {
            "registries": registries,
            "is_running": any(row.running for row in registries),
            "pools_known": any(row.pools for row in registries) or not registries,
            "may_ask": request.user.has_perm(MAY_ASK),
        }
        return super().changelist_view(request, {**(extra_context or {}), **dashboard})

    def ask(self, request: Any) -> HttpResponse:
        """Queue what a button says: what is due or what failed, in one registry or in all."""
        if request.method != "POST" or not request.user.has_perm(MAY_ASK):
            raise PermissionDenied
        what, _, name = request.POST.get("ask", "").partition(":")
        names = [each for each in all_registries() if name in ("", each)]
        if what not in ("due", "failed") or not names:
            raise SuspiciousOperation("There is no such button.")
        try:
            for each in names:
                _queue(what, each)
            self.message_user(request, f"Queued for {', '.join(names)}.")
        except OperationalError:
            self.message_user(request, "Nothing was queued: Redis cannot be reached.", messages.ERROR)
        return HttpResponseRedirect(reverse("admin:studies_refreshrun_changelist"))


def _queue(what: str, registry: str) -> None:
    """Ask one registry about what is due, or about what failed, in the worker."""
    if registry == Registry.CLINICALTRIALS:
        if what == "failed":
            ask_failed_trials_again(now=timezone.now())
        refresh_due_trials.delay()
    elif what == "due":
        refresh_registry.delay(registry)
    elif keys := failing_keys(registry=registry):
        refresh_studies.delay(keys, [registry])


@admin.register(RegistryEdition)
class RegistryEditionPage(ReadOnly, EditorsPage):
    list_display = ["registry", "version", "rows", "accepted_at"]


@admin.register(RegistryLease)
class RegistryLeasePage(ReadOnly, EditorsPage):
    goes_with_its_entry = True
    list_display = ["study", "registry", "expires_at"]
    list_select_related = ["study"]
    list_filter = ["registry"]
    search_fields = ["study__key", "study__title"]
    ordering = ["expires_at", "pk"]


@admin.register(Notice)
class NoticePage(ReadOnly, EditorsPage):
    """What registries report; one that does not concern its paper is dismissed here, with a reason."""

    list_display = [
        "study",
        "kind",
        "raw_kind",
        "dated_on",
        "date_text",
        "notice_doi",
        "registry",
        "asserted_by",
        "dismissed_by",
    ]
    list_select_related = ["study", "dismissed_by"]
    list_filter = ["kind", "registry", ("dismissed_by", admin.EmptyFieldListFilter)]
    search_fields = ["study__key", "study__title", "notice_doi"]
    ordering = ["-dated_on", "pk"]

    def get_urls(self) -> Any:
        view = self.admin_site.admin_view(self.decide)
        return [path("<int:pk>/decide/", view, name="studies_notice_decide"), *super().get_urls()]

    def decide(self, request: Any, pk: int) -> HttpResponse:
        """Dismiss a notice, or let a dismissed one stand again."""
        if request.method != "POST" or not request.user.has_perm(MAY_ASK):
            raise PermissionDenied
        notice = get_object_or_404(Notice, pk=pk)
        form = ReasonForm(request.POST)
        back = HttpResponseRedirect(reverse("admin:studies_notice_change", args=[pk]))
        if not form.is_valid():
            for said in form.errors["reason"]:
                self.message_user(request, f"Nothing was changed. The reason: {said}", messages.ERROR)
            return back
        decision = {"stands": request.POST.get("action") == "take_up", "reason": form.cleaned_data["reason"]}
        try:
            decided = decide_notice(notice=notice, editor=request.user, now=timezone.now(), **decision)
        except NoticeError as error:
            self.message_user(request, str(error), messages.ERROR)
            return back
        word = decided.study.get_publication_status_display().lower()
        said = "It stands again" if decision["stands"] else "Dismissed"
        self.message_user(request, f"{said}. The status of {decided.study.key} is now: {word}.")
        return back


class CorrectionInline(ReadOnlyInline):
    model = Correction
    verbose_name_plural = "what was corrected"
    fields = ["field", "was", "now", "why"]
    readonly_fields = ["field", "was", "now", "why"]


@admin.register(SecondReading)
class SecondReadingPage(ReadOnly, EditorsPage):
    inlines = [CorrectionInline]
    list_display = ["study", "read_on"]
    list_select_related = ["study"]
    search_fields = ["study__key", "study__title"]
    ordering = ["study__key"]
    fields = ["study", "read_on", "agreed", "not_seen"]
