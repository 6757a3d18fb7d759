"""Conditions, claims, omissions and safety facts, between rows and the corpus."""

from __future__ import annotations

from typing import Any, cast

from django.db import transaction

from conditions.domain.question import Comparator, QuestionKind
from conditions.domain.record import (
    TOPICS,
    ClaimRecord,
    ClaimStudyRecord,
    CodeRecord,
    ConditionRecord,
    FoundationRecord,
    OmissionRecord,
    QuestionRecord,
    ReferenceRecord,
    SafetyFactRecord,
)
from conditions.models import (
    Claim,
    ClaimCondition,
    ClaimEvidence,
    Condition,
    Omission,
    Question,
    Reference,
    SafetyFact,
    SafetyFactStudy,
    Synonym,
)
from studies.domain.vocabulary import Direction, OutcomeDomain, SourceKind
from studies.models import SideEffect, Study

CONDITION_FIELDS = ["slug", "name", "definition", "icd10", "icd10_edition", "icd11", "category", "unverified"]
CLAIM_FIELDS = ["statement", "topic", "verdict", "rationale", "editor_notes"]
QUESTION_FIELDS = ["low_mg", "high_mg", "year", "n_people", "percent", "why_not"]
SAFETY_FIELDS = ["kind", "level", "headline", "detail", "low_dose_note"]


def read_condition(row: Condition) -> ConditionRecord:
    """Return the condition as the corpus holds it."""
    foundation = row.icd11_foundation_id
    return ConditionRecord(
        **{field: getattr(row, field) for field in CONDITION_FIELDS},
        synonyms=[synonym.name for synonym in row.synonyms.all()],
        icd11_foundation=FoundationRecord(id=foundation, title=row.icd11_foundation_title)
        if foundation
        else None,
        mesh=CodeRecord(id=row.mesh_id, name=row.mesh_name) if row.mesh_id else None,
    )


@transaction.atomic
def write_condition(
    *, record: ConditionRecord, row: Condition | None, position: int, loaded_record: dict[str, Any] | None
) -> Condition:
    """Save a condition, new or over an existing row, and return the row."""
    row = row or Condition()
    row.position = position
    for field in CONDITION_FIELDS:
        setattr(row, field, getattr(record, field))
    row.is_topic = record.slug in TOPICS
    row.icd11_foundation_id = record.icd11_foundation.id if record.icd11_foundation else None
    row.icd11_foundation_title = record.icd11_foundation.title if record.icd11_foundation else None
    row.mesh_id = record.mesh.id if record.mesh else None
    row.mesh_name = record.mesh.name if record.mesh else None
    row.loaded_record = loaded_record
    row.save()
    row.synonyms.all().delete()
    Synonym.objects.bulk_create(
        Synonym(condition=row, name=name, position=position) for position, name in enumerate(record.synonyms)
    )
    return row


def read_claim(row: Claim) -> ClaimRecord:
    """Return the claim as the corpus holds it."""
    return ClaimRecord(
        id=row.slug,
        **{field: getattr(row, field) for field in CLAIM_FIELDS},
        conditions=[link.condition.slug for link in row.claim_conditions.all()],
        question=read_question(row.question) if hasattr(row, "question") else None,
        studies=[
            ClaimStudyRecord(key=e.study.key, stance=cast(Any, e.stance), note=e.note)
            for e in row.evidence.all()
        ],
        other_sources=_read_references(row),
    )


@transaction.atomic
def write_claim(
    *, record: ClaimRecord, row: Claim | None, position: int, loaded_record: dict[str, Any] | None
) -> Claim:
    """Save a claim, new or over an existing row, and return the row.

    Its conditions, studies and side effects must be there already.
    """
    row = row or Claim()
    row.slug, row.position, row.loaded_record = record.id, position, loaded_record
    for field in CLAIM_FIELDS:
        setattr(row, field, getattr(record, field))
    row.save()
    conditions = Condition.objects.in_bulk(record.conditions, field_name="slug")
    studies = Study.objects.in_bulk([study.key for study in record.studies], field_name="key")
    row.claim_conditions.all().delete()
    row.evidence.all().delete()
    ClaimCondition.objects.bulk_create(
        ClaimCondition(claim=row, condition=conditions[slug], position=i)
        for i, slug in enumerate(record.conditions)
    )
    ClaimEvidence.objects.bulk_create(
        ClaimEvidence(claim=row, study=studies[s.key], position=i, stance=s.stance, note=s.note)
        for i, s in enumerate(record.studies)
    )
    _write_question(record.question, row)
    _write_references(record.other_sources, row, claim=row)
    return row


