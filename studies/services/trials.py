"""Registered trials, between rows and the corpus."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from studies.domain.trial_record import TrialRecord
from studies.models import Study, Trial, TrialCondition

PLAIN_FIELDS = [
    "other_ids",
    "title",
    "status",
    "status_as_of",
    "phase",
    "enrolment",
    "dose",
    "sponsor",
    "start",
    "completion",
    "source_url",
    "source_kind",
    "note",
    "unverified",
]


def read_trial(trial: Trial) -> TrialRecord:
    """Return the trial as the corpus holds it."""
    return TrialRecord(
        id=trial.registry_id,
        conditions=[link.condition.slug for link in trial.trial_conditions.all()],
        results_key=trial.results.key if trial.results else None,
        results_posted_on=str(trial.results_posted_on) if trial.results_posted_on else None,
        **{field: getattr(trial, field) for field in PLAIN_FIELDS},
    )


@transaction.atomic
def write_trial(
    *,
    record: TrialRecord,
    row: Trial | None,
    position: int,
    condition_ids: Mapping[str, int],
    loaded_record: dict[str, Any] | None,
) -> Trial:
    """Save a trial, new or over an existing row, and return the row.

    The study that holds its results, if the record names one, must be there already.
    """
    trial = row or Trial()
    trial.registry_id, trial.position = record.id, position
    for field in PLAIN_FIELDS:
        setattr(trial, field, getattr(record, field))
    trial.results = Study.objects.get(key=record.results_key) if record.results_key else None
    posted_on = record.results_posted_on
    trial.results_posted_on = date.fromisoformat(posted_on) if posted_on else None
    # Without a day the record says nothing: the registry may know of results, but not since when.
    trial.has_posted_results = trial.has_posted_results or posted_on is not None
    trial.loaded_record = loaded_record
    trial.save()
    trial.trial_conditions.all().delete()
    TrialCondition.objects.bulk_create(
        TrialCondition(trial=trial, condition_id=condition_ids[slug], position=position)
        for position, slug in enumerate(record.conditions)
    )
    return trial
