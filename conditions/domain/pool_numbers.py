"""What a pool comes to, in plain numbers: apart from what computes them, so that pages load only these."""

from __future__ import annotations

from dataclasses import dataclass, field

from studies.domain.vocabulary import Better

# Raise it with every change of how pools are made, so that stored ones of older rules are known as such.
VERSION = "1"


@dataclass(frozen=True)
class Numbers:
    """A pooled effect as it is read; None is not to be told. p, i2 in percent, tau2 on the pooling scale."""

    k: int
    estimate: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    p: float | None = None
    tau2: float | None = None
    tau2_low: float | None = None
    tau2_high: float | None = None
    i2: float | None = None
    h2: float | None = None
    q: float | None = None
    q_p: float | None = None
    prediction_low: float | None = None
    prediction_high: float | None = None


@dataclass(frozen=True)
class Row:
    """One study in a pool, as it is read; `is_turned` where its sign was turned to run like the others."""

    key: str
    estimate: float
    ci_low: float
    ci_high: float
    weight_percent: float | None
    is_turned: bool


@dataclass(frozen=True)
class Absolute:
    """Out of 100 people: with the comparison, with LDN, and the interval of the latter."""

    comparator: float
    intervention: float
    low: float
    high: float


@dataclass(frozen=True)
class Summary:
    """What the studies of a question add up to under one choice."""

    better: Better | None
    pooled: Numbers
    rows: tuple[Row, ...] = ()
    fixed: Numbers | None = None
    without_concern: Numbers | None = None
    without_each: tuple[tuple[str, Numbers], ...] = ()
    over_time: tuple[tuple[str, Numbers], ...] = ()
    asymmetry_p: float | None = None
    absolute: Absolute | None = None
    n_people: int = 0
    notes: tuple[str, ...] = field(default_factory=tuple)
