"""What one study's file in the corpus says, checked field by field.

The format is the corpus' own (evidence/studies/*.yaml); evidence/README.md explains it to editors.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from studies.domain.record_types import (
    Count,
    Doi,
    Milligrams,
    Number,
    OptionalText,
    PartialDate,
    Percent,
    Pmcid,
    Pmid,
    Record,
    Slug,
    StudyKey,
    Text,
    WebAddress,
)
from studies.domain.risk_of_bias_record import RiskOfBiasRecord, refuse_misfits
from studies.domain.vocabulary import (
    ArmRole,
    Better,
    Blinding,
    Design,
    Direction,
    DosePer,
    Measure,
    OutcomeDomain,
    SourceKind,
)

P_TEXT = re.compile(r"(?P<relation><=|<)\s*(?P<value>0?\.\d+|1)|(?P<low>0?\.\d+) to (?P<high>0?\.\d+)")


def _check_p_text(text: str) -> str:
    if not P_TEXT.fullmatch(text):
        raise ValueError("write a p value as a number, '<0.05', '<=0.05' or '0.2 to 0.9'")
    return text


Probability = Annotated[Number, Field(ge=0, le=1)]
PValue = Probability | Annotated[str, AfterValidator(_check_p_text)]


def _drop_empty(record: Any) -> Any:
    """A block of nulls says the same as null."""
    return None if record is not None and record.is_empty() else record


class TitrationStepRecord(Record):
    """One step of a schedule: from this week (or month, or step) on, this much."""

    left_out_when_empty: ClassVar[frozenset[str]] = frozenset({"week", "month", "step"})

    week: int | Text | None = None
    month: int | Text | None = None
    step: int | Text | None = None
    mg: Milligrams

    @model_validator(mode="after")
    def has_one_place(self) -> Self:
        if sum(place is not None for place in (self.week, self.month, self.step)) != 1:
            raise ValueError("name exactly one of week, month or step")
        return self


class DoseRecord(Record):
    left_out_when_empty: ClassVar[frozenset[str]] = frozenset(
        {"formulation", "start_mg", "max_mg", "range_mg", "amount_mg_per_kg", "regimens", "note"}
    )

    amount_mg: Milligrams | None = None
    per: Annotated[DosePer, Field(strict=False)]
    route: Text
    timing: Text | None = None
    formulation: Text | None = None
    duration_weeks: Annotated[Number, Field(gt=0)] | None = None
    titration: list[TitrationStepRecord] | None = None
    start_mg: Milligrams | None = None
    max_mg: Milligrams | None = None
    range_mg: Text | None = None
    amount_mg_per_kg: Milligrams | Text | None = None
    regimens: Text | None = None
    note: Text | None = None


class ArmRecord(Record):
    name: Text
    role: Annotated[ArmRole, Field(strict=False)]
    n: Count | None = None
    dose: DoseRecord | None = None


class ResultRecord(Record):
    """What was measured on one side of a comparison. `arm` is the index of the arm, if known."""

    left_out_when_empty: ClassVar[frozenset[str]] = frozenset(
        {"arm", "ci_low", "ci_high", "p", "baseline", "baseline_sd", "note"}
    )

    arm: int | None = None
    value: Number | None = None
    unit: Text | None = None
    sd: Annotated[Number, Field(ge=0)] | None = None
    ci_low: Number | None = None
    ci_high: Number | None = None
    events: Count | None = None
    n: Count | None = None
    p: PValue | None = None
    baseline: Number | Text | None = None
    baseline_sd: Annotated[Number, Field(ge=0)] | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def is_possible(self) -> Self:
        refuse_more_events_than_people(self.events, self.n)
        refuse_crossed_interval(self.ci_low, self.value, self.ci_high)
        return self


class EffectRecord(Record):
    left_out_when_empty: ClassVar[frozenset[str]] = frozenset({"i2", "better", "note"})

    measure: Annotated[Measure, Field(strict=False)] | None = None
    value: Number | None = None
    ci_low: Number | None = None
    ci_high: Number | None = None
    p: PValue | None = None
    i2: Percent | None = None
    better: Annotated[Better, Field(strict=False)] | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def is_possible(self) -> Self:
        refuse_crossed_interval(self.ci_low, self.value, self.ci_high)
        return self


class OutcomeRecord(Record):
    left_out_when_empty: ClassVar[frozenset[str]] = frozenset({"better"})

    name: Text
    domain: Annotated[OutcomeDomain, Field(strict=False)]
    instrument: Text | None = None
    timepoint: OptionalText = None
    primary: bool | None = None
    better: Annotated[Better, Field(strict=False)] | None = None
    intervention: Annotated[ResultRecord | None, AfterValidator(_drop_empty)] = None
    comparator: Annotated[ResultRecord | None, AfterValidator(_drop_empty)] = None
    effect: Annotated[EffectRecord | None, AfterValidator(_drop_empty)] = None
    direction: Annotated[Direction, Field(strict=False)]


class CountRecord(Record):
    left_out_when_empty: ClassVar[frozenset[str]] = frozenset({"arm"})

    arm: int | None = None
    events: Count | None = None
    n: Count | None = None
    percent: Percent | None = None

    @model_validator(mode="after")
    def is_possible(self) -> Self:
        refuse_more_events_than_people(self.events, self.n)
        refuse_wrong_percent(self.events, self.n, self.percent)
        return self


class SideEffectRecord(Record):
    left_out_when_empty: ClassVar[frozenset[str]] = frozenset({"p", "note"})

    name: Text
    intervention: Annotated[CountRecord | None, AfterValidator(_drop_empty)] = None
    comparator: Annotated[CountRecord | None, AfterValidator(_drop_empty)] = None
    p: PValue | None = None
    note: Text | None = None


class SourceRecord(Record):
    url: WebAddress | None = None
    used_for: Annotated[Text, Field(alias="for")]
    kind: Annotated[SourceKind, Field(strict=False)]


class CorrectionRecord(Record):
    field: Text
    was: Any = None
    now: Any = None
    why: Text


class SecondReadingRecord(Record):
    """What a second look at another copy of the paper agreed with, corrected or could not see."""

    read_on: Annotated[PartialDate, Field(alias="on")]
    agreed: list[Text] = []
    corrected: list[CorrectionRecord] = []
    not_seen: list[Text] = []


class ProvenanceRecord(Record):
    """Where a number was read: `of` is a path such as outcomes.0, `source` an index into sources."""

    left_out_when_empty: ClassVar[frozenset[str]] = frozenset(
        {"source", "place", "quote", "registry", "read_by", "read_on", "checked_by", "checked_on"}
    )

    of: Text
    source: int | None = None
    place: Text | None = None
    quote: Text | None = None
    registry: Text | None = None
    read_by: Text | None = None
    read_on: PartialDate | None = None
    checked_by: Text | None = None
    checked_on: PartialDate | None = None


class EditorialRecord(Record):
    """How far the record has come through the editors' hands."""

    left_out_when_empty: ClassVar[frozenset[str]] = frozenset({"entered_by", "checked_by", "checked_on"})

    status: Literal["draft", "in_review", "published"] = "published"
    entered_by: Text | None = None
    checked_by: Text | None = None
    checked_on: PartialDate | None = None

    @model_validator(mode="after")
    def is_checked_by_somebody_else(self) -> Self:
        if self.checked_by and self.checked_by == self.entered_by:
            raise ValueError("checked_by must be another person than entered_by")
        return self


