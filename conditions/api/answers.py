"""The API's addresses on what studies add up to: stored pools and certainties."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from conditions.models import Certainty, Pool, PoolStudy
from conditions.models.pool import COMPARATOR_CHOICES
from studies.api.parts import FactSerializer, HasPage
from studies.api.read_only import ReadOnly
from studies.domain.vocabulary import Measure, OutcomeDomain, choices_of
from studies.filters import TrueFalseFilter, condition_filter
from studies.models import Study

NUMBERS = {
    "type": "object",
    "nullable": True,
    "properties": {
        "k": {"type": "integer"},
        **{
            name: {"type": "number", "nullable": True}
            for name in (
                *("estimate", "ci_low", "ci_high", "p", "tau2", "tau2_low", "tau2_high", "i2", "h2", "q"),
                *("q_p", "prediction_low", "prediction_high"),
            )
        },
    },
}


class PoolStudySerializer(FactSerializer):
    """A study of the condition: in the pool with its weight, or not in it and why."""

    study: Any = serializers.SlugRelatedField(slug_field="key", read_only=True)
    outcome = serializers.CharField(source="outcome.name", default=None, allow_null=True)
    arm = serializers.CharField(source="arm.name", default=None, allow_null=True)
    page = serializers.SerializerMethodField(help_text="Where the number stands.")
    reason_words = serializers.CharField(source="words")
    made_from = serializers.CharField(source="candidate.how")
    assumptions = serializers.ListField(source="candidate.assumptions", child=serializers.CharField())

    class Meta:
        model = PoolStudy
        fields = [
            "study",
            "outcome",
            "arm",
            "page",
            "is_in",
            "reason",
            "reason_words",
            "estimate",
            "ci_low",
            "ci_high",
            "weight_percent",
            "is_turned",
            "made_from",
            "assumptions",
        ]

    def get_page(self, row: PoolStudy) -> str:
        return row.get_absolute_url()


class CertaintySerializer(FactSerializer):
    """How sure anyone can be: GRADE's word, the sentence, and each rule that fired."""

    word = serializers.CharField(help_text="An editor's word where there is one, else the computed one.")
    computed_word = serializers.CharField(source="level")
    statement = serializers.CharField()
    steps = serializers.ListField(child=serializers.DictField())

    class Meta:
        model = Certainty
        fields = ["word", "computed_word", "override_reason", "statement", "steps", "version", "computed_at"]


class PoolSerializer(HasPage):
    """What studies add up to on one question. Ratios are ratios, not logarithms; null cannot be told."""

    url = serializers.HyperlinkedIdentityField(view_name="api-pool-answer-detail")
    condition: Any = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    fixed = serializers.SerializerMethodField(help_text="The fixed-effect result, for 2 to 4 studies.")
    without_concern = serializers.SerializerMethodField(
        help_text="Without studies under an expression of concern, where there are any."
    )
    certainty = serializers.SerializerMethodField()
    studies = serializers.SerializerMethodField()

    class Meta:
        model = Pool
        fields = [
            "id",
            "url",
            "page",
            "condition",
            "domain",
            "comparator",
            "measure",
            "is_main",
            "k",
            "n_people",
            "better",
            "scale",
            "estimate",
            "ci_low",
            "ci_high",
            "prediction_low",
            "prediction_high",
            "i2",
            "tau2",
            "fixed",
            "without_concern",
            "certainty",
            "studies",
            "notes",
            "version",
            "computed_at",
        ]

    @extend_schema_field(NUMBERS)
    def get_fixed(self, pool: Pool) -> Any:
        return pool.result["fixed"]

    @extend_schema_field(NUMBERS)
    def get_without_concern(self, pool: Pool) -> Any:
        return pool.result["without_concern"]

    @extend_schema_field(CertaintySerializer(allow_null=True))
    def get_certainty(self, pool: Pool) -> Any:
        asked = (pool.domain, pool.comparator)
        rows = [row for row in pool.condition.certainties.all() if (row.domain, row.comparator) == asked]
        return CertaintySerializer(rows[0]).data if rows else None

    @extend_schema_field(PoolStudySerializer(many=True))
    def get_studies(self, pool: Pool) -> Any:
        """Those that are published; a draft is not named."""
        public = [row for row in pool.rows.all() if row.study.status == Study.Status.PUBLISHED]
        return PoolStudySerializer(public, many=True).data


class PoolFilter(django_filters.FilterSet):
    condition = condition_filter("condition")
    domain = django_filters.ChoiceFilter(choices=choices_of(OutcomeDomain), label="Outcome domain")
    comparator = django_filters.ChoiceFilter(choices=COMPARATOR_CHOICES, label="Compared with")
    measure = django_filters.ChoiceFilter(choices=choices_of(Measure), label="Measure of the effect")
    is_main = TrueFalseFilter(label="Whether it is the measure in which most studies could be put together")

    class Meta:
        model = Pool
        fields: list[str] = []


class PoolViewSet(ReadOnly):
    """Stored pools, with the studies in them, those that are not and why, and the certainty."""

    serializer_class = PoolSerializer
    filterset_class = PoolFilter
    queryset = (
        Pool.objects.with_studies()
        .prefetch_related(
            Prefetch("condition__certainties", queryset=Certainty.objects.select_related("condition"))
        )
        .order_by("condition__slug", "slug")
    )
