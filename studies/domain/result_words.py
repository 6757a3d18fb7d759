"""Reported effects and results in words, with the digits that were printed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Protocol

from studies.domain.speech import ENGLISH, Speech
from studies.domain.vocabulary import LABELS, Measure


class ReportedEffect(Protocol):
    """What the words need to know of an effect; every part may be missing."""

    measure: Any
    value: Any
    ci_low: Any
    ci_high: Any
    i2_percent: Any

    @property
    def p_text(self) -> str | None: ...


class ReportedResult(Protocol):
    """What the words need to know of one side's result; every part may be missing."""

    value: Any
    unit: Any
    events: Any
    n: Any


def write_number(value: Decimal | None, speech: Speech = ENGLISH) -> str:
    """The number with a true minus sign; empty where there is none.

    >>> write_number(Decimal("-1.30")) == "\N{MINUS SIGN}1.30"
    True
    """
    return "" if value is None else speech.number(str(value).replace("-", "\N{MINUS SIGN}"))


def describe_effect(effect: ReportedEffect | None, speech: Speech = ENGLISH) -> str:
    """Measure, value, interval and p of an effect, as far as they are reported; empty when nothing is."""
    if not effect:
        return ""
    parts = []
    if effect.value is not None:
        measure = LABELS[Measure(effect.measure)] if effect.measure else "value"
        parts.append(f"{speech.say(measure)} {write_number(effect.value, speech)}")
    if effect.ci_low is not None:
        low, high = write_number(effect.ci_low, speech), write_number(effect.ci_high, speech)
        parts.append(speech.say("95%% CI %(low)s to %(high)s", low=low, high=high))
    if effect.p_text:
        p = speech.number(effect.p_text)
        parts.append(f"p {p}" if p[0] == "<" else f"p = {p}")
    if effect.i2_percent is not None:
        parts.append(f"I² {speech.percent(str(effect.i2_percent))}")
    return ", ".join(parts)


def describe_result(result: ReportedResult | None) -> str:
    """The value or the count of one side; empty when neither is reported."""
    if result is None:
        return ""
    if result.value is not None:
        unit = result.unit or ""
        return f"{write_number(result.value)}{'' if unit[:1] == '%' else ' '}{unit}".strip()
    if result.events is not None:
        return f"{result.events} of {result.n if result.n is not None else 'a number not reported'}"
    return ""
