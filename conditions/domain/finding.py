"""Findings sorted: for a claim, against it, no difference, or not usable and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from conditions.domain.question import COMPARATOR_LABELS, Comparator, Question, QuestionKind
from studies.domain.dosing import refuse_dose
from studies.domain.trial_reports import group_reports, people_of
from studies.domain.vocabulary import DesignGroup, Direction

# There are several groups to compare with, and the record does not say which one was.
UNSTATED = "unstated"


class Place(StrEnum):
    """Where a finding is listed."""

    FOR = "for"
    AGAINST = "against"
    NO_DIFFERENCE = "no_difference"
    NOT_USABLE = "not_usable"


PLACE_LABELS = {
    Place.FOR: "For the claim",
    Place.AGAINST: "Against it",
    Place.NO_DIFFERENCE: "No difference shown",
    Place.NOT_USABLE: "Not usable",
}


@dataclass(frozen=True)
class Finding:
    """One outcome, side effect or dose of one published study, in plain values.

    subject is an outcome domain or a side effect's slug, None where the study has nothing on record;
    amount_mg the dose that the arm reached; percent 0 to 100; risk_of_bias a word of the tool, None where
    nobody has assessed it; number what the page prints.
    """

    study_key: str
    group: DesignGroup
    is_retracted: bool = False
    registry_ids: tuple[str, ...] = ()
    year: int | None = None
    n_enrolled: int | None = None
    n_analysed: int | None = None
    subject: str | None = None
    name: str = ""
    comparator: str | None = None
    direction: Direction = Direction.UNCLEAR
    is_primary: bool | None = None
    amount_mg: Decimal | None = None
    is_daily: bool = True
    is_per_kg: bool = False
    percent: Decimal | None = None
    number: str = ""
    risk_of_bias: str | None = None

    @property
    def is_randomised(self) -> bool:
        """Whether chance decided who was given what."""
        return self.group is DesignGroup.RANDOMISED

    @property
    def n_people(self) -> int | None:
        """How many took part; the number analysed where the number enrolled is not reported."""
        return self.n_enrolled if self.n_enrolled is not None else self.n_analysed


@dataclass(frozen=True)
class SortedFinding:
    """Where the finding at `position` of the input belongs, and why."""

    position: int
    finding: Finding
    place: Place
    reason: str


OTHER_SUBJECT = "measured something else"
RETRACTED = "retracted: counts neither for nor against"
NO_RESULTS = {
    DesignGroup.PROTOCOL: "a protocol: it says what is planned, not what was found",
    DesignGroup.NARRATIVE: "a narrative review: it has no results of its own",
    DesignGroup.REVIEW: "a review: the studies that it sums up are sorted here one by one",
    DesignGroup.LABORATORY: "cells, animals or drug levels: no patient's result",
}
# Reasons that hold for the whole study, however many findings it has.
OF_A_STUDY = frozenset({OTHER_SUBJECT, RETRACTED, *NO_RESULTS.values()})
Refusal = Callable[[Finding, Question], str | None]


def _retracted(finding: Finding, _: Question) -> str | None:
    return RETRACTED if finding.is_retracted else None


def _not_a_result(finding: Finding, _: Question) -> str | None:
    return NO_RESULTS.get(finding.group)


def _other_subject(finding: Finding, question: Question) -> str | None:
    if finding.subject is None:
        kind = "count of a side effect" if question.kind is QuestionKind.FREQUENCY else "result"
        return f"no {kind} on record"
    return None if finding.subject in question.subjects else OTHER_SUBJECT


def _other_dose(finding: Finding, _: Question) -> str | None:
    return refuse_dose(finding.amount_mg, is_per_kg=finding.is_per_kg)


def _other_comparison(finding: Finding, question: Question) -> str | None:
    if finding.comparator is None:
        return "no comparison group: a change cannot be told from time or chance"
    if finding.comparator == UNSTATED:
        return "the record does not say which group it was compared with"
    if finding.comparator == question.comparator or question.comparator is None:
        return None
    return (
        f"compared with {COMPARATOR_LABELS[Comparator(finding.comparator)]}, "
        f"not with {COMPARATOR_LABELS[question.comparator]}"
    )


def _unclear(finding: Finding, question: Question) -> str | None:
    if finding.direction is not Direction.UNCLEAR:
        return None
    if question.kind is QuestionKind.FREQUENCY:
        return "no count for both groups"
    return "the record does not say which way it points"


# In this order; the first reason found is the one that is given.
REFUSALS: tuple[Refusal, ...] = (
    _retracted,
    _not_a_result,
    _other_subject,
    _other_dose,
    _other_comparison,
    _unclear,
)


def sort_comparisons(question: Question, findings: Sequence[Finding]) -> list[SortedFinding]:
    """Return the findings sorted for a question that compares LDN with something else.

    Each trial counts once: by its main outcome where its records name one, in the largest of its reports.
    A study that measured other things only is listed once.
    """
    looked_at = [_look(position, finding, question) for position, finding in enumerate(findings)]
    settled = [entry for trial in by_trial(looked_at) for entry in _settle_trial(question, trial)]
    return sorted(_fold(question, settled), key=lambda entry: entry.position)


def _look(position: int, finding: Finding, question: Question) -> SortedFinding:
    for refusal in REFUSALS:
        if reason := refusal(finding, question):
            return SortedFinding(position, finding, Place.NOT_USABLE, reason)
    assert question.claimed_direction is not None  # noqa: S101 - a rule of the record
    return SortedFinding(position, finding, *_place(finding.direction, question.claimed_direction))


def _place(found: Direction, claimed: Direction) -> tuple[Place, str]:
    if found is claimed:
        is_null = found is Direction.NO_DIFFERENCE
        return Place.FOR, "no difference shown, as the claim says" if is_null else "points as the claim says"
    if found is Direction.NO_DIFFERENCE:
        return Place.NO_DIFFERENCE, "no difference shown"
    return Place.AGAINST, "points another way than the claim says"


def _settle_trial(question: Question, trial: list[SortedFinding]) -> list[SortedFinding]:
    """Keep, of one trial, its main outcome in one of its reports; say of the rest why it does not count."""
    trial = trial if question.kind is QuestionKind.FREQUENCY else _prefer_main_outcome(trial)
    return count_one_report(trial)


def count_one_report(trial: list[SortedFinding]) -> list[SortedFinding]:
    """Keep the usable findings of the largest report of a trial; those of the others are not usable."""
    usable = [entry for entry in trial if entry.place is not Place.NOT_USABLE]
    lead = min(usable, key=_rank).finding.study_key if usable else None
    return [
        entry
        if entry.finding.study_key == lead
        else _refuse(entry, f"another report of the trial that {lead} reports, counted once")
        for entry in trial
    ]


def _rank(entry: SortedFinding) -> tuple[int, int, str]:
    return -(entry.finding.n_people or 0), entry.finding.year or 9999, entry.finding.study_key


def _prefer_main_outcome(trial: list[SortedFinding]) -> list[SortedFinding]:
    has_main = any(entry.finding.is_primary and not entry.finding.is_retracted for entry in trial)
    if not has_main:
        return trial
    usable = any(e.finding.is_primary and e.place is not Place.NOT_USABLE for e in trial)
    reason = (
        "a secondary outcome: the main outcome of this trial is counted"
        if usable
        else "a secondary outcome only: the main outcome of this trial is another one"
    )
    return [entry if entry.finding.is_primary else _refuse(entry, reason) for entry in trial]


def _refuse(entry: SortedFinding, reason: str) -> SortedFinding:
    if entry.place is Place.NOT_USABLE:
        return entry
    return replace(entry, place=Place.NOT_USABLE, reason=reason)


def _fold(question: Question, entries: Iterable[SortedFinding]) -> list[SortedFinding]:
    """One line for what is said of a study as a whole, and none for what else a study measured besides."""
    entries = sorted(entries, key=lambda entry: entry.finding.subject not in question.subjects)
    speaking = {entry.finding.study_key for entry in entries if entry.reason != OTHER_SUBJECT}
    kept: dict[object, SortedFinding] = {}
    for entry in entries:
        key = entry.finding.study_key
        if entry.reason != OTHER_SUBJECT or key not in speaking:
            kept.setdefault((key, entry.reason) if entry.reason in OF_A_STUDY else entry.position, entry)
    return list(kept.values())


@dataclass(frozen=True)
class CountedTrial:
    """One trial as it enters the tally; stance None means that its results point several ways."""

    keys: tuple[str, ...]
    stance: Place | None
    n_people: int
    is_randomised: bool
    is_high_risk: bool
    risk_is_known: bool


def count_trials(entries: Iterable[SortedFinding]) -> list[CountedTrial]:
    """Return the trials behind the usable findings, each once."""
    return [
        _count_trial(trial)
        for trial in by_trial(entry for entry in entries if entry.place is not Place.NOT_USABLE)
    ]


@dataclass
class _Report:
    """The findings of one study, as trial_reports groups them."""

    registry_ids: Sequence[str]
    entries: list[SortedFinding]


def by_trial(entries: Iterable[SortedFinding]) -> list[list[SortedFinding]]:
    """The findings by trial: those of one study, and of studies that share a registration number."""
    reports: dict[str, _Report] = {}
    for entry in entries:
        report = _Report(entry.finding.registry_ids, [])
        reports.setdefault(entry.finding.study_key, report).entries.append(entry)
    return [
        [entry for report in trial for entry in report.entries] for trial in group_reports(reports.values())
    ]


def _count_trial(entries: list[SortedFinding]) -> CountedTrial:
    findings = [entry.finding for entry in entries]
    risks = {finding.risk_of_bias for finding in findings}
    return CountedTrial(
        keys=tuple(sorted({finding.study_key for finding in findings})),
        stance=_stance(entries),
        n_people=people_of(finding.n_people for finding in findings) or 0,
        is_randomised=any(finding.is_randomised for finding in findings),
        is_high_risk=bool(risks & {"high", "serious", "critical"}),
        risk_is_known=None not in risks,
    )


def _stance(entries: list[SortedFinding]) -> Place | None:
    """What the trial says; a gain seen in outcomes known to be secondary is mixed at most."""
    places = {entry.place for entry in entries}
    rests_on_secondary = all(entry.finding.is_primary is False for entry in entries)
    if len(places) > 1 or (places == {Place.FOR} and rests_on_secondary):
        return None
    return places.pop()
