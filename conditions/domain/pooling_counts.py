"""Two-by-two tables put together without an effect of their own each: Mantel-Haenszel and Peto.

Sources: Mantel N, Haenszel W, JNCI 1959;22:719-748; Robins J, Breslow N, Greenland S, Biometrics
1986;42:311-323; Greenland S, Robins JM, Biometrics 1985;41:55-68; Sato T, Greenland S, Robins JM, Biometrics
1989;45:1323-1324; Yusuf S et al., Prog Cardiovasc Dis 1985;27:335-371.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log, sqrt

import numpy as np
from scipy.special import chdtrc

from conditions.domain.heterogeneity import Values
from conditions.domain.pooling import LEVEL, PoolResult, Weighed, quantile, two_sided_p
from studies.domain.effects import Counts, odds_ratio, risk_difference, risk_ratio
from studies.domain.vocabulary import Measure

COUNT_MEASURES = (Measure.RR, Measure.OR, Measure.RD)


def pool_mantel_haenszel(tables: Sequence[Counts], measure: Measure, *, level: float = LEVEL) -> PoolResult:
    """Return the Mantel-Haenszel common effect; nothing is added to empty cells.

    Q sums inverse-variance weights around the Mantel-Haenszel estimate, as RevMan does; for a table with an
    empty cell 0.5 is added there, and a table without (or with nothing but) events takes no part in it.

    Args:
        measure: RR, OR (log scale) or RD.
    Raises:
        ValueError: no table tells anything of the measure.
    """
    if not tables:
        return PoolResult(k=0)
    a, b, c, d = np.array([table.cells for table in tables]).T
    formula = {Measure.RR: _mh_risk_ratio, Measure.OR: _mh_odds_ratio, Measure.RD: _mh_risk_difference}
    estimate, variance, weights = formula[measure](a, b, c, d)
    return _result(tables, measure, estimate, variance, weights, level)


def pool_peto(tables: Sequence[Counts], *, level: float = LEVEL) -> PoolResult:
    """Return Peto's one-step log odds ratio; a table without, or with nothing but, events adds nothing.

    Raises:
        ValueError: no table has both people with and people without the event.
    """
    if not tables:
        return PoolResult(k=0)
    observed, variances = _peto_parts(tables)
    told = variances > 0
    if not told.any():
        raise ValueError("no study has both people with and people without the event")
    total = float(np.sum(variances))
    estimate = float(np.sum(observed)) / total
    effects = np.divide(observed, variances, out=np.zeros_like(observed), where=told)
    q = float(np.sum(variances[told] * (effects[told] - estimate) ** 2))
    per_study = tuple(
        Weighed(float(effect), 1 / float(v) if v > 0 else float("inf"), 100 * float(v) / total)
        for effect, v in zip(effects, variances, strict=True)
    )
    return _wald(estimate, 1 / total, q, int(told.sum()), len(tables), per_study, level)


def _peto_parts(tables: Sequence[Counts]) -> tuple[Values, Values]:
    """Observed less expected events, and their hypergeometric variance."""
    a, b, c, d = np.array([table.cells for table in tables]).T
    people, events = a + b + c + d, a + c
    expected = events * (a + b) / people
    variance = (a + b) * (c + d) * events * (b + d) / (people**2 * np.maximum(people - 1, 1))
    return np.asarray(a - expected), np.asarray(variance)


def _mh_risk_ratio(a: Values, b: Values, c: Values, d: Values) -> tuple[float, float, Values]:
    n_e, n_c, people = a + b, c + d, a + b + c + d
    r, s = float(np.sum(a * n_c / people)), float(np.sum(c * n_e / people))
    if r == 0 or s == 0:
        raise ValueError("one side has no event in any study")
    p = float(np.sum((n_e * n_c * (a + c) - a * c * people) / people**2))
    return log(r / s), p / (r * s), c * n_e / people


def _mh_odds_ratio(a: Values, b: Values, c: Values, d: Values) -> tuple[float, float, Values]:
    people = a + b + c + d
    r, s = a * d / people, b * c / people
    total_r, total_s = float(np.sum(r)), float(np.sum(s))
    if total_r == 0 or total_s == 0:
        raise ValueError("one side has no person with, or none without, the event in any study")
    p, q = (a + d) / people, (b + c) / people
    variance = (
        float(np.sum(p * r)) / (2 * total_r**2)
        + float(np.sum(p * s + q * r)) / (2 * total_r * total_s)
        + float(np.sum(q * s)) / (2 * total_s**2)
    )
    return log(total_r / total_s), variance, s


def _mh_risk_difference(a: Values, b: Values, c: Values, d: Values) -> tuple[float, float, Values]:
    n_e, n_c, people = a + b, c + d, a + b + c + d
    weights = n_e * n_c / people
    total = float(np.sum(weights))
    estimate = float(np.sum((a * n_c - c * n_e) / people)) / total
    p = (n_e**2 * c - n_c**2 * a + n_e * n_c * (n_c - n_e) / 2) / people**2
    q = (a * (n_c - c) + c * (n_e - a)) / (2 * people)
    variance = (estimate * float(np.sum(p)) + float(np.sum(q))) / total**2
    return estimate, variance, weights


def _result(
    tables: Sequence[Counts],
    measure: Measure,
    estimate: float,
    variance: float,
    weights: Values,
    level: float,
) -> PoolResult:
    effect_of = {Measure.RR: risk_ratio, Measure.OR: odds_ratio, Measure.RD: risk_difference}[measure]
    effects = [effect_of(table) for table in tables]
    told = [
        effect
        for effect, table in zip(effects, tables, strict=True)
        if effect.variance > 0 and (measure == Measure.RD or _tells(table))
    ]
    q = sum((effect.value - estimate) ** 2 / effect.variance for effect in told)
    total = float(np.sum(weights))
    per_study = tuple(
        Weighed(effect.value, effect.variance, 100 * float(weight) / total)
        for effect, weight in zip(effects, weights, strict=True)
    )
    return _wald(estimate, variance, q, len(told), len(tables), per_study, level)


def _tells(table: Counts) -> bool:
    """A table where everybody, or nobody, had the event says nothing of a ratio."""
    return 0 < table.events_e + table.events_c < table.n_e + table.n_c


def _wald(
    estimate: float,
    variance: float,
    q: float,
    k_told: int,
    k: int,
    per_study: tuple[Weighed, ...],
    level: float,
) -> PoolResult:
    if variance <= 0:
        raise ValueError("the studies show no spread")
    se, freedom = sqrt(variance), k_told - 1
    reach = quantile(level, None) * se
    several = freedom > 0
    return PoolResult(
        k=k,
        estimate=estimate,
        se=se,
        ci_low=estimate - reach,
        ci_high=estimate + reach,
        z_or_t=estimate / se,
        p=two_sided_p(estimate / se, None),
        q=q if several else None,
        q_p=float(chdtrc(freedom, q)) if several else None,
        i2=(max(0.0, 100 * (q - freedom) / q) if q > 0 else 0.0) if several else None,
        h2=q / freedom if several else None,
        per_study=per_study,
    )
