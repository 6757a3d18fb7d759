"""From what arms show, or a paper reports, to an effect with its variance.

Ratios are on the log scale. "e" is the experimental side, "c" the comparison; every difference is e less c.
Formulas: Cochrane Handbook for Systematic Reviews of Interventions, version 6, chapters 6 and 23;
Viechtbauer W, J Stat Softw 2010;36(3):1-48.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, isfinite, lgamma, log, sqrt
from typing import Literal

from studies.domain.correlation import describe_correlation
from studies.domain.vocabulary import Measure

RATIOS = frozenset({Measure.RR, Measure.OR, Measure.HR})
FROM_MEANS = "means, SDs and numbers of both arms"
FROM_COUNTS = "events and numbers of both arms"

SmdForm = Literal["exact", "revman"]


@dataclass(frozen=True)
class EffectSize:
    """An effect and its variance on the scale on which it is combined: the log scale for ratios.

    `how` says from which numbers it was made; `assumptions` says what nobody reported.
    """

    measure: Measure
    value: float
    variance: float
    how: str
    assumptions: tuple[str, ...] = ()

    @property
    def se(self) -> float:
        """The standard error."""
        return sqrt(self.variance)


@dataclass(frozen=True)
class Means:
    """Mean, standard deviation and number of people of both sides."""

    mean_e: float
    sd_e: float
    n_e: int
    mean_c: float
    sd_c: float
    n_c: int


@dataclass(frozen=True)
class Counts:
    """People with the event, of all people, on both sides."""

    events_e: int
    n_e: int
    events_c: int
    n_c: int

    @property
    def cells(self) -> tuple[float, float, float, float]:
        """With and without the event, e before c."""
        return (
            float(self.events_e),
            float(self.n_e - self.events_e),
            float(self.events_c),
            float(self.n_c - self.events_c),
        )


def pooled_sd(means: Means) -> float:
    """Return the standard deviation common to both sides (Handbook 6.5.1.2)."""
    freedom = means.n_e + means.n_c - 2
    squares = (means.n_e - 1) * means.sd_e**2 + (means.n_c - 1) * means.sd_c**2
    return sqrt(squares / freedom)


def mean_difference(means: Means, *, equal_variances: bool = False) -> EffectSize:
    """Return the difference of two means, in the unit of the scale.

    Args:
        equal_variances: whether both sides share one standard deviation; otherwise each keeps its own.
    Raises:
        ValueError: a side has nobody, or no spread is known.

    Normand SL, Stat Med 1999;18:321-359, table VIII (first trial: -20, variance 40.5863):

    >>> effect = mean_difference(Means(55, 47, 155, 75, 64, 156), equal_variances=True)
    >>> round(effect.value, 4), round(effect.variance, 4)
    (-20, 40.5863)
    """
    _check_means(means)
    if equal_variances:
        variance = pooled_sd(means) ** 2 * (1 / means.n_e + 1 / means.n_c)
    else:
        variance = means.sd_e**2 / means.n_e + means.sd_c**2 / means.n_c
    return EffectSize(Measure.MD, means.mean_e - means.mean_c, variance, FROM_MEANS)


def standardised_mean_difference(means: Means, *, form: SmdForm = "exact") -> EffectSize:
    """Return Hedges' g: the difference of means in standard deviations, corrected for small samples.

    Args:
        form: "exact" is the gamma correction with the large-sample variance (Hedges 1981); "revman" is
            1 - 3/(4N - 9) with RevMan's variance.

    Normand 1999, first trial (-0.3552, variance 0.0131):

    >>> effect = standardised_mean_difference(Means(55, 47, 155, 75, 64, 156))
    >>> round(effect.value, 4), round(effect.variance, 4)
    (-0.3552, 0.0131)
    """
    _check_means(means)
    people = means.n_e + means.n_c
    sd = pooled_sd(means)
    if sd == 0:
        raise ValueError("both standard deviations are 0")
    d = (means.mean_e - means.mean_c) / sd
    if form == "revman":
        g = d * (1 - 3 / (4 * people - 9))
        variance = people / (means.n_e * means.n_c) + g**2 / (2 * (people - 3.94))
    else:
        g = d * small_sample_factor(people - 2)
        variance = 1 / means.n_e + 1 / means.n_c + g**2 / (2 * people)
    return EffectSize(Measure.SMD, g, variance, f"{FROM_MEANS}; Hedges' g ({form})")


def small_sample_factor(freedom: int) -> float:
    """Return Hedges' exact correction J for that many degrees of freedom (J Educ Stat 1981;6:107-128).

    >>> round(small_sample_factor(10), 4)
    0.9227
    """
    if freedom < 2:
        raise ValueError("needs at least four people")
    return exp(lgamma(freedom / 2) - 0.5 * log(freedom / 2) - lgamma((freedom - 1) / 2))


def risk_ratio(counts: Counts, *, add: float | None = None) -> EffectSize:
    """Return the log risk ratio; 0.5 is added to all four cells when one of them is 0.

    Args:
        add: what to add instead, to every cell.
    Colditz GA et al., JAMA 1994;271:698-702 (Aronson: -0.8893, variance 0.3256):

    >>> effect = risk_ratio(Counts(4, 123, 11, 139))
    >>> round(effect.value, 4), round(effect.variance, 4)
    (-0.8893, 0.3256)
    """
    a, b, c, d, how = _corrected(counts, add)
    value = log(a / (a + b)) - log(c / (c + d))
    return EffectSize(Measure.RR, value, 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d), how)


def odds_ratio(counts: Counts, *, add: float | None = None) -> EffectSize:
    """Return the log odds ratio; 0.5 is added to all four cells when one of them is 0."""
    a, b, c, d, how = _corrected(counts, add)
    return EffectSize(Measure.OR, log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d, how)


def risk_difference(counts: Counts) -> EffectSize:
    """Return the difference of risks, -1 to 1; nothing is added to empty cells.

    Hine LK et al., Arch Intern Med 1989;149:2694-2698 (first trial, per 100: 2.8026, variance 17.7575):

    >>> effect = risk_difference(Counts(2, 39, 1, 43))
    >>> round(100 * effect.value, 4), round(10_000 * effect.variance, 4)
    (2.8026, 17.7575)
    """
    _check_counts(counts)
    risk_e, risk_c = counts.events_e / counts.n_e, counts.events_c / counts.n_c
    variance = risk_e * (1 - risk_e) / counts.n_e + risk_c * (1 - risk_c) / counts.n_c
    return EffectSize(Measure.RD, risk_e - risk_c, variance, FROM_COUNTS)


def paired_mean_difference(
    mean_e: float, sd_e: float, mean_c: float, sd_c: float, n: int, *, correlation: float
) -> EffectSize:
    """Return the difference of means of people who had both treatments (Handbook 23.2.7).

    Args:
        n: people with both periods.
        correlation: between a person's two values, -1 to 1; assumed, as papers rarely print it.
    """
    if not -1 <= correlation <= 1:
        raise ValueError("a correlation lies between -1 and 1")
    if n < 2:
        raise ValueError("needs at least two people")
    variance = (sd_e**2 + sd_c**2 - 2 * correlation * sd_e * sd_c) / n
    return EffectSize(
        Measure.MD,
        mean_e - mean_c,
        variance,
        "means and SDs of both periods",
        (describe_correlation(correlation),),
    )


def from_interval(measure: Measure, value: float, low: float, high: float, level: float = 0.95) -> EffectSize:
    """Return a reported effect with the variance that its confidence interval shows (Handbook 6.3.2).

    Ratios are read on the log scale. The estimate is taken as printed, not as the middle of the interval.

    >>> effect = from_interval(Measure.MD, -0.34, -0.95, 0.27)
    >>> round(effect.se, 4)
    0.3112
    """
    value, low, high = (_on_scale(measure, number) for number in (value, low, high))
    if not low <= value <= high or low == high:
        raise ValueError("the interval does not hold the value")
    se = (high - low) / (2 * _normal(level))
    return EffectSize(measure, value, se**2, f"reported effect with its {level:.0%} confidence interval")


def from_p(measure: Measure, value: float, p: float, freedom: int | None = None) -> EffectSize:
    """Return a reported effect with the variance that its two-sided p value shows (Handbook 6.3.2).

    Args:
        p: above 0 and below 1.
        freedom: degrees of freedom of the t test of a difference; None uses the normal distribution.
    Raises:
        ValueError: p is 0 or 1, or the effect is null: neither shows a spread.

    Handbook 6.5.2.3: a difference of 3.8 with p = 0.008 between 25 and 22 people has SE 1.37.

    >>> round(from_p(Measure.MD, 3.8, 0.008, freedom=45).se, 2)
    1.37
    """
    value = _on_scale(measure, value)
    if not 0 < p < 1:
        raise ValueError("a p value of 0 or 1 shows no spread")
    if value == 0:
        raise ValueError("an effect of nothing shows no spread, whatever its p value")
    if freedom is not None and freedom > 0:
        quantile, test = _t_quantile(freedom, 1 - p / 2), f"t with {freedom} degrees of freedom"
    else:
        quantile, test = _normal_quantile(1 - p / 2), "normal distribution"
    return EffectSize(
        measure, value, (value / quantile) ** 2, f"reported effect with its p value of {p:g} ({test})"
    )


def sd_from_mean_interval(low: float, high: float, n: int, level: float = 0.95) -> float:
    """Return the standard deviation behind the confidence interval of one arm's mean (Handbook 6.5.2.2).

    The t distribution with n - 1 degrees of freedom is used at any size.

    Handbook: 30.0 to 34.2 from 25 people, t of 2.064, gives 5.09.

    >>> round(sd_from_mean_interval(30.0, 34.2, 25), 2)
    5.09
    """
    if n < 2 or high <= low:
        raise ValueError("needs at least two people and an interval")
    return sqrt(n) * (high - low) / (2 * _t_quantile(n - 1, 0.5 + level / 2))


def mean_and_sd_from_quartiles(q1: float, median: float, q3: float, n: int) -> tuple[float, float]:
    """Return mean and standard deviation estimated from the quartiles.

    The mean by Luo D et al., Stat Methods Med Res 2018;27:1785-1805, equation 11; the standard deviation by
    Wan X et al., BMC Med Res Methodol 2014;14:135, equation 16. Both hold for values near a normal
    distribution.

    >>> mean, sd = mean_and_sd_from_quartiles(2, 4, 6, 100)
    >>> round(mean, 3), round(sd, 3)
    (4.0, 3.009)
    """
    if n < 2 or not q1 <= median <= q3:
        raise ValueError("needs at least two people and quartiles in order")
    weight = 0.7 + 0.39 / n
    mean = weight * (q1 + q3) / 2 + (1 - weight) * median
    return mean, (q3 - q1) / (2 * _normal_quantile((0.75 * n - 0.125) / (n + 0.25)))


def _corrected(counts: Counts, add: float | None) -> tuple[float, float, float, float, str]:
    _check_counts(counts)
    if add is None:
        add = 0.5 if 0 in counts.cells else 0.0
    a, b, c, d = (cell + add for cell in counts.cells)
    if min(a, b, c, d) <= 0:
        raise ValueError("a cell of the table is empty and nothing is added to it")
    return a, b, c, d, FROM_COUNTS + (f"; {add:g} added to each cell" if add else "")


def _check_counts(counts: Counts) -> None:
    for events, n in ((counts.events_e, counts.n_e), (counts.events_c, counts.n_c)):
        if n <= 0 or not 0 <= events <= n:
            raise ValueError(f"{events} of {n} is not a proportion")


def _check_means(means: Means) -> None:
    if means.n_e < 1 or means.n_c < 1 or means.n_e + means.n_c < 3:
        raise ValueError("needs people on both sides, three in all")
    if means.sd_e < 0 or means.sd_c < 0 or means.sd_e == means.sd_c == 0:
        raise ValueError("a standard deviation cannot be below 0, nor both be 0")


def _on_scale(measure: Measure, number: float) -> float:
    if not isfinite(number):
        raise ValueError("not a number")
    if measure not in RATIOS:
        return number
    if number <= 0:
        raise ValueError("a ratio is above 0")
    return log(number)


def _normal(level: float) -> float:
    return _normal_quantile(0.5 + level / 2)


# SciPy is loaded where a number is computed: a process that serves pages reads what was stored.
def _normal_quantile(share: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(share))


def _t_quantile(freedom: int, share: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(freedom, share))
