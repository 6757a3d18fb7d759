"""Which studies answer a pool's question, and why the others do not.

A study answers with one outcome; a trial with one of its reports. The first reason that holds is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from conditions.domain.finding import NO_RESULTS, UNSTATED
from conditions.domain.pool_question import Choice, PoolQuestion
from conditions.domain.question import COMPARATOR_LABELS, Comparator
from studies.domain.correlation import describe_correlation
from studies.domain.trial_reports import group_reports
from studies.domain.vocabulary import Better, DesignGroup, Measure


class Reason(StrEnum):
    """Why a study is not in a pool."""

    DRAFT = "draft"
    GONE = "gone"
    NO_RESULTS = "no_results"
    OTHER_PEOPLE = "other_people"
    OTHER_OUTCOME = "other_outcome"
    OTHER_COMPARISON = "other_comparison"
    NOT_RANDOMISED = "not_randomised"
    OTHER_DOSE = "other_dose"
    NO_EFFECT = "no_effect"
    NO_SIDE = "no_side"
    LEFT_OUT = "left_out"
    OTHER_SCALE = "other_scale"
    SAME_TRIAL = "same_trial"


# These studies answer the question, but not in numbers that can be put together.
ELIGIBLE_WITHOUT_EFFECT = frozenset({Reason.NO_EFFECT, Reason.NO_SIDE, Reason.OTHER_SCALE})


@dataclass(frozen=True)
class Candidate:
    """One study of the question's condition, with the outcome by which it would answer.

    effect and variance are on the scale of the measure (log for ratios); `missing` says which number is not
    on record where they are None. `better` is the side of no difference on which people are better off.
    by_correlation holds the variance under each correlation that may be assumed of a cross-over trial, where
    one has to be. scale names the instrument where it is known to be the same as another study's. `outcome`
    is None where the study has nothing on the question.
    """

    key: str
    group: DesignGroup
    registry_ids: tuple[str, ...] = ()
    year: int | None = None
    is_published: bool = True
    is_gone: bool = False
    has_concern: bool = False
    has_other_people: bool = False
    outcome: int | None = None
    outcome_name: str = ""
    is_primary: bool | None = None
    comparator: str | None = None
    dose_note: str | None = None
    scale: str | None = None
    effect: float | None = None
    variance: float | None = None
    by_correlation: tuple[tuple[float, float], ...] = ()
    better: Better | None = None
    how: str = ""
    assumptions: tuple[str, ...] = ()
    missing: str = ""
    n: int | None = None
    n_people: int | None = None
    risk_of_bias: str | None = None
    events: tuple[int, int, int, int] | None = None

    @property
    def is_randomised(self) -> bool:
        return self.group is DesignGroup.RANDOMISED

    @property
    def has_effect(self) -> bool:
        return self.effect is not None and self.variance is not None


def load_candidate(stored: Mapping[str, Any]) -> Candidate:
    """Return a candidate from its fields as JSON keeps them."""
    events = stored["events"]
    return Candidate(
        **{
            **stored,
            "group": DesignGroup(stored["group"]),
            "registry_ids": tuple(stored["registry_ids"]),
            "assumptions": tuple(stored["assumptions"]),
            "by_correlation": tuple((at, variance) for at, variance in stored.get("by_correlation", [])),
            "better": Better(stored["better"]) if stored["better"] else None,
            "events": tuple(events) if events else None,
        }
    )


@dataclass(frozen=True)
class Placed:
    """A candidate, and the reason why it is not in; None where it is."""

    candidate: Candidate
    reason: Reason | None = None
    words: str = ""

    @property
    def is_in(self) -> bool:
        return self.reason is None


Refusal = Callable[[Candidate, PoolQuestion, Choice], tuple[Reason, str] | None]


def _draft(c: Candidate, _: PoolQuestion, __: Choice) -> tuple[Reason, str] | None:
    return None if c.is_published else (Reason.DRAFT, "not published here yet")


def _gone(c: Candidate, _: PoolQuestion, __: Choice) -> tuple[Reason, str] | None:
    return (Reason.GONE, "retracted or withdrawn: it counts for nothing") if c.is_gone else None


def _no_results(c: Candidate, _: PoolQuestion, __: Choice) -> tuple[Reason, str] | None:
    words = {**NO_RESULTS, DesignGroup.CASES: "case reports: no group to compare with"}.get(c.group)
    return (Reason.NO_RESULTS, words) if words else None


def _other_people(c: Candidate, _: PoolQuestion, __: Choice) -> tuple[Reason, str] | None:
    words = "healthy volunteers, not people with the condition"
    return (Reason.OTHER_PEOPLE, words) if c.has_other_people else None


def _other_outcome(c: Candidate, _: PoolQuestion, __: Choice) -> tuple[Reason, str] | None:
    return (Reason.OTHER_OUTCOME, "no outcome of this kind on record") if c.outcome is None else None


def _other_comparison(c: Candidate, asked: PoolQuestion, _: Choice) -> tuple[Reason, str] | None:
    if c.comparator == asked.comparator:
        return None
    if c.comparator is None:
        words = "no comparison group: a change cannot be told from time or chance"
    elif c.comparator == UNSTATED:
        words = "the record does not say which group it was compared with"
    else:
        words = f"compared with {COMPARATOR_LABELS[Comparator(c.comparator)]}"
    return Reason.OTHER_COMPARISON, words


def _not_randomised(c: Candidate, _: PoolQuestion, choice: Choice) -> tuple[Reason, str] | None:
    if c.is_randomised or choice.designs == "comparative":
        return None
    return Reason.NOT_RANDOMISED, "not randomised"


def _other_dose(c: Candidate, _: PoolQuestion, choice: Choice) -> tuple[Reason, str] | None:
    return (Reason.OTHER_DOSE, c.dose_note) if c.dose_note and choice.doses == "low" else None


def _no_effect(c: Candidate, _: PoolQuestion, __: Choice) -> tuple[Reason, str] | None:
    return None if c.has_effect else (Reason.NO_EFFECT, f"no effect can be computed; missing: {c.missing}")


def _no_side(c: Candidate, _: PoolQuestion, __: Choice) -> tuple[Reason, str] | None:
    return (
        None if c.better else (Reason.NO_SIDE, "the record does not say which way of it is better for people")
    )


def _left_out(c: Candidate, _: PoolQuestion, choice: Choice) -> tuple[Reason, str] | None:
    return (Reason.LEFT_OUT, "left out by you") if c.key in choice.left_out else None


REFUSALS: tuple[Refusal, ...] = (
    _draft,
    _gone,
    _no_results,
    _other_people,
    _other_outcome,
    _other_comparison,
    _not_randomised,
    _other_dose,
    _no_effect,
    _no_side,
    _left_out,
)


def place_candidates(
    question: PoolQuestion, candidates: Sequence[Candidate], choice: Choice | None = None
) -> list[Placed]:
    """Return each candidate with its place, those that are in first, in the order of year and key.

    Args:
        question: what is asked.
        candidates: one for each study of the condition.
        choice: what a reader wants; None is the default.
    """
    chosen = choice or Choice()
    placed = [_look(assume(candidate, chosen.correlation), question, chosen) for candidate in candidates]
    placed = _keep_one_report(_keep_one_kind(question, _prefer_main_outcome(placed)))
    return sorted(placed, key=lambda p: (not p.is_in, p.candidate.year or 9999, p.candidate.key))


def assume(candidate: Candidate, correlation: float) -> Candidate:
    """Return a cross-over trial as it is under another correlation; one that needs none comes back as it is.

    Raises:
        KeyError: a correlation other than those of outcome_effect.CORRELATIONS.
    """
    if not candidate.by_correlation:
        return candidate
    others = {describe_correlation(at) for at, _ in candidate.by_correlation}
    kept = tuple(text for text in candidate.assumptions if text not in others)
    return replace(
        candidate,
        variance=dict(candidate.by_correlation)[correlation],
        assumptions=(*kept, describe_correlation(correlation)),
    )


def _look(candidate: Candidate, question: PoolQuestion, choice: Choice) -> Placed:
    for refusal in REFUSALS:
        if found := refusal(candidate, question, choice):
            return Placed(candidate, *found)
    return Placed(candidate)


def _prefer_main_outcome(placed: list[Placed]) -> list[Placed]:
    """A secondary report never stands in for the main outcome of its trial, be that out, or retracted."""
    main_of: dict[str, str] = {}
    for trial in group_reports(_Report(p.candidate.registry_ids, p) for p in placed):
        members = [report.entry.candidate for report in trial]
        main = next((member.key for member in members if member.is_primary), None)
        main_of |= {member.key: main for member in members if main and not member.is_primary}
    return [
        _same_trial(entry, main_of[entry.candidate.key])
        if entry.is_in and entry.candidate.key in main_of
        else entry
        for entry in placed
    ]


# What cannot be averaged: points of two scales; a ratio of risks of an event and of its opposite.
NOT_ALIKE = {
    Measure.MD: "measured on another scale, whose points cannot be averaged with these",
    Measure.RR: "counts the opposite event, whose ratio cannot be averaged with these",
    Measure.HR: "counts the opposite event, whose ratio cannot be averaged with these",
}


def _keep_one_kind(question: PoolQuestion, placed: list[Placed]) -> list[Placed]:
    """Of what cannot be averaged, the kind with most main outcomes stays, then that with most people."""
    if question.measure not in NOT_ALIKE:
        return placed
    by_kind: dict[str, list[Candidate]] = {}
    for entry in placed:
        if entry.is_in:
            by_kind.setdefault(_kind_of(question, entry.candidate), []).append(entry.candidate)
    kept = min(by_kind, key=lambda kind: (*_worth(by_kind[kind]), kind), default="")
    return [
        replace(entry, reason=Reason.OTHER_SCALE, words=NOT_ALIKE[question.measure])
        if entry.is_in and _kind_of(question, entry.candidate) != kept
        else entry
        for entry in placed
    ]


def _worth(members: Sequence[Candidate]) -> tuple[int, int]:
    """For sorting, the best first: how many main outcomes, then how many people."""
    people = sum(member.n_people or 0 for member in members)
    return -sum(bool(member.is_primary) for member in members), -people


def _kind_of(question: PoolQuestion, candidate: Candidate) -> str:
    """A scale that is not known to be another study's is the study's own."""
    if question.measure is Measure.MD:
        return candidate.scale or f"only in {candidate.key}"
    return candidate.better or ""


@dataclass
class _Report:
    registry_ids: Sequence[str]
    entry: Placed


def _keep_one_report(placed: list[Placed]) -> list[Placed]:
    """Of the reports of one trial, keep the one whose main outcome this is, else the largest."""
    lead_of: dict[str, str] = {}
    for trial in group_reports(_Report(p.candidate.registry_ids, p) for p in placed if p.is_in):
        lead = min((report.entry.candidate for report in trial), key=_rank)
        lead_of |= {report.entry.candidate.key: lead.key for report in trial}
    return [
        entry
        if not entry.is_in or lead_of[entry.candidate.key] == entry.candidate.key
        else _same_trial(entry, lead_of[entry.candidate.key])
        for entry in placed
    ]


def _rank(candidate: Candidate) -> tuple[bool, int, int, str]:
    people = candidate.n_people or 0
    return not candidate.is_primary, -people, candidate.year or 9999, candidate.key


def _same_trial(entry: Placed, lead: str) -> Placed:
    words = f"another report of the trial that {lead} reports, counted once"
    return replace(entry, reason=Reason.SAME_TRIAL, words=words)


def eligible_without_effect(placed: Iterable[Placed]) -> list[Candidate]:
    """Return one report of each trial that answers the question, but in no number that can be put together.

    Trials that are in by another of their reports are not among them.
    """
    reports = [_Report(p.candidate.registry_ids, p) for p in placed if p.is_in or _is_eligible(p)]
    return [
        min((report.entry.candidate for report in trial), key=_rank)
        for trial in group_reports(reports)
        if not any(report.entry.is_in for report in trial)
    ]


def _is_eligible(placed: Placed) -> bool:
    return placed.reason in ELIGIBLE_WITHOUT_EFFECT
