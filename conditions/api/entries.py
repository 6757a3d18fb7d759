"""The API's addresses on conditions, claims and safety facts."""

from __future__ import annotations

from typing import Any, cast

import django_filters
from django.db.models import Prefetch
from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from conditions.evidence import count_designs
from conditions.models import (
    Claim,
    ClaimEvidence,
    ComputedVerdict,
    Condition,
    Question,
    Reference,
    SafetyFact,
    VerdictFinding,
)
from conditions.models.claim import TOPIC_LABELS, VERDICT_LABELS
from conditions.models.condition import CATEGORY_LABELS
from studies.api.parts import FactSerializer, HasPage
from studies.api.read_only import ReadOnly
from studies.filters import TrueFalseFilter, condition_filter
from studies.models import Study


class ReferenceSerializer(FactSerializer):
    """A source that is no study, such as a label or an agency's page."""

    class Meta:
        model = Reference
        fields = ["title", "url", "kind"]


class ConditionSerializer(HasPage):
    """A condition, or a topic under which laboratory and prescription studies are listed."""

    url = serializers.HyperlinkedIdentityField(view_name="api-condition-detail", lookup_field="slug")
    synonyms: Any = serializers.SlugRelatedField(slug_field="name", many=True, read_only=True)
    studies_by_design = serializers.SerializerMethodField(
        help_text="Published studies in each group of designs."
    )

    class Meta:
        model = Condition
        fields = [
            "slug",
            "url",
            "page",
            "name",
            "definition",
            "synonyms",
            "category",
            "is_topic",
            "icd10",
            "icd10_edition",
            "icd11",
            "icd11_foundation_id",
            "icd11_foundation_title",
            "mesh_id",
            "mesh_name",
            "unverified",
            "studies_by_design",
        ]

    @extend_schema_field(serializers.DictField(child=serializers.IntegerField()))
    def get_studies_by_design(self, condition: Condition) -> dict[str, int]:
        return {group.value: n for group, n in self._counts().get(condition.pk, [])}

    def _counts(self) -> dict[int, Any]:
        """The counts of all conditions, fetched once an answer."""
        context = cast(dict[str, Any], self.context)
        if "designs" not in context:
            context["designs"] = count_designs(Condition.objects.all())
        return context["designs"]


class ConditionFilter(django_filters.FilterSet):
    category = django_filters.ChoiceFilter(choices=list(CATEGORY_LABELS.items()), label="Category")
    is_topic = TrueFalseFilter(label="Whether it is a topic, such as mechanism, and no condition")

    class Meta:
        model = Condition
        fields: list[str] = []


class ConditionViewSet(ReadOnly):
    """Conditions and topics, with their synonyms, codes and numbers of studies."""

    lookup_field = "slug"
    lookup_value_regex = "[a-z0-9-]+"
    serializer_class = ConditionSerializer
    filterset_class = ConditionFilter
    queryset = Condition.objects.prefetch_related("synonyms").order_by("slug")


class ClaimEvidenceSerializer(FactSerializer):
    """A published study and where it stands towards the claim."""

    study: Any = serializers.SlugRelatedField(slug_field="key", read_only=True)

    class Meta:
        model = ClaimEvidence
        fields = ["study", "stance", "note"]


class QuestionSerializer(FactSerializer):
    """What the claim asks of the studies of its conditions; a field that its kind does not use is null."""

    side_effects: Any = serializers.SlugRelatedField(slug_field="slug", many=True, read_only=True)

    class Meta:
        model = Question
        fields = [
            "kind",
            "domains",
            "side_effects",
            "comparator",
            "claimed_direction",
            "low_mg",
            "high_mg",
            "year",
            "n_people",
            "percent",
            "why_not",
        ]


class StepSerializer(serializers.Serializer[Any]):
    """A rule that fired, what it saw, and what would change it; empty where nothing would."""

    rule = serializers.CharField()
    says = serializers.CharField()
    would_change = serializers.CharField(allow_blank=True)


class VerdictFindingSerializer(FactSerializer):
    """An outcome, side effect or dose of a study, and where it was sorted."""

    study: Any = serializers.SlugRelatedField(slug_field="key", read_only=True)
    outcome = serializers.CharField(source="outcome.name", default=None, allow_null=True)
    side_effect = serializers.CharField(
        source="side_effect_report.side_effect.slug", default=None, allow_null=True
    )
    arm = serializers.CharField(source="arm.name", default=None, allow_null=True)
    page = serializers.CharField(source="get_absolute_url", help_text="Where the number stands.")

    class Meta:
        model = VerdictFinding
        fields = ["place", "reason", "study", "outcome", "side_effect", "arm", "number", "page"]


