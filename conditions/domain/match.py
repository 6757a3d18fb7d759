"""Doses and studies held against what a claim says of them."""

from __future__ import annotations

from collections.abc import Sequence

from conditions.domain.finding import (
    NO_RESULTS,
    RETRACTED,
    UNSTATED,
    Finding,
    Place,
    SortedFinding,
    by_trial,
    count_one_report,
)
from conditions.domain.question import Question
from studies.domain.dosing import LDN_HIGH_MG, LDN_LOW_MG
from studies.domain.vocabulary import DesignGroup

NO_RESULTS_OF_ITS_OWN = (DesignGroup.PROTOCOL, DesignGroup.NARRATIVE, DesignGroup.LABORATORY)


def sort_doses(question: Question, findings: Sequence[Finding]) -> list[SortedFinding]:
    """Return the doses that people were given, sorted by whether they lie in the claimed range."""
    entries = [
        SortedFinding(position, finding, *_place_dose(question, finding))
        for position, finding in enumerate(findings)
    ]
    once = [entry for trial in by_trial(entries) for entry in count_one_report(trial)]
    return sorted(once, key=lambda entry: entry.position)


def _place_dose(question: Question, finding: Finding) -> tuple[Place, str]:
    assert question.low_mg is not None  # noqa: S101 - a rule of the record
    assert question.high_mg is not None  # noqa: S101
    amount = finding.amount_mg
    if finding.is_retracted:
        return Place.NOT_USABLE, RETRACTED
    if finding.group in NO_RESULTS:
        return Place.NOT_USABLE, NO_RESULTS[finding.group]
    if amount is None or not finding.is_daily:
        return Place.NOT_USABLE, "no single daily dose in mg is on record"
    if not LDN_LOW_MG <= amount <= LDN_HIGH_MG and not question.low_mg <= amount <= question.high_mg:
        return Place.NOT_USABLE, f"not a low dose ({LDN_LOW_MG} to {LDN_HIGH_MG} mg)"
    if question.low_mg <= amount <= question.high_mg:
        return Place.FOR, "within the claimed range"
    return Place.AGAINST, "a low dose outside the claimed range"


def sort_matches(question: Question, findings: Sequence[Finding]) -> list[SortedFinding]:
    """Return the findings that bear a mark of the claimed study, and what their studies differ in.

    Studies that share no mark with it are left out, but for those of the year that the claim names.
    """
    entries: list[SortedFinding] = []
    for key in dict.fromkeys(finding.study_key for finding in findings):
        own = [(i, finding) for i, finding in enumerate(findings) if finding.study_key == key]
        entries += _match_study(question, own)
    return sorted(entries, key=lambda entry: entry.position)


def _match_study(question: Question, own: list[tuple[int, Finding]]) -> list[SortedFinding]:
    first, study = own[0]
    if question.year not in (None, study.year):
        return []
    if study.is_retracted:
        return [SortedFinding(first, study, Place.NOT_USABLE, RETRACTED)]
    bearing = [
        SortedFinding(i, f, Place.FOR, "has the claimed figure") for i, f in own if _bears(question, f)
    ]
    has_people = question.n_people is not None and _people(study) == question.n_people
    if has_people and not bearing:
        bearing = [SortedFinding(first, study, Place.FOR, f"has {question.n_people} people")]
    lacks = _lacking(question, study, any(_bears(question, finding) for _, finding in own))
    if lacks and (bearing or question.year is not None):
        return [*bearing, SortedFinding(first, study, Place.AGAINST, lacks)]
    return [] if lacks else bearing


def _bears(question: Question, finding: Finding) -> bool:
    """Whether the finding is about the subject and has the percentage and direction that are claimed."""
    if not _asks_for_a_figure(question) or finding.group in NO_RESULTS_OF_ITS_OWN:
        return False
    if question.subjects and finding.subject not in question.subjects:
        return False
    is_compared = finding.comparator not in (None, UNSTATED)
    points = is_compared and finding.direction is question.claimed_direction
    return _is_percent(question, finding) and (question.claimed_direction is None or points)


def _is_percent(question: Question, finding: Finding) -> bool:
    """Whether the percentage is the claimed one, rounded to the digits of the claim."""
    if question.percent is None:
        return True
    return finding.percent is not None and finding.percent.quantize(question.percent) == question.percent


def _asks_for_a_figure(question: Question) -> bool:
    return question.percent is not None or question.claimed_direction is not None


def _lacking(question: Question, study: Finding, has_figure: bool) -> str:
    """What the study differs in from the one that is claimed; empty where in nothing."""
    lacks = []
    people = _people(study)
    if question.n_people is not None and people != question.n_people:
        known = "number of people not reported" if people is None else f"{people} people analysed"
        lacks.append(f"{known}, not {question.n_people}")
    if _asks_for_a_figure(question) and not has_figure:
        lacks.append("its record holds no such result")
    return "; ".join(lacks)


def _people(study: Finding) -> int | None:
    """Whom a figure of the study is about: those analysed, where that is known."""
    return study.n_analysed if study.n_analysed is not None else study.n_enrolled
