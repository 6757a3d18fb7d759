"""What the corpus says of scales (evidence/instruments.yaml)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from studies.domain.record_types import Number, Record, Slug, Text


class InstrumentRecord(Record):
    """A scale, the names under which records give it, and the smallest difference that matters, if known."""

    left_out_when_empty: ClassVar[frozenset[str]] = frozenset(
        {"minimal_difference", "minimal_difference_source"}
    )

    slug: Slug
    name: Text
    reported_as: list[Text] = []
    minimal_difference: Annotated[Number, Field(gt=0)] | None = None
    minimal_difference_source: Text | None = None

    @model_validator(mode="after")
    def says_where_the_difference_was_read(self) -> Self:
        if (self.minimal_difference is None) != (self.minimal_difference_source is None):
            raise ValueError("minimal_difference and minimal_difference_source stand together or not at all")
        return self


class InstrumentFile(Record):
    instruments: list[InstrumentRecord]
