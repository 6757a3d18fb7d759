"""What the studies add up to for one condition: counts, doses, directions and gaps.

Reads in a fixed number of queries however many studies there are; computes nothing that is not counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Count, Q

from conditions.models import Claim, Condition
from studies.domain.dosing import is_above_low_dose, spread
from studies.domain.publication_status import GONE
from studies.domain.trial_reports import group_reports, people_of
from studies.domain.vocabulary import (
    DESIGN_GROUPS,
    Design,
    DesignGroup,
    Direction,
    OutcomeDomain,
)
from studies.models import Arm, Outcome, SideEffectReport, Study, StudyCondition, Trial
from studies.services.ledger import describe_statuses, with_status_checks
from studies.services.speech import READERS

# The studies whose outcomes say anything about people with the condition.
CLINICAL = (DesignGroup.RANDOMISED, DesignGroup.OTHER_TRIAL, DesignGroup.OBSERVATIONAL)


@dataclass(frozen=True)
class MatrixEntry:
    """One outcome: its name and direction, and its place among the outcomes of the study's page."""

    name: str
    direction: str
    place: int


@dataclass(frozen=True)
class MatrixRow:
    """One study and its outcomes by domain, in the order of the head."""

    study: Study
    by_domain: dict[OutcomeDomain, list[MatrixEntry]]


@dataclass(frozen=True)
class Matrix:
    """Studies against outcome domains; a missing domain means that the record holds no such outcome."""

    domains: list[OutcomeDomain]
    rows: list[MatrixRow]


@dataclass(frozen=True)
class ConditionEvidence:
    """Everything a condition page says that comes from records.

    Lists hold every record, those of papers that were taken back among them; no number of trials, people,
    results or doses counts these.
    """

    condition: Condition
    groups: list[tuple[DesignGroup, list[Study]]]
    n_standing: int
    n_randomised_gone: int
    n_randomised_reports: int
    n_randomised: int
    n_people_randomised: int
    n_people_unknown: int
    n_above_low_dose: int
    primary_directions: list[tuple[Direction, int]]
    matrix: Matrix
    doses: list[Arm]
    dose_range_mg: tuple[Decimal, Decimal] | None
    side_effects: list[SideEffectReport]
    trials: list[tuple[Trial, bool]]
    n_checked: int
    n_retracted: int
    status_checked: str

    @property
    def studies(self) -> list[Study]:
        return [study for _, studies in self.groups for study in studies]

    @cached_property
    def claims(self) -> list[Claim]:
        """Fetched by the pages that show them."""
        return list(self.condition.claims.order_by("position"))


def evidence_for(condition: Condition, *, today: date) -> ConditionEvidence:
    """Return what the published studies say of a condition.

    Args:
        condition: the condition or topic.
        today: decides which registered trials are overdue.
    """
    studies = _studies_of(condition)
    standing = [study for study in studies if not study.is_gone]
    randomised = [study for study in standing if study.is_randomised]
    trials = people_of_each_trial(randomised)
    doses = [arm for study in studies for arm in study.arms.all() if _has_dose(arm)]
    return ConditionEvidence(
        condition=condition,
        groups=group_by_design(studies),
        n_standing=len(standing),
        n_randomised_gone=sum(study.is_randomised and study.is_gone for study in studies),
        n_randomised_reports=len(randomised),
        n_randomised=len(trials),
        n_people_randomised=sum(people or 0 for people in trials),
        n_people_unknown=trials.count(None),
        n_above_low_dose=len(people_of_each_trial(s for s in randomised if is_above_low_dose(s.arms.all()))),
        primary_directions=count_directions(randomised),
        matrix=build_matrix([study for study in studies if study.group in CLINICAL]),
        doses=doses,
        dose_range_mg=dose_range_of(studies),
        side_effects=[report for study in studies for report in study.side_effect_reports.all()],
        trials=_trials_of(condition, today),
        n_checked=sum(study.is_checked for study in studies),
        n_retracted=len(studies) - len(standing),
        status_checked=describe_statuses(studies, READERS),
    )


@dataclass(frozen=True)
class TestedAmount:
    """One daily dose, and in how many study records an arm was given it, those that were not taken back."""

    amount_mg: Decimal
    n_randomised: int
    n_other: int


def amounts_tested(evidence: ConditionEvidence) -> list[TestedAmount]:
    """Return the daily doses in mg that were given, smallest first.

    A retracted paper counts for nothing, and a protocol gave nothing.
    """
    found: dict[Decimal, dict[int, bool]] = {}
    for arm in evidence.doses:
        if arm.dose.daily_mg is not None and was_given(arm):
            found.setdefault(arm.dose.daily_mg, {})[arm.study.pk] = arm.study.is_randomised
    counts = {mg: Counter(studies.values()) for mg, studies in found.items()}
    return [TestedAmount(mg, counts[mg][True], counts[mg][False]) for mg in sorted(counts)]


def people_of_each_trial(randomised: Iterable[Study]) -> list[int | None]:
    """Return, for each trial behind the reports, how many took part; None where no report says so."""
    return [people_of(_size(report) for report in reports) for reports in group_reports(randomised)]


