"""Questions that registries' answers leave for a person: a list with what to do, closed with a reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode

from studies.admin.base import EditorsPage, RuledForm
from studies.models import EditorTask
from studies.services.editor_tasks import close_task

WHAT_TO_DO = {
    EditorTask.Kind.DISAGREEMENT: "Open the notice at the publisher. If it is about another paper, dismiss "
    "it; if it is right, nothing is to be changed: the graver word counts until they agree.",
    EditorTask.Kind.UNKNOWN_NOTICE: "Read the notice. Dismiss it where it does not concern the paper; until "
    "then the paper is not shown as clean.",
    EditorTask.Kind.IDENTITY: "Compare title, year and first author with the paper, then correct the DOI or "
    "PubMed number of the study, or its title.",
    EditorTask.Kind.VANISHED: "Look the paper up in the registry. Nothing was lifted: the last status "
    "stands until you dismiss the notice.",
    EditorTask.Kind.SHRUNKEN_FILE: "Compare the file with the registry's own page. Nothing of it was read; "
    "the next file that is whole is accepted by itself.",
}


class ClosingForm(RuledForm):
    def clean_closed_because(self) -> str:
        reason = (self.cleaned_data.get("closed_because") or "").strip()
        if not reason:
            raise forms.ValidationError("Say what was found, and what was done about it.")
        return reason


@admin.register(EditorTask)
class EditorTaskPage(EditorsPage):
    goes_with_its_entry = True
    form = ClosingForm
    list_display = ["kind", "study", "registry", "detail", "what_to_do", "state", "opened_at", "closed_by"]
    list_select_related = ["study", "closed_by"]
    list_filter = ["state", "kind", "registry"]
    search_fields = ["study__key", "study__title", "detail"]
    ordering = ["-state", "-opened_at", "-pk"]
    seen = ("kind", "study", "registry", "detail", "what_to_do", "state", "opened_at")
    closing = ("closed_by", "closed_at")
    fields = [*seen, "closed_because", *closing]
    readonly_fields = [*seen, *closing]

    @admin.display(description="what to do")
    def what_to_do(self, task: EditorTask) -> str:
        said = WHAT_TO_DO[EditorTask.Kind(task.kind)]
        if task.study is None:
            return said
        notices = f"{reverse('admin:studies_notice_changelist')}?{urlencode({'q': task.study.key})}"
        return format_html('{} <a href="{}">The notices of this paper</a>', said, notices)

    def has_add_permission(self, *_: Any) -> bool:
        return False

    def has_delete_permission(self, *_: Any) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: EditorTask | None = None) -> bool:
        """One that is done is history."""
        is_done = obj is not None and obj.state == EditorTask.State.DONE
        return not is_done and super().has_change_permission(request, obj)

    def changeform_view(
        self, request: Any, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Whoever closes second is told who was first, and keeps what was typed."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except PermissionDenied:
            task = self.get_object(request, unquote(object_id or ""))
            typed = request.POST.get("closed_because", "").strip()
            if task is None or task.state != EditorTask.State.DONE or not typed:
                raise
        said = f"{task.closed_by} has closed this task already. Your words were not saved: “{typed}”"
        self.message_user(request, said, messages.ERROR)
        return HttpResponseRedirect(request.path)

    def save_model(self, request: Any, obj: EditorTask, form: Any, change: bool) -> None:  # noqa: ARG002
        reason = form.cleaned_data["closed_because"]
        close_task(task=obj, editor=request.user, reason=reason, now=timezone.now())
        obj.refresh_from_db()
