"""Numbers of a study in a few words, for a line of a table."""

from __future__ import annotations

from typing import Any

from studies.models import ArmResult, Dose, Effect, SideEffectCount

NOTHING = "–"  # noqa: RUF001


def describe_dose(dose: Dose) -> str:
    """A dose in a few words; a dose that was not stated is not 0."""
    if dose.amount_mg is not None:
        amount = f"{dose.amount_mg} mg {dose.get_per_display()}"
    elif dose.mg_per_kg is not None or dose.mg_per_kg_text:
        amount = f"{dose.mg_per_kg or dose.mg_per_kg_text} mg per kg {dose.get_per_display()}"
    elif dose.range_text:
        amount = f"{dose.range_text} mg {dose.get_per_display()}"
    else:
        amount = "dose not stated"
    return f"{amount}, {dose.duration_weeks} weeks" if dose.duration_weeks is not None else amount


def describe_result(result: ArmResult) -> str:
    """What one side came to: events of n, or a value with its spread."""
    parts = [_of(result.events, result.n)] if result.events is not None else []
    if result.value is not None:
        parts.append(" ".join(filter(None, [str(result.value), result.unit])))
        parts += [f"SD {result.sd}"] if result.sd is not None else []
        parts += [_interval(result)] if result.ci_low is not None else []
    if not result.events and result.n is not None and result.events is None:
        parts.append(f"n = {result.n}")
    return f"{result.get_side_display()}: {', '.join(parts) or NOTHING}"


def describe_effect(effect: Effect) -> str:
    """An effect with its interval and p."""
    parts = [f"{effect.measure or ''} {NOTHING if effect.value is None else effect.value}".strip()]
    parts += [_interval(effect)] if effect.ci_low is not None else []
    parts += [f"p {effect.p_text}"] if effect.p_text else []
    return ", ".join(parts)


def describe_count(count: SideEffectCount) -> str:
    """How many people of one side had it."""
    percent = f" ({count.percent}%)" if count.percent is not None else ""
    return f"{count.get_side_display()}: {_of(count.events, count.n)}{percent}"


def _of(events: int | None, n: int | None) -> str:
    return f"{NOTHING if events is None else events} of {NOTHING if n is None else n}"


def _interval(row: Any) -> str:
    return f"CI {row.ci_low} to {row.ci_high}"
