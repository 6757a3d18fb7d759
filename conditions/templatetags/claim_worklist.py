"""What the claims ask of an editor, on the editors' first page."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.defaultfilters import pluralize
from django.urls import reverse

from conditions.services.worklist import read_claim_worklist

register = template.Library()


@register.inclusion_tag("admin/worklist.html")
def show_claim_worklist() -> dict[str, Any]:
    """The claims that wait for a person, each line leading to its list."""
    work = read_claim_worklist()
    differing = f"{reverse('admin:conditions_computedverdict_changelist')}?differs=yes"
    without = f"{reverse('admin:conditions_claim_changelist')}?question=no"
    lines = [
        (work.differing, "on which the rules and the first reader differ", differing),
        (work.without_question, "without a question to the records, so without a computed verdict", without),
    ]
    items = [
        {"count": count, "text": f"claim{pluralize(count)} {text}", "address": address}
        for count, text, address in lines
        if count
    ]
    return {"label": "Claims", "items": items}
