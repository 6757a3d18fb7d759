"""Reported effects and results in words, with the digits that were printed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Protocol

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


def write_number(value: Decimal | None) -> str:
    """The number with a true minus sign; empty where there is none.

    >>> write_number(Decimal("-1.30")) == "\N{MINUS SIGN}1.30"
    True
    """
    return "" if value is None else str(value).replace("-", "\N{MINUS SIGN}")


def describe_effect(effect: ReportedEffect | None) -> str:
    """Measure, value, interval and p of an effect, as far as they are reported; empty when nothing is."""
    if not effect:
        return ""
    parts = []
    if effect.value is not None:
        measure = LABELS[Measure(effect.measure)] if effect.measure else "value"
        parts.append(f"{measure} {write_number(effect.value)}")
    if effect.ci_low is not None:
        parts.append(f"95% CI {write_number(effect.ci_low)} to {write_number(effect.ci_high)}")
    if effect.p_text:
        parts.append(f"p {effect.p_text}" if effect.p_text[0] == "<" else f"p = {effect.p_text}")
    if effect.i2_percent is not None:
        parts.append(f"I² {effect.i2_percent}%")
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
