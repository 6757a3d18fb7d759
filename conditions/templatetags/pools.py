"""How computed numbers are shown: pools, their parts, and what they mean for 100 people."""

from __future__ import annotations

from typing import Any

from django import template

from conditions.domain.number_words import describe_pool, digits_for, write, write_interval
from conditions.models import Pool
from studies.services.speech import READERS

register = template.Library()

REASON_LABELS = {
    "same_trial": "Another report of a trial that is in",
    "other_scale": "Measured in a way that cannot be averaged with these",
    "left_out": "Left out by you",
    "no_side": "Which way is better is not on record",
    "no_effect": "No effect can be computed from what is on record",
    "other_dose": "Another dose",
    "not_randomised": "Not randomised",
    "other_comparison": "Not compared with this",
    "other_outcome": "No outcome of this kind on record",
    "other_people": "Other people",
    "no_results": "No results of its own",
    "gone": "Retracted or withdrawn",
}


@register.filter
def pool_words(pool: Pool) -> str:
    """Measure, estimate, interval and number of studies of a stored pool."""
    return describe_pool(pool, READERS)


@register.simple_tag
def numbers_words(numbers: dict[str, Any], measure: str) -> str:
    """Estimate and interval of a result, with the digits that its measure carries."""
    if numbers["estimate"] is None:
        return READERS.say("nothing to pool")
    digits = digits_for(measure)
    interval = write_interval(numbers["ci_low"], numbers["ci_high"], digits, READERS)
    return f"{write(numbers['estimate'], digits, READERS)} ({interval})"


@register.simple_tag
def span_words(low: float | None, high: float | None, measure: str = "") -> str:
    """A range between two computed numbers; empty where there is none."""
    if low is None or high is None:
        return ""
    digits = digits_for(measure)
    ends = {"low": write(low, digits, READERS), "high": write(high, digits, READERS)}
    return READERS.say("%(low)s to %(high)s", **ends)


@register.filter
def decimals(value: float | None, digits: int = 2) -> str:
    """A computed number with so many decimals; empty where it cannot be told."""
    return "" if value is None else write(value, digits, READERS)


@register.filter
def p_words(p: float | None) -> str:
    """A p value as papers write it; empty where there is none."""
    if p is None:
        return ""
    return READERS.number("< 0.001" if p < 0.001 else f"= {p:.3f}" if p < 0.1 else f"= {p:.2f}")


@register.filter
def reason_words(reason: str) -> str:
    """A heading for the studies that are not in a pool for one reason."""
    return READERS.say(REASON_LABELS[reason])


@register.simple_tag
def better_words(better: str | None, measure: str) -> str:
    """Which side of no difference is better for people, in a sentence."""
    if not better:
        return ""
    null = "1" if measure in ("RR", "OR", "HR") else "0"
    if better == "lower":
        return READERS.say("Below %(null)s is better for those on LDN.", null=null)
    return READERS.say("Above %(null)s is better for those on LDN.", null=null)
