"""Studies read as candidates for pools, each with the rows that its numbers came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from conditions.domain.eligibility import Candidate
from conditions.domain.pool_question import PoolQuestion, measures_for
from conditions.domain.question import Comparator
from conditions.models import Condition
from conditions.services.findings import arm_of, comparator_of
from studies.domain.correlation import CORRELATIONS
from studies.domain.dosing import refuse_dose
from studies.domain.outcome_effect import (
    MissingNumberError,
    OutcomeFacts,
    Reported,
    Side,
    better_side,
    effect_of,
)
from studies.domain.vocabulary import (
    ArmRole,
    Better,
    Design,
    DesignGroup,
    Measure,
    OutcomeDomain,
    PublicationStatus,
)
from studies.models import Arm, ArmResult, Instrument, Outcome, Study

HEALTHY = "healthy-volunteers"
# Designs whose comparisons are looked at; reviews and case reports have none of their own.
COMPARING = (DesignGroup.RANDOMISED, DesignGroup.OTHER_TRIAL, DesignGroup.OBSERVATIONAL)


@dataclass(frozen=True)
class Scale:
    """An instrument by the name that a record gives it."""

    name: str
    slug: str
    minimal_difference: float | None
    source: str | None


@dataclass(frozen=True)
class ReadCandidate:
    """A candidate, and where its outcome is on record."""

    candidate: Candidate
    study: Study
    outcome: Outcome | None = None
    arm: Arm | None = None

    @property
    def anchor(self) -> str:
        """Its place on the study's page."""
        return "" if self.candidate.outcome is None else f"outcome-{self.candidate.outcome}"


@dataclass(frozen=True)
class ReadOutcome:
    """One outcome of one study, read once for all measures."""

    index: int
    outcome: Outcome
    arm: Arm | None
    comparator: str | None
    facts: OutcomeFacts


class ReadStudy:
    """A study with its outcomes read as facts."""

    def __init__(self, study: Study) -> None:
        self.study = study

    @cached_property
    def outcomes(self) -> list[ReadOutcome]:
        """The outcomes, in the record's order."""
        return [_read_outcome(self.study, i, outcome) for i, outcome in enumerate(self.study.outcomes.all())]

    def subjects(self) -> set[tuple[OutcomeDomain, Comparator]]:
        """What its outcomes could answer: domain and comparator, where it compares at all.

        "Other" holds outcomes of every kind: to put them together would answer no question.
        """
        if self.study.group not in COMPARING:
            return set()
        return {
            (OutcomeDomain(read.outcome.domain), Comparator(read.comparator))
            for read in self.outcomes
            if read.comparator in list(Comparator) and read.outcome.domain != OutcomeDomain.OTHER
        }


def read_scales() -> dict[str, Scale]:
    """Return the instruments by each name under which records give them, in one query."""
    return {
        name: Scale(
            row.name,
            row.slug,
            float(row.minimal_difference) if row.minimal_difference is not None else None,
            row.minimal_difference_source,
        )
        for row in Instrument.objects.all()
        for name in row.reported_as
    }


def find_questions(condition: Condition, studies: Iterable[ReadStudy]) -> list[PoolQuestion]:
    """Return the questions that the published studies of a condition raise, preferred measures first."""
    subjects = {
        subject
        for read in studies
        if read.study.status == Study.Status.PUBLISHED
        for subject in read.subjects()
    }
    return [
        PoolQuestion(condition.slug, domain, comparator, measure)
        for domain, comparator in sorted(subjects)
        for measure in measures_for(domain)
    ]


def read_candidates(
    question: PoolQuestion, studies: Iterable[ReadStudy], scales: dict[str, Scale]
) -> list[ReadCandidate]:
    """Return one candidate for each study of the question's condition."""
    return [_read_candidate(question, read, scales) for read in studies]


def _read_candidate(question: PoolQuestion, read: ReadStudy, scales: dict[str, Scale]) -> ReadCandidate:
    study = read.study
    base = Candidate(
        key=study.key,
        group=study.group,
        registry_ids=tuple(study.registry_ids),
        year=study.year,
        is_published=study.status == Study.Status.PUBLISHED,
        is_gone=study.is_gone,
        has_concern=study.publication_status == PublicationStatus.CONCERN,
        has_other_people=HEALTHY in {condition.slug for condition in study.conditions.all()},
        n_people=study.n_enrolled if study.n_enrolled is not None else study.n_analysed,
        risk_of_bias=study.overall_risk_of_bias,
    )
    answers = [_answer(base, each, question, scales) for each in _in_domain(read, question)]
    if not answers:
        return ReadCandidate(base, study)
    return _choose(answers, question, study)


