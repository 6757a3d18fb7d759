"""An editor's decision on what a registry or an imported file proposes, and taking it back."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction

from studies.domain.bibliography import BIBLIOGRAPHIC_FIELDS
from studies.domain.complaint import COMPLAINTS, complaint_of
from studies.models import MetadataProposal, Provenance, Study
from studies.services.citations import format_citations
from studies.services.editing import EditError, broken_rule, log_on_study, reopen_check
from studies.services.facts import note_origin
from studies.services.following import follow_changes

State = MetadataProposal.State
# What a provenance row says besides the study and the field; kept with a proposal, to be put back.
ORIGIN = ("registry", "quote", "place", "read_by", "read_on", "source_id", "checked_by_id", "checked_on")


def decide(
    *, study: Study, proposals: Collection[int], accept: bool, editor: AbstractBaseUser, now: datetime
) -> int:
    """Accept or reject proposals of one study, all of them or none; return how many were decided.

    Accepting sets the study's field and says where the value came from. Raises EditError, a sentence for the
    editor, when one of them is decided already, when its field has changed since, when two of them propose
    different values for one field, or when a value belongs to another study. Then nothing is changed.

    Args:
        study: whose proposals they are.
        proposals: their primary keys.
        accept: False rejects them.
        editor: who decides.
        now: the time to write down.
    """
    try:
        with transaction.atomic():
            return _decide(study.pk, set(proposals), accept, editor, now)
    except IntegrityError as error:
        raise EditError(complaint_of(broken_rule(error), COMPLAINTS).sentence) from error


def undo(*, proposal: MetadataProposal, editor: AbstractBaseUser, now: datetime) -> None:
    """Put back the value, and its origin, that stood in a field before a proposal was accepted.

    The registry's value counts as rejected from then on. Raises EditError, a sentence for the editor, when
    the proposal is not an accepted one or the field has been changed since. Then nothing is changed.
    """
    try:
        with transaction.atomic():
            _undo(proposal.pk, editor, now)
    except IntegrityError as error:
        raise EditError(complaint_of(broken_rule(error), COMPLAINTS).sentence) from error


def _decide(study_pk: int, wanted: set[int], accept: bool, editor: AbstractBaseUser, now: datetime) -> int:
    # The study first: whoever writes to it locks it first, so that nobody waits for each other.
    study = Study.objects.select_for_update().get(pk=study_pk)
    rows = list(study.proposals.select_for_update().filter(pk__in=wanted).order_by("field", "pk"))
    if len(rows) < len(wanted):
        raise EditError(f"Some of these proposals are not of {study.key}: open its page again.")
    for row in rows:
        if row.state != State.OPEN:
            raise EditError(f"The proposal for {row.field} of {study.key} is {row.state} already.")
    if accept:
        _accept(study, rows, editor, now)
    for row in rows:
        row.state, row.decided_at = (State.ACCEPTED if accept else State.REJECTED), now
        row.decided_by = editor  # type: ignore[assignment]
        row.save(update_fields=["state", "decided_at", "decided_by", "origin_before"])
    return len(rows)


def _accept(study: Study, rows: Iterable[MetadataProposal], editor: AbstractBaseUser, now: datetime) -> None:
    set_by: dict[str, MetadataProposal] = {}
    for row in rows:
        other = set_by.get(row.field)
        if other is None:
            _check_fits(study, row)
            row.origin_before = _origin_of(study, row.field)
            setattr(study, row.field, _merged(row.field, getattr(study, row.field), row.new))
            note_origin(
                study=study,
                field=row.field,
                registry=row.registry,
                value=row.new,
                today=now.date(),
                place=row.place,
            )
            set_by[row.field] = row
        elif other.new == row.new:
            row.origin_before = other.origin_before
        else:
            raise EditError(
                f"{other.get_registry_display()} and {row.get_registry_display()} propose different values "
                f"for {row.field} of {study.key}: tick one of them."
            )
    registries = [f"{field} (from {row.registry})" for field, row in set_by.items()]
    _save(study, set_by, registries, editor, now)


def _check_fits(study: Study, row: MetadataProposal) -> None:
    if row.field not in BIBLIOGRAPHIC_FIELDS:
        raise EditError(f"{row.field} is not a field that a registry may change: reject the proposal.")
    current = getattr(study, row.field) or None
    if current != (row.old or None):
        raise EditError(
            f"{row.field} of {study.key} has changed since: it says “{_words(current)}” now. Reject the "
            "proposal, or correct the field by hand."
        )


def _undo(pk: int, editor: AbstractBaseUser, now: datetime) -> None:
    study = Study.objects.select_for_update().get(proposals=pk)
    proposal = MetadataProposal.objects.select_for_update().get(pk=pk)
    field = proposal.field
    if proposal.state != State.ACCEPTED:
        raise EditError(f"The proposal for {field} of {study.key} is {proposal.state}: nothing to undo.")
    current = getattr(study, field)
    if current != _merged(field, proposal.old, proposal.new):
        raise EditError(
            f"{field} of {study.key} has been changed since and says “{_words(current)}” now. It was not "
            "undone: correct the field by hand if it is wrong."
        )
    setattr(study, field, proposal.old if proposal.old is not None else _nothing(field))
    _restore_origin(study, proposal)
    # Whoever accepted the same value from another registry in the same go took it from both.
    twins = study.proposals.filter(
        field=field, state=State.ACCEPTED, decided_at=proposal.decided_at, new=proposal.new
    )
    twins.update(state=State.UNDONE, undone_at=now, undone_by=editor)
    _save(study, [field], [f"{field} (undone, from {proposal.registry})"], editor, now)


def _save(
    study: Study, fields: Iterable[str], said: list[str], editor: AbstractBaseUser, now: datetime
) -> None:
    study.save(update_fields=[*fields, "updated_at"])
    reopen_check(study=study)
    log_on_study(study=study, user=editor, message=[{"changed": {"fields": said}}])
    format_citations(studies=[study])
    follow_changes(now=now)


def _origin_of(study: Study, field: str) -> list[dict[str, Any]]:
    rows = study.provenance.filter(field=field).order_by("pk").values(*ORIGIN)
    return [
        {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
        for row in rows
    ]


def _restore_origin(study: Study, proposal: MetadataProposal) -> None:
    study.provenance.filter(field=proposal.field).delete()
    sources = set(study.sources.values_list("pk", flat=True))
    for said in proposal.origin_before:
        kept = {**said, "source_id": said["source_id"] if said["source_id"] in sources else None}
        Provenance.objects.create(study=study, field=proposal.field, **kept)


def _merged(field: str, current: Any, new: Any) -> Any:
    """A registry may add registration numbers, but knows no reason to remove one."""
    if field != "registry_ids":
        return new
    return [*(current or []), *(entry for entry in new if entry not in (current or []))]


def _nothing(field: str) -> Any:
    """What an empty field holds: None where the field may be unknown, else its own kind of empty."""
    description: Any = Study._meta.get_field(field)
    return None if description.null else description.get_default()


def _words(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "nothing")
