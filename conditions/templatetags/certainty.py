"""How a certainty's steps are shown."""

from __future__ import annotations

from django import template

from conditions.models import Certainty
from studies.services.speech import READERS

register = template.Library()


@register.filter
def levels_words(change: int) -> str:
    """How far a step lowered the certainty, in words."""
    if change == -1:
        return READERS.say("one level down")
    return READERS.say("two levels down") if change == -2 else READERS.say("no change")


@register.filter
def statement(certainty: Certainty) -> str:
    """What the evidence says, in GRADE's standard sentence."""
    return certainty.statement_in(READERS)