class ComputedVerdictSerializer(FactSerializer):
    """The verdict of the rules; `word` is null where the records allow none, and `reason` says why."""

    question = serializers.CharField(source="question_text")
    steps = StepSerializer(many=True)
    findings = VerdictFindingSerializer(many=True)

    class Meta:
        model = ComputedVerdict
        fields = ["word", "reason", "version", "computed_at", "question", "steps", "findings"]


class ClaimSerializer(HasPage):
    """A claim that people meet, the verdict of the first reader, and the one computed from the records."""

    id = serializers.CharField(source="slug", read_only=True)
    url = serializers.HyperlinkedIdentityField(view_name="api-claim-detail", lookup_field="slug")
    conditions = serializers.SerializerMethodField()
    question = QuestionSerializer(default=None, allow_null=True)
    computed = ComputedVerdictSerializer(default=None, allow_null=True)
    differs = serializers.SerializerMethodField(help_text="Whether the two verdicts have different words.")
    studies = serializers.SerializerMethodField()
    other_sources = ReferenceSerializer(source="references", many=True)

    class Meta:
        model = Claim
        fields = [
            "id",
            "url",
            "page",
            "statement",
            "topic",
            "conditions",
            "question",
            "computed",
            "differs",
            "verdict",
            "rationale",
            "studies",
            "other_sources",
            "editor_notes",
        ]

    def get_differs(self, claim: Claim) -> bool:
        return claim.computed_verdict is not None and claim.computed_verdict.differs

    def get_conditions(self, claim: Claim) -> list[str]:
        return [link.condition.slug for link in claim.claim_conditions.all()]

    @extend_schema_field(ClaimEvidenceSerializer(many=True))
    def get_studies(self, claim: Claim) -> Any:
        public = [entry for entry in claim.evidence.all() if entry.study.status == Study.Status.PUBLISHED]
        return ClaimEvidenceSerializer(public, many=True).data


class ClaimFilter(django_filters.FilterSet):
    condition = condition_filter("claim_conditions__condition")
    verdict = django_filters.ChoiceFilter(choices=list(VERDICT_LABELS.items()), label="Verdict")
    topic = django_filters.ChoiceFilter(choices=list(TOPIC_LABELS.items()), label="Topic")

    class Meta:
        model = Claim
        fields: list[str] = []


class ClaimViewSet(ReadOnly):
    """Claims, the verdicts of the first reader and of the rules, and the studies for and against."""

    lookup_field = "slug"
    lookup_value_regex = "[a-z0-9-]+"
    serializer_class = ClaimSerializer
    filterset_class = ClaimFilter
    queryset = (
        Claim.objects.with_evidence()
        .prefetch_related(Prefetch("computed__findings", queryset=VerdictFinding.objects.to_be_shown()))
        .order_by("position", "slug")
    )


class SafetyFactSerializer(HasPage):
    """A fact on safety with its sources; see `level` for how urgent it is."""

    id = serializers.CharField(source="slug", read_only=True)
    url = serializers.HyperlinkedIdentityField(view_name="api-safety-fact-detail", lookup_field="slug")
    studies = serializers.SerializerMethodField()
    sources = ReferenceSerializer(source="references", many=True)

    class Meta:
        model = SafetyFact
        fields = [
            "id",
            "url",
            "page",
            "kind",
            "level",
            "headline",
            "detail",
            "low_dose_note",
            "studies",
            "sources",
        ]

    def get_page(self, fact: SafetyFact) -> str:
        return f"{reverse('safety')}#{fact.slug}"

    def get_studies(self, fact: SafetyFact) -> list[str]:
        return [
            link.study.key for link in fact.fact_studies.all() if link.study.status == Study.Status.PUBLISHED
        ]


class SafetyFactFilter(django_filters.FilterSet):
    level = django_filters.ChoiceFilter(choices=SafetyFact.Level.choices, label="How urgent")
    kind = django_filters.ChoiceFilter(choices=SafetyFact.Kind.choices, label="Kind")

    class Meta:
        model = SafetyFact
        fields: list[str] = []


class SafetyFactViewSet(ReadOnly):
    """Safety facts; most come from the label of the 50 mg tablet."""

    lookup_field = "slug"
    lookup_value_regex = "[a-z0-9-]+"
    serializer_class = SafetyFactSerializer
    filterset_class = SafetyFactFilter
    queryset = SafetyFact.objects.with_sources().order_by("position", "slug")