class StudyRecord(Record):
    left_out_when_empty: ClassVar[frozenset[str]] = frozenset(
        {"risk_of_bias", "second_reading", "provenance", "editorial"}
    )

    key: StudyKey
    title: Text
    authors: list[Text] | None = None
    journal: Text | None = None
    journal_abbrev: Text | None = None
    year: Annotated[int, Field(ge=1960, le=2100)] | None = None
    volume: Text | None = None
    issue: Text | None = None
    pages: Text | None = None
    doi: Doi | None = None
    pmid: Pmid | None = None
    pmcid: Pmcid | None = None
    registry_ids: list[Text] = []
    publication_types: list[Text] = []
    open_access: bool | None = None
    design: Annotated[Design, Field(strict=False)]
    blinding: Annotated[Blinding, Field(strict=False)]
    conditions: Annotated[list[Slug], Field(min_length=1)]
    country: Text | None = None
    funding: Text | None = None
    n_enrolled: Count | None = None
    n_analysed: Count | None = None
    population: Text | None = None
    arms: list[ArmRecord] = []
    outcomes: list[OutcomeRecord] = []
    side_effects: list[SideEffectRecord] = []
    serious_adverse_events: Text | None = None
    withdrawals: Text | None = None
    conclusion: Text
    limitations: list[Text] = []
    risk_of_bias: list[RiskOfBiasRecord] = []
    sources: list[SourceRecord] = []
    unverified: list[Text] = []
    second_reading: SecondReadingRecord | None = None
    provenance: list[ProvenanceRecord] = []
    editorial: EditorialRecord = EditorialRecord()

    @model_validator(mode="after")
    def names_each_thing_once(self) -> Self:
        refuse_repeats("conditions", self.conditions)
        refuse_repeats("arms", [arm.name for arm in self.arms])
        refuse_misfits(self.design, self.risk_of_bias)
        return self

    @model_validator(mode="after")
    def has_an_intervention_arm(self) -> Self:
        if self.arms and ArmRole.INTERVENTION not in [arm.role for arm in self.arms]:
            raise ValueError("arms: one arm must have the role intervention")
        return self

    @model_validator(mode="after")
    def has_a_source_for_its_numbers(self) -> Self:
        published = self.editorial.status == "published"
        if published and (self.outcomes or self.side_effects) and not self.sources:
            raise ValueError("sources: a published outcome or side effect needs a source")
        return self

    @model_validator(mode="after")
    def points_at_what_is_there(self) -> Self:
        named: list[OutcomeRecord | SideEffectRecord] = [*self.outcomes, *self.side_effects]
        for outcome in named:
            for side in (outcome.intervention, outcome.comparator):
                if side and side.arm is not None and not 0 <= side.arm < len(self.arms):
                    raise ValueError(f"{outcome.name}: there is no arm {side.arm}")
        for entry in self.provenance:
            if entry.source is not None and not 0 <= entry.source < len(self.sources):
                raise ValueError(f"provenance of {entry.of}: there is no source {entry.source}")
        return self


