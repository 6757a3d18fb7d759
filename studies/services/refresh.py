"""Asking the registries about papers, and what is done with their answers.

An empty field is filled and says from where; a difference becomes a proposal; a failure changes nothing
but the count of failures. What a registry has said before stays until it says something else.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, Min, Q
from django.db.models.expressions import RawSQL
from django.utils import timezone

from studies.domain.bibliography import BIBLIOGRAPHIC_FIELDS, PaperFacts
from studies.domain.identity import compare
from studies.models import EditorTask, RefreshRun, Registry, RegistryCheck, Study
from studies.services.checks import (
    are_fields_due,
    cadence,
    keep_body,
    note_answer,
    note_found,
    note_unknown,
    record_quiet,
)
from studies.services.citations import format_citations
from studies.services.claims import (
    claim_due,
    count_due,
    due_studies,
    free_what_the_dead_had_taken,
    given_back_when_cut_off,
    hold,
    hold_rows,
    release,
)
from studies.services.editor_tasks import (
    open_task,
    open_task_of_identity,
    open_task_of_vanished_notices,
    open_task_of_vanished_paper,
    open_tasks_of_status,
    registries_apart,
)
from studies.services.facts import Applied, apply_facts
from studies.services.following import follow_changes, follow_edit
from studies.services.notices import recompute_status, record_notices
from studies.services.registries import accept_edition, last_edition, open_client
from studies.services.repeats import record_repeats
from studies.services.runs import is_first_at_work, keep_counts, open_run
from studies.sources.answer import Answer, Failed, Found, Refused, Unchanged, Unknown
from studies.sources.failure import FailureKind
from studies.sources.registries import REGISTRIES
from studies.sources.registry import RegistryClient

logger = logging.getLogger(__name__)

DAILY = timedelta(days=1)
SOONEST = timedelta(minutes=1)
SHARE_BATCHES = 10
WHOLE_FILE = 1_000_000
# What an answer is compared with, and whether it stands: a study has three times as many fields.
COMPARED = (*BIBLIOGRAPHIC_FIELDS, "publication_status")

Client = RegistryClient[Any, PaperFacts]


def refresh(*, registry: str, now: datetime, keys: Sequence[str] | None = None) -> RefreshRun:
    """Ask one registry about the studies that are due, and return the run; an unsaved one if none is due.

    Any number of workers may run this at once: each takes a share of the studies that nobody else has.

    Args:
        registry: a name of studies.sources.registries.REGISTRIES.
        now: the time that is written down.
        keys: ask about these studies, due or not, instead.
    """
    free_what_the_dead_had_taken(registry=registry, now=now)
    due = due_studies(registry=registry, now=now, keys=keys)
    if not due.exists():
        return RefreshRun(registry=registry, started_at=now)
    with open_run(registry=registry, now=now) as run:
        if keys is not None or is_first_at_work(run):
            run.due = count_due(registry=registry, now=now, keys=keys)
            run.save(update_fields=["due"])
        client = open_client(registry, last_edition=last_edition(registry=registry))
        try:
            if keys is None:
                _ask_shares(run, client, now)
            else:
                _ask_named(run, client, list(due.values_list("pk", flat=True)), now)
        finally:
            client.close()
    return run


def _ask_shares(run: RefreshRun, client: Client, now: datetime) -> None:
    """Take share after share, until nothing is due or the registry wants to be asked later."""
    registry = REGISTRIES[run.registry]
    # A file is read once for all; elsewhere a share is full batches, so that sharing costs no request.
    size = WHOLE_FILE if registry.lists_notices_only else SHARE_BATCHES * registry.batch_size
    last = n_taken = 0
    while not run.waiting:
        # A lease counts from the moment of taking, which in a long run is well after its start.
        taken_at = max(now, timezone.now())
        share = claim_due(registry=run.registry, now=taken_at, size=size, after=last, run=run)
        if not share:
            return
        n_taken += len(share)
        run.due = max(run.due, n_taken)
        with given_back_when_cut_off(registry=run.registry, studies=share):
            _ask(run, client, share, now)
        last = share[-1]


def _ask_named(run: RefreshRun, client: Client, share: Sequence[int], now: datetime) -> None:
    """Ask about the studies that somebody named: that person wants the fields compared as well."""
    RegistryCheck.objects.filter(registry=run.registry, study__in=share).update(fields_checked_at=None)
    _ask(run, client, share, now)


def _ask(run: RefreshRun, client: Client, share: Sequence[int], now: datetime) -> None:
    registry = REGISTRIES[run.registry]
    # As one value: thousands of numbers, each in a place of its own, take longer to say than to look up.
    named = RawSQL("SELECT unnest(%s::bigint[])", [list(share)])
    rows = Study.objects.filter(pk__in=named).order_by("key").values("pk", *registry.fields)
    studies = {registry.key_of(row): row["pk"] for row in rows}
    for batch in client.fetch(list(studies)):
        _record_batch(run, {studies[key]: (key, answer) for key, answer in batch.answers.items()}, now)
    if client.edition:
        accept_edition(registry=run.registry, edition=client.edition, now=now)
    follow_edit(now=now)  # the pages say when a registry was asked


@transaction.atomic
def _record_batch(run: RefreshRun, answers: Mapping[int, tuple[Any, Answer]], now: datetime) -> None:
    """Write down one batch of answers, each with what was asked for, all of it or nothing."""
    hold_rows(answers)
    release(registry=run.registry, studies=answers)
    said = {pk: answer for pk, (_, answer) in answers.items()}
    repeated = record_repeats(answers=said, now=now, run=run)
    news = [pk for pk in answers if pk not in repeated]
    studies = Study.objects.only(*COMPARED).in_bulk(news) if news else {}
    # While the registry was thinking a study may have been deleted, or got another identifier.
    names = REGISTRIES[run.registry].still_names
    theirs = {pk: said[pk] for pk, study in studies.items() if names(answers[pk][0], vars(study))}
    quiet = record_quiet(studies=studies, answers=theirs, now=now, run=run) if theirs else set()
    loud = [pk for pk in theirs if pk not in quiet]
    whole = Study.objects.in_bulk(loud) if loud else {}
    changed = [
        study
        for pk, study in whole.items()
        if record_answer(study=study, registry=run.registry, answer=theirs[pk], now=now, run=run)
    ]
    run.changed += len(changed)
    keep_counts(run)
    if changed:
        format_citations(studies=changed)
        follow_changes(now=now)


def record_answer(*, study: Study, registry: str, answer: Answer, now: datetime, run: RefreshRun) -> bool:
    """Write down what a registry answered about a study; True when the study's fields changed.

    Counts in `run`, which the caller saves. Call inside a transaction that holds the study's row.
    """
    check = RegistryCheck.objects.filter(study=study, registry=registry).first()
    check = check or RegistryCheck(study=study, registry=registry)
    if isinstance(answer, Unchanged):
        return _record_unchanged(check, now, run)
    if isinstance(answer, Failed):
        return _record_failure(check, answer, now, run)
    run.asked += 1
    note_answer(check, now)
    if isinstance(answer, Found):
        return _record_found(check, study, answer, now, run)
    run.unknown += isinstance(answer, Unknown)
    run.failed += isinstance(answer, Refused)
    note_unknown(check, answer.reason, now)
    if isinstance(answer, Refused):
        check.answer = RegistryCheck.Answer.REFUSED
    check.save()
    open_task_of_vanished_paper(study=study, check=check, now=now)
    _watch_status(study, now)
    return False


def _record_unchanged(check: RegistryCheck, now: datetime, run: RefreshRun) -> bool:
    """The registry's last word stands, if it is on record; else it has not answered about this paper."""
    last = check.answer
    if last == RegistryCheck.Answer.FAILED:
        # A failure stands in place of the last word, but keeps when that came: with the paper, or without.
        last = RegistryCheck.Answer.FOUND if check.found_at and check.found_at == check.answered_at else ""
    if not last:
        reason = "says that nothing has changed, but what it said before is not on record"
        return _record_failure(check, Failed(reason, now, FailureKind.NOT_AN_ANSWER), now, run)
    run.asked += 1
    check.answer, check.failures, check.failing_since = last, 0, None
    check.asked_at = check.answered_at = now
    if last == RegistryCheck.Answer.FOUND:
        check.found_at, check.detail = now, ""
    check.next_check_at = now + cadence(check.registry)
    check.save()
    return False


