"""Computed numbers in words: as many digits as they carry, and a true minus sign."""

from __future__ import annotations

from typing import Protocol

MINUS = "\N{MINUS SIGN}"
SHORT_MEASURES = {"percent_change": "percent change"}


class PooledNumbers(Protocol):
    """What the words need to know of a pool; ratios as they are read."""

    measure: str
    k: int
    estimate: float | None
    ci_low: float | None
    ci_high: float | None


def write(value: float, digits: int = 2) -> str:
    """Return a number with so many decimals.

    >>> write(0.346), write(-0.001)
    ('0.35', '0.00')
    """
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.removeprefix("-")
    return text.replace("-", MINUS)


def write_interval(low: float, high: float, digits: int = 2) -> str:
    """Return both ends of a 95% interval.

    >>> write_interval(0.5, 1.25)
    '95% CI 0.50 to 1.25'
    """
    return f"95% CI {write(low, digits)} to {write(high, digits)}"


def digits_for(measure: str) -> int:
    """Percent changes carry one decimal, everything else two."""
    return 1 if measure == "percent_change" else 2


def describe_pool(pool: PooledNumbers) -> str:
    """Return measure, estimate, interval and number of trials; or that there is nothing to pool."""
    if pool.estimate is None or pool.ci_low is None or pool.ci_high is None:
        return "none: no study gives a number that can be pooled"
    digits = digits_for(pool.measure)
    name = SHORT_MEASURES.get(pool.measure, pool.measure)
    source = "one study" if pool.k == 1 else f"{pool.k} studies"
    interval = write_interval(pool.ci_low, pool.ci_high, digits)
    return f"{name} {write(pool.estimate, digits)} ({interval}; {source})"
