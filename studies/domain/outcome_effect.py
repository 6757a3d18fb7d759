"""From what a record holds of one outcome to an effect with its variance, or to the number that is missing.

The best that is reported is taken: the paper's own effect with its interval, then with its exact p value,
then what both arms show. Every difference of arms is intervention less comparison, on the scale as printed; a
paper's own effect has the sign that the paper gave it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from math import sqrt

from studies.domain.correlation import CORRELATION
from studies.domain.effects import (
    Counts,
    EffectSize,
    Means,
    from_interval,
    from_p,
    mean_difference,
    odds_ratio,
    paired_mean_difference,
    risk_difference,
    risk_ratio,
    sd_from_mean_interval,
    small_sample_factor,
    standardised_mean_difference,
)
from studies.domain.vocabulary import Better, Measure

# A standard error that rounding alone could make this much larger is no standard error.
ROUGHEST = 0.25
OF_COUNTS: dict[Measure, Callable[[Counts], EffectSize]] = {
    Measure.RR: risk_ratio,
    Measure.OR: odds_ratio,
    Measure.RD: risk_difference,
}


@dataclass(frozen=True)
class Side:
    """What was measured on one side, as printed; None is not reported."""

    value: Decimal | None = None
    unit: str | None = None
    sd: Decimal | None = None
    ci_low: Decimal | None = None
    ci_high: Decimal | None = None
    events: int | None = None
    n: int | None = None

    @property
    def is_percent(self) -> bool:
        return (self.unit or "").startswith("%")


@dataclass(frozen=True)
class Reported:
    """The comparison as the paper gives it. `p` is an exact value; one printed as a limit is None here.

    `better` is set where the paper's effect has another sign than intervention less comparison.
    """

    measure: Measure | None = None
    value: Decimal | None = None
    ci_low: Decimal | None = None
    ci_high: Decimal | None = None
    p: Decimal | None = None
    better: Better | None = None


@dataclass(frozen=True)
class OutcomeFacts:
    """One outcome of a study; `is_paired` where the same people had both treatments.

    `better` says which way the recorded values run: on which side of no difference people are better off.
    """

    intervention: Side
    comparator: Side
    reported: Reported
    is_paired: bool = False
    correlation: float = CORRELATION
    better: Better | None = None

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.intervention, self.comparator

    @property
    def freedom(self) -> int | None:
        """Degrees of freedom of the t test of the difference; None where a side's number is not known."""
        n_e, n_c = self.intervention.n, self.comparator.n
        if n_e is None or n_c is None:
            return None
        return min(n_e, n_c) - 1 if self.is_paired else n_e + n_c - 2


class MissingNumberError(ValueError):
    """Which number the record would have to hold; the message is a phrase for readers."""


def effect_of(facts: OutcomeFacts, measure: Measure) -> EffectSize:
    """Return the effect of an outcome in one measure.

    Raises:
        MissingNumberError: the record does not allow it; the message names the number that is missing.
    """
    reported = _from_reported(facts, measure)
    if reported is not None:
        return reported
    if measure in OF_COUNTS:
        return _from_counts(facts, measure)
    if measure == Measure.SMD:
        return _standardised(facts)
    if measure in (Measure.MD, Measure.PERCENT_CHANGE):
        return _from_values(facts, measure)
    raise MissingNumberError(f"the reported {measure.value} with its interval or p value")


def better_side(facts: OutcomeFacts, measure: Measure) -> Better | None:
    """Return on which side of no difference effect_of's result is better for people; None if not recorded."""
    taken = [measure]
    if measure == Measure.SMD and None in [_sd(side) for side in facts.sides]:
        taken.append(Measure.MD)
    if any(_from_reported(facts, each) is not None for each in taken):
        return facts.reported.better or facts.better
    return facts.better


def _from_reported(facts: OutcomeFacts, measure: Measure) -> EffectSize | None:
    """The paper's own effect in this measure, where its spread is reported."""
    reported = facts.reported
    if reported.measure != measure or reported.value is None:
        return None
    value = float(reported.value)
    try:
        if reported.ci_low is not None and reported.ci_high is not None:
            return from_interval(measure, value, float(reported.ci_low), float(reported.ci_high))
        if reported.p is not None:
            freedom = facts.freedom if measure == Measure.MD else None
            return from_p(measure, value, float(reported.p), freedom)
    except ValueError as error:
        raise MissingNumberError(f"a usable interval or p value of the reported effect ({error})") from None
    return None


def _from_counts(facts: OutcomeFacts, measure: Measure) -> EffectSize:
    if facts.is_paired:
        raise MissingNumberError("how many people had the event under both treatments (a cross-over trial)")
    assumptions: list[str] = []
    cells: list[int] = []
    for side, name in zip(facts.sides, ("intervention", "comparison"), strict=True):
        if side.n is None and side.events is None and side.is_percent:
            raise MissingNumberError(f"percentage without a denominator ({name} arm)")
        if side.n is None:
            raise MissingNumberError(f"number of people in the {name} arm")
        events = side.events
        if events is None:
            events = _events_behind(side, name)
            assumptions.append(f"{events} of {side.n} read from {side.value}%")
        cells += [events, side.n]
    try:
        effect = OF_COUNTS[measure](Counts(*cells))
    except ValueError as error:
        raise MissingNumberError(str(error)) from None
    if effect.variance <= 0:
        raise MissingNumberError("a person with, or without, the event: the counts show no spread")
    return replace(effect, assumptions=tuple(assumptions))


