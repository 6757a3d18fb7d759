"""Computed numbers in words: as many digits as they carry, and a true minus sign."""

from __future__ import annotations

from typing import Protocol

from studies.domain.speech import ENGLISH, Speech

MINUS = "\N{MINUS SIGN}"
SHORT_MEASURES = {"percent_change": "percent change"}


class PooledNumbers(Protocol):
    """What the words need to know of a pool; ratios as they are read."""

    measure: str
    k: int
    estimate: float | None
    ci_low: float | None
    ci_high: float | None


def write(value: float, digits: int = 2, speech: Speech = ENGLISH) -> str:
    """Return a number with so many decimals.

    >>> write(0.346), write(-0.001)
    ('0.35', '0.00')
    """
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.removeprefix("-")
    return speech.number(text.replace("-", MINUS))


def write_interval(low: float, high: float, digits: int = 2, speech: Speech = ENGLISH) -> str:
    """Return both ends of a 95% interval.

    >>> write_interval(0.5, 1.25)
    '95% CI 0.50 to 1.25'
    """
    ends = {"low": write(low, digits, speech), "high": write(high, digits, speech)}
    return speech.say("95%% CI %(low)s to %(high)s", **ends)


def digits_for(measure: str) -> int:
    """Percent changes carry one decimal, everything else two."""
    return 1 if measure == "percent_change" else 2


def describe_pool(pool: PooledNumbers, speech: Speech = ENGLISH) -> str:
    """Return measure, estimate, interval and number of trials; or that there is nothing to pool."""
    if pool.estimate is None or pool.ci_low is None or pool.ci_high is None:
        return speech.say("none: no study gives a number that can be pooled")
    digits = digits_for(pool.measure)
    name = speech.say(SHORT_MEASURES.get(pool.measure, pool.measure))
    source = speech.say_count("one study", "%(n)s studies", pool.k)
    interval = write_interval(pool.ci_low, pool.ci_high, digits, speech)
    return f"{name} {write(pool.estimate, digits, speech)} ({interval}; {source})"
