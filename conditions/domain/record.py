"""What the corpus files on conditions, claims and safety say, checked field by field."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from conditions.domain.question import CLAIMED, Comparator, QuestionKind
from studies.domain.record import refuse_repeats
from studies.domain.record_types import (
    Count,
    Milligrams,
    PartialDate,
    Percent,
    Record,
    Slug,
    StudyKey,
    Text,
    WebAddress,
)
from studies.domain.vocabulary import Direction, OutcomeDomain, SourceKind

# These group laboratory and prescription studies; nobody suffers from them (DESIGN, section 7).
TOPICS = frozenset({"mechanism", "healthy-volunteers", "drug-utilisation", "skin-disease"})

Category = Literal[
    "pain",
    "neurological",
    "gastrointestinal",
    "immune-rheumatic",
    "skin",
    "infectious-post-infectious",
    "psychiatric-developmental",
    "cancer",
    "other",
]
Verdict = Literal[
    "supported", "partly_supported", "overstated", "not_supported", "contradicted", "unverifiable"
]
Stance = Literal["supports", "contradicts", "context"]
Topic = Literal["efficacy", "safety", "dosing", "mechanism", "regulatory", "epidemiology", "cost"]


class VocabularySourceRecord(Record):
    url: WebAddress
    used_for: Annotated[Text, Field(alias="for")]


class CodeRecord(Record):
    id: Text
    name: Text | None = None


class FoundationRecord(Record):
    id: Text
    title: Text | None = None


class ConditionRecord(Record):
    slug: Slug
    name: Text
    definition: Text
    synonyms: list[Text] = []
    icd10: Text | None = None
    icd10_edition: Text | None = None
    icd11: Text | None = None
    icd11_foundation: FoundationRecord | None = None
    mesh: CodeRecord | None = None
    category: Category
    unverified: list[Text] = []

    @model_validator(mode="after")
    def names_each_synonym_once(self) -> Self:
        refuse_repeats("synonyms", [synonym.lower() for synonym in self.synonyms])
        return self


class ConditionFile(Record):
    sources: list[VocabularySourceRecord] = []
    conditions: list[ConditionRecord]


class ReferenceRecord(Record):
    title: Text
    url: WebAddress | None = None
    kind: Annotated[SourceKind, Field(strict=False)]


class ClaimStudyRecord(Record):
    key: StudyKey
    stance: Stance
    note: Text | None = None


# What each kind of question must say; existence needs one of its marks.
NEEDED: dict[QuestionKind, tuple[str, ...]] = {
    QuestionKind.EFFICACY: ("domains", "comparator", "claimed_direction"),
    QuestionKind.FREQUENCY: ("side_effects", "comparator", "claimed_direction"),
    QuestionKind.DOSE_RANGE: ("low_mg", "high_mg"),
    QuestionKind.EXISTENCE: (),
    QuestionKind.NOT_COMPUTABLE: ("why_not",),
}
MARKS = ("year", "n_people", "percent", "claimed_direction")
# What it may say; anything else would be ignored, so it is refused.
USED: dict[QuestionKind, tuple[str, ...]] = {
    **NEEDED,
    QuestionKind.EXISTENCE: ("domains", "side_effects", *MARKS),
}


class QuestionRecord(Record):
    """What a claim asks of the studies of its conditions; see conditions/domain/question.py."""

    left_out_when_empty: ClassVar[frozenset[str]] = frozenset(
        {"domains", "side_effects", "comparator", "low_mg", "high_mg", "why_not", *MARKS}
    )

    kind: Annotated[QuestionKind, Field(strict=False)]
    domains: list[Annotated[OutcomeDomain, Field(strict=False)]] = []
    side_effects: list[Slug] = []
    comparator: Annotated[Comparator, Field(strict=False)] | None = None
    claimed_direction: Annotated[Direction, Field(strict=False)] | None = None
    low_mg: Milligrams | None = None
    high_mg: Milligrams | None = None
    year: Annotated[int, Field(ge=1900, le=2100)] | None = None
    n_people: Annotated[Count, Field(ge=1)] | None = None
    percent: Percent | None = None
    why_not: Text | None = None

    @model_validator(mode="after")
    def says_what_its_kind_needs_and_no_more(self) -> Self:
        kind = QuestionKind(self.kind)
        said = [
            name
            for name in type(self).model_fields
            if name != "kind" and getattr(self, name) not in (None, [])
        ]
        missing = [name for name in NEEDED[kind] if name not in said]
        if missing:
            raise ValueError(f"a question of kind {kind} needs {', '.join(missing)}")
        if spare := [name for name in said if name not in USED[kind]]:
            raise ValueError(f"a question of kind {kind} has no use for {', '.join(spare)}; remove it")
        if kind is QuestionKind.EXISTENCE and not set(said) & set(MARKS):
            raise ValueError(f"a question of kind {kind} needs one of {', '.join(MARKS)}")
        return self

    @model_validator(mode="after")
    def makes_sense(self) -> Self:
        refuse_repeats("domains", list(self.domains))
        refuse_repeats("side_effects", self.side_effects)
        if self.side_effects != sorted(self.side_effects):
            raise ValueError("side_effects stand in the order of the alphabet")
        if self.claimed_direction is not None and self.claimed_direction not in CLAIMED:
            raise ValueError(f"claimed_direction is one of {', '.join(CLAIMED)}")
        if self.low_mg is not None and self.high_mg is not None and self.low_mg > self.high_mg:
            raise ValueError("low_mg is not above high_mg")
        return self


class ClaimRecord(Record):
    id: Slug
    statement: Text
    topic: Topic
    conditions: list[Slug] = []
    question: QuestionRecord | None = None
    verdict: Verdict
    rationale: Text
    studies: list[ClaimStudyRecord] = []
    other_sources: list[ReferenceRecord] = []
    editor_notes: list[Text] = []

    @model_validator(mode="after")
    def names_each_thing_once(self) -> Self:
        refuse_repeats("conditions", self.conditions)
        refuse_repeats("studies", [study.key for study in self.studies])
        return self


class OmissionRecord(Record):
    id: Slug
    statement: Text
    why: Text
    other_sources: list[ReferenceRecord] = []


class ClaimSourceRecord(Record):
    title: Text
    checked_on: PartialDate


class ClaimFile(Record):
    source: ClaimSourceRecord
    claims: list[ClaimRecord]
    omissions: list[OmissionRecord] = []


class SafetyFactRecord(Record):
    id: Slug
    kind: Literal["contraindication", "warning", "interaction", "population", "side_effect", "quality"]
    level: Literal["stop", "caution", "inform"]
    headline: Text
    detail: Text
    low_dose_note: Text | None = None
    studies: list[StudyKey] = []
    sources: list[ReferenceRecord] = []


class SafetyFile(Record):
    about: Text
    checked_on: PartialDate
    facts: list[SafetyFactRecord]
