"""The proposals of one study side by side: tick, apply, reject, undo."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone

from studies.domain.proposal import is_safe, value_in_words
from studies.models import MetadataProposal, Study
from studies.services.editing import EditError
from studies.services.proposals import decide, undo

State = MetadataProposal.State
OLDER_SHOWN = 200


@dataclass(frozen=True)
class Row:
    """One proposal as the page shows it; a ticked row is one that only adds to what stands there."""

    proposal: MetadataProposal
    old: str
    new: str
    label: str
    is_ticked: bool


def view(page: Any, request: HttpRequest, study: Study) -> HttpResponse:
    """Show the proposals of a study; a POST decides the ticked ones, or undoes one."""
    may_decide = request.user.has_perm("studies.change_metadataproposal")
    if not (may_decide or request.user.has_perm("studies.view_metadataproposal")):
        raise PermissionDenied
    if request.method == "POST":
        if not may_decide:
            raise PermissionDenied
        _carry_out(page, request, study)
        return HttpResponseRedirect(request.path)
    rows = study.proposals.select_related("decided_by", "undone_by")
    context = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "title": f"What is proposed for {study.key}",
        "study": study,
        "open": _rows(list(rows.filter(state=State.OPEN).order_by("field", "registry"))),
        "decided": _rows(list(rows.exclude(state=State.OPEN).order_by("-decided_at", "-pk")[:OLDER_SHOWN])),
        "may_decide": may_decide,
    }
    return TemplateResponse(request, "admin/studies/study/proposals.html", context)


def _carry_out(page: Any, request: HttpRequest, study: Study) -> None:
    try:
        page.message_user(request, _do(request, study))
    except EditError as error:
        page.message_user(request, f"Nothing was changed. {error}", messages.ERROR)


def _do(request: HttpRequest, study: Study) -> str:
    now: Any = timezone.now()
    if undone := _numbers(request, "undo"):
        proposal = study.proposals.filter(pk__in=undone).first()
        if proposal is None:
            raise EditError("This proposal is not on record any more.")
        undo(proposal=proposal, editor=request.user, now=now)  # type: ignore[arg-type]
        return f"{_label(proposal.field).capitalize()} is as it was before."
    ticked = _numbers(request, "ticked")
    if not ticked:
        raise EditError("No proposal is ticked.")
    accept = request.POST.get("action") == "accept"
    done = decide(
        study=study,
        proposals=ticked,
        accept=accept,
        editor=request.user,  # type: ignore[arg-type]
        now=now,
    )
    return f"{done} {'proposal' if done == 1 else 'proposals'} {'applied' if accept else 'rejected'}."


def _numbers(request: HttpRequest, name: str) -> list[int]:
    return [int(text) for text in request.POST.getlist(name) if text.isascii() and text.isdigit()]


def _rows(proposals: list[MetadataProposal]) -> list[Row]:
    rivals: dict[str, set[str]] = defaultdict(set)
    for each in proposals:
        rivals[each.field].add(value_in_words(each.new))
    return [
        Row(
            each,
            value_in_words(each.old),
            value_in_words(each.new),
            _label(each.field),
            is_safe(each.field, each.old, each.new) and len(rivals[each.field]) == 1,
        )
        for each in proposals
    ]


def _label(field: str) -> str:
    names = {each.name: str(getattr(each, "verbose_name", each.name)) for each in Study._meta.get_fields()}
    return names.get(field, field)
