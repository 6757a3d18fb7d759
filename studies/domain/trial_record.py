"""What the corpus says of one registered trial (evidence/trials.yaml)."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from studies.domain.record_types import Count, Day, PartialDate, Record, Slug, StudyKey, Text, WebAddress
from studies.domain.vocabulary import SourceKind


class TrialRecord(Record):
    left_out_when_empty: ClassVar[frozenset[str]] = frozenset({"results_posted_on"})

    id: Text
    other_ids: list[Text] = []
    title: Text
    conditions: list[Slug]
    status: Text | None = None
    status_as_of: PartialDate | None = None
    phase: Text | None = None
    enrolment: Count | None = None
    dose: Text | None = None
    sponsor: Text | None = None
    start: PartialDate | None = None
    completion: PartialDate | None = None
    results_key: StudyKey | None = None
    results_posted_on: Day | None = None
    source_url: WebAddress | None = None
    note: Text | None = None
    unverified: list[Text] = []
    source_kind: Annotated[SourceKind, Field(strict=False)]


class TrialFile(Record):
    trials: list[TrialRecord]


class SideEffectEntry(Record):
    """A side effect as readers meet it, and the names under which papers report it."""

    slug: Slug
    name: Text
    description: Text | None = None
    reported_as: list[Text] = []
    codes: dict[str, Text] = {}


class SideEffectFile(Record):
    side_effects: list[SideEffectEntry]
