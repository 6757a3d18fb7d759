"""What a row of the records says in a sentence, with the digits that were printed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.timezone import localtime

from studies.domain.proportion import difference_in_words, in_words, newcombe, wilson
from studies.models import ArmResult, Effect, SideEffectCount

NO_ANSWER = "not yet checked"


def result_words(row: ArmResult) -> str:
    """Return one side's result with the digits that were printed; empty where none is on record."""
    if row.value is not None:
        unit = row.unit or ""
        joined = unit if unit.startswith("%") else f" {unit}" if unit else ""
        return f"{_signed(row.value)}{joined}{_interval(row)}"
    if row.events is None:
        return ""
    return f"{row.events} of {row.n}" if row.n is not None else ""


def before_words(row: ArmResult) -> str:
    """Return the printed value before treatment, without a unit: the result's own may be one of change."""
    return _signed(row.baseline) if row.baseline is not None else row.baseline_text or ""


def effect_words(effect: Effect) -> str:
    """Return measure, value and interval as printed, or the interval alone; empty where there is neither."""
    if effect.value is None:
        return _interval(effect).strip(" ()")
    measure = "percent change" if effect.measure == "percent_change" else effect.measure or ""
    return f"{measure} {_signed(effect.value)}{_interval(effect)}".strip()


def p_words(effect: Effect) -> str:
    """Return the p value as printed; empty where none is on record."""
    text = effect.p_text
    if not text:
        return ""
    if effect.p_relation == "..":
        return f"p between {text.replace(' to ', ' and ')}"
    if text[0] != "<":
        return f"p = {text}"
    sign = text[: -len(str(effect.p_value))].replace("<=", "\N{LESS-THAN OR EQUAL TO}")
    return f"p {sign} {effect.p_value}"


def count_words(count: SideEffectCount) -> str:
    """Return how many of how many, the percentage as printed, or the events alone; empty where none is."""
    if count.events is not None and count.n:
        return f"{count.events} of {count.n}"
    if count.percent is not None:
        return f"{count.percent}%"
    if count.events is None:
        return ""
    return f"{count.events} {'event' if count.events == 1 else 'events'}"  # never read as people or as a rate


def rate_words(count: SideEffectCount) -> str:
    """Return how many of how many and what that fits with, per 100; empty where either is not on record."""
    if count.events is None or not count.n:
        return ""
    return in_words(wilson(count.events, count.n))


def difference_words(given: SideEffectCount, compared: SideEffectCount) -> str:
    """Return the difference per 100 people with its interval; empty where a side lacks events or n."""
    if given.events is None or not given.n or compared.events is None or not compared.n:
        return ""
    return difference_in_words(newcombe(given.events, given.n, compared.events, compared.n))


def day_words(moment: datetime | None) -> str:
    """Return the local day of a moment; that nobody has answered yet where there is none."""
    return f"{localtime(moment).day} {localtime(moment):%B %Y}" if moment else NO_ANSWER


def _signed(value: Any) -> str:
    return str(value).replace("-", "\N{MINUS SIGN}")


def _interval(row: Any) -> str:
    if row.ci_low is None:
        return ""
    return f" (95% CI {_signed(row.ci_low)} to {_signed(row.ci_high)})"
