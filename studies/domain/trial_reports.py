"""Which records report the same trial, so that its people are counted once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Protocol, TypeVar


class Report(Protocol):
    """A record of a study, with the registration numbers of the trial it reports."""

    registry_ids: Sequence[str]


ReportT = TypeVar("ReportT", bound=Report)


def group_reports(reports: Iterable[ReportT]) -> list[list[ReportT]]:
    """Return the reports by trial: those that share a registration number belong together.

    A report without a number stands alone; two unregistered reports of one trial are not recognised.
    """
    trials: dict[int, tuple[set[str], list[ReportT]]] = {}
    trial_of: dict[str, int] = {}  # by registration number
    for place, report in enumerate(reports):
        numbers: set[str] = set(report.registry_ids)
        members: list[ReportT] = []
        for known in sorted({trial_of[number] for number in numbers if number in trial_of}):
            its_numbers, its_members = trials.pop(known)
            numbers |= its_numbers
            members += its_members
        trials[place] = numbers, [*members, report]
        trial_of.update(dict.fromkeys(numbers, place))
    return [members for _, members in trials.values()]


def people_of(numbers: Iterable[int | None]) -> int | None:
    """The people of one trial from the numbers its reports give: the largest; None when none gives any."""
    return max((number for number in numbers if number is not None), default=None)


class Reporting(Report, Protocol):
    """A report with its name and year."""

    key: str
    year: int | None


class ReportedArm(Protocol):
    """An arm, as one report of its trial has it."""

    n: int | None

    @property
    def study(self) -> Reporting: ...


ArmT = TypeVar("ArmT", bound=ReportedArm)


def count_arms_once(arms: Iterable[ArmT], kind: Callable[[ArmT], Hashable]) -> list[ArmT]:
    """Return the arms without those that another report of their trial repeats, in the same order.

    Of several reports of one trial that have arms of one kind, those of the report with most people in them
    stay; of equals, those of the oldest.

    Args:
        arms: of any studies.
        kind: what two reports of one arm have in common, such as its daily dose.
    """
    given = list(arms)
    by_kind: dict[Hashable, list[ArmT]] = {}
    for arm in given:
        by_kind.setdefault(kind(arm), []).append(arm)
    kept = {(name, key) for name, members in by_kind.items() for key in _leading(members)}
    return [arm for arm in given if (kind(arm), arm.study.key) in kept]


def _leading(arms: Sequence[ReportedArm]) -> list[str]:
    """The key of one report for each trial."""
    people: Counter[str] = Counter()
    for arm in arms:
        people[arm.study.key] += arm.n or 0
    reports = {arm.study.key: arm.study for arm in arms}
    return [
        min(trial, key=lambda report: (-people[report.key], report.year or 9999, report.key)).key
        for trial in group_reports(reports.values())
    ]
