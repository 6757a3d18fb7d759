"""Pools computed from the records and kept, in the transaction of the change that they follow from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, is_dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Prefetch

from conditions.domain.eligibility import Placed, place_candidates
from conditions.domain.pool_numbers import VERSION, Row, Summary
from conditions.domain.pool_question import PoolQuestion
from conditions.models import Condition, Pool, PoolStudy
from conditions.services.pool_inputs import (
    ReadCandidate,
    ReadStudy,
    Scale,
    find_questions,
    read_candidates,
    read_scales,
)
from studies.domain.vocabulary import Measure, PublicationStatus
from studies.models import Arm, ArmResult, Outcome, Study

ROW_FIELDS = [
    *("position", "study_id", "outcome_id", "arm_id", "anchor", "is_in", "reason", "words"),
    *("estimate", "ci_low", "ci_high", "weight_percent", "is_turned", "candidate"),
]
POOL_FIELDS = [
    *("slug", "is_main", "k", "n_people", "better", "scale", "estimate", "ci_low", "ci_high"),
    *("prediction_low", "prediction_high", "i2", "tau2", "result", "notes", "version", "input_hash"),
]


@dataclass(frozen=True)
class FreshPool:
    """A pool as the records stand now, with what it was computed from."""

    condition: Condition
    question: PoolQuestion
    placed: list[Placed]
    read: dict[str, ReadCandidate]
    summary: Summary
    scale: Scale | None
    is_main: bool
    input_hash: str


@transaction.atomic
def store_pools(fresh: Sequence[FreshPool], *, now: datetime) -> list[Pool]:
    """Keep the pools of every condition, and return those that are new or changed.

    A pool whose inputs are the same stays as it is, so running it twice changes nothing. The number of
    queries does not depend on the number of studies or conditions.

    Args:
        fresh: all pools, as compute_pools gives them; a stored one that is not among them goes.
        now: the time to write down.
    """
    stored = {pool.question: pool for pool in Pool.objects.select_related("condition")}
    wanted = {pool.question for pool in fresh}
    Pool.objects.filter(pk__in=[pool.pk for q, pool in stored.items() if q not in wanted]).delete()
    changed = [pool for pool in fresh if not _is_kept(pool, stored.get(pool.question))]
    return _store(changed, stored, now)


def compute_pools(
    *, conditions: Iterable[str] | None = None, as_if_gone: frozenset[str] = frozenset()
) -> list[FreshPool]:
    """Return the pools of conditions, computed anew; nothing is kept.

    Of the measures of one subject those stay in which a study has an effect; where none has, the first.

    Args:
        conditions: slugs; all when not given.
        as_if_gone: keys of studies to be treated as if their papers were retracted, to rehearse it.
    """
    scales, found = read_scales(), []
    for condition, studies in _studies_by_condition(conditions, as_if_gone):
        fresh = [
            _compute(condition, question, studies, scales) for question in find_questions(condition, studies)
        ]
        found += _choose_main(fresh)
    return found


def find_stale_pools(pools: Sequence[FreshPool]) -> list[str]:
    """Return the addresses (condition/slug) of the pools whose stored result differs from a fresh one."""
    fresh = {pool.question: pool for pool in pools}
    stored = {
        pool.question: pool for pool in Pool.objects.select_related("condition").prefetch_related("rows")
    }
    return sorted(
        f"{question.condition}/{question.slug}"
        for question in fresh.keys() | stored.keys()
        if not _is_same(fresh.get(question), stored.get(question))
    )


def _studies_by_condition(
    slugs: Iterable[str] | None, as_if_gone: frozenset[str]
) -> list[tuple[Condition, list[ReadStudy]]]:
    """Each condition that is no topic with all its studies, drafts too, in a fixed number of queries."""
    conditions = Condition.objects.conditions_only().order_by("pk")
    if slugs is not None:
        conditions = conditions.filter(slug__in=list(slugs))
    results = Prefetch("results", queryset=ArmResult.objects.select_related("arm__dose"))
    studies = Study.objects.order_by("key").prefetch_related(
        "conditions",
        "risk_of_bias",
        Prefetch("arms", queryset=Arm.objects.select_related("dose")),
        Prefetch("outcomes", queryset=Outcome.objects.select_related("effect").prefetch_related(results)),
    )
    if slugs is not None:
        studies = studies.filter(conditions__in=conditions).distinct()
    by_slug: dict[str, list[ReadStudy]] = {}
    for study in studies:
        if study.key in as_if_gone:
            study.publication_status = PublicationStatus.RETRACTED
        read = ReadStudy(study)
        for condition in study.conditions.all():
            by_slug.setdefault(condition.slug, []).append(read)
    return [(condition, by_slug.get(condition.slug, [])) for condition in conditions]


def _compute(
    condition: Condition, question: PoolQuestion, studies: Sequence[ReadStudy], scales: dict[str, Scale]
) -> FreshPool:
    # SciPy is loaded by those who compute, not by every process that imports the services.
    from conditions.domain.pool_summary import summarise

    read = read_candidates(question, studies, scales)
    placed = place_candidates(question, [each.candidate for each in read])
    scale = _scale_of(question, placed, scales)
    return FreshPool(
        condition=condition,
        question=question,
        placed=placed,
        read={each.candidate.key: each for each in read},
        summary=summarise(question, placed),
        scale=scale,
        is_main=False,
        input_hash=_hash(question, placed, scale),
    )


def _scale_of(question: PoolQuestion, placed: Iterable[Placed], scales: dict[str, Scale]) -> Scale | None:
    """The instrument of a mean difference, where it is one that the catalogue knows."""
    slugs = {entry.candidate.scale for entry in placed if entry.is_in}
    if question.measure is not Measure.MD or len(slugs) != 1:
        return None
    return next((scale for scale in scales.values() if scale.slug in slugs), None)


def _choose_main(fresh: Sequence[FreshPool]) -> list[FreshPool]:
    """Keep the measures that any study has an effect in, and mark the one that most studies are in."""
    kept = []
    for subject in dict.fromkeys(pool.question.subject for pool in fresh):
        own = [pool for pool in fresh if pool.question.subject == subject]
        order = {pool.question.measure: place for place, pool in enumerate(own)}
        useful = [pool for pool in own if any(c.candidate.has_effect for c in pool.placed)] or own[:1]
        main = min(useful, key=lambda pool: (-pool.summary.pooled.k, order[pool.question.measure]))
        kept += [replace(pool, is_main=pool is main) for pool in useful]
    return kept


def _hash(question: PoolQuestion, placed: Iterable[Placed], scale: Scale | None) -> str:
    inputs = [VERSION, question, list(placed), scale]
    return hashlib.sha256(json.dumps(inputs, default=_plain).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if is_dataclass(value):  # as asdict would have it, without copying all that is in it
        return {name: getattr(value, name) for name in value.__dataclass_fields__}
    raise TypeError(f"{value!r} is no input of a pool")


def _store(changed: Sequence[FreshPool], stored: dict[PoolQuestion, Pool], now: datetime) -> list[Pool]:
    Pool.objects.filter(pk__in=[stored[p.question].pk for p in changed if p.question in stored]).update(
        is_main=False
    )
    rows = [make_row(pool, stored.get(pool.question), now) for pool in changed]
    Pool.objects.bulk_create([row for row in rows if row.pk is None])
    Pool.objects.bulk_update([row for row in rows if row.pk], [*POOL_FIELDS, "computed_at"])
    PoolStudy.objects.filter(pool__in=rows).delete()
    PoolStudy.objects.bulk_create(
        PoolStudy(pool=row, **fields)
        for row, pool in zip(rows, changed, strict=True)
        for fields in _study_fields(pool)
    )
    return rows


def make_row(fresh: FreshPool, stored: Pool | None, now: datetime) -> Pool:
    """Return the row that a pool is stored in, new or the stored one with new values; nothing is saved."""
    row = stored or Pool(
        condition=fresh.condition,
        domain=fresh.question.domain,
        comparator=fresh.question.comparator,
        measure=fresh.question.measure,
    )
    for name, value in _pool_fields(fresh).items():
        setattr(row, name, value)
    row.computed_at = now
    return row


def _pool_fields(fresh: FreshPool) -> dict[str, Any]:
    pooled = fresh.summary.pooled
    names = ["estimate", "ci_low", "ci_high", "prediction_low", "prediction_high", "i2", "tau2"]
    return {
        **{name: getattr(pooled, name) for name in names},
        "slug": fresh.question.slug,
        "is_main": fresh.is_main,
        "k": pooled.k,
        "n_people": fresh.summary.n_people,
        "better": fresh.summary.better,
        "scale": fresh.scale.name if fresh.scale else None,
        "result": _as_stored(asdict(fresh.summary)),
        "notes": list(fresh.summary.notes),
        "version": VERSION,
        "input_hash": fresh.input_hash,
    }


def _study_fields(fresh: FreshPool) -> list[dict[str, Any]]:
    rows = {row.key: row for row in fresh.summary.rows}
    fields = []
    for position, entry in enumerate(fresh.placed):
        read = fresh.read[entry.candidate.key]
        fields.append(
            {
                "position": position,
                "study_id": read.study.pk,
                "outcome_id": read.outcome.pk if read.outcome else None,
                "arm_id": read.arm.pk if read.arm else None,
                "anchor": read.anchor,
                "is_in": entry.is_in,
                "reason": entry.reason.value if entry.reason else None,
                "words": entry.words,
                **_numbers_of(entry, rows.get(entry.candidate.key), fresh),
                "candidate": _as_stored(asdict(entry.candidate)),
            }
        )
    return fields


def _numbers_of(entry: Placed, row: Row | None, fresh: FreshPool) -> dict[str, Any]:
    """A study's own effect as read: of one in the pool with its weight; of another to be shown beside it."""
    from conditions.domain.pool_summary import show_beside

    names = ["estimate", "ci_low", "ci_high", "weight_percent", "is_turned"]
    if row is None:
        row = show_beside(entry.candidate, fresh.question.measure, fresh.summary.better)
    return {name: getattr(row, name) if row else None for name in names} | {
        "is_turned": bool(row and row.is_turned)
    }


def _as_stored(value: Any) -> Any:
    """The value as it comes back from a JSON column."""
    return json.loads(json.dumps(value, default=_plain))


def _is_kept(fresh: FreshPool, stored: Pool | None) -> bool:
    return stored is not None and stored.input_hash == fresh.input_hash and stored.is_main == fresh.is_main


def _is_same(fresh: FreshPool | None, stored: Pool | None) -> bool:
    """Whether the stored row, number by number, is what the records give now."""
    if fresh is None or stored is None:
        return False
    fields = _pool_fields(fresh)
    rows = [{name: getattr(row, name) for name in ROW_FIELDS} for row in stored.rows.all()]
    return all(getattr(stored, name) == value for name, value in fields.items()) and rows == _study_fields(
        fresh
    )