def refuse_more_events_than_people(events: int | None, n: int | None) -> None:
    """Raise ValueError when more people had an event than there were."""
    if events is not None and n is not None and events > n:
        raise ValueError(f"events ({events}) is more than n ({n})")


def refuse_crossed_interval(low: Decimal | None, value: Decimal | None, high: Decimal | None) -> None:
    """Raise ValueError unless low <= value <= high, as far as each is known."""
    known = [number for number in (low, value, high) if number is not None]
    if known != sorted(known):
        raise ValueError(f"ci_low ({low}), value ({value}) and ci_high ({high}) are not in order")


def refuse_wrong_percent(events: int | None, n: int | None, percent: Decimal | None) -> None:
    """Raise ValueError when a percentage cannot be a rounding of events out of n."""
    if events is None or not n or percent is None:
        return
    if abs(percent - Decimal(100) * events / n) > 1:
        raise ValueError(f"percent ({percent}) is not {events} of {n}")


def refuse_repeats(field: str, names: list[str]) -> None:
    """Raise ValueError naming the first entry that stands twice."""
    for index, name in enumerate(names):
        if name in names[:index]:
            raise ValueError(f"{field}: {name} stands twice")


def split_p(p: Decimal | str | None) -> tuple[str | None, Decimal | None, Decimal | None]:
    """Relation, value and upper end of a p value as printed.

    >>> split_p("<0.001")
    ('<', Decimal('0.001'), None)
    >>> split_p("0.219 to 0.954")
    ('..', Decimal('0.219'), Decimal('0.954'))
    """
    if p is None:
        return None, None, None
    if isinstance(p, Decimal):
        return "=", p, None
    match = P_TEXT.fullmatch(p)
    if not match:
        raise ValueError(f"not a p value: {p}")
    if match["low"]:
        return "..", Decimal(match["low"]), Decimal(match["high"])
    return match["relation"], Decimal(match["value"]), None


def join_p(relation: str | None, value: Decimal | None, high: Decimal | None) -> Decimal | str | None:
    """The p value as a file writes it; the inverse of split_p.

    >>> join_p("<", Decimal("0.05"), None)
    '<0.05'
    """
    if value is None or relation == "=":
        return value
    return f"{value} to {high}" if relation == ".." else f"{relation}{value}"


def split_range(text: str | None) -> tuple[Decimal | None, Decimal | None]:
    """Both ends, in mg, of a dose range as printed; (None, None) when it is not one.

    >>> split_range("4.5-12.5")
    (Decimal('4.5'), Decimal('12.5'))
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(?:-|\u2013|to)\s*(\d+(?:\.\d+)?)", text or "")
    return (Decimal(match[1]), Decimal(match[2])) if match else (None, None)
