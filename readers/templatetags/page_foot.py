"""The foot of every page: what editors answered about it, and how to report a problem."""

from __future__ import annotations

from typing import Any

from django import template

from readers.models import PageAnswer

register = template.Library()


@register.inclusion_tag("readers/_answers.html", takes_context=True)
def page_answers(context: template.Context) -> dict[str, Any]:
    """The public answers to reports about the page that is shown."""
    return {"answers": list(PageAnswer.objects.on(context["request"].path))}
