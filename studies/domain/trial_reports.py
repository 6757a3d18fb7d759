"""Which records report the same trial, so that its people are counted once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar


class Report(Protocol):
    """A record of a study, with the registration numbers of the trial it reports."""

    registry_ids: Sequence[str]


ReportT = TypeVar("ReportT", bound=Report)


def group_reports(reports: Iterable[ReportT]) -> list[list[ReportT]]:
    """Return the reports by trial: those that share a registration number belong together.

    A report without a number stands alone; two unregistered reports of one trial are not recognised.
    """
    groups: list[tuple[set[str], list[ReportT]]] = []
    for report in reports:
        numbers, members = set(report.registry_ids), [report]
        apart = []
        for group in groups:
            if group[0] & numbers:
                numbers |= group[0]
                members = group[1] + members
            else:
                apart.append(group)
        groups = [*apart, (numbers, members)]
    return [members for _, members in groups]


def people_of(numbers: Iterable[int | None]) -> int | None:
    """The people of one trial from the numbers its reports give: the largest; None when none gives any."""
    return max((number for number in numbers if number is not None), default=None)
