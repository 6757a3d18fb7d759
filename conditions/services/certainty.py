"""Every write of a certainty."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.timezone import localdate

from conditions.domain.body import Body, MinimalDifference
from conditions.domain.certainty import LEVELS, judge
from conditions.domain.certainty_rules import VERSION
from conditions.domain.pool_body import body_of
from conditions.domain.statement import find
from conditions.models import Certainty, Condition
from conditions.services.pools import FreshPool
from studies.models import TrialCondition


class OverrideError(ValueError):
    """An override that is refused; the message is a sentence for the editor, with the mend."""


@transaction.atomic
def store_certainty(*, condition: Condition, comparator: str, body: Body, now: datetime) -> Certainty:
    """Compute the certainty of one question and store it; an editor's word beside it stays.

    Nothing is written when inputs and rules are those of the stored answer.

    Args:
        condition: what the question is about.
        comparator: placebo, active or none.
        body: the evidence; its outcome is the question's domain.
        now: the time to write down.
    """
    asked = {"condition": condition, "domain": body.outcome, "comparator": comparator}
    digest = hash_body(body)
    row = Certainty.objects.select_for_update().filter(**asked).first() or Certainty(**asked)
    if row.pk and row.input_hash == digest:
        return row
    computed, finding = judge(body), find(body)
    row.level, row.version = computed.level, VERSION
    row.size = finding.size.value if finding else None
    row.direction = finding.direction.value if finding else None
    row.steps = [asdict(step) for step in computed.steps]
    row.input_hash, row.computed_at = digest, now
    row.save()
    return row


@transaction.atomic
def recompute_certainties(*, pools: Iterable[FreshPool], now: datetime) -> list[Certainty]:
    """Judge the certainty of every question that has a pool, and return the rows that are new or changed.

    A question that the records no longer raise loses its certainty, unless an editor's word stands there:
    then the row stays and says that there is no evidence.

    Args:
        pools: all pools as they stand now.
        now: its day decides which registered trials are overdue.
    """
    overdue = _overdue_trials(now)
    stored = {_subject(row): row for row in Certainty.objects.select_related("condition")}
    changed = []
    for pool in (pool for pool in pools if pool.is_main):
        row = stored.pop(pool.question.subject, None)
        body = _body(pool, overdue.get(pool.condition.pk, []))
        if row is None or row.input_hash != hash_body(body):
            comparator = pool.question.comparator
            changed.append(
                store_certainty(condition=pool.condition, comparator=comparator, body=body, now=now)
            )
    return changed + _drop(stored.values(), now)


def compute_body(pool: FreshPool, *, now: datetime) -> Body:
    """Return the body of evidence of one main pool as the records stand now."""
    return _body(pool, _overdue_trials(now).get(pool.condition.pk, []))


def find_stale_certainties(*, pools: Iterable[FreshPool], now: datetime) -> list[str]:
    """Return condition/domain/comparator of each stored certainty that is not what the records say now."""
    overdue = _overdue_trials(now)
    fresh = {
        pool.question.subject: hash_body(_body(pool, overdue.get(pool.condition.pk, [])))
        for pool in pools
        if pool.is_main
    }
    stored = {_subject(row): row for row in Certainty.objects.select_related("condition")}
    asked = fresh | {s: hash_body(Body(outcome=s[1], studies=())) for s in stored if s not in fresh}
    return sorted(
        "/".join(subject)
        for subject, digest in asked.items()
        if subject not in stored or stored[subject].input_hash != digest
    )


def _drop(rows: Iterable[Certainty], now: datetime) -> list[Certainty]:
    kept = [row for row in rows if row.override_level]
    Certainty.objects.filter(pk__in=[row.pk for row in rows if not row.override_level]).delete()
    return [
        store_certainty(
            condition=row.condition,
            comparator=row.comparator,
            body=Body(outcome=row.domain, studies=()),
            now=now,
        )
        for row in kept
    ]


def _subject(row: Certainty) -> tuple[str, str, str]:
    return row.condition.slug, row.domain, row.comparator


def _body(pool: FreshPool, unreported: Sequence[str]) -> Body:
    scale = pool.scale
    known = None
    if scale and scale.minimal_difference is not None:
        known = MinimalDifference(scale.minimal_difference, scale.source or "")
    return body_of(
        pool.question, pool.placed, pool.summary, minimal_difference=known, unreported_trials=unreported
    )


def _overdue_trials(now: datetime) -> dict[int, list[str]]:
    """By condition: registered trials that are a year past their end without results on record."""
    found: dict[int, list[str]] = defaultdict(list)
    links = TrialCondition.objects.select_related("trial__results").order_by("trial__registry_id")
    for link in links:
        if link.trial.is_overdue_on(localdate(now)):
            found[link.condition_id].append(link.trial.registry_id)
    return found


def hash_body(body: Body) -> str:
    """Return a digest of a body of evidence and of the version of the rules."""
    text = json.dumps({"version": VERSION, **asdict(body)}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def override_certainty(
    *, certainty: Certainty, level: str, reason: str, editor: AbstractBaseUser, today: date
) -> Certainty:
    """Put an editor's word and its reason beside the computed word, and return the row.

    Raises OverrideError when the word is not one of GRADE's four or the reason is empty.
    """
    if level not in LEVELS:
        raise OverrideError(f"level: choose one of {', '.join(LEVELS)}.")
    if not reason.strip():
        raise OverrideError("reason: say why the computed word does not fit.")
    row = Certainty.objects.select_for_update().get(pk=certainty.pk)
    row.override(level=level, reason=reason.strip(), editor=editor, on=today)
    row.save()
    return row


@transaction.atomic
def withdraw_override(*, certainty: Certainty) -> Certainty:
    """Let the computed word stand again, and return the row."""
    row = Certainty.objects.select_for_update().get(pk=certainty.pk)
    row.override(level=None, reason=None, editor=None, on=date.min)
    row.save()
    return row