def _events_behind(side: Side, name: str) -> int:
    """The one count that rounds to the printed percentage; several, or none, are no count."""
    if side.value is None or side.n is None or not side.is_percent:
        raise MissingNumberError(f"number of people with the event in the {name} arm")
    step = Decimal(1).scaleb(min(0, int(side.value.as_tuple().exponent)))
    fitting = [
        events for events in range(side.n + 1) if abs(Decimal(100 * events) / side.n - side.value) <= step / 2
    ]
    if len(fitting) != 1:
        raise MissingNumberError(
            f"number of people with the event in the {name} arm ({side.value}% of {side.n} fits "
            f"{len(fitting) or 'no'} counts)"
        )
    return fitting[0]


def _from_values(facts: OutcomeFacts, measure: Measure) -> EffectSize:
    """The difference of both sides' values, with the spread that SDs, their intervals or a p value show."""
    low, high = facts.sides
    difference = _difference(facts, measure)
    if facts.reported.p is not None and facts.reported.value is None:
        return _with_p(facts, measure, difference)
    sds = [_sd(side) for side in facts.sides]
    if None in sds:
        side = ("intervention", "comparison")[sds.index(None)]
        raise MissingNumberError(
            f"standard deviation of the {side} arm, or the difference's interval or exact p"
        )
    if low.n is None or high.n is None:
        raise MissingNumberError("number of people in both arms")
    means = _means(facts, sds)
    if facts.is_paired:
        n = min(means.n_e, means.n_c)
        effect = paired_mean_difference(
            means.mean_e, means.sd_e, means.mean_c, means.sd_c, n, correlation=facts.correlation
        )
    else:
        effect = mean_difference(means)
    return replace(effect, measure=measure, value=difference)


def _with_p(facts: OutcomeFacts, measure: Measure, difference: float) -> EffectSize:
    p = facts.reported.p
    assert p is not None  # noqa: S101 - the caller has just looked
    try:
        effect = from_p(measure, difference, float(p), facts.freedom)
        _refuse_rough(facts, p, effect)
    except ValueError as error:
        raise MissingNumberError(
            f"a standard deviation, or an interval of the difference ({error})"
        ) from None
    return replace(effect, how=effect.how.replace("reported effect", "difference of the arms' values"))


def _refuse_rough(facts: OutcomeFacts, p: Decimal, effect: EffectSize) -> None:
    """Raise ValueError where the digits of p and of both values leave the standard error open.

    The difference and its p share it out: what rounding may do to either, it does to the spread as well.
    """
    values = [side.value for side in facts.sides if side.value is not None]
    of_values = float(sum(_half_digit(value) for value in values)) / abs(effect.value)
    nearer_one = min(float(p + _half_digit(p)), 1 - 1e-9)
    of_p = from_p(effect.measure, effect.value, nearer_one, facts.freedom).se / effect.se - 1
    if of_values + of_p > ROUGHEST:
        raise ValueError("the values and p are printed with too few digits to tell the spread from them")


def _half_digit(number: Decimal) -> Decimal:
    """How far off a printed number may be: half a unit of its last digit."""
    return Decimal(1).scaleb(int(number.as_tuple().exponent)) / 2


def _difference(facts: OutcomeFacts, measure: Measure) -> float:
    values = [side.value for side in facts.sides]
    for value, name in zip(values, ("intervention", "comparison"), strict=True):
        if value is None:
            raise MissingNumberError(f"value of the {name} arm")
    units = {side.unit for side in facts.sides}
    if len(units) > 1:
        raise MissingNumberError("values of both arms in one unit")
    is_percent = facts.intervention.is_percent
    if is_percent != (measure == Measure.PERCENT_CHANGE):
        raise MissingNumberError("a percentage change" if not is_percent else "values on the scale itself")
    if is_percent and "patient" in (facts.intervention.unit or ""):
        raise MissingNumberError("a percentage change: these are percentages of people")
    return float(values[0] or 0) - float(values[1] or 0)


def _sd(side: Side) -> float | None:
    """The standard deviation, from the interval of the mean where it is not printed."""
    if side.sd is not None:
        return float(side.sd)
    if side.ci_low is None or side.ci_high is None or side.n is None or side.n < 2:
        return None
    return sd_from_mean_interval(float(side.ci_low), float(side.ci_high), side.n)


def _means(facts: OutcomeFacts, sds: list[float | None]) -> Means:
    given, compared = facts.sides
    return Means(
        float(given.value or 0),
        sds[0] or 0.0,
        given.n or 0,
        float(compared.value or 0),
        sds[1] or 0.0,
        compared.n or 0,
    )


def _standardised(facts: OutcomeFacts) -> EffectSize:
    """Hedges' g from means and SDs, else from the difference and its standard error (Handbook 6.5.2.3)."""
    n_e, n_c = facts.intervention.n, facts.comparator.n
    if facts.is_paired:
        raise MissingNumberError("standard deviation of the difference within people (a cross-over trial)")
    if n_e is None or n_c is None:
        raise MissingNumberError("number of people in both arms")
    sds = [_sd(side) for side in facts.sides]
    if None not in sds and None not in [side.value for side in facts.sides]:
        _difference(facts, Measure.MD)
        return standardised_mean_difference(_means(facts, sds))
    difference = effect_of(facts, Measure.MD)
    sd = difference.se / sqrt(1 / n_e + 1 / n_c)
    g = difference.value / sd * small_sample_factor(n_e + n_c - 2)
    variance = 1 / n_e + 1 / n_c + g**2 / (2 * (n_e + n_c))
    return EffectSize(
        Measure.SMD, g, variance, f"{difference.how}, in standard deviations; Hedges' g (exact)"
    )
