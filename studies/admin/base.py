"""What all editors' pages share: rules said as sentences, and no page that breaks on them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, router, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone

from studies.admin import opened
from studies.admin.fields import ChosenRow, Lines, PlainText, ReportedNumber
from studies.domain.complaint import COMPLAINTS, Complaint, complaint_of
from studies.models.fields import ReportedNumberField
from studies.services import editing

# Texts that may run over several lines; every other text is a single one.
LONG_TEXTS = frozenset(
    {
        *("title", "population", "conclusion", "funding", "serious_adverse_events", "withdrawals", "note"),
        *("reason", "override_reason"),
        *(
            "regimens",
            "statement",
            "rationale",
            "why",
            "definition",
            "detail",
            "low_dose_note",
            "description",
        ),
        *("headline", "formulation", "baseline_text", "mg_per_kg_text"),
    }
)


GONE_MEANWHILE = (
    "Somebody has removed a row here since you opened this page, so nothing was saved. Keep a copy of what "
    "you typed, open the page again and repeat your change."
)


class RuledForm(forms.ModelForm):
    """A form that says which rule of the database is broken, at the field, with the mend."""

    complaints: Mapping[str, Complaint] = COMPLAINTS
    # Set when saving failed on a rule that only the database could see.
    broken: Complaint | None = None

    def _post_clean(self) -> None:
        # Django would say "Constraint x is violated", and would ask once more for what nobody changed.
        self.instance.validate_constraints = self._check_rules
        try:
            super()._post_clean()  # type: ignore[misc]
        finally:
            del self.instance.validate_constraints
        if self.broken:
            self._complain(self.broken)

    def _check_rules(self, exclude: set[str] | None = None) -> None:
        if not self.has_changed():
            return
        using = router.db_for_write(type(self.instance), instance=self.instance)
        for model, constraints in self.instance.get_constraints():
            for constraint in constraints:
                try:
                    constraint.validate(model, self.instance, exclude=exclude, using=using)
                except ValidationError:
                    self._complain(complaint_of(constraint.name, self.complaints))

    def _complain(self, complaint: Complaint) -> None:
        self.add_error(complaint.field if complaint.field in self.fields else None, complaint.sentence)


class FieldsAsPrinted:
    """For a page or an inline: numbers, texts and lists as forms that lose nothing."""

    form: Any = RuledForm
    long_texts = LONG_TEXTS
    text_rows = 3
    formfield_overrides: Any = {
        ReportedNumberField: {"form_class": ReportedNumber},
        models.TextField: {"form_class": PlainText},
        ArrayField: {"form_class": Lines},
    }

    def formfield_for_dbfield(self, db_field: Any, request: Any, **options: Any) -> Any:
        if isinstance(db_field, models.TextField) and not db_field.choices:
            is_long = db_field.name in self.long_texts
            rows = {"rows": self.text_rows}
            options["widget"] = AdminTextareaWidget(rows) if is_long else AdminTextInputWidget()
        if isinstance(db_field, ArrayField):
            options["widget"] = AdminTextareaWidget({"rows": 4})
        field = super().formfield_for_dbfield(db_field, request, **options)  # type: ignore[misc]
        if isinstance(field, Lines):
            field.empty_value = None if db_field.null else []  # type: ignore[assignment]
            field.help_text = f"{field.help_text} One a line.".strip()
        elif isinstance(field, PlainText) and db_field.null:
            field.empty_value = None  # not known, which is another thing than known to be empty
        if isinstance(field, forms.ModelChoiceField):
            # Nobody removes a condition or a side effect from the page of a study that names it.
            field.widget.can_delete_related = False
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **options: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            options.setdefault("widget", ChosenRow(db_field, self.admin_site))  # type: ignore[attr-defined]
        return super().formfield_for_foreignkey(db_field, request, **options)  # type: ignore[misc]


class PlacedFormSet(forms.BaseInlineFormSet):
    """Rows in an order that matters: a new one goes last unless the editor says otherwise."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if "position" in form.fields and form.instance.pk is None:
            form.initial.setdefault("position", self.initial_form_count())

    def clean(self) -> None:
        super().clean()
        # The field with a row's number is hidden, and with it what is wrong with it.
        number = self.model._meta.pk.name  # type: ignore[union-attr]
        if any(number in form.errors for form in self.initial_forms):
            raise ValidationError(GONE_MEANWHILE)


