"""One judgement on risk of bias as a study's file holds it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from studies.domain.record_types import PartialDate, Record, Text
from studies.domain.risk_of_bias import Judgement, Tool, complain


class RiskOfBiasRecord(Record):
    """What one reader judged of one domain, and why."""

    left_out_when_empty: ClassVar[frozenset[str]] = frozenset({"second_assessor"})

    tool: Annotated[Tool, Field(strict=False)]
    domain: Text
    judgement: Annotated[Judgement, Field(strict=False)]
    reason: Text
    assessed_by: Text
    assessed_on: PartialDate
    second_assessor: Text | None = None

    @model_validator(mode="after")
    def is_agreed_by_somebody_else(self) -> Self:
        if self.second_assessor == self.assessed_by:
            raise ValueError("second_assessor must be another person than assessed_by")
        return self


def refuse_misfits(design: str, entries: Sequence[RiskOfBiasRecord]) -> None:
    """Raise ValueError naming the first judgement that its tool does not know or that stands twice."""
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        complaint = complain(design, entry.tool, entry.domain, entry.judgement)
        if complaint:
            raise ValueError(f"risk_of_bias.{index}.{complaint}")
        if entry.domain in seen:
            raise ValueError(f"risk_of_bias.{index}.domain: {entry.domain} is judged twice; keep one")
        seen.add(entry.domain)
