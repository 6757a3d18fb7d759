"""“Add study by DOI or PMID”: one field, then the filled form, or why not."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode

from studies.services.lookup import FilledField, LookUp, look_up

SESSION_KEY = "looked_up"
PARAMETER = "looked_up"
KEPT = 20


class LookUpForm(forms.Form):
    identifier = forms.CharField(
        label="DOI or PubMed number (PMID)",
        max_length=500,
        help_text="Also as an address of doi.org or PubMed.",
    )


@dataclass(frozen=True)
class Recalled:
    """A look-up of this session, to fill the form with and to note where its fields came from."""

    initial: dict[str, Any]
    fields: dict[str, FilledField]


def view(page: Any, request: HttpRequest) -> HttpResponse:
    """The page that asks for an identifier and shows what the registries say."""
    if not page.has_add_permission(request):
        raise PermissionDenied
    given = request.GET.get("identifier", "")
    form = LookUpForm(request.POST or ({"identifier": given} if given else None))
    result = look_up(identifier=form.cleaned_data["identifier"]) if form.is_valid() else None
    address = _keep(request, form.cleaned_data["identifier"], result) if result and result.is_found else ""
    if result and result.is_found and not result.needs_a_look:
        return HttpResponseRedirect(address)
    context = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "title": "Add study by DOI or PubMed number",
        "form": form,
        "result": result,
        "address": address,
    }
    return TemplateResponse(request, "admin/studies/study/look_up.html", context)


def recall(request: HttpRequest) -> Recalled | None:
    """The look-up that an address of the add page names, if it was made in this session."""
    kept = request.session.get(SESSION_KEY, {}).get(request.GET.get(PARAMETER, ""))
    if not kept:
        return None
    fields = {name: FilledField(**filled) for name, filled in kept["fields"].items()}
    values = {name: filled.value for name, filled in fields.items()}
    return Recalled(values | ({"key": kept["key"]} if kept["key"] else {}), fields)


def _keep(request: HttpRequest, identifier: str, result: LookUp) -> str:
    """Keep what was found until the form is saved, and return the form's address."""
    kept = request.session.get(SESSION_KEY, {})
    kept[identifier] = {
        "fields": {name: asdict(filled) for name, filled in result.fields.items()},
        "key": result.proposed_key,
    }
    request.session[SESSION_KEY] = dict(list(kept.items())[-KEPT:])
    return f"{reverse('admin:studies_study_add')}?{urlencode({PARAMETER: identifier})}"
