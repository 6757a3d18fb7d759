"""Where a registered trial stands, from the many words that registries use."""

from __future__ import annotations

from datetime import date
from enum import StrEnum


class TrialState(StrEnum):
    PLANNED = "planned"
    RECRUITING = "recruiting"
    RUNNING = "running"
    COMPLETED = "completed"
    STOPPED = "stopped"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"


STATE_LABELS = {
    TrialState.PLANNED: "Planned",
    TrialState.RECRUITING: "Recruiting",
    TrialState.RUNNING: "Running, no longer recruiting",
    TrialState.COMPLETED: "Completed",
    TrialState.STOPPED: "Stopped early or paused",
    TrialState.WITHDRAWN: "Withdrawn before it began",
    TrialState.UNKNOWN: "Not known",
}

# The first word that occurs decides; so "not yet recruiting" stands before "recruiting".
_WORDS = (
    ("withdrawn", TrialState.WITHDRAWN),
    ("terminated", TrialState.STOPPED),
    ("suspended", TrialState.STOPPED),
    ("completed", TrialState.COMPLETED),
    ("published", TrialState.COMPLETED),
    ("active, not recruiting", TrialState.RUNNING),
    ("may be ongoing", TrialState.UNKNOWN),
    ("not yet recruiting", TrialState.PLANNED),
    ("recruiting", TrialState.RECRUITING),
    ("registered", TrialState.PLANNED),
    ("funded", TrialState.PLANNED),
)

MONTHS_UNTIL_OVERDUE = 12


def state_of(status: str | None) -> TrialState:
    """Return the state behind a registry's words.

    >>> state_of("active, not recruiting")
    <TrialState.RUNNING: 'running'>
    """
    return next((state for word, state in _WORDS if word in (status or "").lower()), TrialState.UNKNOWN)


def latest_day(partial: str | None) -> date | None:
    """Return the last day that a date such as 2024, 2024-06 or 2024-06-30 can mean.

    >>> latest_day("2024-06")
    datetime.date(2024, 6, 30)
    """
    if not partial:
        return None
    year, month, day = (*map(int, partial.split("-")), 0, 0)[:3]
    if day:
        return date(year, month, day)
    after = date(year + 1, 1, 1) if month in (0, 12) else date(year, month + 1, 1)
    return date.fromordinal(after.toordinal() - 1)


def is_overdue(state: TrialState, completion: str | None, has_results: bool, today: date) -> bool:
    """True when a trial ended at least twelve months ago and no results are known.

    A trial that never began owes none; one without a date of completion cannot be called overdue.
    The twelve months are those of 42 CFR 11.44 (results due one year after primary completion).
    """
    ended = latest_day(completion)
    if has_results or ended is None or state == TrialState.WITHDRAWN:
        return False
    return (today.year - ended.year) * 12 + today.month - ended.month - (today.day < ended.day) >= (
        MONTHS_UNTIL_OVERDUE
    )
