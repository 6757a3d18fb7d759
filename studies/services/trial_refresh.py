"""Asking ClinicalTrials.gov about registered trials: where they stand, and whether results came.

What the registry says of its own trial is taken over at once; a failure, or an entry of another trial,
changes nothing but the note of when it was asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Min, Q

from studies.domain.identity import compare_trial
from studies.domain.trial_facts import TrialFacts
from studies.models import RefreshRun, Registry, RegistryEdition, Trial
from studies.services.claims import FARTHEST, LONGEST_WAIT
from studies.services.following import follow_changes
from studies.services.registries import accept_edition, last_edition, open_client
from studies.services.runs import close_dead_runs, keep_counts, open_run
from studies.sources.answer import Edition, Failed, Found, Refused, TrialAnswer, Unchanged, Unknown
from studies.sources.registries import REGISTRIES

NAME = Registry.CLINICALTRIALS
NUMBER = "^NCT[0-9]{8}$"
# A worker that dies holds its trials no longer than this, and no longer than until the next look.
LEASE = timedelta(hours=1)
Answers = Trial.RegistryAnswer


def refresh_trials(*, now: datetime) -> RefreshRun | None:
    """Ask about the trials that are due and return the run; None when none is, or no address is set.

    Safe with several workers: each takes the trials that nobody has taken, for an hour at most.

    Args:
        now: the time that is written down.
    """
    if not settings.CLINICALTRIALS_URL:
        return None
    _free_what_the_dead_had_taken(now)
    trials = _claim(now)
    if not trials:
        return None
    with open_run(registry=NAME, due=len(trials), now=now) as run:
        _ask_all(run, trials, now)
    return run


def seconds_to_wait_for_trials(*, now: datetime) -> float | None:
    """Return in how many seconds the first trial that must wait, or that a worker has taken, may be asked.

    None when there is none, or when the timetable's next look comes before that. Trials that only wait for
    their week to pass do not count.
    """
    week_over = F("registry_answered_at") + timedelta(days=REGISTRIES[NAME].every_days)
    is_early = Q(registry_answered_at=None) | Q(next_check_at__lt=week_over)
    waiting = Trial.objects.filter(is_early, registry_id__regex=NUMBER, next_check_at__gt=now)
    end = waiting.aggregate(at=Min("next_check_at"))["at"]
    return (end - now).total_seconds() + 1 if end and end - now <= LONGEST_WAIT else None


@transaction.atomic
def ask_failed_trials_again(*, now: datetime) -> int:
    """Make the trials due about which the registry's last answer was a failure; return how many."""
    return Trial.objects.filter(registry_answer=Answers.FAILED).update(next_check_at=now)


def is_trial_due(now: datetime) -> Q:
    """The condition on a trial that the registry is to be asked about it, and that nobody has taken it."""
    is_over = Q(next_check_at__isnull=True) | Q(next_check_at__lte=now) | Q(next_check_at__gt=now + FARTHEST)
    return is_over & Q(registry_id__regex=NUMBER)


@transaction.atomic
def _free_what_the_dead_had_taken(now: datetime) -> None:
    """End the runs whose worker was killed, and make due again what they had taken and not asked about.

    Those are due at the very moment that the run's start and the lease make together.
    """
    ends = [run.started_at + LEASE for run in close_dead_runs(registry=NAME, now=now)]
    if ends:
        Trial.objects.filter(next_check_at__in=ends).update(next_check_at=now)


@transaction.atomic
def _claim(now: datetime) -> list[Trial]:
    rows = Trial.objects.select_for_update(skip_locked=True).filter(is_trial_due(now))
    trials = list(rows.order_by("registry_id"))
    Trial.objects.filter(pk__in=[trial.pk for trial in trials]).update(next_check_at=now + LEASE)
    return trials


