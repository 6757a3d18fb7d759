"""What the figures of articles are made from, fetched in a fixed number of queries however many there are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from conditions.domain.article import Mark
from conditions.models import Claim, Condition, SafetyFact
from conditions.services.answered import Answered, read_answers
from studies.models import Study, StudyCondition, Trial, TrialCondition

# What a mark names instead of a condition when it asks about the whole corpus.
ALL = "all"


@dataclass(frozen=True)
class FigureFacts:
    """Conditions, published studies, registered trials, claims and safety facts by the names of marks.

    `studies_of` and `trials_of` hold those of each condition, and under `all` those of the whole corpus.
    """

    today: date
    conditions: dict[str, Condition] = field(default_factory=dict)
    studies: dict[str, Study] = field(default_factory=dict)
    studies_of: dict[str, list[Study]] = field(default_factory=dict)
    trials_of: dict[str, list[Trial]] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    answered: Answered = field(default_factory=Answered)
    n_claims: Counter[str] = field(default_factory=Counter)  # by the first reader's verdict
    safety_facts: dict[str, SafetyFact] = field(default_factory=dict)

    @cached_property
    def condition_names(self) -> frozenset[str]:
        """Every condition from whose records any of this came."""
        of_studies = {link.condition.slug for s in self.studies.values() for link in s.study_conditions.all()}
        of_claims = {link.condition.slug for c in self.claims.values() for link in c.claim_conditions.all()}
        return frozenset(of_studies | of_claims | set(self.conditions))


def condition_of(mark: Mark) -> str | None:
    """Return the condition that a mark names, alone or at the head of its question; `all` for every one."""
    named = mark.attributes.get("condition") or mark.attributes.get("question", "").split("/")[0]
    return named or None


def load_facts(marks: Iterable[Mark], *, today: date) -> FigureFacts:
    """Return what the marks ask about; what is not there is absent, and a draft study is not there.

    Args:
        marks: of one article or of many.
        today: decides which registered trials are overdue.
    """
    marks = list(marks)
    slugs = {slug for mark in marks if (slug := condition_of(mark))}
    conditions = {c.slug: c for c in Condition.objects.filter(slug__in=slugs)}
    keys = {mark.attributes["study"] for mark in marks if "study" in mark.attributes}
    by_pk = {pk: slug for slug, pk in ((c.slug, c.pk) for c in conditions.values())}
    links = list(StudyCondition.objects.filter(condition__in=by_pk).values_list("study__key", "condition_id"))
    is_all = ALL in slugs
    studies = _studies(None if is_all else keys | {key for key, _ in links})
    studies_of: dict[str, list[Study]] = defaultdict(list)
    for key, pk in links:
        if key in studies:
            studies_of[by_pk[pk]].append(studies[key])
    trials_of = _trials(by_pk)
    if is_all:
        studies_of[ALL] = list(studies.values())
        trials_of[ALL] = list(Trial.objects.select_related("results"))
    return FigureFacts(
        today=today,
        conditions=conditions,
        studies=studies,
        studies_of=studies_of,
        trials_of=trials_of,
        claims=_claims(mark.attributes["claim"] for mark in marks if "claim" in mark.attributes),
        answered=read_answers(conditions=conditions),
        n_claims=_count_claims() if any(mark.kind == "claims" for mark in marks) else Counter(),
        safety_facts=_safety_facts(mark.attributes["fact"] for mark in marks if "fact" in mark.attributes),
    )


def _studies(keys: Iterable[str] | None) -> dict[str, Study]:
    """The published studies of these keys; all of them for None."""
    rows = Study.objects.published().newest_first().select_related("second_reading")
    if keys is not None:
        rows = rows.filter(key__in=set(keys))
    rows = rows.with_conditions().with_arms().with_outcomes().with_side_effects()
    return {study.key: study for study in rows.prefetch_related("registry_checks")}


def _trials(conditions: dict[int, str]) -> dict[str, list[Trial]]:
    found: dict[str, list[Trial]] = defaultdict(list)
    links = TrialCondition.objects.filter(condition__in=conditions).select_related("trial__results")
    for link in links:
        found[conditions[link.condition_id]].append(link.trial)
    return found


def _claims(slugs: Iterable[str]) -> dict[str, Claim]:
    return {claim.slug: claim for claim in Claim.objects.with_conditions().filter(slug__in=set(slugs))}


def _count_claims() -> Counter[str]:
    return Counter(Claim.objects.order_by().values_list("verdict", flat=True))


def _safety_facts(slugs: Iterable[str]) -> dict[str, SafetyFact]:
    return {fact.slug: fact for fact in SafetyFact.objects.filter(slug__in=set(slugs))}


def last_answer(studies: Iterable[Study]) -> datetime | None:
    """Return when a registry last gave an answer about any of the studies; None when none ever has."""
    answers = [check.answered_at for study in studies for check in study.registry_checks.all()]
    return max((answer for answer in answers if answer is not None), default=None)
