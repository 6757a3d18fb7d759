"""A registry's facts applied to a study: gaps are filled, differences become proposals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from studies.domain.bibliography import BIBLIOGRAPHIC_FIELDS, Difference, PaperFacts, differences
from studies.models import MetadataProposal, Provenance, Study

UNIQUE_FIELDS = ("doi", "pmid", "pmcid")
State = MetadataProposal.State


@dataclass(frozen=True)
class Applied:
    """Which fields were filled, and for which a proposal stands."""

    filled: list[str]
    proposed: list[str]


@transaction.atomic
def apply_facts(*, study: Study, facts: PaperFacts, now: datetime) -> Applied:
    """Fill the study's empty bibliographic fields and propose the rest; return what was done.

    A field that the same registry filled before, and that nobody has changed since, follows the registry.
    Safe to run twice: the second run finds nothing left to do.
    """
    applied = Applied([], [])
    own = dict(
        study.provenance.filter(registry=facts.registry).exclude(field="").values_list("field", "quote")
    )
    found = differences(facts, {field: getattr(study, field) for field in BIBLIOGRAPHIC_FIELDS})
    differing = {difference.field for difference in found}
    agreed = [f for f in BIBLIOGRAPHIC_FIELDS if getattr(facts, f) and f not in differing]
    _supersede(study.proposals.filter(registry=facts.registry, field__in=agreed), now)
    for difference in found:
        if _belongs_to_another(study, difference):
            propose(study=study, registry=facts.registry, difference=difference, now=now)
            applied.proposed.append(difference.field)
        elif difference.fills_a_gap or own.get(difference.field) == _text(difference.old):
            _fill(study, facts.registry, difference, now)
            _supersede(study.proposals.filter(registry=facts.registry, field=difference.field), now)
            applied.filled.append(difference.field)
        elif propose(study=study, registry=facts.registry, difference=difference, now=now):
            applied.proposed.append(difference.field)
    if applied.filled:
        study.save(update_fields=[*applied.filled, "updated_at"])
    return applied


def _belongs_to_another(study: Study, difference: Difference) -> bool:
    if difference.field not in UNIQUE_FIELDS:
        return False
    return Study.objects.filter(**{difference.field: difference.new}).exclude(pk=study.pk).exists()


def _fill(study: Study, registry: str, difference: Difference, now: datetime) -> None:
    new: Any = difference.new
    if difference.field == "registry_ids":
        new = [*study.registry_ids, *(entry for entry in new if entry not in study.registry_ids)]
    setattr(study, difference.field, new)
    note_origin(
        study=study, field=difference.field, registry=registry, value=difference.new, today=now.date()
    )


def note_origin(
    *, study: Study, field: str, registry: str, value: object, today: date, place: str = ""
) -> None:
    """Write down that a study's field was read from a registry, in place of what was noted before.

    `value` is what the registry said; it tells later whether anybody has changed the field since.
    `place` is where in an imported file it stood.
    """
    study.provenance.filter(field=field).delete()
    Provenance.objects.create(
        study=study,
        field=field,
        registry=registry,
        place=place or None,
        quote=_text(value),
        read_by=registry,
        read_on=today,
    )


def propose(*, study: Study, registry: str, difference: Difference, now: datetime, place: str = "") -> bool:
    """Put the value of a registry or a file before an editor, once; return whether it stands there.

    A value that was rejected does not come back until the registry has said something else since.
    """
    proposals = study.proposals.filter(registry=registry, field=difference.field)
    last = proposals.order_by("-proposed_at", "-pk").first()
    if last and last.new == difference.new:
        if last.state in {State.REJECTED, State.UNDONE}:
            return False
        if last.state == State.OPEN and last.old == difference.old:
            return True
    _supersede(proposals, now)
    MetadataProposal.objects.create(
        study=study,
        registry=registry,
        field=difference.field,
        old=difference.old,
        new=difference.new,
        place=place,
        proposed_at=now,
    )
    return True


def _supersede(proposals: QuerySet[MetadataProposal], now: datetime) -> None:
    """Close open proposals that no longer stand: there is nothing to decide."""
    proposals.filter(state=State.OPEN).update(state=State.SUPERSEDED, decided_at=now)


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
