"""A forest plot in words and numbers: its table, its summary for screen readers, and the letters it uses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conditions.domain.forest_entry import LIGHT_LABELS, LIGHTS, ForestPool, ForestStudy
from studies.domain.speech import ENGLISH, Speech


@dataclass(frozen=True)
class TableRow:
    """A study or pool as the table tells it."""

    label: str
    address: str
    numbers: str
    weight: str
    light_words: str
    remark: str
    is_retracted: bool


def lights_used(studies: Iterable[ForestStudy]) -> tuple[tuple[str, str, str], ...]:
    """Return word, letter and label of each light in the picture, the mildest first."""
    used = {study.light for study in studies}
    return tuple((word, letter, LIGHT_LABELS[word]) for word, letter in LIGHTS.items() if word in used)


def write_effect(
    effect: float | None, low: float | None, high: float | None, speech: Speech = ENGLISH
) -> str:
    """An effect with its interval, all to the same decimals; empty without an effect.

    >>> write_effect(-0.416, -0.9, 0.07) == "\\N{MINUS SIGN}0.42 (\\N{MINUS SIGN}0.90 to 0.07)"
    True
    >>> write_effect(12.345, None, None)
    '12.3'
    """
    if effect is None:
        return ""
    decimals = 2 if abs(effect) < 10 else 1 if abs(effect) < 100 else 0
    if low is None or high is None:
        return _write(effect, decimals, speech)
    values = {"effect": effect, "low": low, "high": high}
    printed = {name: _write(value, decimals, speech) for name, value in values.items()}
    return speech.say("%(effect)s (%(low)s to %(high)s)", **printed)


def _write(value: float, decimals: int, speech: Speech) -> str:
    text = f"{value:.{decimals}f}"
    return speech.number((text.lstrip("-") if float(text) == 0 else text).replace("-", "\N{MINUS SIGN}"))


def summarise(
    studies: Sequence[ForestStudy],
    drawable: Sequence[ForestStudy],
    pools: Sequence[ForestPool],
    speech: Speech = ENGLISH,
) -> str:
    """Return what a screen reader says of the picture; each number stands in the table."""
    n_in = sum(study.is_in_pool for study in drawable)
    n_drawn, n_more = len(drawable), len(studies) - len(drawable)
    parts = [
        speech.say_count(
            "%(n)s study with an effect, %(n_in)s in the pool.",
            "%(n)s studies with an effect, %(n_in)s of them in the pool.",
            n_drawn,
            n_in=n_in,
        )
    ]
    for pool in pools:
        numbers = write_effect(pool.effect, pool.ci_low, pool.ci_high, speech)
        parts.append(f"{speech.say(pool.label)}: {numbers}.")
    if not pools:
        parts.append(speech.say("Nothing is pooled."))
    if n_more:
        parts.append(speech.say("%(n)s more are in the table only.", n=n_more))
    return " ".join(parts)


def tell_study(study: ForestStudy, speech: Speech = ENGLISH) -> TableRow:
    """Return a study's row of the table, drawn or not."""
    weight = speech.percent(f"{study.weight_percent:.1f}") if study.is_in_pool else ""
    remark = study.reason
    if study.is_retracted:
        remark = "; ".join(filter(None, [speech.say("retracted, without weight"), remark]))
    return TableRow(
        study.label,
        study.address,
        write_effect(study.effect, study.ci_low, study.ci_high, speech),
        weight,
        speech.say(study.light_words),
        remark or (speech.say("in the pool") if study.is_in_pool else speech.say("not in the pool")),
        study.is_retracted,
    )


def tell_pool(pool: ForestPool, speech: Speech = ENGLISH) -> TableRow:
    """Return a pool's row of the table."""
    remark = ""
    if pool.prediction_low is not None and pool.prediction_high is not None:
        ends = write_effect(pool.effect, pool.prediction_low, pool.prediction_high, speech)
        remark = speech.say("prediction interval %(ends)s", ends=ends[ends.index("(") + 1 : -1])
    numbers = write_effect(pool.effect, pool.ci_low, pool.ci_high, speech)
    return TableRow(speech.say(pool.label), pool.address, numbers, speech.percent("100"), "", remark, False)
