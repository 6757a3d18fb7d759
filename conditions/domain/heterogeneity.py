"""How much true effects differ between studies: tau2 and what is told from it.

Formulas: Veroniki AA et al., Res Synth Methods 2016;7:55-79; Viechtbauer W, J Educ Behav Stat
2005;30:261-293.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import chdtrc, chdtri

Tau2Method = Literal["DL", "PM", "REML", "ML"]
Values = npt.NDArray[np.float64]

GRID = 400


@dataclass(frozen=True)
class Heterogeneity:
    """Cochran's Q with its p; I2 in percent and H2, both from Q and from tau2."""

    q: float
    q_p: float
    i2: float
    h2: float
    i2_from_tau2: float
    h2_from_tau2: float


def weighted_mean(y: Values, weights: Values) -> float:
    """Return the mean of the effects by weight."""
    return float(np.average(y, weights=weights))


def cochran_q(y: Values, v: Values, tau2: float = 0.0) -> float:
    """Return the weighted sum of squares around the weighted mean, with tau2 added to each variance."""
    weights = 1 / (v + tau2)
    return float(np.sum(weights * (y - weighted_mean(y, weights)) ** 2))


def typical_variance(v: Values) -> float:
    """Return the sampling variance of a typical study (Higgins & Thompson, Stat Med 2002;21:1539-1558)."""
    weights = 1 / v
    total = float(np.sum(weights))
    return (len(v) - 1) * total / (total**2 - float(np.sum(weights**2)))


def i2_of_tau2(tau2: float, v: Values) -> float:
    """Return the share of the variance that lies between studies, in percent (0 to 100)."""
    return 100 * tau2 / (tau2 + typical_variance(v))


def describe_heterogeneity(y: Values, v: Values, tau2: float) -> Heterogeneity:
    """Return the measures of heterogeneity of at least two effects."""
    freedom, q = len(y) - 1, cochran_q(y, v)
    typical = typical_variance(v)
    return Heterogeneity(
        q=q,
        q_p=float(chdtrc(freedom, q)),
        i2=max(0.0, 100 * (q - freedom) / q) if q > 0 else 0.0,
        h2=q / freedom,
        i2_from_tau2=i2_of_tau2(tau2, v),
        h2_from_tau2=(tau2 + typical) / typical,
    )


def estimate_tau2(y: Values, v: Values, method: Tau2Method) -> float:
    """Return the variance between studies, 0 or above, of at least two effects.

    Args:
        y: effects; v: their variances, above 0.
        method: DL DerSimonian-Laird, PM Paule-Mandel, REML and ML (restricted) maximum likelihood.
    """
    estimators: dict[str, Callable[[Values, Values], float]] = {
        "DL": _dersimonian_laird,
        "PM": _paule_mandel,
        "REML": lambda y, v: _maximum_likelihood(y, v, restricted=True),
        "ML": lambda y, v: _maximum_likelihood(y, v, restricted=False),
    }
    # In units of the spread, so that a result is the same whatever unit the scale has.
    scale = max(float(np.ptp(y)) ** 2, float(np.median(v)))
    return scale * estimators[method](y / np.sqrt(scale), v / scale)


def tau2_interval(y: Values, v: Values, level: float = 0.95) -> tuple[float, float]:
    """Return the Q-profile interval of tau2 (Viechtbauer W, Stat Med 2007;26:37-52)."""
    freedom, tail = len(y) - 1, (1 - level) / 2
    high, low = float(chdtri(freedom, tail)), float(chdtri(freedom, 1 - tail))
    scale = max(float(np.ptp(y)) ** 2, float(np.median(v)))
    y, v = y / np.sqrt(scale), v / scale
    return scale * _where_q_is(y, v, high), scale * _where_q_is(y, v, low)


def _dersimonian_laird(y: Values, v: Values) -> float:
    weights = 1 / v
    total = float(np.sum(weights))
    excess = cochran_q(y, v) - (len(y) - 1)
    return max(0.0, excess / (total - float(np.sum(weights**2)) / total))


def _paule_mandel(y: Values, v: Values) -> float:
    return _where_q_is(y, v, len(y) - 1)


def _where_q_is(y: Values, v: Values, target: float) -> float:
    """The tau2 at which Q falls to the target; 0 where it is below from the start."""
    if cochran_q(y, v) <= target:
        return 0.0
    high = 1.0
    while cochran_q(y, v, high) > target:
        high *= 4
    return float(brentq(lambda tau2: cochran_q(y, v, tau2) - target, 0.0, high, xtol=1e-14, rtol=1e-13))


def _maximum_likelihood(y: Values, v: Values, *, restricted: bool) -> float:
    """The highest point of the likelihood, which may have several hills: each is looked at, and 0 too."""

    def score(tau2: float) -> float:
        return float(_scores(y, v, np.array([tau2]), restricted)[0])

    smallest = float(np.min(v))
    high = 1.0
    while score(high) > 0:
        high *= 4
    grid = np.concatenate([[0.0], np.geomspace(min(smallest, 1.0) * 1e-6, high, GRID)])
    scores = _scores(y, v, grid, restricted)
    hills = np.flatnonzero((scores[:-1] > 0) & (scores[1:] <= 0))
    peaks = [0.0] + [
        float(brentq(score, grid[i], grid[i + 1], xtol=1e-14, rtol=1e-13)) for i in hills.tolist()
    ]
    return max(peaks, key=lambda tau2: _log_likelihood(y, v, tau2, restricted))


def _scores(y: Values, v: Values, tau2: Values, restricted: bool) -> Values:
    """The slope of the log likelihood at each tau2."""
    weights = 1 / (v[None, :] + tau2[:, None])
    total = weights.sum(axis=1)
    means = (weights * y).sum(axis=1) / total
    squares = (weights * (y[None, :] - means[:, None])) ** 2
    slope = 0.5 * (squares.sum(axis=1) - total)
    if restricted:
        slope = slope + 0.5 * (weights**2).sum(axis=1) / total
    return np.asarray(slope, dtype=np.float64)


def _log_likelihood(y: Values, v: Values, tau2: float, restricted: bool) -> float:
    weights = 1 / (v + tau2)
    value = 0.5 * float(np.sum(np.log(weights))) - 0.5 * cochran_q(y, v, tau2)
    return value - 0.5 * float(np.log(np.sum(weights))) if restricted else value
