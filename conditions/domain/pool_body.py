"""From a pool to the body of evidence on which certainty is judged, and to the way the pool points."""

from __future__ import annotations

from collections.abc import Sequence

from conditions.domain.body import Body, BodyStudy, MinimalDifference, Pooled, holds, size_for_proportions
from conditions.domain.eligibility import Candidate, Placed, eligible_without_effect
from conditions.domain.pool_numbers import Numbers, Summary
from conditions.domain.pool_question import PoolQuestion
from studies.domain.vocabulary import Better, Direction, Measure

# GRADE's example for a count: a relative change of a quarter (Guyatt 2011, imprecision).
RELATIVE_CHANGE = 0.25


def body_of(
    question: PoolQuestion,
    placed: Sequence[Placed],
    summary: Summary,
    *,
    minimal_difference: MinimalDifference | None = None,
    unreported_trials: Sequence[str] = (),
) -> Body:
    """Return the body of evidence behind a pool.

    Where nothing could be pooled, it is the trials that answer the question without a usable number.

    Args:
        question: what is asked.
        placed: candidates with their places, by the site's default.
        summary: what those that are in add up to.
        minimal_difference: on the scale of a mean difference, where one is on record.
        unreported_trials: registered trials of the condition whose results are overdue.
    """
    weights = {row.key: row.weight_percent for row in summary.rows}
    members = [entry.candidate for entry in placed if entry.is_in]
    unpooled = eligible_without_effect(placed)
    return Body(
        outcome=question.domain,
        studies=tuple(_study(c, weights.get(c.key)) for c in members or unpooled),
        measure=question.measure if members else None,
        pooled=_pooled(summary.pooled),
        better=summary.better,
        minimal_difference=minimal_difference if members else None,
        optimal_information_size=_size(summary),
        unreported_trials=tuple(unreported_trials),
        unpooled=tuple(_study(c, None) for c in unpooled) if members else (),
        asymmetry_p=summary.asymmetry_p,
    )


def direction_of(numbers: Numbers, better: Better | None, measure: Measure) -> Direction | None:
    """Return which way a pooled interval points; None where there is none."""
    if numbers.estimate is None or better is None:
        return None
    null = 1.0 if measure in (Measure.RR, Measure.OR, Measure.HR) else 0.0
    if holds(numbers.ci_low, null, numbers.ci_high):
        return Direction.NO_DIFFERENCE
    is_better = (numbers.estimate < null) == (better is Better.LOWER)
    return Direction.FAVOURS_LDN if is_better else Direction.FAVOURS_COMPARATOR


def _study(candidate: Candidate, weight_percent: float | None) -> BodyStudy:
    return BodyStudy(
        key=candidate.key,
        is_randomised=candidate.is_randomised,
        risk_of_bias=candidate.risk_of_bias,
        weight_percent=weight_percent,
        n=candidate.n or candidate.n_people,
    )


def _pooled(numbers: Numbers) -> Pooled | None:
    if numbers.estimate is None or numbers.ci_low is None or numbers.ci_high is None:
        return None
    return Pooled(
        numbers.estimate,
        numbers.ci_low,
        numbers.ci_high,
        numbers.prediction_low,
        numbers.prediction_high,
        numbers.i2,
    )


def _size(summary: Summary) -> int | None:
    """The optimal information size of a count, at the risk of the comparison arms."""
    if summary.absolute is None:
        return None
    risk = summary.absolute.comparator / 100
    return size_for_proportions(control=risk, intervention=risk * (1 - RELATIVE_CHANGE))
