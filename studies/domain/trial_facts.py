"""What a registry of trials says of one trial, whatever its format."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class TrialFacts:
    """A registered trial as its registry describes it. None means that the registry did not say.

    Dates are as exact as given: "2024", "2024-06" or "2024-06-30". `status` is the registry's own word in
    plain lower case, as in "active, not recruiting". `has_results`: results are posted in the registry.
    `subjects`: what it gives and is about, in the registry's words: interventions, keywords, conditions.
    """

    registry: str
    registry_id: str
    other_ids: tuple[str, ...] = ()
    title: str | None = None
    official_title: str | None = None
    subjects: tuple[str, ...] = ()
    status: str | None = None
    why_stopped: str | None = None
    status_verified: str | None = None
    phase: str | None = None
    enrolment: int | None = None
    sponsor: str | None = None
    start: str | None = None
    primary_completion: str | None = None
    completion: str | None = None
    has_results: bool | None = None
    results_first_posted_on: date | None = None
    last_update_posted_on: date | None = None
    result_pmids: tuple[int, ...] = ()
