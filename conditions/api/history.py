"""The API's addresses on what changed, and on how sure anyone can be of each answer."""

from __future__ import annotations

from typing import Any

import django_filters
from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from conditions.api.answers import CertaintySerializer
from conditions.domain.cascade import AnswerKind
from conditions.models import AnswerChange, Certainty, StatusChange
from conditions.models.certainty import WORD_CHOICES
from conditions.models.pool import COMPARATOR_CHOICES
from studies.api.parts import FactSerializer, HasPage
from studies.api.read_only import ReadOnly
from studies.domain.vocabulary import OutcomeDomain, PublicationStatus, choices_of
from studies.filters import condition_filter
from studies.models import Study


class StatusChangeSerializer(FactSerializer):
    """A paper whose publication status changed."""

    study: Any = serializers.SlugRelatedField(slug_field="key", read_only=True)
    before = serializers.ChoiceField(choices_of(PublicationStatus))
    after = serializers.ChoiceField(choices_of(PublicationStatus))

    class Meta:
        model = StatusChange
        fields = ["study", "before", "after"]


class AnswerLineSerializer(serializers.Serializer[Any]):
    """An answer that changed: what it said before and since; "none" where there was, or is, none."""

    kind = serializers.ChoiceField([kind.value for kind in AnswerKind])
    name = serializers.CharField()
    page = serializers.CharField(help_text="Path of the page that says it.")
    before = serializers.CharField()
    after = serializers.CharField()


class AnswerChangeSerializer(HasPage):
    """What one change of the records did to the answers, in one transaction."""

    url = serializers.HyperlinkedIdentityField(view_name="api-change-detail")
    statuses = serializers.SerializerMethodField(help_text="Papers whose publication status changed.")
    lines = AnswerLineSerializer(many=True)
    pages = serializers.ListField(child=serializers.CharField(), help_text="Paths of pages that differ.")
    reverses = serializers.IntegerField(source="reverses_id", allow_null=True)

    class Meta:
        model = AnswerChange
        fields = ["id", "url", "page", "at", "cause", "summary", "statuses", "lines", "pages", "reverses"]

    def get_page(self, change: AnswerChange) -> str:
        return f"{reverse('changes')}#change-{change.pk}"

    @extend_schema_field(StatusChangeSerializer(many=True))
    def get_statuses(self, change: AnswerChange) -> Any:
        """Of those that are published; a draft is not named."""
        public = [row for row in change.statuses.all() if row.study.status == Study.Status.PUBLISHED]
        return StatusChangeSerializer(public, many=True).data


class ChangeFilter(django_filters.FilterSet):
    cause = django_filters.ChoiceFilter(choices=AnswerChange.Cause.choices, label="What caused it")

    class Meta:
        model = AnswerChange
        fields: list[str] = []


class ChangeViewSet(ReadOnly):
    """What each change of the records did to the answers, the latest first."""

    serializer_class = AnswerChangeSerializer
    filterset_class = ChangeFilter
    lookup_value_regex = "[0-9]{1,18}"
    queryset = AnswerChange.objects.prefetch_related("statuses__study").order_by("-at", "-pk")


class CertaintyOfQuestionSerializer(CertaintySerializer, HasPage):
    """How sure anyone can be of the answer to one question, whether or not studies could be pooled for it."""

    url = serializers.HyperlinkedIdentityField(view_name="api-certainty-detail")
    condition: Any = serializers.SlugRelatedField(slug_field="slug", read_only=True)

    class Meta(CertaintySerializer.Meta):
        fields = [
            "id",
            "url",
            "page",
            "condition",
            "domain",
            "comparator",
            "size",
            "direction",
            *CertaintySerializer.Meta.fields,
        ]

    def get_page(self, row: Certainty) -> str:
        return f"{row.condition.get_absolute_url()}#{row.anchor}"


class CertaintyFilter(django_filters.FilterSet):
    condition = condition_filter("condition")
    domain = django_filters.ChoiceFilter(choices=choices_of(OutcomeDomain), label="Outcome domain")
    comparator = django_filters.ChoiceFilter(choices=COMPARATOR_CHOICES, label="Compared with")
    computed_word = django_filters.ChoiceFilter(
        field_name="level", choices=WORD_CHOICES, label="GRADE's word as it was computed"
    )

    class Meta:
        model = Certainty
        fields: list[str] = []


class CertaintyViewSet(ReadOnly):
    """GRADE's word for each question, each rule that fired with its reason, and what would change it."""

    serializer_class = CertaintyOfQuestionSerializer
    filterset_class = CertaintyFilter
    lookup_value_regex = "[0-9]{1,18}"
    queryset = Certainty.objects.select_related("condition").order_by(
        "condition__slug", "domain", "comparator"
    )
