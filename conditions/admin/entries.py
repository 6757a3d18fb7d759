"""The editors' pages for conditions, claims and safety facts."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count

from conditions.admin.base import ConditionsPage, QuotedPage
from conditions.domain.question import KIND_LABELS
from conditions.models import (
    Claim,
    ClaimCondition,
    ClaimEvidence,
    Collection,
    ComputedVerdict,
    Condition,
    Omission,
    Question,
    Reference,
    SafetyFact,
    SafetyFactStudy,
    Synonym,
    VerdictFinding,
    VocabularySource,
)
from studies.admin.base import EditorsInline, FieldsAsPrinted, PlacedFormSet, ReadOnly, ReadOnlyInline

QUESTION_KINDS = [(kind.value, label) for kind, label in KIND_LABELS.items()]


class SynonymInline(EditorsInline):
    model = Synonym
    fields = ["position", "name"]


@admin.register(Condition)
class ConditionPage(QuotedPage):
    inlines = [SynonymInline]
    list_display = ["name", "slug", "category", "is_topic", "n_studies", "icd10", "mesh_id"]
    list_filter = ["category", "is_topic"]
    search_fields = ["name", "slug", "synonyms__name", "icd10", "icd11", "mesh_id", "mesh_name"]
    ordering = ["name"]
    fieldsets = [
        (None, {"fields": ["name", "slug", "definition", ("category", "is_topic"), "position"]}),
        (
            "Codes",
            {
                "fields": [
                    ("icd10", "icd10_edition"),
                    ("icd11", "icd11_foundation_id", "icd11_foundation_title"),
                    ("mesh_id", "mesh_name"),
                ]
            },
        ),
        ("Not yet verified", {"fields": ["unverified"]}),
    ]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).annotate(n_studies=Count("study_conditions", distinct=True))

    def get_prepopulated_fields(self, request: Any, obj: Condition | None = None) -> Any:  # noqa: ARG002
        return {} if obj else {"slug": ["name"]}

    @admin.display(description="studies", ordering="n_studies")
    def n_studies(self, condition: Any) -> Any:
        return condition.n_studies


class ClaimConditionInline(EditorsInline):
    model = ClaimCondition
    verbose_name_plural = "conditions"
    autocomplete_fields = ["condition"]
    fields = ["position", "condition"]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("condition")


class ClaimEvidenceInline(EditorsInline):
    model = ClaimEvidence
    verbose_name_plural = "what the studies say"
    autocomplete_fields = ["study"]
    fields = ["position", "study", "stance", "note"]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("study")


class ReferenceInline(EditorsInline):
    model = Reference
    verbose_name_plural = "references that are not studies"
    fields = ["position", "title", "kind", "url"]


class QuestionFilter(admin.SimpleListFilter):
    title = "question"
    parameter_name = "question"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [*QUESTION_KINDS, ("no", "Asks none yet")]

    def queryset(self, request: Any, queryset: Any) -> Any:  # noqa: ARG002
        if self.value() == "no":
            return queryset.filter(question__isnull=True)
        return queryset.filter(question__kind=self.value()) if self.value() else queryset


class QuestionInline(FieldsAsPrinted, admin.StackedInline):
    model = Question
    formset = PlacedFormSet
    verbose_name_plural = "the question it asks of the records"
    extra = 0
    autocomplete_fields = ["side_effects"]
    fields = [
        "kind",
        "domains",
        "side_effects",
        ("comparator", "claimed_direction"),
        ("low_mg", "high_mg"),
        ("year", "n_people", "percent"),
        "why_not",
    ]


@admin.register(Claim)
class ClaimPage(QuotedPage):
    inlines = [ClaimConditionInline, QuestionInline, ClaimEvidenceInline, ReferenceInline]
    list_display = ["slug", "statement", "topic", "verdict", "computed_word", "n_evidence"]
    list_filter = ["verdict", QuestionFilter, "topic", "conditions"]
    list_select_related = ["computed"]
    search_fields = ["slug", "statement", "rationale"]
    ordering = ["position", "slug"]
    readonly_fields = ["computed_word"]
    fields = [
        *("slug", "position", "statement", ("topic", "verdict"), "computed_word", "rationale"),
        "editor_notes",
    ]

    @admin.display(description="computed verdict", ordering="computed__word")
    def computed_word(self, claim: Claim) -> str:
        computed = claim.computed_verdict
        if computed is None:
            return "not computed: no question"
        return computed.get_word_display() or f"none: {computed.reason}"

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).annotate(n_evidence=Count("evidence", distinct=True))

    @admin.display(description="studies", ordering="n_evidence")
    def n_evidence(self, claim: Any) -> Any:
        return claim.n_evidence


class DiffersFilter(admin.SimpleListFilter):
    title = "first reader"
    parameter_name = "differs"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [("yes", "Says another word"), ("none", "Stands alone: none computed")]

    def queryset(self, request: Any, queryset: Any) -> Any:  # noqa: ARG002
        if self.value() == "yes":
            return queryset.that_differ()
        return queryset.filter(word=None) if self.value() == "none" else queryset


class VerdictFindingInline(ReadOnlyInline):
    model = VerdictFinding
    fields = ["place", "reason", "study", "outcome", "side_effect_report", "arm", "number"]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("study", "outcome", "side_effect_report", "arm")


@admin.register(ComputedVerdict)
class ComputedVerdictPage(ReadOnly, ConditionsPage):
    """What the rules made of the records: to be seen; it changes when the records do."""

    goes_with_its_entry = True
    inlines = [VerdictFindingInline]
    list_display = ["claim", "word", "first_reader", "reason", "version", "computed_at"]
    list_filter = [DiffersFilter, "word"]
    list_select_related = ["claim"]
    search_fields = ["claim__slug", "claim__statement"]
    ordering = ["claim__position"]
    fields = ["claim", "question_text", "word", "first_reader", "reason", "trace", "version", "computed_at"]

    @admin.display(description="first reader's verdict", ordering="claim__verdict")
    def first_reader(self, verdict: ComputedVerdict) -> str:
        return verdict.claim.get_verdict_display()

    @admin.display(description="steps")
    def trace(self, verdict: ComputedVerdict) -> str:
        return "\n".join(f"{step['rule']}: {step['says']}" for step in verdict.steps)


@admin.register(Omission)
class OmissionPage(ConditionsPage):
    inlines = [ReferenceInline]
    list_display = ["slug", "statement"]
    search_fields = ["slug", "statement", "why"]
    ordering = ["position", "slug"]
    fields = ["slug", "position", "statement", "why"]


class SafetyFactStudyInline(EditorsInline):
    model = SafetyFactStudy
    verbose_name_plural = "studies"
    autocomplete_fields = ["study"]
    fields = ["position", "study"]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("study")


@admin.register(SafetyFact)
class SafetyFactPage(QuotedPage):
    inlines = [SafetyFactStudyInline, ReferenceInline]
    list_display = ["headline", "kind", "level", "n_studies"]
    list_filter = ["level", "kind"]
    search_fields = ["slug", "headline", "detail", "low_dose_note"]
    ordering = ["position", "slug"]
    fields = ["slug", "position", ("kind", "level"), "headline", "detail", "low_dose_note"]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).annotate(n_studies=Count("fact_studies", distinct=True))

    @admin.display(description="studies", ordering="n_studies")
    def n_studies(self, fact: Any) -> Any:
        return fact.n_studies


@admin.register(Collection)
class CollectionPage(ConditionsPage):
    list_display = ["title", "slug", "checked_on"]
    search_fields = ["slug", "title"]
    fields = ["slug", "title", "checked_on"]


@admin.register(VocabularySource)
class VocabularySourcePage(ConditionsPage):
    list_display = ["url", "used_for"]
    search_fields = ["url", "used_for"]
    fields = ["position", "url", "used_for"]