def read_question(row: Question) -> QuestionRecord:
    """Return the question of a claim as the corpus holds it."""
    return QuestionRecord(
        kind=QuestionKind(row.kind),
        domains=[OutcomeDomain(domain) for domain in row.domains],
        side_effects=sorted(effect.slug for effect in row.side_effects.all()),
        comparator=Comparator(row.comparator) if row.comparator else None,
        claimed_direction=Direction(row.claimed_direction) if row.claimed_direction else None,
        **{field: getattr(row, field) for field in QUESTION_FIELDS},
    )


def _write_question(record: QuestionRecord | None, claim: Claim) -> None:
    Question.objects.filter(claim=claim).delete()
    if record is None:
        return
    question = Question.objects.create(
        claim=claim,
        kind=record.kind,
        domains=record.domains,
        comparator=record.comparator,
        claimed_direction=record.claimed_direction,
        **{field: getattr(record, field) for field in QUESTION_FIELDS},
    )
    question.side_effects.set(SideEffect.objects.filter(slug__in=record.side_effects))


def read_omission(row: Omission) -> OmissionRecord:
    """Return what the article leaves out as the corpus holds it."""
    return OmissionRecord(
        id=row.slug, statement=row.statement, why=row.why, other_sources=_read_references(row)
    )


@transaction.atomic
def write_omission(
    *, record: OmissionRecord, row: Omission | None, position: int, loaded_record: dict[str, Any] | None
) -> Omission:
    """Save an omission, new or over an existing row, and return the row."""
    row = row or Omission()
    row.slug, row.position, row.loaded_record = record.id, position, loaded_record
    row.statement, row.why = record.statement, record.why
    row.save()
    _write_references(record.other_sources, row, omission=row)
    return row


def read_safety_fact(row: SafetyFact) -> SafetyFactRecord:
    """Return the safety fact as the corpus holds it."""
    return SafetyFactRecord(
        id=row.slug,
        **{field: getattr(row, field) for field in SAFETY_FIELDS},
        studies=[link.study.key for link in row.fact_studies.all()],
        sources=_read_references(row),
    )


@transaction.atomic
def write_safety_fact(
    *, record: SafetyFactRecord, row: SafetyFact | None, position: int, loaded_record: dict[str, Any] | None
) -> SafetyFact:
    """Save a safety fact, new or over an existing row, and return the row. Its studies must be there."""
    row = row or SafetyFact()
    row.slug, row.position, row.loaded_record = record.id, position, loaded_record
    for field in SAFETY_FIELDS:
        setattr(row, field, getattr(record, field))
    row.save()
    studies = Study.objects.in_bulk(record.studies, field_name="key")
    row.fact_studies.all().delete()
    SafetyFactStudy.objects.bulk_create(
        SafetyFactStudy(fact=row, study=studies[key], position=i) for i, key in enumerate(record.studies)
    )
    _write_references(record.sources, row, safety_fact=row)
    return row


def _read_references(row: Claim | Omission | SafetyFact) -> list[ReferenceRecord]:
    return [ReferenceRecord(title=r.title, url=r.url, kind=SourceKind(r.kind)) for r in row.references.all()]


def _write_references(
    records: list[ReferenceRecord], row: Claim | Omission | SafetyFact, **owner: Claim | Omission | SafetyFact
) -> None:
    row.references.all().delete()
    Reference.objects.bulk_create(
        Reference(position=i, title=r.title, url=r.url, kind=r.kind, **owner) for i, r in enumerate(records)
    )
