"""The editors' pages of what is computed from studies: pools, to be looked at, and how sure they make us."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from conditions.admin.base import ConditionsPage, QuotedPage
from conditions.domain.complaint import COMPLAINTS
from conditions.domain.number_words import describe_pool
from conditions.models import AnswerChange, Certainty, Pool, PoolStudy, StatusChange
from conditions.services.certainty import override_certainty, withdraw_override
from conditions.services.changes import ReversalError, describe_statuses, reverse_change
from studies.admin.base import ReadOnly, ReadOnlyInline, RuledForm, today
from studies.admin.fields import ReasonForm


class CertaintyForm(RuledForm):
    """Half an override is refused here: the form shows but does not hold who signed it."""

    def clean(self) -> Any:
        cleaned = super().clean()
        if bool(self.cleaned_data.get("override_level")) != bool(self.cleaned_data.get("override_reason")):
            self._complain(COMPLAINTS["certainty_override_is_whole"])
        return cleaned


@admin.register(Certainty)
class CertaintyPage(QuotedPage):
    goes_with_its_entry = True
    form = CertaintyForm
    list_display = ["condition", "domain", "comparator", "level", "override_level", "is_stale", "computed_at"]
    list_display_links = ["condition", "domain"]
    list_select_related = ["condition"]
    list_filter = ["level", ("override_level", admin.EmptyFieldListFilter), "domain", "comparator", "version"]
    search_fields = ["condition__name", "condition__slug"]
    readonly_fields = [
        *("condition", "domain", "comparator", "level", "sentence", "trace", "version", "computed_at"),
        *("overridden_by", "overridden_on", "is_stale"),
    ]
    fieldsets = [
        ("The question", {"fields": ["condition", "domain", "comparator"]}),
        ("Computed", {"fields": ["level", "sentence", "trace", "version", "computed_at"]}),
        (
            "Another word, beside the computed one",
            {
                "fields": ["override_level", "override_reason", "overridden_by", "overridden_on", "is_stale"],
                "description": "The computed word stays on the page. Empty both to take yours back.",
            },
        ),
    ]

    def has_add_permission(self, *_: Any) -> bool:
        return False

    def has_delete_permission(self, *_: Any) -> bool:
        return False

    def save_model(self, request: Any, obj: Certainty, form: Any, change: bool) -> None:  # noqa: ARG002
        if not form.has_changed():
            return
        if obj.override_level and obj.override_reason:
            override_certainty(
                certainty=obj,
                level=obj.override_level,
                reason=obj.override_reason,
                editor=request.user,
                today=today(),
            )
        else:
            withdraw_override(certainty=obj)

    @admin.display(description="sentence")
    def sentence(self, certainty: Certainty) -> str:
        return certainty.statement

    @admin.display(description="steps")
    def trace(self, certainty: Certainty) -> str:
        lines = ((s["domain"], s["change"], s["reason"], s["mend"]) for s in certainty.steps)
        return format_html_join(mark_safe("<br>"), "{} ({}): {} <em>{}</em>", lines)

    @admin.display(description="evidence changed since", boolean=True)
    def is_stale(self, certainty: Certainty) -> bool:
        return certainty.is_override_stale


class StatusChangeInline(ReadOnlyInline):
    model = StatusChange
    fields = ["study", "before", "after"]


@admin.register(AnswerChange)
class AnswerChangePage(ReadOnly, ConditionsPage):
    """What a change did to the answers. One of a paper's status is reversed here, with a reason."""

    inlines = [StatusChangeInline]
    list_display = ["at", "cause", "papers", "summary"]
    list_filter = ["cause", "at"]
    search_fields = ["summary", "statuses__study__key"]
    fields = readonly_fields = ("at", "cause", "told", "n_pages", "reverses", "reversed_by")

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).prefetch_related("statuses__study")

    def get_urls(self) -> Any:
        view = self.admin_site.admin_view(self.reverse)
        own = [path("<int:pk>/reverse/", view, name="conditions_answerchange_reverse")]
        return [*own, *super().get_urls()]

    def reverse(self, request: Any, pk: int) -> HttpResponse:
        change = get_object_or_404(AnswerChange, pk=pk)
        back = HttpResponseRedirect(reverse("admin:conditions_answerchange_change", args=[pk]))
        if request.method != "POST" or not request.user.has_perm("studies.change_metadataproposal"):
            raise PermissionDenied
        form = ReasonForm(request.POST)
        if not form.is_valid():
            for said in form.errors["reason"]:
                self.message_user(request, f"Nothing was reversed. The reason: {said}", messages.ERROR)
            return back
        try:
            reason = form.cleaned_data["reason"]
            made = reverse_change(change=change, editor=request.user, reason=reason, now=timezone.now())
        except ReversalError as error:
            self.message_user(request, str(error), messages.ERROR)
            return back
        self.message_user(request, f"Reversed: {made.summary}")
        return HttpResponseRedirect(reverse("admin:conditions_answerchange_change", args=[made.pk]))

    @admin.display(description="papers")
    def papers(self, change: AnswerChange) -> str:
        return describe_statuses(list(change.statuses.all()))

    @admin.display(description="answers")
    def told(self, change: AnswerChange) -> str:
        lines = ((line["name"], line["before"], line["after"]) for line in change.lines)
        return format_html_join(mark_safe("<br>"), "{}: {} → {}", lines) or change.summary

    @admin.display(description="pages that differ")
    def n_pages(self, change: AnswerChange) -> int:
        return len(change.pages)


class PoolStudyInline(ReadOnlyInline):
    model = PoolStudy
    fields = ["study", "outcome", "is_in", "words", "estimate", "ci_low", "ci_high", "weight_percent"]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("study", "outcome")


@admin.register(Pool)
class PoolPage(ReadOnly, ConditionsPage):
    goes_with_its_entry = True
    inlines = [PoolStudyInline]
    list_display = ["condition", "domain", "comparator", "measure", "is_main", "k", "words", "computed_at"]
    list_display_links = ["condition", "domain"]
    list_select_related = ["condition"]
    list_filter = ["is_main", "measure", "domain", "comparator", "version"]
    search_fields = ["condition__name", "condition__slug"]
    fields = readonly_fields = (
        *("on_site", "condition", "domain", "comparator", "measure", "is_main", "k", "n_people"),
        *("words", "i2", "tau2", "version", "computed_at"),
    )

    @admin.display(description="result")
    def words(self, pool: Pool) -> str:
        return describe_pool(pool)

    @admin.display(description="page")
    def on_site(self, pool: Pool) -> str:
        return format_html('<a href="{}">as readers see it</a>', pool.get_absolute_url())
