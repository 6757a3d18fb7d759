"""Pages for parts of a study, one click from the study's page and back there after saving."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html

from studies.admin.base import EditorsPage, today
from studies.models import Outcome, SideEffectReport, Study
from studies.services import editing


class PartPage(EditorsPage):
    """A page for one dose, outcome or side effect; a change counts as a change of the study."""

    def study_of(self, part: Any) -> Any:
        """The study that a part belongs to."""
        return part.study

    @admin.display(description="study")
    def study_link(self, part: Any) -> str:
        study = self.study_of(part)
        return format_html('<a href="{}">{}</a> {}', _page_of(study), study.key, study.title)

    def after_save(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        if not change or form.has_changed() or any(formset.has_changed() for formset in formsets):
            self._follow(request, form.instance)

    def _follow(self, request: Any, part: Any) -> None:
        number = part if isinstance(part, Outcome | SideEffectReport) and part.pk else None
        check = editing.after_part_edit(
            study=self.study_of(part), editor=request.user, today=today(), number=number
        )
        self.say_reopened(request, check)

    def delete_model(self, request: Any, obj: Any) -> None:
        super().delete_model(request, obj)
        self._follow(request, obj)

    def delete_queryset(self, request: Any, queryset: Any) -> None:
        studies = {self.study_of(part) for part in queryset}
        super().delete_queryset(request, queryset)
        for study in studies:
            editing.after_part_edit(study=study, editor=request.user, today=today())

    def log_addition(self, request: Any, obj: Any, message: Any) -> Any:
        self._log_on_study(request, obj, message)
        return super().log_addition(request, obj, message)

    def log_change(self, request: Any, obj: Any, message: Any) -> Any:
        self._log_on_study(request, obj, message)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: Any, queryset: Any) -> Any:
        for part in queryset:
            self._log_on_study(request, part, [{"deleted": {}}])
        return super().log_deletions(request, queryset)

    def _log_on_study(self, request: Any, part: Any, message: Any) -> None:
        """The study's own history shows who changed which number."""
        about = {"name": str(self.opts.verbose_name), "object": str(part)}
        entries = [{verb: {**about, **what} for verb, what in entry.items()} for entry in message]
        if entries:
            editing.log_on_study(study=self.study_of(part), user=request.user, message=entries)

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:  # noqa: ARG002
        return HttpResponseRedirect(_page_of(self.study_of(obj)))

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:  # noqa: ARG002
        return HttpResponseRedirect(_page_of(self.study_of(obj)))


def _page_of(study: Study) -> str:
    return reverse("admin:studies_study_change", args=[study.pk])


def edit_link(part: Any, text: str) -> str:
    """A link to a part's own page, with the part in a few words."""
    page = reverse(f"admin:studies_{part._meta.model_name}_change", args=[part.pk])
    return format_html('<a href="{}">{}</a>', page, text)
