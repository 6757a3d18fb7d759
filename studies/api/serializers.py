"""The resources on studies as JSON, put together from their parts."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from studies.api.parts import (
    ArmSerializer,
    DoseSerializer,
    HasChecker,
    HasPage,
    HasStudy,
    HasStudyStatus,
    NoticeSerializer,
    OutcomeSerializer,
    RegistryCheckSerializer,
    RiskOfBiasSerializer,
    SecondReadingSerializer,
    SideEffectReportSerializer,
    SourceSerializer,
    StudyProvenanceSerializer,
)
from studies.domain.trial_state import STATE_LABELS
from studies.domain.vocabulary import Design, DesignGroup, choices_of
from studies.models import Arm, SideEffect, Study, Trial


class StudyListSerializer(HasPage, HasChecker):
    """A study without its numbers."""

    url = serializers.HyperlinkedIdentityField(view_name="api-study-detail", lookup_field="key")
    conditions = serializers.SerializerMethodField()
    design_group = serializers.ChoiceField(choices_of(DesignGroup), source="group", read_only=True)

    class Meta:
        model = Study
        fields = [
            "key",
            "url",
            "page",
            "title",
            "authors",
            "journal",
            "journal_abbrev",
            "year",
            "volume",
            "issue",
            "pages",
            "doi",
            "pmid",
            "pmcid",
            "registry_ids",
            "publication_types",
            "open_access",
            "design",
            "design_group",
            "blinding",
            "conditions",
            "country",
            "funding",
            "n_enrolled",
            "n_analysed",
            "population",
            "conclusion",
            "limitations",
            "publication_status",
            "is_checked",
            "checked_by",
            "checked_on",
            "unverified",
            "updated_at",
        ]

    def get_conditions(self, study: Study) -> list[str]:
        return [link.condition.slug for link in study.study_conditions.all()]


# What a single study has beside the fields of a list.
STUDY_PARTS = (
    "serious_adverse_events",
    "withdrawals",
    "citation_html",
    "arms",
    "outcomes",
    "side_effects",
    "risk_of_bias",
    "overall_risk_of_bias",
    "sources",
    "second_reading",
    "registry_checks",
    "notices",
    "provenance",
)


class StudySerializer(StudyListSerializer):
    """A study with everything that is known of it."""

    arms = ArmSerializer(many=True)
    outcomes = OutcomeSerializer(many=True)
    side_effects = SideEffectReportSerializer(source="side_effect_reports", many=True)
    risk_of_bias = RiskOfBiasSerializer(many=True)
    overall_risk_of_bias = serializers.CharField(
        allow_null=True, read_only=True, help_text="In the tool's words; null: not assessed, or not in full."
    )
    sources = SourceSerializer(many=True)
    second_reading = serializers.SerializerMethodField()
    registry_checks = RegistryCheckSerializer(many=True)
    notices = NoticeSerializer(many=True)
    provenance = serializers.SerializerMethodField(
        help_text="Of fields that a registry filled; with provenance=full, of every number of the record."
    )

    class Meta(StudyListSerializer.Meta):
        fields = [*StudyListSerializer.Meta.fields, *STUDY_PARTS]

    @extend_schema_field(SecondReadingSerializer(allow_null=True))
    def get_second_reading(self, study: Study) -> Any:
        reading = getattr(study, "second_reading", None)
        return SecondReadingSerializer(reading).data if reading else None

    @extend_schema_field(StudyProvenanceSerializer(many=True))
    def get_provenance(self, study: Study) -> Any:
        is_full = self.context.get("provenance") == "full"
        rows = [row for row in study.provenance.all() if is_full or row.field]
        slugs = {report.pk: report.side_effect.slug for report in study.side_effect_reports.all()}
        return StudyProvenanceSerializer(rows, many=True, context={"slugs": slugs}).data


class DoseRowSerializer(HasStudyStatus):
    """An arm given LDN and its dose."""

    url = serializers.HyperlinkedIdentityField(view_name="api-dose-detail")
    design = serializers.ChoiceField(choices_of(Design), source="study.design", read_only=True)
    dose = DoseSerializer()

    class Meta:
        model = Arm
        fields = ["id", "url", "study", "page", "publication_status", "design", "name", "role", "n", "dose"]


class OutcomeOfStudySerializer(OutcomeSerializer, HasStudyStatus):
    url = serializers.HyperlinkedIdentityField(view_name="api-outcome-detail")

    class Meta(OutcomeSerializer.Meta):
        fields = ["url", "study", "page", "publication_status", *OutcomeSerializer.Meta.fields]


class RegistryCheckOfStudySerializer(RegistryCheckSerializer, HasStudy):
    """What one registry answered last about one study."""

    url = serializers.HyperlinkedIdentityField(view_name="api-registry-check-detail")

    class Meta(RegistryCheckSerializer.Meta):
        fields = ["id", "url", "study", "page", *RegistryCheckSerializer.Meta.fields]


class SideEffectListSerializer(HasPage):
    """A side effect and how many studies say something of it."""

    url = serializers.HyperlinkedIdentityField(view_name="api-side-effect-detail", lookup_field="slug")
    n_studies = serializers.IntegerField(read_only=True)

    class Meta:
        model = SideEffect
        fields = ["slug", "url", "page", "name", "description", "reported_as", "codes", "n_studies"]


class SideEffectSerializer(SideEffectListSerializer):
    """A side effect with what each study counted on each side."""

    reports = serializers.SerializerMethodField()

    class Meta(SideEffectListSerializer.Meta):
        fields = [*SideEffectListSerializer.Meta.fields, "reports"]

    @extend_schema_field(SideEffectReportSerializer(many=True))
    def get_reports(self, effect: SideEffect) -> Any:
        return SideEffectReportSerializer(effect.published_reports, many=True).data  # type: ignore[attr-defined]


class TrialSerializer(HasPage):
    """A registered trial. `results_key` is the study that reports its results, where it is published."""

    id = serializers.CharField(source="registry_id", read_only=True)
    url = serializers.HyperlinkedIdentityField(view_name="api-trial-detail", lookup_field="registry_id")
    conditions = serializers.SerializerMethodField()
    state = serializers.SerializerMethodField(help_text="Where it stands, from the registry's words.")
    is_overdue = serializers.SerializerMethodField(
        help_text="Ended twelve months ago or more, and results are neither posted nor published here."
    )
    results_key = serializers.SerializerMethodField()

    class Meta:
        model = Trial
        fields = [
            "id",
            "url",
            "page",
            "other_ids",
            "title",
            "conditions",
            "state",
            "status",
            "status_as_of",
            "is_overdue",
            "phase",
            "enrolment",
            "dose",
            "sponsor",
            "start",
            "completion",
            "primary_completion",
            "why_stopped",
            "has_posted_results",
            "results_posted_on",
            "registry_answered_at",
            "results_key",
            "source_url",
            "source_kind",
            "note",
            "unverified",
        ]

    def get_conditions(self, trial: Trial) -> list[str]:
        return [link.condition.slug for link in trial.trial_conditions.all()]

    @extend_schema_field(serializers.ChoiceField(list(STATE_LABELS.items())))
    def get_state(self, trial: Trial) -> str:
        return trial.state.value

    def get_is_overdue(self, trial: Trial) -> bool:
        return trial.is_overdue_on(self.context["today"])

    def get_results_key(self, trial: Trial) -> str | None:
        return trial.published_results.key if trial.published_results else None
