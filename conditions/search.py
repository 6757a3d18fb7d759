"""One box over conditions, studies, claims and side effects."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Exists, OuterRef, Q, QuerySet

from conditions.models import Claim, Condition, Synonym
from studies.domain.identifiers import find_identifier
from studies.domain.search_words import prefix_query
from studies.models import SideEffect, SideEffectReport, Study, Trial

LIMIT = 20


@dataclass
class Results:
    """What was found, at most LIMIT of each kind; `n_studies` counts all."""

    query: str
    conditions: list[Condition] = field(default_factory=list)
    studies: list[Study] = field(default_factory=list)
    n_studies: int = 0
    claims: list[Claim] = field(default_factory=list)
    side_effects: list[SideEffect] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.conditions or self.studies or self.claims or self.side_effects)


def find_page(query: str) -> str | None:
    """Return the address of the study or trial that an identifier names; None when there is none."""
    found = find_identifier(query)
    if found is None:
        return None
    studies = Study.objects.published()
    if found.kind == "registry":
        trial = Trial.objects.filter(registry_id__iexact=found.value).first()
        study = studies.filter(registry_ids__contains=[found.value]).order_by("key").first()
        return (trial or study).get_absolute_url() if trial or study else None  # type: ignore[union-attr]
    paper = studies.filter(**{found.kind: found.value}).first()
    return paper.get_absolute_url() if paper else None


def search(query: str) -> Results:
    """Return what matches every word of the query, each word as the beginning of one. Five queries in all."""
    words = prefix_query(query)
    if not words:
        return Results(query)
    studies = _studies(query)
    return Results(
        query,
        conditions=list(_conditions(query)[:LIMIT]),
        studies=list(studies.newest_first().with_conditions()[:LIMIT]),  # type: ignore[attr-defined]
        n_studies=studies.count(),
        claims=list(_claims(words)[:LIMIT]),
        side_effects=list(_side_effects(query)[:LIMIT]),
    )


def _studies(query: str) -> QuerySet[Study]:
    named = Study.objects.filter(study_conditions__condition__in=_conditions(query).values("pk"))
    found = Study.objects.published().matching(query)
    return Study.objects.published().filter(Q(pk__in=found.values("pk")) | Q(pk__in=named.values("pk")))


def _conditions(query: str) -> QuerySet[Condition]:
    """Conditions of which the name or a synonym holds the words as typed."""
    text = " ".join(query.split())
    synonyms = Synonym.objects.filter(condition=OuterRef("pk"), name__icontains=text)
    return Condition.objects.with_also_called().filter(Q(name__icontains=text) | Exists(synonyms))


def _claims(words: str) -> QuerySet[Claim]:
    text = SearchVector("statement", "rationale", config="english")
    return Claim.objects.alias(text=text).filter(text=SearchQuery(words, config="english", search_type="raw"))


def _side_effects(query: str) -> QuerySet[SideEffect]:
    text = " ".join(query.split())
    reports = SideEffectReport.objects.published().filter(side_effect=OuterRef("pk"))
    named = Q(name__icontains=text) | Q(reported_as__icontains=text) | Q(description__icontains=text)
    return SideEffect.objects.filter(named & Exists(reports))