def _in_domain(read: ReadStudy, question: PoolQuestion) -> Iterator[ReadOutcome]:
    return (each for each in read.outcomes if each.outcome.domain == question.domain)


def _choose(
    answers: list[tuple[Candidate, ReadOutcome]], question: PoolQuestion, study: Study
) -> ReadCandidate:
    """The main outcome speaks for a study, where its record names one; else the first with an effect."""
    compared = [pair for pair in answers if pair[0].comparator == question.comparator] or answers
    main = [pair for pair in compared if pair[0].is_primary]
    candidate, read = min(main or compared, key=lambda pair: (not pair[0].has_effect, pair[0].outcome))
    return ReadCandidate(candidate, study, read.outcome, read.arm)


def _answer(
    base: Candidate, read: ReadOutcome, question: PoolQuestion, scales: dict[str, Scale]
) -> tuple[Candidate, ReadOutcome]:
    scale = scales.get(read.outcome.instrument or "")
    values: dict[str, Any] = {
        **vars(base),
        "outcome": read.index,
        "outcome_name": read.outcome.name,
        "is_primary": read.outcome.is_primary,
        "comparator": read.comparator,
        "dose_note": _dose_note(read.outcome.study, read.arm),
        "scale": scale.slug if scale else None,
        "n": _people_in(read.facts) or read.outcome.study.n_analysed,
        "events": _events(read.facts),
        **_effect(read.facts, question.measure),
    }
    return Candidate(**values), read


def _effect(facts: OutcomeFacts, measure: Measure) -> dict[str, object]:
    try:
        effect = effect_of(facts, measure)
    except MissingNumberError as error:
        return {"missing": str(error)}
    return {
        "effect": effect.value,
        "variance": effect.variance,
        "better": better_side(facts, measure),
        "how": effect.how,
        "assumptions": effect.assumptions,
        "by_correlation": _by_correlation(facts, measure),
    }


def _by_correlation(facts: OutcomeFacts, measure: Measure) -> tuple[tuple[float, float], ...]:
    """The variance under each correlation that may be assumed; nothing where it makes no difference."""
    if not facts.is_paired:
        return ()
    found = tuple((at, effect_of(replace(facts, correlation=at), measure).variance) for at in CORRELATIONS)
    return found if len({variance for _, variance in found}) > 1 else ()


def _read_outcome(study: Study, index: int, outcome: Outcome) -> ReadOutcome:
    sides = {result.side: result for result in outcome.results.all()}
    given, compared = sides.get("intervention"), sides.get("comparator")
    facts = OutcomeFacts(
        _side(given),
        _side(compared),
        _reported(outcome),
        is_paired=study.design == Design.RCT_CROSSOVER,
        better=Better(outcome.better) if outcome.better else None,
    )
    return ReadOutcome(index, outcome, arm_of(study, given), comparator_of(study, compared), facts)


def _side(result: ArmResult | None) -> Side:
    if result is None:
        return Side()
    return Side(result.value, result.unit, result.sd, result.ci_low, result.ci_high, result.events, result.n)


def _reported(outcome: Outcome) -> Reported:
    effect = getattr(outcome, "effect", None)
    if effect is None:
        return Reported()
    return Reported(
        Measure(effect.measure) if effect.measure else None,
        effect.value,
        effect.ci_low,
        effect.ci_high,
        effect.p_value if effect.p_relation == "=" else None,
        Better(effect.better) if effect.better else None,
    )


def _dose_note(study: Study, arm: Arm | None) -> str | None:
    """Why the dose is not low; where a result names none of several arms, only if that holds of each."""
    given = [each for each in study.arms.all() if each.role == ArmRole.INTERVENTION]
    notes = [_refusal(each) for each in ([arm] if arm else given)]
    return notes[0] if notes and all(notes) else None


def _refusal(arm: Arm) -> str | None:
    if not hasattr(arm, "dose"):
        return None
    dose = arm.dose
    is_per_kg = dose.amount_mg is None and (dose.mg_per_kg is not None or bool(dose.mg_per_kg_text))
    return refuse_dose(dose.amount_mg, is_per_kg=is_per_kg)


def _people_in(facts: OutcomeFacts) -> int | None:
    """The people whose results these are, as far as the sides say: of a cross-over trial each once."""
    known = [side.n for side in facts.sides if side.n is not None]
    if facts.is_paired:
        return max(known, default=None)
    return sum(known) if len(known) == 2 else None


def _events(facts: OutcomeFacts) -> tuple[int, int, int, int] | None:
    cells = [number for side in facts.sides for number in (side.events, side.n)]
    if facts.is_paired or None in cells:
        return None
    return tuple(cells)  # type: ignore[return-value]