def dose_range_of(studies: Iterable[Study]) -> tuple[Decimal, Decimal] | None:
    """Return the smallest and largest daily dose in mg that arms of the studies that stand were given.

    None where none is stated.
    """
    arms = (arm for study in studies for arm in study.arms.all() if _has_dose(arm) and was_given(arm))
    return spread(mg for arm in arms if (mg := arm.dose.daily_mg) is not None)


def _size(study: Study) -> int | None:
    """How many took part; the number analysed where the number enrolled is not reported."""
    return study.n_enrolled if study.n_enrolled is not None else study.n_analysed


def _studies_of(condition: Condition) -> list[Study]:
    studies = Study.objects.published().for_condition(condition).newest_first()
    rows = studies.with_arms().with_side_effects().prefetch_related("outcomes")
    return list(with_status_checks(rows))


def group_by_design(studies: Iterable[Study]) -> list[tuple[DesignGroup, list[Study]]]:
    """Return the studies by group of design, strongest first; a group without any is left out."""
    found: dict[DesignGroup, list[Study]] = {group: [] for group in DESIGN_GROUPS}
    for study in studies:
        found[study.group].append(study)
    return [(group, members) for group, members in found.items() if members]


def count_directions(studies: Iterable[Study]) -> list[tuple[Direction, int]]:
    """Return how many primary outcomes point each way, in the order of the vocabulary."""
    counts = Counter(
        outcome.direction for study in studies for outcome in study.outcomes.all() if outcome.is_primary
    )
    return [(direction, counts[direction]) for direction in Direction if counts[direction]]


def build_matrix(studies: Sequence[Study]) -> Matrix:
    """Return the table of studies against outcome domains, of those that have outcomes."""
    by_study = {study.pk: list(study.outcomes.all()) for study in studies}
    present = {outcome.domain for outcomes in by_study.values() for outcome in outcomes}
    domains = [domain for domain in OutcomeDomain if domain in present]
    rows = [
        MatrixRow(study, _by_domain(by_study[study.pk], domains)) for study in studies if by_study[study.pk]
    ]
    return Matrix(domains, rows)


def _by_domain(
    outcomes: Sequence[Outcome], domains: Sequence[OutcomeDomain]
) -> dict[OutcomeDomain, list[MatrixEntry]]:
    """The outcomes of one study by domain; a domain of which it has none is left out."""
    found: dict[OutcomeDomain, list[MatrixEntry]] = {}
    for domain in domains:
        entries = [
            MatrixEntry(outcome.name, outcome.direction, place)
            for place, outcome in enumerate(outcomes)
            if outcome.domain == domain
        ]
        if entries:
            found[domain] = entries
    return found


def was_given(arm: Arm) -> bool:
    """Whether people took what the arm has: not what a protocol plans, nor what a retracted paper tells."""
    return not (arm.study.is_planned or arm.study.is_gone)


def _has_dose(arm: Arm) -> bool:
    return arm.role == "intervention" and hasattr(arm, "dose") and not arm.study.sums_up_others


def _trials_of(condition: Condition, today: date) -> list[tuple[Trial, bool]]:
    """The registered trials, each with whether its results are overdue."""
    trials = Trial.objects.for_condition(condition).select_related("results")
    return [(trial, trial.is_overdue_on(today)) for trial in trials]


def count_designs(conditions: Iterable[Condition]) -> dict[int, list[tuple[DesignGroup, int]]]:
    """Return, by primary key of the condition, how many published studies that stand each group has."""
    links = StudyCondition.objects.filter(condition__in=[condition.pk for condition in conditions])
    standing = links.filter(study__status=Study.Status.PUBLISHED).exclude(study__publication_status__in=GONE)
    rows = standing.order_by().values_list("condition", "study__design").annotate(n=Count("pk"))
    counts: dict[int, Counter[DesignGroup]] = {}
    for pk, design, n in rows:
        group = next(group for group, designs in DESIGN_GROUPS.items() if design in designs)
        counts.setdefault(pk, Counter())[group] += n
    return {
        pk: [(group, found[group]) for group in DESIGN_GROUPS if found[group]] for pk, found in counts.items()
    }


def count_corpus() -> dict[str, Any]:
    """Return the counts of the home and about pages: records, trials that stand, what nobody has checked.

    n_randomised counts records; n_randomised_trials counts a trial once, however many records report it.
    """
    published = Study.objects.published()
    is_standing_trial = Q(design__in=DESIGN_GROUPS[DesignGroup.RANDOMISED]) & ~Q(publication_status__in=GONE)
    counts = published.aggregate(
        n_studies=Count("pk"),
        n_randomised=Count("pk", filter=is_standing_trial),
        n_checked=Count("pk", filter=Q(checked_by__isnull=False)),
        n_second_readings=Count("second_reading"),
        n_reviews=Count("pk", filter=Q(design__in=[Design.META_ANALYSIS, Design.SYSTEMATIC_REVIEW])),
    )
    return {
        **counts,
        "n_randomised_trials": len(group_reports(published.filter(is_standing_trial).only("registry_ids"))),
        "n_conditions": Condition.objects.conditions_only().count(),
        "n_trials": Trial.objects.count(),
    }
