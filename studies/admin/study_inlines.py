"""The parts of a study on its page: what an editor fills in, and what machines and readers noted."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin

from studies.admin.arm import dose_link
from studies.admin.base import LONG_TEXTS, EditorsInline, ReadOnlyInline, RuledForm, today
from studies.admin.outcome import describe_numbers
from studies.admin.part import edit_link
from studies.admin.side_effect import describe_counts
from studies.models import (
    Arm,
    MetadataProposal,
    Notice,
    Outcome,
    Provenance,
    RegistryCheck,
    RiskOfBias,
    SecondReading,
    SideEffectReport,
    Source,
    StudyCondition,
)


class StudyConditionInline(EditorsInline):
    model = StudyCondition
    verbose_name_plural = "conditions, the main one first"
    autocomplete_fields = ["condition"]
    fields = ["position", "condition"]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("condition")


class ArmInline(EditorsInline):
    model = Arm
    long_texts = LONG_TEXTS | {"name"}
    verbose_name_plural = "arms and doses"
    fields = ["position", "name", "role", "n", "dose_line"]
    readonly_fields = ["dose_line"]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("dose")

    @admin.display(description="dose (click to change)")
    def dose_line(self, arm: Arm) -> str:
        return dose_link(arm)


class OutcomeInline(EditorsInline):
    model = Outcome
    long_texts = LONG_TEXTS | {"name"}
    fields = ["position", "name", "numbers", "domain", "direction", "timepoint", "is_primary"]
    readonly_fields = ["numbers"]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("effect").prefetch_related("results")

    @admin.display(description="numbers (click to change)")
    def numbers(self, outcome: Outcome) -> str:
        return edit_link(outcome, describe_numbers(outcome)) if outcome.pk else "after saving"


class SideEffectReportInline(EditorsInline):
    model = SideEffectReport
    verbose_name_plural = "side effects reported"
    autocomplete_fields = ["side_effect"]
    fields = ["position", "side_effect", "reported_name", "counts_line"]
    readonly_fields = ["counts_line"]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("side_effect").prefetch_related("counts")

    @admin.display(description="counts (click to change)")
    def counts_line(self, report: SideEffectReport) -> str:
        return edit_link(report, describe_counts(report)) if report.pk else "after saving"


class RiskOfBiasForm(RuledForm):
    """A judgement is its last author's; whoever agrees with another's is noted as the second."""

    reader = ""
    day = ""
    agree = forms.BooleanField(required=False, label="I judged it too and agree")

    def clean(self) -> Any:
        judgement = self.instance
        if {"tool", "domain", "judgement", "reason"} & set(self.changed_data):
            judgement.assessed_by, judgement.assessed_on = self.reader, self.day
            judgement.second_assessor = None
        if self.cleaned_data.get("agree"):
            judgement.second_assessor = self.reader
        return super().clean()


class RiskOfBiasInline(EditorsInline):
    model = RiskOfBias
    form = RiskOfBiasForm
    fields = ["position", "tool", "domain", "judgement", "reason", "assessed", "agree"]
    readonly_fields = ["assessed"]

    def get_formset(self, request: Any, obj: Any = None, **options: Any) -> Any:
        formset = super().get_formset(request, obj, **options)
        formset.form.reader = request.user.get_username()  # type: ignore[attr-defined]
        formset.form.day = today().isoformat()  # type: ignore[attr-defined]
        return formset

    @admin.display(description="judged by")
    def assessed(self, row: RiskOfBias) -> str:
        if row.pk is None:
            return "you, when saved"
        second = f"; {row.second_assessor} agreed" if row.second_assessor else "; no second person yet"
        return f"{row.assessed_by}, {row.assessed_on}{second}"


class SourceInline(EditorsInline):
    model = Source
    long_texts = LONG_TEXTS | {"used_for"}
    verbose_name_plural = "sources"
    fields = ["position", "used_for", "kind", "url"]


class ProposalInline(ReadOnlyInline):
    model = MetadataProposal
    verbose_name_plural = "open proposals of the registries (decide under Metadata proposals)"
    fields = ["field", "old", "new", "registry", "proposed_at"]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).filter(state=MetadataProposal.State.OPEN)


class NoticeInline(ReadOnlyInline):
    model = Notice
    verbose_name_plural = "notices of retraction, concern and correction"
    show_change_link = True
    fields = ["kind", "raw_kind", "dated_on", "date_text", "notice_doi", "registry", "asserted_by"]


class RegistryCheckInline(ReadOnlyInline):
    model = RegistryCheck
    verbose_name_plural = "what the registries answered"
    fields = ["registry", "answer", "answered_at", "asked_at", "detail", "next_check_at"]


class ProvenanceInline(ReadOnlyInline):
    model = Provenance
    verbose_name_plural = "where each number was read"
    fields = ["about", "source", "registry", "place", "quote", "read_by", "read_on", "checked_by"]
    readonly_fields = ["about"]

    def get_queryset(self, request: Any) -> Any:
        rows = super().get_queryset(request)
        return rows.select_related("outcome", "side_effect_report", "source", "checked_by")

    @admin.display(description="what")
    def about(self, row: Provenance) -> str:
        return str(row.outcome or row.side_effect_report or row.field)


class SecondReadingInline(ReadOnlyInline):
    model = SecondReading
    verbose_name_plural = "second reading of another copy, before any check"
    fields = ["read_on", "agreed", "not_seen", "corrected"]
    readonly_fields = ["corrected"]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).prefetch_related("corrections")

    @admin.display(description="corrected")
    def corrected(self, reading: SecondReading) -> str:
        return "; ".join(f"{c.field}: {c.was} → {c.now} ({c.why})" for c in reading.corrections.all())


FILLED_IN = [
    *(StudyConditionInline, ArmInline, OutcomeInline, SideEffectReportInline, RiskOfBiasInline),
    SourceInline,
]
NOTED = [ProposalInline, NoticeInline, RegistryCheckInline, ProvenanceInline, SecondReadingInline]