def _record_failure(check: RegistryCheck, answer: Failed, now: datetime, run: RefreshRun) -> bool:
    run.failed += answer.was_asked
    run.waiting += not answer.was_asked
    again_at = max(answer.retry_at, now + SOONEST)
    if answer.is_blocked or not run.error:
        run.error, run.error_body = answer.reason, answer.body
    if not answer.was_asked and check.pk is None:
        # It was never asked, and the page goes on saying so; the lease keeps the wait.
        hold(registry=check.registry, studies=[check.study_id], now=now, until=again_at)
        return False
    if answer.was_asked:
        run.asked += 1
        check.asked_at = now
        check.answer = RegistryCheck.Answer.FAILED
        check.detail = answer.reason
        check.failures += 1
        check.failing_since = check.failing_since or now
    check.next_check_at = again_at
    check.save()
    if answer.kind == FailureKind.SHRUNK:
        kind = EditorTask.Kind.SHRUNKEN_FILE
        open_task(kind=kind, registry=check.registry, detail=answer.reason, now=now)
    if answer.is_blocked:
        logger.error("%s refuses to answer us: %s", check.registry, answer.reason)
    return False


def _record_found(
    check: RegistryCheck, study: Study, answer: Found[PaperFacts], now: datetime, run: RefreshRun
) -> bool:
    keep_body(check, answer, now)
    identity = compare(answer.facts, study.title, study.year, study.authors)
    if not identity.is_same_paper:
        run.conflicts += 1
        check.answer, check.detail = RegistryCheck.Answer.CONFLICT, "; ".join(identity.reasons)
        check.next_check_at = now + cadence(check.registry)
        check.found_at = check.fields_checked_at = None
        check.save()
        open_task_of_identity(study=study, check=check, now=now)
        has_new_status = recompute_status(study=study)
        _watch_status(study, now)
        return has_new_status
    run.found += 1
    note_found(check, now)
    check.save()
    has_changed = _apply(check, study, answer.facts, now, run)
    _watch_status(study, now)
    return has_changed


