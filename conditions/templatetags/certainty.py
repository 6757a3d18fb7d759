"""How a certainty's steps are shown."""

from __future__ import annotations

from django import template

register = template.Library()


@register.filter
def levels_words(change: int) -> str:
    """How far a step lowered the certainty, in words."""
    return {-1: "one level down", -2: "two levels down"}.get(change, "no change")
