"""The parts of a study as JSON: numbers as texts with the printed digits, null for "not reported"."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from studies.domain.dosing import BAND_CHOICES, band_of_dose, describe_dose
from studies.domain.vocabulary import PublicationStatus, SourceKind, choices_of
from studies.models import (
    Arm,
    ArmResult,
    Correction,
    Dose,
    Effect,
    Notice,
    Outcome,
    Provenance,
    RegistryCheck,
    RiskOfBias,
    SecondReading,
    SideEffectCount,
    SideEffectReport,
    Source,
    TitrationStep,
)
from studies.models.fields import ReportedNumberField


@extend_schema_field({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$", "example": "-1.3"})
class PrintedNumber(serializers.Field):
    """A number as text, with exactly the digits that were printed."""

    def to_representation(self, value: Any) -> str:
        return f"{value:f}"


class FactSerializer(serializers.ModelSerializer):
    """A read-only row."""

    serializer_field_mapping: ClassVar[dict[Any, Any]] = {
        **serializers.ModelSerializer.serializer_field_mapping,
        ReportedNumberField: PrintedNumber,
    }

    def get_extra_kwargs(self) -> dict[str, Any]:
        return {name: {"read_only": True} for name in self.Meta.fields}


class HasPage(FactSerializer):
    page = serializers.SerializerMethodField(help_text="Path of the page for readers.")

    def get_page(self, row: Any) -> str:
        return str(row.get_absolute_url())


class HasStudy(FactSerializer):
    """A row that belongs to a study and is shown on its page."""

    study: Any = serializers.SlugRelatedField(slug_field="key", read_only=True)
    page = serializers.SerializerMethodField(help_text="Path of the study's page.")

    def get_page(self, row: Any) -> str:
        return str(row.study.get_absolute_url())


class HasStudyStatus(HasStudy):
    """Numbers of a study: whoever takes them without the study must see that its paper was retracted."""

    publication_status = serializers.ChoiceField(
        choices_of(PublicationStatus),
        source="study.publication_status",
        read_only=True,
        help_text="Of the study's paper.",
    )


class HasChecker(FactSerializer):
    """`checked_by` is null until a second person has compared it with the paper."""

    checked_by = serializers.SerializerMethodField()

    def get_checked_by(self, row: Any) -> str | None:
        return row.checked_by and str(row.checked_by.get_username())


class TitrationStepSerializer(FactSerializer):
    """From this week (month, step) on, this much; `at_text` where no number was printed."""

    class Meta:
        model = TitrationStep
        fields = ["unit", "at_number", "at_text", "amount_mg"]


class DoseSerializer(FactSerializer):
    """`amount_mg` is the dose reached. Null: not stated as one amount; see the range and the mg per kg."""

    in_words = serializers.SerializerMethodField()
    band = serializers.SerializerMethodField(help_text="The one band that the dose is listed in.")
    titration = TitrationStepSerializer(source="steps", many=True)

    class Meta:
        model = Dose
        fields = [
            "in_words",
            "band",
            "amount_mg",
            "per",
            "route",
            "timing",
            "formulation",
            "duration_weeks",
            "start_mg",
            "max_mg",
            "range_text",
            "range_low_mg",
            "range_high_mg",
            "mg_per_kg",
            "mg_per_kg_text",
            "regimens",
            "note",
            "titration",
        ]

    def get_in_words(self, dose: Dose) -> str:
        return describe_dose(dose)

    @extend_schema_field(serializers.ChoiceField(BAND_CHOICES))
    def get_band(self, dose: Dose) -> str:
        return band_of_dose(dose).value


class ArmSerializer(FactSerializer):
    """A group of a study. `dose` null: none was noted, which is not the same as none given."""

    dose = serializers.SerializerMethodField()

    class Meta:
        model = Arm
        fields = ["id", "name", "role", "n", "dose"]

    @extend_schema_field(DoseSerializer(allow_null=True))
    def get_dose(self, arm: Arm) -> Any:
        return DoseSerializer(arm.dose).data if hasattr(arm, "dose") else None


class ArmResultSerializer(FactSerializer):
    """What was measured on one side. `arm` null: the record does not say which arm it was."""

    p = serializers.CharField(source="p_text", allow_null=True, read_only=True)

    class Meta:
        model = ArmResult
        fields = [
            "side",
            "arm",
            "value",
            "unit",
            "sd",
            "ci_low",
            "ci_high",
            "events",
            "n",
            "baseline",
            "baseline_text",
            "baseline_sd",
            "p",
            "note",
        ]


class EffectSerializer(FactSerializer):
    """The difference between the sides as the paper reports it."""

    p = serializers.CharField(source="p_text", allow_null=True, read_only=True)

    class Meta:
        model = Effect
        fields = ["measure", "value", "ci_low", "ci_high", "p", "i2_percent", "better", "note"]


class SourceSerializer(FactSerializer):
    """A place where facts were read. Secondary copies carry no address."""

    class Meta:
        model = Source
        fields = ["id", "url", "used_for", "kind"]


class ProvenanceSerializer(HasChecker):
    """`source` null: one of the record's sources, which of them was not noted."""

    class Meta:
        model = Provenance
        fields = [
            "field",
            "source",
            "registry",
            "place",
            "quote",
            "read_by",
            "read_on",
            "checked_by",
            "checked_on",
        ]


