"""The calculator of pools: a request in, the pooled result out."""

from __future__ import annotations

from math import isfinite
from typing import Any

import numpy as np

from conditions.domain.pool_request import (
    CountsRequest,
    GenericRequest,
    MeansRequest,
    PoolAnswer,
    PoolRequest,
    StudyAnswer,
)
from conditions.domain.pooling import PoolResult, pool_effects
from conditions.domain.pooling_counts import pool_mantel_haenszel, pool_peto
from studies.domain.effects import (
    Counts,
    EffectSize,
    Means,
    mean_difference,
    odds_ratio,
    risk_difference,
    risk_ratio,
    standardised_mean_difference,
)
from studies.domain.vocabulary import Measure

OF_COUNTS = {"RR": risk_ratio, "OR": odds_ratio, "RD": risk_difference}
NOTES = {0: "No study: there is nothing to pool.", 1: "One study: its own result, nothing pooled."}


def answer_pool(request: PoolRequest) -> PoolAnswer:
    """Return the pool of the studies of a request.

    Raises:
        ValueError: the studies, each fine by itself, cannot be pooled; the message says why.
    """
    asked = request.root
    # What overflows is seen in the result, which must be finite.
    with np.errstate(all="ignore"):
        result = _pool(asked)
    answer = _answer(asked, result)
    if not _is_finite(answer.model_dump()):
        raise ValueError("the numbers lie too far apart to be pooled")
    return answer


def _pool(asked: CountsRequest | MeansRequest | GenericRequest) -> PoolResult:
    if isinstance(asked, CountsRequest) and asked.method in ("MH", "Peto"):
        tables = [_table(study) for study in asked.studies]
        if asked.method == "Peto":
            return pool_peto(tables, level=asked.level)
        return pool_mantel_haenszel(tables, Measure(asked.measure), level=asked.level)
    effects, variances = _effects(asked)
    method: Any = asked.method
    ci = asked.ci or ("normal" if method == "IV" else "hartung_knapp_guarded")
    return pool_effects(
        effects, variances, method=method, ci=ci, prediction=asked.prediction, level=asked.level
    )


def _effects(asked: CountsRequest | MeansRequest | GenericRequest) -> tuple[list[float], list[float]]:
    if isinstance(asked, GenericRequest):
        return [study.effect for study in asked.studies], [study.variance for study in asked.studies]
    found: list[EffectSize] = []
    for place, study in enumerate(asked.studies, start=1):
        if isinstance(asked, CountsRequest):
            effect = OF_COUNTS[asked.measure](_table(study))
        elif asked.measure == "SMD":
            effect = standardised_mean_difference(Means(**study.model_dump()), form=asked.smd)
        else:
            effect = mean_difference(Means(**study.model_dump()), equal_variances=asked.equal_variances)
        if effect.variance <= 0:
            raise ValueError(f"study {place} has no variance by this measure")
        found.append(effect)
    return [effect.value for effect in found], [effect.variance for effect in found]


def _table(study: Any) -> Counts:
    return Counts(**study.model_dump())


def _answer(asked: CountsRequest | MeansRequest | GenericRequest, result: PoolResult) -> PoolAnswer:
    from_tau2 = asked.i2 == "tau2" and result.i2_from_tau2 is not None
    return PoolAnswer(
        k=result.k,
        scale="log" if asked.measure in ("RR", "OR") and asked.kind == "2x2" else "as given",
        note=NOTES.get(result.k),
        estimate=result.estimate,
        se=result.se,
        ci_low=result.ci_low,
        ci_high=result.ci_high,
        z_or_t=result.z_or_t,
        p=result.p,
        tau2=result.tau2,
        tau2_ci=list(result.tau2_ci) if result.tau2_ci else None,
        I2=result.i2_from_tau2 if from_tau2 else result.i2,
        I2_ci=list(result.i2_ci) if result.i2_ci else None,
        H2=result.h2_from_tau2 if from_tau2 else result.h2,
        Q=result.q,
        Q_p=result.q_p,
        prediction_low=result.prediction_low,
        prediction_high=result.prediction_high,
        per_study=[
            StudyAnswer(
                effect=study.effect,
                variance=study.variance if isfinite(study.variance) else None,
                weight_percent=study.weight_percent,
            )
            for study in result.per_study
        ],
    )


def _is_finite(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_is_finite, value.values()))
    if isinstance(value, list):
        return all(map(_is_finite, value))
    return not isinstance(value, float) or isfinite(value)
