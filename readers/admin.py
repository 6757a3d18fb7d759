"""What readers reported, for editors to answer at the foot of the page or to decline."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget
from django.utils import timezone
from django.utils.html import format_html

from readers.domain.complaint import COMPLAINTS
from readers.domain.words import clean_words
from readers.models import MOST_WORDS, PageAnswer, ProblemReport
from readers.services.problems import answer_report, decline_report
from studies.admin.base import EditorsPage, ReadOnly, RuledForm

State = ProblemReport.State


class DecidingForm(RuledForm):
    decision = forms.ChoiceField(
        choices=[(State.ANSWERED, "Answer at the foot of the page"), (State.DECLINED, "Decline")],
        widget=forms.RadioSelect,
    )
    answer = forms.CharField(
        required=False,
        max_length=MOST_WORDS,
        widget=AdminTextareaWidget({"rows": 6}),
        help_text="What everybody shall read there: what was changed. Answer no question about treatment.",
    )
    shows_words = forms.BooleanField(
        required=False,
        label="Show the reader's own words above the answer",
        help_text="Only where they tell nothing of the reader's health or name.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.state != State.NEW:
            self.fields["decision"].initial = self.instance.state
        if (known := PageAnswer.objects.filter(report=self.instance).first()) is not None:
            self.fields["answer"].initial = known.text
            self.fields["shows_words"].initial = bool(known.quote)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        decision = data.get("decision")
        if decision == State.ANSWERED and not clean_words(data.get("answer") or ""):
            self._complain_at("answer", "page_answer_has_a_text")
        if decision == State.DECLINED and not (data.get("because") or "").strip():
            self._complain_at("because", "report_decline_has_a_reason")
        return data

    def _complain_at(self, field: str, rule: str) -> None:
        if field not in self.errors:
            self.add_error(field, COMPLAINTS[rule].sentence)


@admin.register(ProblemReport)
class ProblemReportPage(EditorsPage):
    form = DecidingForm
    complaints = COMPLAINTS
    list_display = ["page", "state", "received_at", "words", "decided_by", "decided_at"]
    list_select_related = ["decided_by"]
    list_filter = ["state"]
    search_fields = ["page", "words"]
    ordering = ["-received_at", "-pk"]
    long_texts = frozenset({"because"})
    also_compared = ["state", "decided_at"]
    readonly_fields = ["where", "words", "received_at", "state", "decided_by", "decided_at"]
    fieldsets = [
        ("Report", {"fields": ["where", "words", "received_at"]}),
        ("Decision", {"fields": ["decision", "answer", "shows_words", "because"]}),
        ("State", {"fields": ["state", ("decided_by", "decided_at")]}),
    ]

    def has_add_permission(self, *_: Any) -> bool:
        return False

    def has_delete_permission(self, *_: Any) -> bool:
        return False

    @admin.display(description="page")
    def where(self, report: ProblemReport) -> str:
        return format_html('<a href="{}">{}</a>', report.page, report.page)

    def save_model(self, request: Any, obj: ProblemReport, form: Any, change: bool) -> None:  # noqa: ARG002
        data, by = form.cleaned_data, {"editor": request.user, "now": timezone.now()}
        if data["decision"] == State.ANSWERED:
            answer_report(report=obj, text=data["answer"], shows_words=data["shows_words"], **by)
        else:
            decline_report(report=obj, because=data["because"].strip(), **by)


@admin.register(PageAnswer)
class PageAnswerPage(ReadOnly, EditorsPage):
    list_display = ["page", "answered_on", "text"]
    search_fields = ["page", "text"]
