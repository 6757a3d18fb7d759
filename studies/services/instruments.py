"""Scales, between rows and the corpus."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from studies.domain.instrument_record import InstrumentRecord
from studies.models import Instrument

FIELDS = ["slug", "name", "reported_as", "minimal_difference", "minimal_difference_source"]


def read_instrument(row: Instrument) -> InstrumentRecord:
    """Return the scale as a file holds it."""
    return InstrumentRecord(**{field: getattr(row, field) for field in FIELDS})


@transaction.atomic
def write_instrument(
    *, record: InstrumentRecord, row: Instrument | None, position: int, loaded_record: dict[str, Any] | None
) -> Instrument:
    """Save a scale, new or over an existing row, and return the row."""
    row = row or Instrument()
    for field in FIELDS:
        setattr(row, field, getattr(record, field))
    row.position, row.loaded_record = position, loaded_record
    row.save()
    return row
