"""Imports of citations: bring a file or a list, see what is in it, then save it as drafts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from studies.admin.base import EditorsPage, ReadOnly
from studies.admin.discovery import UNTITLED
from studies.domain.citation_files.reading import MAX_BYTES, READERS
from studies.domain.citation_files.text import CHOICES
from studies.models import CitationImport, ImportRow
from studies.services import imports
from studies.services.editing import EditError
from studies.services.import_progress import progress_of
from studies.tasks import read_citation_import, save_citation_import

ROWS_A_PAGE = 100
KINDS = ", ".join(label for label, _ in READERS.values())


class ReadingForm(forms.Form):
    """How a file is to be read; nothing chosen means that it is found out."""

    kind = forms.ChoiceField(
        label="Kind of file",
        required=False,
        choices=[("", "Find out"), *((name, label) for name, (label, _) in READERS.items())],
    )
    encoding = forms.ChoiceField(
        label="Encoding", required=False, choices=[("", "Find out"), *CHOICES.items()]
    )


class ImportForm(ReadingForm):
    file = forms.FileField(
        label="File",
        required=False,
        help_text=f"{KINDS}; at most {MAX_BYTES // 1024 // 1024} MB.",
    )
    pasted = forms.CharField(
        label="Or paste",
        required=False,
        widget=forms.Textarea({"rows": 10, "cols": 80}),
        help_text="DOIs, PubMed, PMC or NCT numbers, several a line if you like; or the text of a file.",
    )
    field_order = ["file", "pasted", "kind", "encoding"]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if "file" in data and bool(data.get("file")) == bool(data.get("pasted", "").strip()):
            raise forms.ValidationError("Choose a file or paste something, one of the two.")
        if data.get("file") and data["file"].size > MAX_BYTES:
            self.add_error(
                "file", f"It is larger than {MAX_BYTES // 1024 // 1024} MB: cut it into several files."
            )
        return data


@admin.register(CitationImport)
class CitationImportPage(ReadOnly, EditorsPage):
    list_display = [
        *("name", "uploaded_at", "uploaded_by", "state", "kind", "n_new", "n_same", "n_differs"),
        *("n_unreadable", "n_saved", "error"),
    ]
    list_filter = ["state"]
    list_select_related = ["uploaded_by"]
    search_fields = ["name"]

    # What is brought is not changed any more: it is read, saved as drafts, or thrown away.
    def has_add_permission(self, request: Any) -> Any:
        return request.user.has_perm("studies.add_citationimport")

    def has_delete_permission(self, request: Any, obj: Any = None) -> Any:  # noqa: ARG002
        return request.user.has_perm("studies.delete_citationimport")

    def has_save_permission(self, request: Any) -> Any:
        return request.user.has_perm("studies.change_citationimport")

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).defer("content")

    def get_deleted_objects(self, objs: Any, request: Any) -> Any:
        """The entries of a file go with it, thousands of them: say how many, do not list them."""
        listed = [str(each) for each in objs]
        n_rows = ImportRow.objects.filter(citation_import__in=objs).count()
        counts = {"imports": len(listed), "entries that were read": n_rows}
        lacking = set() if self.has_delete_permission(request) else {"import of citations"}
        return listed, counts, lacking, []

    def get_urls(self) -> Any:
        view = self.admin_site.admin_view
        own = [
            path("<int:pk>/read/", view(self.read_view), name="studies_citationimport_read"),
            path("<int:pk>/save/", view(self.save_view), name="studies_citationimport_save"),
        ]
        return [*own, *super().get_urls()]

    # ---- bringing a file

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:  # noqa: ARG002
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
        if request.method == "POST" and form.is_valid():
            try:
                return self._bring(request, form)
            except EditError as error:
                form.add_error(None, str(error))
        context = self._context(request, "Import citations", form=form)
        return TemplateResponse(request, "admin/studies/citationimport/add.html", context)

    def _bring(self, request: Any, form: ImportForm) -> HttpResponse:
        data = form.cleaned_data
        file = data["file"]
        upload = imports.store_import(
            name=file.name if file else "pasted text",
            content=file.read() if file else data["pasted"].encode(),
            now=timezone.now(),
            editor=request.user,
            kind=data["kind"],
            encoding=data["encoding"] if file else "utf-8",
        )
        self._queue(request, read_citation_import, upload.pk)
        return HttpResponseRedirect(_page(upload.pk))

    # ---- seeing what is in it

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",  # noqa: ARG002
        extra_context: Any = None,  # noqa: ARG002
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        pk = int(object_id) if object_id.isdecimal() else 0
        upload = get_object_or_404(
            self.get_queryset(request).select_related("uploaded_by", "saved_by"), pk=pk
        )
        states = [(state, label, getattr(upload, f"n_{state}")) for state, label in ImportRow.State.choices]
        chosen = request.GET.get("state", "")
        rows = upload.rows.select_related("study", "trial", "find").order_by("number")
        if chosen in ImportRow.State.values:
            rows = rows.filter(state=chosen)
        context = self._context(
            request,
            f"Import of {upload.name}",
            upload=upload,
            states=states,
            chosen=chosen,
            rows=Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("p")),
            n_entries=sum(count for _, _, count in states),
            progress=progress_of(pk=upload.pk),
            may_save=self.has_save_permission(request),
            may_delete=self.has_delete_permission(request),
            kind_label=READERS[upload.kind][0] if upload.kind in READERS else upload.kind,
            encoding_label=CHOICES.get(upload.encoding, upload.encoding),
            form=ReadingForm(),
            untitled=UNTITLED,
        )
        return TemplateResponse(request, "admin/studies/citationimport/preview.html", context)

    # ---- what is done with it, in a worker

    def read_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Read a file again, in another way or because the worker was away."""
        if refusal := self._refuse(request):
            return refusal
        form = ReadingForm(request.POST)
        try:
            if form.is_valid():
                imports.read_again(pk=pk, **form.cleaned_data)
                self._queue(request, read_citation_import, pk)
        except EditError as error:
            self.message_user(request, str(error), messages.ERROR)
        return HttpResponseRedirect(_page(pk))

    def save_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Save the new entries as drafts."""
        if refusal := self._refuse(request):
            return refusal
        get_object_or_404(CitationImport.objects.only("pk"), pk=pk)
        if self._queue(request, save_citation_import, pk, request.user.pk):
            self.message_user(request, "A worker saves the new entries as drafts: look again in a moment.")
        return HttpResponseRedirect(_page(pk))

    def _refuse(self, request: HttpRequest) -> HttpResponse | None:
        if not self.has_save_permission(request):
            raise PermissionDenied
        return None if request.method == "POST" else HttpResponseNotAllowed(["POST"])

    def _queue(self, request: HttpRequest, task: Any, *arguments: Any) -> bool:
        """Give a task to the workers; return whether the queue took it, and say so if not."""
        try:
            task.apply_async(arguments, retry=False)
        except OperationalError:
            self.message_user(
                request,
                "Nothing was done: the queue for background work (Redis) cannot be reached. "
                "The file is kept; try again later.",
                messages.ERROR,
            )
            return False
        return True

    def _context(self, request: HttpRequest, title: str, **more: Any) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **more}


@admin.register(ImportRow)
class ImportRowPage(ReadOnly, EditorsPage):
    list_display = ["citation_import", "number", "line", "state", "reason", "study", "trial", "find"]
    list_select_related = ["citation_import", "study", "trial", "find"]
    list_filter = ["state"]
    search_fields = ["reason", "citation__title", "citation__doi"]
    ordering = ["-citation_import", "number"]


def _page(pk: int) -> str:
    return reverse("admin:studies_citationimport_change", args=[pk])