def _ask_all(run: RefreshRun, trials: list[Trial], now: datetime) -> None:
    by_number = {trial.registry_id: trial.pk for trial in trials}
    client = open_client(NAME, last_edition=_edition_seen_by(trials))
    try:
        for batch in client.fetch(list(by_number)):
            _record_batch(run, {by_number[number]: answer for number, answer in batch.answers.items()}, now)
    finally:
        client.close()
    if client.edition:
        accept_edition(registry=NAME, edition=client.edition, now=now)


def _edition_seen_by(trials: list[Trial]) -> Edition | None:
    """The last edition, if every one of the trials has been answered since it was accepted."""
    row = RegistryEdition.objects.filter(registry=NAME).first()
    if row is None:
        return None
    seen = all(
        trial.registry_answered_at
        and trial.registry_answered_at >= row.accepted_at
        and trial.registry_answer != Answers.FAILED
        for trial in trials
    )
    return last_edition(registry=NAME) if seen else None


@transaction.atomic
def _record_batch(run: RefreshRun, answers: Mapping[int, TrialAnswer], now: datetime) -> None:
    """Write down one batch of answers with all that follows from it, or nothing."""
    has_changed = False
    trials = Trial.objects.select_for_update().in_bulk(list(answers))
    for pk, answer in answers.items():
        if pk in trials:  # it may have been deleted while the registry was thinking
            has_changed |= _record(run, trials[pk], answer, now)
    keep_counts(run)
    if has_changed:
        follow_changes(now=now)


def _record(run: RefreshRun, trial: Trial, answer: TrialAnswer, now: datetime) -> bool:
    """Write down one answer; True when the trial is another than before."""
    row = REGISTRIES[NAME]
    if isinstance(answer, Failed):
        _record_failure(run, trial, answer, now)
        return False
    run.asked += 1
    trial.registry_asked_at = trial.registry_answered_at = now
    trial.next_check_at = now + timedelta(days=row.every_days)
    changed: list[str] = []
    if isinstance(answer, Found):
        changed = _record_found(run, trial, answer.facts)
    elif not isinstance(answer, Unchanged):
        run.unknown += isinstance(answer, Unknown)
        run.failed += isinstance(answer, Refused)
        trial.registry_answer = Answers.UNKNOWN if isinstance(answer, Unknown) else Answers.REFUSED
        trial.registry_detail = answer.reason
        trial.next_check_at = now + timedelta(days=row.unknown_every_days)
    trial.save()
    return bool(changed)


def _record_failure(run: RefreshRun, trial: Trial, answer: Failed, now: datetime) -> None:
    run.failed += 1
    run.error = run.error or answer.reason
    trial.next_check_at = max(answer.retry_at, now)
    if answer.was_asked:
        run.asked += 1
        trial.registry_asked_at = now
        trial.registry_answer, trial.registry_detail = Answers.FAILED, answer.reason
    trial.save()


def _record_found(run: RefreshRun, trial: Trial, facts: TrialFacts) -> list[str]:
    identity = compare_trial(facts, trial.title)
    if not identity.is_same_paper:
        run.conflicts += 1
        trial.registry_answer, trial.registry_detail = Answers.CONFLICT, "; ".join(identity.reasons)
        return []
    run.found += 1
    trial.registry_answer, trial.registry_detail = Answers.FOUND, ""
    changed = _take_over(trial, facts)
    run.filled += len(changed)
    return changed


def _take_over(trial: Trial, facts: TrialFacts) -> list[str]:
    """Set what the registry says of the trial; what it does not say stays, but for a reason to stop."""
    said = {
        "status": facts.status,
        "status_as_of": facts.status_verified,
        "primary_completion": facts.primary_completion,
        "completion": facts.completion,
        "has_posted_results": facts.has_results,
        "results_posted_on": facts.results_first_posted_on,
    }
    wanted: dict[str, object] = {name: value for name, value in said.items() if value is not None}
    wanted["why_stopped"] = facts.why_stopped
    if facts.has_results is False:
        wanted["results_posted_on"] = None
    elif facts.results_first_posted_on:
        wanted["has_posted_results"] = True
    changed = [name for name, value in wanted.items() if getattr(trial, name) != value]
    for name in changed:
        setattr(trial, name, wanted[name])
    return changed