class StudyProvenanceSerializer(ProvenanceSerializer):
    """Where one outcome, side effect or field of a study was read: whichever of the three is not empty."""

    outcome = serializers.IntegerField(source="outcome_id", allow_null=True)
    side_effect = serializers.SerializerMethodField(help_text="Slug of the side effect.")
    source_url = serializers.CharField(source="source.url", default=None, allow_null=True)
    source_kind = serializers.ChoiceField(
        choices_of(SourceKind), source="source.kind", default=None, allow_null=True
    )

    class Meta(ProvenanceSerializer.Meta):
        fields = ["outcome", "side_effect", *ProvenanceSerializer.Meta.fields, "source_url", "source_kind"]

    def get_side_effect(self, row: Provenance) -> str | None:
        return self.context["slugs"].get(row.side_effect_report_id)


class OutcomeSerializer(FactSerializer):
    """Something measured, with each side's result and the reported effect."""

    results = ArmResultSerializer(many=True)
    effect = serializers.SerializerMethodField()
    provenance = ProvenanceSerializer(many=True)

    class Meta:
        model = Outcome
        fields = [
            "id",
            "name",
            "domain",
            "instrument",
            "timepoint",
            "is_primary",
            "direction",
            "better",
            "results",
            "effect",
            "provenance",
        ]

    @extend_schema_field(EffectSerializer(allow_null=True))
    def get_effect(self, outcome: Outcome) -> Any:
        return EffectSerializer(outcome.effect).data if hasattr(outcome, "effect") else None


class SideEffectCountSerializer(FactSerializer):
    """How many of one side had it. 0 of n is a count; null is not reported."""

    class Meta:
        model = SideEffectCount
        fields = ["side", "arm", "events", "n", "percent"]


class SideEffectReportSerializer(HasStudyStatus):
    """What one study says of one side effect."""

    side_effect: Any = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    counts = SideEffectCountSerializer(many=True)
    p = serializers.CharField(source="p_text", allow_null=True, read_only=True)
    provenance = ProvenanceSerializer(many=True)

    class Meta:
        model = SideEffectReport
        fields = [
            *("study", "page", "publication_status", "side_effect", "reported_name"),
            *("counts", "p", "note", "provenance"),
        ]


class RegistryCheckSerializer(FactSerializer):
    """What one registry answered last. `failed` means not reachable then; it says nothing of the paper."""

    class Meta:
        model = RegistryCheck
        fields = ["registry", "asked_at", "answer", "answered_at"]


class NoticeSerializer(HasStudy):
    """A retraction, concern or correction of a study, as a registry reports it.

    One with `dismissed_on` was set aside by an editor, for the reason given: it does not stand.
    """

    url = serializers.HyperlinkedIdentityField(view_name="api-notice-detail")

    class Meta:
        model = Notice
        fields = [
            "id",
            "url",
            "study",
            "page",
            "kind",
            "raw_kind",
            "dated_on",
            "date_text",
            "notice_doi",
            "notice_pmid",
            "registry",
            "asserted_by",
            "first_seen_at",
            "dismissed_on",
            "dismissed_because",
        ]


@extend_schema_field({})
class AnyJson(serializers.JSONField):
    """A piece of a record: a text, a number as text, a list or an object; null where nothing stood."""


class CorrectionSerializer(FactSerializer):
    """One field that the second reading changed: what stood there, and what stands there now."""

    was = AnyJson()
    now = AnyJson()

    class Meta:
        model = Correction
        fields = ["field", "was", "now", "why"]


class RiskOfBiasSerializer(FactSerializer):
    """One domain of the tool, judged for the study's main results."""

    class Meta:
        model = RiskOfBias
        fields = ["tool", "domain", "judgement", "reason", "assessed_by", "assessed_on", "second_assessor"]


class SecondReadingSerializer(FactSerializer):
    """A second look at another copy of the paper; not the check by a person."""

    corrections = CorrectionSerializer(many=True)

    class Meta:
        model = SecondReading
        fields = ["read_on", "agreed", "not_seen", "corrections"]
