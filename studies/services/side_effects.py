"""The catalogue of side effects: which entry a reported name belongs to."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.text import slugify

from studies.domain.trial_record import SideEffectEntry
from studies.models import SideEffect


def side_effect_for(*, name: str) -> SideEffect:
    """Return the entry that a reported name belongs to; a name nobody has sorted gets its own."""
    entry = SideEffect.objects.filter(reported_as__contains=[name]).order_by("pk").first()
    if entry is None:
        entry, _ = SideEffect.objects.get_or_create(
            slug=slugify(name)[:80], defaults={"name": name[0].upper() + name[1:], "reported_as": [name]}
        )
    return entry


def read_side_effect(row: SideEffect) -> SideEffectEntry:
    """Return the catalogue entry as a file holds it."""
    return SideEffectEntry(
        slug=row.slug,
        name=row.name,
        description=row.description,
        reported_as=row.reported_as,
        codes=row.codes,
    )


@transaction.atomic
def write_side_effect(
    *, record: SideEffectEntry, row: SideEffect | None, position: int, loaded_record: dict[str, Any] | None
) -> SideEffect:
    """Save a catalogue entry, new or over an existing row, and return the row."""
    row = row or SideEffect()
    for field in ("slug", "name", "description", "reported_as", "codes"):
        setattr(row, field, getattr(record, field))
    row.position, row.loaded_record = position, loaded_record
    row.save()
    return row
