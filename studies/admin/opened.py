"""What an entry said when its page was opened: nobody saves over another's change without seeing it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from django.db.models import Model
from django.forms import model_to_dict
from django.http import HttpRequest

from studies.domain.complaint import Complaint

# The hidden field that brings back what was shown.
FIELD = "as_opened"


def state_of(page: Any, request: HttpRequest, entry: Model) -> dict[str, str]:
    """Return a short hash of each field and each list of parts that the page's form shows, by its name."""
    shown = _shown(page, request, entry)
    return {name: sha256(repr(value).encode()).hexdigest()[:8] for name, value in shown}


def changed_meanwhile(request: HttpRequest, state: dict[str, str]) -> Complaint | None:
    """Return what to say when the entry is not any more as the form that was sent had shown it.

    Args:
        request: it brings what was shown; a form that brings nothing is not compared.
        state: of the entry now.
    """
    try:
        opened = json.loads(request.POST.get(FIELD, ""))
    except ValueError:
        return None
    if not isinstance(opened, dict):
        return None
    changed = [name for name in state if opened.get(name) != state[name]]
    return Complaint(None, _sentence(changed)) if changed else None


def _sentence(changed: list[str]) -> str:
    return (
        f"Since you opened this page somebody has changed: {', '.join(changed)}. Nothing was saved, and what "
        "you typed is still here. Look at the entry as it stands now in another window; saving once more "
        "puts what is here in its place."
    )


def _shown(page: Any, request: HttpRequest, entry: Model) -> Iterator[tuple[str, Any]]:
    names = [*page.get_form(request, entry, change=True).base_fields, *page.also_compared]
    for name, value in model_to_dict(entry, fields=names).items():
        yield str(entry._meta.get_field(name).verbose_name), value  # type: ignore[union-attr]
    for formset, inline in page.get_formsets_with_inlines(request, entry):
        if inline.has_change_permission(request, entry):
            rows = inline.model._default_manager.filter(**{formset.fk.name: entry}).order_by("pk")
            fields = list(formset.form.base_fields)
            shown = [(row.pk, model_to_dict(row, fields=fields)) for row in rows]
            yield str(inline.verbose_name_plural), shown