def _watch_status(study: Study, now: datetime) -> None:
    """Open the editors' tasks, and ask daily while a concern is open or the registries disagree."""
    open_tasks_of_status(study=study, now=now)
    reporting, silent = registries_apart(study)
    if study.publication_status == "concern" or (reporting and silent):
        study.registry_checks.filter(next_check_at__gt=now + DAILY).update(next_check_at=now + DAILY)


def _apply(check: RegistryCheck, study: Study, facts: PaperFacts, now: datetime, run: RefreshRun) -> bool:
    reported = facts.notices
    has_new_status = record_notices(study=study, registry=check.registry, notices=reported, now=now)
    open_task_of_vanished_notices(study=study, registry=check.registry, reported=reported, now=now)
    applied = Applied([], [])
    if are_fields_due(check, now):
        if REGISTRIES[check.registry].can_describe:
            applied = apply_facts(study=study, facts=facts, now=now)
        check.fields_checked_at = now
        check.save(update_fields=["fields_checked_at"])
    run.filled += len(applied.filled)
    run.proposed += len(applied.proposed)
    return has_new_status or bool(applied.filled)


def describe_registries() -> dict[str, dict[str, Any]]:
    """Return for each registry when it last answered, how many papers it fails on, and since when.

    `state` is "never asked", "ok" or "failing".
    """
    rows = RegistryCheck.objects.values("registry").annotate(
        last_answer=Max("answered_at"),
        n_failing=Count("pk", filter=Q(answer="failed")),
        n_papers=Count("pk"),
        failing_since=Min("failing_since"),
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
    # A run that was cut off after the last paper had left nothing out, and none follows it until more is due.
    has_left_out = run is not None and run.error and (run.failed or run.asked < run.due)
    state = "failing" if row["n_failing"] or has_left_out else "ok"
    return {
        "state": state,
        **row,
        "last_run": run.started_at if run else None,
        "last_error": run.error if run else "",
    }
