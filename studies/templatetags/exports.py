"""The menu of files to take away."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from studies.services.exporting import FORMATS

register = template.Library()


@register.inclusion_tag("studies/_export.html")
def export_menu(name: str, query: str = "", **arguments: Any) -> dict[str, Any]:
    """A link to each format; `name` is that of an address which takes a suffix, `query` begins with no ?."""
    tail = f"?{query.rstrip('&')}" if query else ""
    return {
        "files": [
            (reverse(name, kwargs={**arguments, "suffix": suffix}) + tail, form.label)
            for suffix, form in FORMATS.items()
        ]
    }
