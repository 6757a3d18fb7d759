"""An editor's decision on what a registry proposes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction

from studies.domain.bibliography import BIBLIOGRAPHIC_FIELDS
from studies.domain.complaint import COMPLAINTS, complaint_of
from studies.models import MetadataProposal, Study
from studies.services.citations import format_citations
from studies.services.editing import EditError, broken_rule, log_on_study, reopen_check
from studies.services.facts import note_origin
from studies.services.following import follow_changes

State = MetadataProposal.State


def decide(*, proposal: MetadataProposal, accept: bool, editor: AbstractBaseUser, now: datetime) -> None:
    """Accept or reject a proposal; accepting sets the study's field and says where the value came from.

    Raises EditError, a sentence for the editor, when the proposal is decided already, when the field has
    changed since, or when the value belongs to another study. Then nothing is changed.
    """
    try:
        with transaction.atomic():
            _decide(proposal.pk, accept, editor, now)
    except IntegrityError as error:
        raise EditError(complaint_of(broken_rule(error), COMPLAINTS).sentence) from error


def _decide(pk: int, accept: bool, editor: AbstractBaseUser, now: datetime) -> None:
    # The study first: whoever writes to it locks it first, so that nobody waits for each other.
    study = Study.objects.select_for_update().get(proposals=pk)
    proposal = MetadataProposal.objects.select_for_update().get(pk=pk)
    if proposal.state != State.OPEN:
        raise EditError(f"The proposal for {proposal.field} of {study.key} is {proposal.state} already.")
    if accept:
        _apply(study, proposal, editor, now)
    proposal.state = State.ACCEPTED if accept else State.REJECTED
    proposal.decided_at, proposal.decided_by = now, editor  # type: ignore[assignment]
    proposal.save(update_fields=["state", "decided_at", "decided_by"])


def _apply(study: Study, proposal: MetadataProposal, editor: AbstractBaseUser, now: datetime) -> None:
    field = proposal.field
    if field not in BIBLIOGRAPHIC_FIELDS:
        raise EditError(f"{field} is not a field that a registry may change: reject the proposal.")
    current = getattr(study, field) or None
    if current != (proposal.old or None):
        raise EditError(
            f"{field} of {study.key} has changed since: it says “{current}” now. Reject the proposal, or "
            "correct the field by hand."
        )
    setattr(study, field, _merged(field, current, proposal.new))
    study.save(update_fields=[field, "updated_at"])
    note_origin(study=study, field=field, registry=proposal.registry, value=proposal.new, today=now.date())
    reopen_check(study=study)
    log_on_study(
        study=study, user=editor, message=[{"changed": {"fields": [f"{field} (from {proposal.registry})"]}}]
    )
    format_citations(studies=[study])
    follow_changes(now=now)


def _merged(field: str, current: Any, new: Any) -> Any:
    """A registry may add registration numbers, but knows no reason to remove one."""
    if field != "registry_ids":
        return new
    return [*(current or []), *(entry for entry in new if entry not in (current or []))]
