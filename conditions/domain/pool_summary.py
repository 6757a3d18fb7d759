"""A pool as it is stored and shown: the result of the chosen model, and what it hangs on.

Everything that a reader meets is on the scale on which it is read: a ratio as a ratio, not its logarithm.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, isfinite, sqrt

from conditions.domain.body import RATIOS
from conditions.domain.eligibility import Candidate, Placed
from conditions.domain.pool_numbers import Absolute, Numbers, Row, Summary
from conditions.domain.pool_question import Choice, PoolQuestion
from conditions.domain.pooling import Interval, PoolResult, Weighed, pool_effects, quantile
from conditions.domain.sensitivity import ENOUGH_FOR_A_FUNNEL, accumulate, find_asymmetry, leave_one_out
from studies.domain.vocabulary import Better, Measure

# With so few studies tau2 is hardly known: the fixed-effect result is shown beside (docs/methods.md).
FEW = range(2, 5)


def summarise(question: PoolQuestion, placed: Sequence[Placed], choice: Choice | None = None) -> Summary:
    """Return what the studies that are in add up to.

    Args:
        question: what is asked; its measure says on which scale effects are put together.
        placed: candidates with their places, as place_candidates gives them.
        choice: the model; None is REML with the guarded Hartung-Knapp interval.
    """
    chosen = choice or Choice()
    members = [entry.candidate for entry in placed if entry.is_in]
    better = _common_side(members)
    effects, variances = _aligned(members, better)
    result = _pool(effects, variances, chosen)
    keys = [member.key for member in members]
    pooled = _numbers(result, question.measure)
    asymmetry = find_asymmetry(effects, variances)
    return Summary(
        better=better,
        pooled=pooled,
        rows=tuple(
            _row(m, w, question.measure, better) for m, w in zip(members, result.per_study, strict=True)
        ),
        fixed=_fixed(effects, variances, question.measure, chosen),
        without_concern=_without_concern(members, question.measure, better, chosen),
        without_each=_without_each(keys, effects, variances, question.measure, chosen),
        over_time=_over_time(members, effects, variances, question.measure, chosen),
        asymmetry_p=asymmetry.p if asymmetry else None,
        absolute=_absolute(members, pooled, question.measure),
        n_people=sum(member.n or member.n_people or 0 for member in members),
        notes=tuple(_notes(members)),
    )


def read_on_scale(value: float | None, measure: Measure | str) -> float | None:
    """Return a value of the pooling scale as it is read: a ratio is taken from its logarithm.

    >>> read_on_scale(0.0, "RR"), read_on_scale(-0.5, "MD")
    (1.0, -0.5)
    """
    if value is None or not isfinite(value):
        return None
    return exp(value) if measure in RATIOS else value


def _common_side(members: Sequence[Candidate]) -> Better | None:
    """The side on which most of them are better; where they are even, the lower."""
    if not members:
        return None
    lower = sum(member.better is Better.LOWER for member in members)
    return Better.LOWER if 2 * lower >= len(members) else Better.HIGHER


def _aligned(members: Sequence[Candidate], better: Better | None) -> tuple[list[float], list[float]]:
    """Effects that all run the same way, and their variances."""
    effects = [(member.effect or 0.0) * (1 if member.better is better else -1) for member in members]
    return effects, [member.variance or 0.0 for member in members]


def _pool(effects: Sequence[float], variances: Sequence[float], choice: Choice) -> PoolResult:
    if choice.model == "fixed":
        return pool_effects(effects, variances, method="IV", ci="normal")
    ci: Interval = "hartung_knapp_guarded" if choice.has_hartung_knapp else "normal"
    return pool_effects(effects, variances, method="REML", ci=ci)


def _numbers(result: PoolResult, measure: Measure) -> Numbers:
    tau2_low, tau2_high = result.tau2_ci or (None, None)
    return Numbers(
        k=result.k,
        estimate=read_on_scale(result.estimate, measure),
        ci_low=read_on_scale(result.ci_low, measure),
        ci_high=read_on_scale(result.ci_high, measure),
        p=result.p,
        tau2=result.tau2,
        tau2_low=tau2_low,
        tau2_high=tau2_high,
        i2=result.i2,
        h2=result.h2,
        q=result.q,
        q_p=result.q_p,
        prediction_low=read_on_scale(result.prediction_low, measure),
        prediction_high=read_on_scale(result.prediction_high, measure),
    )


def show_beside(candidate: Candidate, measure: Measure, better: Better | None) -> Row | None:
    """Return the effect of a study that is not in the pool, run the same way; None where it has none."""
    if candidate.effect is None or candidate.variance is None:
        return None
    is_turned = None not in (better, candidate.better) and candidate.better is not better
    effect = -candidate.effect if is_turned else candidate.effect
    return _make_row(candidate.key, effect, candidate.variance, None, measure, is_turned)


def _row(member: Candidate, weighed: Weighed, measure: Measure, better: Better | None) -> Row:
    is_turned = member.better is not better
    return _make_row(member.key, weighed.effect, weighed.variance, weighed.weight_percent, measure, is_turned)


def _make_row(
    key: str, effect: float, variance: float, weight: float | None, measure: Measure, is_turned: bool
) -> Row:
    reach = quantile(0.95, None) * sqrt(variance)
    ends = [read_on_scale(effect + shift, measure) for shift in (0.0, -reach, reach)]
    estimate, low, high = (end if end is not None else 0.0 for end in ends)
    return Row(key, estimate, low, high, weight, is_turned)


def _fixed(
    effects: Sequence[float], variances: Sequence[float], measure: Measure, choice: Choice
) -> Numbers | None:
    if len(effects) not in FEW or choice.model == "fixed":
        return None
    return _numbers(pool_effects(effects, variances, method="IV", ci="normal"), measure)


def _without_concern(
    members: Sequence[Candidate], measure: Measure, better: Better | None, choice: Choice
) -> Numbers | None:
    """The pool without the studies under an expression of concern, where there are any."""
    kept = [member for member in members if not member.has_concern]
    if len(kept) == len(members):
        return None
    return _numbers(_pool(*_aligned(kept, better), choice), measure)


def _without_each(
    keys: Sequence[str],
    effects: Sequence[float],
    variances: Sequence[float],
    measure: Measure,
    choice: Choice,
) -> tuple[tuple[str, Numbers], ...]:
    if len(keys) < 2:
        return ()
    results = leave_one_out(effects, variances, lambda e, v: _pool(e, v, choice))
    return tuple((key, _numbers(result, measure)) for key, result in zip(keys, results, strict=True))


def _over_time(
    members: Sequence[Candidate],
    effects: Sequence[float],
    variances: Sequence[float],
    measure: Measure,
    choice: Choice,
) -> tuple[tuple[str, Numbers], ...]:
    """The pool as it stood after each study; nothing where a year is not known."""
    years = [member.year for member in members if member.year is not None]
    if len(members) < 2 or len(years) < len(members):
        return ()
    steps = accumulate(effects, variances, years, lambda e, v: _pool(e, v, choice))
    return tuple((members[place].key, _numbers(result, measure)) for place, result in steps)


def _absolute(members: Sequence[Candidate], pooled: Numbers, measure: Measure) -> Absolute | None:
    """What a ratio means for 100 people at the risk that the comparison arms had (Handbook 15.4.4)."""
    tables = [member.events for member in members if member.events]
    if measure not in (Measure.RR, Measure.OR) or not tables or len(tables) < len(members):
        return None
    risk = sum(table[2] for table in tables) / sum(table[3] for table in tables)
    ends = (pooled.estimate, pooled.ci_low, pooled.ci_high)
    if not 0 < risk < 1 or None in ends:
        return None
    given, low, high = (_risk_with(risk, end or 0.0, measure) for end in ends)
    return Absolute(100 * risk, given, low, high)


def _risk_with(risk: float, ratio: float, measure: Measure) -> float:
    """How many of 100 have the event at a ratio to the risk of the comparison."""
    if measure is Measure.RR:
        return min(100.0, 100 * risk * ratio)
    odds = risk / (1 - risk) * ratio
    return 100 * odds / (1 + odds)


def _notes(members: Sequence[Candidate]) -> list[str]:
    if not members:
        return ["No study: there is nothing to pool."]
    if len(members) == 1:
        return ["One study: its own result, nothing pooled."]
    if len(members) < ENOUGH_FOR_A_FUNNEL:
        return ["Too few studies to tell whether small ones are missing (fewer than ten)."]
    return []
