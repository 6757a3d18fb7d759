"""Asking the registries about papers, and what is done with their answers.

An empty field is filled and says from where; a difference becomes a proposal; a failure changes nothing
but the count of failures. What a registry has said before stays until it says something else.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils import timezone

from studies.domain.bibliography import PaperFacts
from studies.domain.identity import compare
from studies.models import RefreshRun, Registry, RegistryCheck, Study
from studies.services.citations import format_citations
from studies.services.facts import Applied, apply_facts
from studies.services.following import follow_changes
from studies.services.notices import recompute_status, record_notices
from studies.services.registries import accept_edition, last_edition, open_client
from studies.sources.answer import Answer, Failed, Found, Refused, Unchanged, Unknown
from studies.sources.registries import REGISTRIES

logger = logging.getLogger(__name__)

DAILY = timedelta(days=1)
ADVISORY_LOCK = 0x1D4B0000


def refresh(*, registry: str, now: datetime, keys: Sequence[str] | None = None) -> RefreshRun | None:
    """Ask one registry about the studies that are due, and return the run; None when one is under way.

    Args:
        registry: a name of studies.sources.registries.REGISTRIES.
        now: the time that is written down.
        keys: ask about these studies, due or not, instead.
    """
    with _OnlyOne(registry) as is_free:
        if not is_free:
            logger.info("refresh of %s: another one is under way", registry)
            return None
        run = RefreshRun.objects.create(registry=registry, started_at=now)
        try:
            _ask_all(run, _due(registry, now, keys), now)
        except Exception as error:
            run.error = f"{type(error).__name__}: the run was cut off"
            logger.exception("refresh of %s was cut off", registry)
            raise
        finally:
            run.finished_at = max(timezone.now(), now)
            run.save()
        return run


class _OnlyOne:
    """A lock in the database, so that two workers do not ask the same questions; gone with the connection."""

    def __init__(self, registry: str) -> None:
        self.number = ADVISORY_LOCK + list(REGISTRIES).index(registry)

    def __enter__(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [self.number])
            self.is_held = bool(cursor.fetchone()[0])
        return self.is_held

    def __exit__(self, *_: object) -> None:
        if self.is_held:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [self.number])


def _due(registry: str, now: datetime, keys: Sequence[str] | None) -> QuerySet[Study]:
    """The studies to ask about, those never asked first."""
    has_key = reduce(or_, (Q(**{f"{field}__isnull": False}) for field in REGISTRIES[registry].fields))
    named = Study.objects.filter(has_key)
    if keys is not None:
        return named.filter(key__in=keys).order_by("key")
    waiting = RegistryCheck.objects.filter(registry=registry, next_check_at__gt=now).values("study_id")
    return named.exclude(pk__in=waiting).order_by("key")


def _ask_all(run: RefreshRun, due: QuerySet[Study], now: datetime) -> None:
    registry = REGISTRIES[run.registry]
    studies = {registry.key_of(row): row["pk"] for row in due.values("pk", *registry.fields)}
    run.due = len(studies)
    run.save(update_fields=["due"])
    client = open_client(run.registry, last_edition=last_edition(registry=run.registry))
    try:
        for batch in client.fetch(list(studies)):
            _record_batch(run, {studies[key]: answer for key, answer in batch.answers.items()}, now)
    finally:
        client.close()
    if client.edition:
        accept_edition(registry=run.registry, edition=client.edition, now=now)


@transaction.atomic
def _record_batch(run: RefreshRun, answers: Mapping[int, Answer], now: datetime) -> None:
    """Write down one batch of answers, all of it or nothing."""
    changed: list[Study] = []
    studies = Study.objects.select_for_update().in_bulk(list(answers))
    for pk, answer in answers.items():
        study = studies.get(pk)  # it may have been deleted while the registry was thinking
        if study is not None and record_answer(
            study=study, registry=run.registry, answer=answer, now=now, run=run
        ):
            changed.append(study)
    format_citations(studies=changed)
    run.save()
    follow_changes(now=now)


def record_answer(*, study: Study, registry: str, answer: Answer, now: datetime, run: RefreshRun) -> bool:
    """Write down what a registry answered about a study; True when the study's fields changed.

    Counts in `run`, which the caller saves. Call inside a transaction that holds the study's row.
    """
    check = RegistryCheck.objects.filter(study=study, registry=registry).first()
    check = check or RegistryCheck(study=study, registry=registry)
    if isinstance(answer, Failed):
        return _record_failure(check, answer, now, run)
    run.asked += 1
    check.asked_at = check.answered_at = now
    check.failures = 0
    if isinstance(answer, Found):
        return _record_found(check, study, answer, now, run)
    if isinstance(answer, Unchanged):
        check.next_check_at = now + _cadence(check)
        check.save()
        return False
    run.unknown += isinstance(answer, Unknown)
    run.failed += isinstance(answer, Refused)
    check.answer = (
        RegistryCheck.Answer.UNKNOWN if isinstance(answer, Unknown) else RegistryCheck.Answer.REFUSED
    )
    check.detail = answer.reason
    check.next_check_at = now + timedelta(days=REGISTRIES[check.registry].unknown_every_days)
    check.save()
    return False


def _record_failure(check: RegistryCheck, answer: Failed, now: datetime, run: RefreshRun) -> bool:
    run.failed += 1
    if answer.is_blocked or not run.error:
        run.error = answer.reason
    if answer.was_asked or check.pk is None:
        run.asked += answer.was_asked
        check.asked_at = now
        check.answer = RegistryCheck.Answer.FAILED
        check.detail = answer.reason
        check.failures += 1
    check.next_check_at = answer.retry_at
    check.save()
    if answer.is_blocked:
        logger.error("%s refuses to answer us: %s", check.registry, answer.reason)
    return False


def _record_found(
    check: RegistryCheck, study: Study, answer: Found[PaperFacts], now: datetime, run: RefreshRun
) -> bool:
    check.body, check.body_sha256 = answer.body, answer.sha256
    identity = compare(answer.facts, study.title, study.year, study.authors)
    if not identity.is_same_paper:
        run.conflicts += 1
        check.answer, check.detail = RegistryCheck.Answer.CONFLICT, "; ".join(identity.reasons)
        check.next_check_at, check.found_at = now + _cadence(check), None
        check.save()
        return recompute_status(study=study)
    run.found += 1
    check.found_at = now
    check.answer, check.detail = RegistryCheck.Answer.FOUND, ""
    check.next_check_at = now + _cadence(check)
    check.save()
    return _apply(check, study, answer.facts, now, run)


def _cadence(check: RegistryCheck) -> timedelta:
    return timedelta(days=REGISTRIES[check.registry].every_days)


def _apply(check: RegistryCheck, study: Study, facts: PaperFacts, now: datetime, run: RefreshRun) -> bool:
    has_new_status = record_notices(study=study, registry=check.registry, notices=facts.notices, now=now)
    applied = Applied([], [])
    if REGISTRIES[check.registry].can_describe:
        applied = apply_facts(study=study, facts=facts, now=now)
    run.filled += len(applied.filled)
    run.proposed += len(applied.proposed)
    if study.publication_status == "concern" or registries_disagree(study):
        study.registry_checks.filter(next_check_at__gt=now + DAILY).update(next_check_at=now + DAILY)
    return has_new_status or bool(applied.filled)


def registries_disagree(study: Study) -> bool:
    """True when one registry reports more than a correction and another that knows the paper does not."""
    grave = ("retraction", "retraction and republication", "withdrawal", "concern", "unknown")
    reporting = set(study.notices.filter(kind__in=grave).values_list("registry", flat=True))
    knowing = set(study.registry_checks.filter(answer="found").values_list("registry", flat=True))
    return bool(reporting) and bool(knowing - reporting)


def describe_registries() -> dict[str, dict[str, Any]]:
    """Return for each registry when it last answered, how many papers it fails on, and since when.

    `state` is "never asked", "ok" or "failing".
    """
    rows = RegistryCheck.objects.values("registry").annotate(
        last_answer=Max("answered_at"),
        n_failing=Count("pk", filter=Q(answer="failed")),
        n_papers=Count("pk"),
        oldest_answer=Min("answered_at"),
    )
    described: dict[str, dict[str, Any]] = {row["registry"]: {**row} for row in rows}
    latest: dict[str, RefreshRun] = {}
    for run in RefreshRun.objects.order_by("registry", "-started_at").distinct("registry"):
        latest[run.registry] = run
    return {name: _describe(described.get(name), latest.get(name)) for name in Registry.values}


def _describe(row: dict[str, Any] | None, run: RefreshRun | None) -> dict[str, Any]:
    if row is None and run is None:
        return {"state": "never asked"}
    row = row or {"last_answer": None, "n_failing": 0}  # trials keep their answers themselves
    state = "failing" if row["n_failing"] or (run is not None and run.error) else "ok"
    return {
        "state": state,
        **row,
        "last_run": run.started_at if run else None,
        "last_error": run.error if run else "",
    }
