"""Effects of several studies put together.

Sources: Cochrane Handbook, version 6, chapter 10; DerSimonian R, Laird N, Control Clin Trials 1986;7:177-188;
Knapp G, Hartung J, Stat Med 2003;22:2693-2710; Higgins JPT et al., J R Stat Soc A 2009;172:137-159.
Checked in the tests against results published with metafor, R meta, RevMan and Stata.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite, sqrt
from typing import Literal

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from conditions.domain.heterogeneity import (
    Heterogeneity,
    Values,
    describe_heterogeneity,
    estimate_tau2,
    i2_of_tau2,
    tau2_interval,
    weighted_mean,
)

Method = Literal["IV", "DL", "PM", "REML", "ML"]
Interval = Literal["normal", "hartung_knapp", "hartung_knapp_guarded"]
Prediction = Literal["t_km1", "t_km2", "normal"]

LEVEL = 0.95


@dataclass(frozen=True)
class Weighed:
    """One study's effect and variance, and its share of the pool in percent (0 to 100)."""

    effect: float
    variance: float
    weight_percent: float


@dataclass(frozen=True)
class PoolResult:
    """What studies add up to, on the scale of their effects (log for ratios). None: cannot be told."""

    k: int
    estimate: float | None = None
    se: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    z_or_t: float | None = None
    p: float | None = None
    tau2: float | None = None
    tau2_ci: tuple[float, float] | None = None
    i2: float | None = None
    i2_ci: tuple[float, float] | None = None
    h2: float | None = None
    i2_from_tau2: float | None = None
    h2_from_tau2: float | None = None
    q: float | None = None
    q_p: float | None = None
    prediction_low: float | None = None
    prediction_high: float | None = None
    per_study: tuple[Weighed, ...] = field(default_factory=tuple)


def pool_effects(
    effects: Sequence[float],
    variances: Sequence[float],
    *,
    method: Method = "REML",
    ci: Interval = "hartung_knapp_guarded",
    prediction: Prediction = "t_km1",
    level: float = LEVEL,
) -> PoolResult:
    """Return the pooled effect by inverse variance.

    Args:
        effects: one a study, on the log scale for ratios.
        variances: above 0, in the same order.
        method: "IV" is the common-effect result; the others name how tau2 is estimated.
        ci: Wald's interval; Hartung and Knapp's; or theirs, with no smaller standard error than the
            ordinary one.
        prediction: degrees of freedom of the prediction interval.
        level: coverage of every interval, above 0 and below 1.
    Returns:
        For no study only k = 0; for one study its own result, with nothing on heterogeneity.
    Raises:
        ValueError: an effect or variance that cannot be pooled, named by its place.
    """
    y, v = _checked(effects, variances)
    if len(y) == 0:
        return PoolResult(k=0)
    if len(y) == 1:
        return _single(float(y[0]), float(v[0]), level)
    tau2 = 0.0 if method == "IV" else estimate_tau2(y, v, method)
    weights = 1 / (v + tau2)
    estimate = weighted_mean(y, weights)
    se = _standard_error(y, weights, estimate, ci)
    freedom = None if ci == "normal" else len(y) - 1
    reach = quantile(level, freedom) * se
    tau2_ci = tau2_interval(y, v, level)
    low, high = _predict(estimate, se, tau2, len(y), prediction, level)
    return PoolResult(
        k=len(y),
        estimate=estimate,
        se=se,
        ci_low=estimate - reach,
        ci_high=estimate + reach,
        z_or_t=estimate / se if se > 0 else None,
        p=two_sided_p(estimate / se, freedom) if se > 0 else None,
        tau2=tau2,
        tau2_ci=tau2_ci,
        i2_ci=(i2_of_tau2(tau2_ci[0], v), i2_of_tau2(tau2_ci[1], v)),
        prediction_low=low,
        prediction_high=high,
        per_study=_weigh(y, v, weights),
        **_spread(describe_heterogeneity(y, v, tau2)),
    )


def quantile(level: float, freedom: int | None) -> float:
    """Return how many standard errors an interval reaches to each side: normal, or t with those degrees."""
    tail = 0.5 + level / 2
    return float(ndtri(tail) if freedom is None else stdtrit(freedom, tail))


def two_sided_p(statistic: float, freedom: int | None) -> float:
    """Return the two-sided p of a z statistic, or of t with those degrees of freedom."""
    below = -abs(statistic)
    return 2 * float(ndtr(below) if freedom is None else stdtr(freedom, below))


def _checked(effects: Sequence[float], variances: Sequence[float]) -> tuple[Values, Values]:
    if len(effects) != len(variances):
        raise ValueError("each effect needs a variance")
    for place, (effect, variance) in enumerate(zip(effects, variances, strict=True), start=1):
        if not isfinite(effect):
            raise ValueError(f"the effect of study {place} is not a number")
        if not (isfinite(variance) and variance > 0):
            raise ValueError(f"the variance of study {place} is not above 0")
    return np.asarray(effects, dtype=np.float64), np.asarray(variances, dtype=np.float64)


def _single(effect: float, variance: float, level: float) -> PoolResult:
    se = sqrt(variance)
    reach = quantile(level, None) * se
    return PoolResult(
        k=1,
        estimate=effect,
        se=se,
        ci_low=effect - reach,
        ci_high=effect + reach,
        z_or_t=effect / se,
        p=two_sided_p(effect / se, None),
        per_study=(Weighed(effect, variance, 100.0),),
    )


def _standard_error(y: Values, weights: Values, estimate: float, ci: Interval) -> float:
    """The ordinary standard error, or Hartung and Knapp's; the guard keeps their factor at 1 or above."""
    total = float(np.sum(weights))
    if ci == "normal":
        return sqrt(1 / total)
    factor = float(np.sum(weights * (y - estimate) ** 2)) / (len(y) - 1)
    return sqrt((max(1.0, factor) if ci == "hartung_knapp_guarded" else factor) / total)


def _predict(
    estimate: float, se: float, tau2: float, k: int, prediction: Prediction, level: float
) -> tuple[float | None, float | None]:
    """Where the effect of a new, similar study would lie; not to be told with too few studies."""
    freedom = {"normal": None, "t_km1": k - 1, "t_km2": k - 2}[prediction]
    if freedom is not None and freedom < 1:
        return None, None
    reach = quantile(level, freedom) * sqrt(se**2 + tau2)
    return estimate - reach, estimate + reach


def _weigh(y: Values, v: Values, weights: Values) -> tuple[Weighed, ...]:
    shares = 100 * weights / np.sum(weights)
    return tuple(Weighed(*map(float, row)) for row in zip(y, v, shares, strict=True))


def _spread(found: Heterogeneity) -> dict[str, float]:
    return {
        "q": found.q,
        "q_p": found.q_p,
        "i2": found.i2,
        "h2": found.h2,
        "i2_from_tau2": found.i2_from_tau2,
        "h2_from_tau2": found.h2_from_tau2,
    }
