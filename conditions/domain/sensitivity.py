"""Whether a pool hangs on one study, on time, or on small studies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from conditions.domain.pooling import PoolResult, pool_effects, two_sided_p

# Below this no test tells missing small studies from chance (Handbook 13.3.5.4; Sterne JAC et al., BMJ
# 2011;343:d4002).
ENOUGH_FOR_A_FUNNEL = 10

Pooling = Callable[[Sequence[float], Sequence[float]], PoolResult]


@dataclass(frozen=True)
class Asymmetry:
    """Egger's intercept with its standard error, t and p; standard errors and effects for the contours."""

    intercept: float
    se: float
    t: float
    p: float
    points: tuple[tuple[float, float], ...]


def leave_one_out(
    effects: Sequence[float], variances: Sequence[float], pooling: Pooling = pool_effects
) -> list[PoolResult]:
    """Return the pool without each study in turn, in the order of the studies."""
    return [
        pooling([*effects[:i], *effects[i + 1 :]], [*variances[:i], *variances[i + 1 :]])
        for i in range(len(effects))
    ]


def accumulate(
    effects: Sequence[float],
    variances: Sequence[float],
    years: Sequence[int],
    pooling: Pooling = pool_effects,
) -> list[tuple[int, PoolResult]]:
    """Return the pool as it stood after each study, oldest first, with that study's place.

    Studies of one year keep their order.
    """
    order = sorted(range(len(effects)), key=lambda place: years[place])
    return [
        (place, pooling([effects[i] for i in order[:n]], [variances[i] for i in order[:n]]))
        for n, place in enumerate(order, start=1)
    ]


def find_asymmetry(effects: Sequence[float], variances: Sequence[float]) -> Asymmetry | None:
    """Return Egger's regression of the effect's size in standard errors on precision.

    None with fewer than ten studies, or all of one size: too few to tell.

    Source: Egger M et al., BMJ 1997;315:629-634; t with k - 2 degrees of freedom.
    """
    k = len(effects)
    y, se = np.asarray(effects, dtype=float), np.sqrt(np.asarray(variances, dtype=float))
    if k < ENOUGH_FOR_A_FUNNEL or np.ptp(se) == 0:
        return None
    design = np.column_stack([np.ones(k), 1 / se])
    outcome = y / se
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ outcome
    residual = float(np.sum((outcome - design @ coefficients) ** 2)) / (k - 2)
    intercept, spread = float(coefficients[0]), sqrt(residual * float(inverse[0, 0]))
    t = intercept / spread if spread > 0 else 0.0
    points = tuple((float(s), float(e)) for s, e in zip(se, y, strict=True))
    return Asymmetry(intercept, spread, t, two_sided_p(t, k - 2), points)
