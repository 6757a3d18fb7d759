"""Verdicts computed from the records and kept, in the transaction of the change that they follow from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from conditions.domain.question import (
    Comparator,
    QuestionKind,
    describe_question,
)
from conditions.domain.question import (
    Question as AskedQuestion,
)
from conditions.domain.verdict import ComputedVerdict as Computed
from conditions.domain.verdict import compute_verdict
from conditions.domain.verdict_rules import VERSION, Pooled
from conditions.models import Claim, ComputedVerdict, Question, VerdictFinding
from conditions.services.answered import Answered, pooled_for_verdict, read_answers
from conditions.services.findings import ReadFinding, read_findings, read_studies
from studies.domain.vocabulary import Direction, PublicationStatus
from studies.models import Study


@dataclass(frozen=True)
class FreshVerdict:
    """A verdict as the records stand now, with what it was computed from."""

    claim: Claim
    question_text: str
    computed: Computed
    read: list[ReadFinding]
    input_hash: str

    @property
    def steps(self) -> list[dict[str, str]]:
        """The steps as they are stored."""
        return [asdict(step) for step in self.computed.steps]


@transaction.atomic
def recompute_verdicts(*, now: datetime, claims: Iterable[Claim] | None = None) -> list[str]:
    """Compute and keep the verdicts, and return the slugs of those that are new or changed.

    A verdict whose inputs are the same stays as it is, so running it twice changes nothing. The number of
    queries does not depend on the number of claims or studies.

    Args:
        now: the time to write down.
        claims: whose verdicts; all when not given.
    """
    fresh = compute_fresh(claims=claims)
    ComputedVerdict.objects.filter(claim__question__isnull=True).delete()
    stored = _read_stored()
    changed = [verdict for verdict in fresh if not _is_same(verdict, stored.get(verdict.claim.pk))]
    _store(changed, now)
    return [verdict.claim.slug for verdict in changed]


def compute_fresh(
    *,
    claims: Iterable[Claim] | None = None,
    as_if_gone: frozenset[str] = frozenset(),
    answered: Answered | None = None,
) -> list[FreshVerdict]:
    """Return the verdicts of the claims that ask a question, computed anew; nothing is kept.

    Args:
        claims: whose verdicts; all when not given.
        as_if_gone: keys of studies to be treated as if their papers were retracted, to rehearse it.
        answered: pools and certainties to quote instead of the stored ones.
    """
    rows = Claim.objects.filter(question__isnull=False).select_related("question")
    if claims is not None:
        rows = rows.filter(pk__in=[claim.pk for claim in claims])
    asked = list(rows.with_conditions().prefetch_related("question__side_effects"))
    slugs = {link.condition.slug for claim in asked for link in claim.claim_conditions.all()}
    studies = read_studies(conditions=slugs)
    for study in studies:
        if study.key in as_if_gone:
            study.publication_status = PublicationStatus.RETRACTED
    quoted = answered or read_answers(conditions=slugs)
    return [_compute(claim, studies, quoted) for claim in asked]


def find_stale() -> list[str]:
    """Return the slugs of the claims whose stored verdict is not what the records say now."""
    fresh = compute_fresh()
    stored = _read_stored()
    wrong = [v.claim.slug for v in fresh if not _is_same(v, stored.pop(v.claim.pk, None))]
    return sorted([*wrong, *(verdict.claim.slug for verdict in stored.values())])


def _compute(claim: Claim, studies: Sequence[Study], answered: Answered) -> FreshVerdict:
    question = read_asked(claim.question, claim)
    text = describe_question(
        question,
        [link.condition.name for link in claim.claim_conditions.all()],
        sorted(effect.name.lower() for effect in claim.question.side_effects.all()),
    )
    read = [] if question.kind is QuestionKind.NOT_COMPUTABLE else read_findings(question, studies)
    subject = answered.subject_of(question)
    pooled = pooled_for_verdict(answered.main.get(subject)) if subject else None
    graded = answered.certainties.get(subject) if subject else None
    certainty = graded.word if graded and pooled else None
    computed = compute_verdict(
        question, [entry.finding for entry in read], pooled=pooled, certainty=certainty
    )
    return FreshVerdict(claim, text, computed, read, _hash(question, text, read, pooled, certainty))


def read_asked(row: Question, claim: Claim) -> AskedQuestion:
    """Return the question in plain values, with the conditions of its claim."""
    return AskedQuestion(
        kind=QuestionKind(row.kind),
        conditions=tuple(link.condition.slug for link in claim.claim_conditions.all()),
        domains=tuple(row.domains),
        side_effects=tuple(sorted(effect.slug for effect in row.side_effects.all())),
        comparator=Comparator(row.comparator) if row.comparator else None,
        claimed_direction=Direction(row.claimed_direction) if row.claimed_direction else None,
        low_mg=row.low_mg,
        high_mg=row.high_mg,
        year=row.year,
        n_people=row.n_people,
        percent=row.percent,
        why_not=row.why_not,
    )


def _hash(
    question: AskedQuestion,
    text: str,
    read: Iterable[ReadFinding],
    pooled: Pooled | None,
    certainty: str | None,
) -> str:
    found = [(asdict(r.finding), r.rows, r.anchor) for r in read]
    inputs = [VERSION, text, asdict(question), found, pooled and asdict(pooled), certainty]
    return hashlib.sha256(json.dumps(inputs, default=_plain).encode()).hexdigest()


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{value!r} is no input of a verdict")


def _store(verdicts: Sequence[FreshVerdict], now: datetime) -> None:
    ComputedVerdict.objects.bulk_create(
        [_row(verdict, now) for verdict in verdicts],
        update_conflicts=True,
        unique_fields=["claim"],
        update_fields=["word", "reason", "version", "question_text", "steps", "input_hash", "computed_at"],
    )
    rows = ComputedVerdict.objects.in_bulk([v.claim.pk for v in verdicts], field_name="claim_id")
    VerdictFinding.objects.filter(verdict__in=rows.values()).delete()
    VerdictFinding.objects.bulk_create(
        VerdictFinding(verdict=rows[verdict.claim.pk], **fields)
        for verdict in verdicts
        for fields in _finding_fields(verdict)
    )


def _row(verdict: FreshVerdict, now: datetime) -> ComputedVerdict:
    return ComputedVerdict(
        claim=verdict.claim,
        word=verdict.computed.word,
        reason=verdict.computed.reason,
        version=VERSION,
        question_text=verdict.question_text,
        steps=verdict.steps,
        input_hash=verdict.input_hash,
        computed_at=now,
    )


def _finding_fields(verdict: FreshVerdict) -> list[dict[str, Any]]:
    fields = []
    for place_in_list, sorted_finding in enumerate(verdict.computed.findings):
        read = verdict.read[sorted_finding.position]
        study_id, outcome_id, report_id, arm_id = read.rows
        fields.append(
            {
                "position": place_in_list,
                "place": sorted_finding.place.value,
                "reason": sorted_finding.reason,
                "study_id": study_id,
                "outcome_id": outcome_id,
                "side_effect_report_id": report_id,
                "arm_id": arm_id,
                "anchor": read.anchor,
                "number": sorted_finding.finding.number,
            }
        )
    return fields


def _read_stored() -> dict[int, ComputedVerdict]:
    """What is kept now, by the primary key of the claim."""
    rows = ComputedVerdict.objects.select_related("claim").prefetch_related("findings")
    return {verdict.claim_id: verdict for verdict in rows}


def _is_same(fresh: FreshVerdict, stored: ComputedVerdict | None) -> bool:
    if stored is None:
        return False
    wanted = _finding_fields(fresh)
    kept = [
        {name: getattr(finding, name) for name in wanted[0]} if wanted else finding
        for finding in stored.findings.all()
    ]
    row = _row(fresh, stored.computed_at)
    names = ["word", "reason", "version", "question_text", "steps", "input_hash"]
    return kept == wanted and all(getattr(row, name) == getattr(stored, name) for name in names)