class EditorsPage(FieldsAsPrinted, admin.ModelAdmin):
    """A page on which a broken rule is a sentence on the form, never a page that fails."""

    complaints: Mapping[str, Complaint] = COMPLAINTS
    list_per_page = 100
    show_full_result_count = False
    save_on_top = True
    # Fields that the form does not hold, but that nobody should save over unseen.
    also_compared: Sequence[str] = ()
    # Whether this is what machines made of an entry: of no worth without it, though nobody may delete it.
    goes_with_its_entry = False

    class Media:
        css = {"all": ["css/admin.css"]}

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **options: Any) -> Any:
        form: Any = super().get_form(request, obj, change=change, **options)
        form.broken = getattr(request, "broken_rule", None)
        form.complaints = self.complaints
        return form

    def get_formsets_with_inlines(self, request: Any, obj: Any = None) -> Any:
        for formset, inline in super().get_formsets_with_inlines(request, obj):
            formset.form.complaints = self.complaints
            yield formset, inline

    def changeform_view(
        self, request: Any, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        asked = (request, object_id, form_url, extra_context)
        try:
            return self._answer_form(*asked)
        except IntegrityError as error:
            broken = complaint_of(editing.broken_rule(error), self.complaints)
        except editing.EditError as error:
            broken = Complaint(None, str(error))
        # Nothing was saved; the same form again, with the editor's input and the rule that was broken.
        return self._answer_form(*asked, broken=broken)

    @transaction.atomic
    def _answer_form(
        self,
        request: Any,
        object_id: str | None,
        form_url: str,
        context: Any,
        broken: Complaint | None = None,
    ) -> HttpResponse:
        compared = self._compared(request, object_id, context)
        if broken:
            request.broken_rule = broken
        return super().changeform_view(request, object_id, form_url, compared)

    def _compared(self, request: Any, object_id: str | None, context: Any) -> dict[str, Any]:
        """Refuse a form that was opened before somebody else's change; return what the page is to bring."""
        entry = self.get_object(request, unquote(object_id)) if object_id else None
        if entry is None or not self.has_change_permission(request, entry):
            return context or {}
        if request.method == "POST":
            # Who saves at the same moment waits here, and then sees what the other has changed.
            get_object_or_404(self.model._default_manager.select_for_update(), pk=entry.pk)
            entry = self.get_object(request, unquote(object_id or "")) or entry
        state = opened.state_of(self, request, entry)
        if request.method == "POST":
            request.broken_rule = opened.changed_meanwhile(request, state)
        return {**(context or {}), opened.FIELD: json.dumps(state)}

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        self.after_save(request, form, formsets, change)

    def after_save(self, request: Any, form: Any, formsets: Any, change: bool) -> None:  # noqa: ARG002
        """What follows from the change; a page with consequences calls their service here."""
        editing.after_other_edit()

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        if "\0" in search_term:  # in no text; the boxes of forms ask without a form that would refuse it
            return queryset.none(), False
        return super().get_search_results(request, queryset, search_term)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        deleted, counts, lacking, protected = super().get_deleted_objects(objs, request)
        made = {
            str(model._meta.verbose_name)
            for model in apps.get_models()
            if self.admin_site.is_registered(model)
            and getattr(self.admin_site.get_model_admin(model), "goes_with_its_entry", False)
        }
        return deleted, counts, {str(name) for name in lacking} - made, protected

    def delete_view(self, request: Any, object_id: str, extra_context: Any = None) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except IntegrityError as error:
            self.say_broken(request, error)
            return HttpResponseRedirect(request.path.replace("/delete/", "/change/"))

    def delete_model(self, request: Any, obj: Any) -> None:
        super().delete_model(request, obj)
        self.after_deletion()

    def after_deletion(self) -> None:
        """What follows when something was deleted."""
        editing.after_other_edit()

    def delete_queryset(self, request: Any, queryset: Any) -> None:
        super().delete_queryset(request, queryset)
        self.after_deletion()

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        if deleting := actions.get("delete_selected"):
            actions["delete_selected"] = (delete_all_or_none, *deleting[1:])
        return actions

    def say_broken(self, request: HttpRequest, error: IntegrityError) -> None:
        rule = complaint_of(editing.broken_rule(error), self.complaints)
        self.message_user(request, f"Nothing was deleted. {rule.sentence}", messages.ERROR)

    def say_reopened(self, request: HttpRequest, check: editing.Check | None) -> None:
        if check:
            self.message_user(
                request,
                f"{check.by} had checked this study on {check.on}. What was checked has changed, so a second "
                "person must check it again.",
                messages.WARNING,
            )


def delete_all_or_none(page: EditorsPage, request: HttpRequest, rows: Any) -> Any:
    """Delete the chosen rows of a list; if a rule forbids it, nothing is deleted, noted or said to be."""
    try:
        with transaction.atomic():
            return delete_selected(page, request, rows)
    except IntegrityError as error:
        page.say_broken(request, error)
        return None


class EditorsInline(FieldsAsPrinted, admin.TabularInline):
    """Rows of a page, a new one at the end."""

    formset = PlacedFormSet
    extra = 0
    text_rows = 2


class ReadOnly:
    """For what machines write, or what is history: to be seen, never to be changed here."""

    def has_add_permission(self, *_: Any) -> bool:
        return False

    def has_change_permission(self, *_: Any) -> bool:
        return False

    def has_delete_permission(self, *_: Any) -> bool:
        return False


class ReadOnlyInline(ReadOnly, EditorsInline):
    can_delete = False


def today() -> Any:
    """The day by the site's clock."""
    return timezone.localdate()
