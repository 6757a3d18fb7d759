"""The body of evidence on one question: what certainty is judged from, as plain values."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

from studies.domain.vocabulary import Measure, OutcomeDomain

RATIOS = frozenset({Measure.RR, Measure.OR, Measure.HR})
# Laboratory markers stand in for what people feel or suffer; other domains are what people feel.
SURROGATE_DOMAINS = frozenset({OutcomeDomain.INFLAMMATION})


@dataclass(frozen=True)
class BodyStudy:
    """One study: its weight in the pool, its people, its overall risk of bias in its tool's word."""

    key: str
    is_randomised: bool
    risk_of_bias: str | None = None
    weight_percent: float | None = None
    n: int | None = None


@dataclass(frozen=True)
class Pooled:
    """The pooled effect on the scale it is read on (a ratio as a ratio); of one study, its own result."""

    estimate: float
    ci_low: float
    ci_high: float
    prediction_low: float | None = None
    prediction_high: float | None = None
    i2: float | None = None


@dataclass(frozen=True)
class MinimalDifference:
    """The smallest difference that matters to people, on the effect's scale, and where that was read."""

    value: float
    source: str


@dataclass(frozen=True)
class Body:
    """Everything that a certainty is judged from.

    Args:
        outcome: the outcome's domain, such as pain.
        studies: those counted; a retracted study, or a second report of a trial, is not among them.
        measure: MD, SMD, RR, ...; None where nothing was pooled.
        pooled: None where no effect could be computed.
        better: "lower" or "higher": on which side of no difference people are better off.
        minimal_difference: None where the corpus records none.
        optimal_information_size: people needed (see information_size); None where it cannot be computed.
        doses_outside: keys of studies whose dose is not the low dose that is asked about.
        population_note: why those studied are not those asked about; None where they are.
        unreported_trials: registered trials whose results are overdue or never came.
        unpooled: studies that answer the question, but in no number that could be pooled with the others.
        asymmetry_p: p of a test for small-study effects, where there were ten studies or more.
    """

    outcome: str
    studies: tuple[BodyStudy, ...]
    measure: str | None = None
    pooled: Pooled | None = None
    better: str | None = None
    minimal_difference: MinimalDifference | None = None
    optimal_information_size: int | None = None
    doses_outside: tuple[str, ...] = ()
    population_note: str | None = None
    unreported_trials: tuple[str, ...] = ()
    unpooled: tuple[BodyStudy, ...] = ()
    asymmetry_p: float | None = None

    def __post_init__(self) -> None:
        if self.pooled is None:
            return
        if self.measure is None:
            raise ValueError("measure: a pooled effect needs its measure, such as MD or RR")
        if self.better not in ("lower", "higher"):
            raise ValueError("better: say which side is better for people, 'lower' or 'higher'")
        known = (self.pooled.ci_low, self.pooled.estimate, self.pooled.ci_high)
        if not all(map(math.isfinite, known)) or list(known) != sorted(known):
            raise ValueError(f"pooled: the interval and estimate {known} are not in order")

    @property
    def k(self) -> int:
        return len(self.studies)

    @property
    def people(self) -> int:
        """The people of those studies that say how many they were."""
        return sum(study.n or 0 for study in self.studies)

    @property
    def people_unpooled(self) -> int:
        """The people of the studies that could not be pooled, as far as they say how many they were."""
        return sum(study.n or 0 for study in self.unpooled)

    @property
    def null_value(self) -> float:
        """The effect that means no difference: 1 for a ratio, else 0."""
        return 1.0 if self.measure in RATIOS else 0.0

    @property
    def is_surrogate(self) -> bool:
        return self.outcome in SURROGATE_DOMAINS

    @property
    def thresholds(self) -> tuple[float, float] | None:
        """Where an effect starts to matter, below and above no difference; None if not recorded."""
        if self.minimal_difference is None:
            return None
        value = abs(self.minimal_difference.value)
        if self.measure in RATIOS:
            return min(value, 1 / value), max(value, 1 / value)
        return -value, value

    def share(self, is_counted: Callable[[BodyStudy], bool]) -> float:
        """The share (0 to 1) of some studies: of the weight, else of the people, else of their number."""
        sizes = self._sizes()
        counted = sum(size for study, size in zip(self.studies, sizes, strict=True) if is_counted(study))
        return counted / sum(sizes)

    def _sizes(self) -> list[float]:
        for name in ("weight_percent", "n"):
            found = [getattr(study, name) for study in self.studies]
            if all(found):
                return [float(size) for size in found]
        return [1.0] * self.k


def holds(low: float | None, value: float, high: float | None) -> bool:
    """True when the value lies inside the interval; an interval that is not known holds nothing.

    >>> holds(-1, 0, 1), holds(None, 0, None)
    (True, False)
    """
    return low is not None and high is not None and low < value < high


def size_for_means(difference: float, sd: float, alpha: float = 0.05, power: float = 0.8) -> int:
    """Return the people (both arms together) of one trial that could show a difference of means.

    The conventional 4 (z_alpha/2 + z_power)^2 (sd / difference)^2, which GRADE takes as the optimal
    information size (Guyatt et al., J Clin Epidemiol 2011;64:1283-1293).

    >>> size_for_means(difference=0.5, sd=1)
    126
    """
    z = _z(alpha, power)
    return math.ceil(4 * (z * sd / difference) ** 2)


def size_for_proportions(control: float, intervention: float, alpha: float = 0.05, power: float = 0.8) -> int:
    """Return the people (both arms together) of one trial that could show a difference of two proportions.

    2 (z_alpha/2 + z_power)^2 (p1 q1 + p2 q2) / (p1 - p2)^2; Guyatt 2011 reads "approximately 2,000" off a
    chart for a control rate of 0.2 and a relative reduction of a quarter.

    >>> size_for_proportions(control=0.2, intervention=0.15)
    1806
    """
    spread = control * (1 - control) + intervention * (1 - intervention)
    return math.ceil(2 * _z(alpha, power) ** 2 * spread / (control - intervention) ** 2)


def _z(alpha: float, power: float) -> float:
    return NormalDist().inv_cdf(1 - alpha / 2) + NormalDist().inv_cdf(power)
