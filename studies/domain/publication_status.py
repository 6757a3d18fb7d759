"""What all notices about a paper add up to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Protocol

from studies.domain.cited_date import span_of
from studies.domain.vocabulary import PublicationStatus as Status

# Of two notices of one day the graver one is read last and so decides.
SEVERITY = {
    "unknown": 0,
    "correction": 1,
    "reinstatement": 2,
    "concern": 3,
    "withdrawal": 4,
    "retraction": 5,
    "retraction and republication": 6,
}
GONE = (Status.RETRACTED, Status.WITHDRAWN, Status.REPUBLISHED)
FINAL = {
    "withdrawal": Status.WITHDRAWN,
    "retraction": Status.RETRACTED,
    "retraction and republication": Status.REPUBLISHED,
}


class DatedNotice(Protocol):
    """A notice: its kind, its day where one is named, and the registry's words for the date."""

    kind: str
    dated_on: date | None
    date_text: str


def fold_notices(notices: Iterable[DatedNotice], *, was_answered: bool) -> Status:
    """Return the status that the notices leave a paper in, read by date and then severity.

    A date that is known in part ("2010", "2010 Feb") counts as its last day, that of a reinstatement as its
    first, so that a lift never outruns what it may not have lifted. A notice without any date is read first:
    it may take a paper down, but neither lifts nor outlasts a dated one. A notice of an unknown kind waits
    for an editor; until then a paper without any other notice is unknown, not current.

    Args:
        notices: all notices of all registries about the paper, in any order.
        was_answered: whether any registry has ever answered about this paper. Without an answer, no
            notice means unknown, not current.
    """
    status = Status.CURRENT if was_answered else Status.UNKNOWN
    for notice in sorted(notices, key=lambda n: (_day(n), SEVERITY.get(n.kind, 0))):
        status = _after(status, notice.kind)
    return status


def _day(notice: DatedNotice) -> date:
    first, last = span_of(notice.date_text)
    partly = first if notice.kind == "reinstatement" else last
    return notice.dated_on or partly or date.min


def _after(status: Status, kind: str) -> Status:
    if kind in FINAL:
        return FINAL[kind]
    if kind == "reinstatement":
        return Status.REINSTATED if status in (*GONE, Status.CONCERN) else status
    if kind == "concern":
        return status if status in GONE else Status.CONCERN
    if kind == "correction":
        return status if status in (*GONE, Status.CONCERN, Status.REINSTATED) else Status.CORRECTED
    return Status.UNKNOWN if status == Status.CURRENT else status
