"""How changes of answers are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django import template

from conditions.domain.cascade import AnswerKind, count_kind
from conditions.models import StatusChange
from conditions.services.changes import describe_statuses
from studies.services.speech import READERS

register = template.Library()


@register.filter
def status_words(statuses: Sequence[StatusChange]) -> str:
    """The papers and how their status changed."""
    return describe_statuses(statuses, READERS)


@register.simple_tag
def unchanged_words(unchanged: Mapping[str, int]) -> str:
    """How many answers about the same conditions stayed as they were, in a sentence."""
    parts = [count_kind(AnswerKind(kind), n, READERS) for kind, n in unchanged.items() if n]
    if not parts:
        return ""
    return READERS.say("Unchanged about the same conditions: %(answers)s.", answers=", ".join(parts))
