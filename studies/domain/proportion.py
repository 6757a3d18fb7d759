"""Frequencies with their uncertainty, and words for them."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from studies.domain.speech import ENGLISH, Speech

Z_95 = 1.959963984540054


@dataclass(frozen=True)
class Proportion:
    """Events out of n with the 95% interval, all per 100."""

    events: int
    n: int
    percent: float
    low: float
    high: float


def wilson(events: int, n: int, z: float = Z_95) -> Proportion:
    """Return events out of n with Wilson's score interval, per 100.

    Args:
        events: number of people with the event, 0 to n.
        n: number of people, above 0.
        z: quantile of the normal distribution; 1.96 for 95%.
    Raises:
        ValueError: n is 0 or events is outside 0..n.
    Source: Wilson EB. J Am Stat Assoc 1927;22:209-212; checked against Newcombe RG, Stat Med
        1998;17:857-872, table I (81 of 263: 0.2553 to 0.3662; 0 of 20: 0 to 0.1611).

    >>> p = wilson(81, 263)
    >>> round(p.low, 2), round(p.high, 2)
    (25.53, 36.62)
    """
    if n <= 0 or not 0 <= events <= n:
        raise ValueError(f"{events} of {n} is not a proportion")
    share = events / n
    middle = share + z * z / (2 * n)
    spread = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    low = 0.0 if events == 0 else (middle - spread) / scale
    high = 1.0 if events == n else (middle + spread) / scale
    return Proportion(events, n, 100 * share, 100 * low, 100 * high)


@dataclass(frozen=True)
class Difference:
    """A difference of two proportions with the 95% interval, per 100 people."""

    per_100: float
    low: float
    high: float


def newcombe(events_1: int, n_1: int, events_2: int, n_2: int) -> Difference:
    """Return the first proportion less the second, per 100, with Newcombe's hybrid score interval.

    Source: Newcombe RG. Stat Med 1998;17:873-890, method 10; its table II (56 of 70 and 48 of 80:
        0.2000, 0.0524 to 0.3339).

    >>> d = newcombe(56, 70, 48, 80)
    >>> round(d.per_100, 2), round(d.low, 2), round(d.high, 2)
    (20.0, 5.24, 33.39)
    """
    first, second = wilson(events_1, n_1), wilson(events_2, n_2)
    gap = first.percent - second.percent
    below = sqrt((first.percent - first.low) ** 2 + (second.high - second.percent) ** 2)
    above = sqrt((first.high - first.percent) ** 2 + (second.percent - second.low) ** 2)
    return Difference(gap, gap - below, gap + above)


def in_words(proportion: Proportion, speech: Speech = ENGLISH) -> str:
    """The frequency as a reader meets it; none seen is an upper bound, never "none".

    One person who had it, mostly of a case report that was written because it happened, is no frequency.

    >>> in_words(wilson(0, 31))
    '0 of 31; that fits with up to about 11 in 100'
    >>> in_words(wilson(1, 1))
    '1 of 1; how often it happens cannot be told from one person'
    """
    values = {
        "events": proportion.events,
        "n": proportion.n,
        "percent": speech.number(_whole(proportion.percent)),
        "low": speech.number(_whole(proportion.low)),
        "high": speech.number(_whole(proportion.high)),
    }
    if proportion.events == proportion.n == 1:
        return speech.say(
            "%(events)s of %(n)s; how often it happens cannot be told from one person", **values
        )
    if proportion.events == 0:
        return speech.say("%(events)s of %(n)s; that fits with up to about %(high)s in 100", **values)
    return speech.say(
        "%(events)s of %(n)s; about %(percent)s in 100 (fits with %(low)s to %(high)s in 100)", **values
    )


def difference_in_words(gap: Difference, speech: Speech = ENGLISH) -> str:
    """The difference on naltrexone as a reader meets it, with its interval.

    >>> difference_in_words(newcombe(56, 70, 48, 80))
    '20 more in 100 on naltrexone (95% CI 5 more to 33 more)'
    """
    return speech.say(
        "%(difference)s in 100 on naltrexone (95%% CI %(low)s to %(high)s)",
        difference=_more_or_fewer(gap.per_100, speech),
        low=_more_or_fewer(gap.low, speech),
        high=_more_or_fewer(gap.high, speech),
    )


def _more_or_fewer(per_100: float, speech: Speech) -> str:
    """A difference below one in 100 keeps a digit: rounded to none, it would say that there is none."""
    number = f"{abs(per_100):.0f}" if abs(per_100) >= 1 else f"{abs(per_100):.1f}"
    if float(number) == 0:
        return speech.say("no difference")
    text = "%(number)s more" if per_100 > 0 else "%(number)s fewer"
    return speech.say(text, number=speech.number(number))


def _whole(percent: float) -> str:
    return f"{percent:.0f}" if percent >= 1 else f"{percent:.1f}"
