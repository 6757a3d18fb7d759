"""How sure anyone can be of an answer: the table of rules applied to a body of evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from conditions.domain.body import Body
from conditions.domain.certainty_rules import RULES, Rule

LEVELS = ("very_low", "low", "moderate", "high")
NO_EVIDENCE = "no_evidence"
LEVEL_LABELS = {
    "high": "High",
    "moderate": "Moderate",
    "low": "Low",
    "very_low": "Very low",
    NO_EVIDENCE: "No evidence",
}
STARTS = {"start.randomised": "high", "start.observational": "low"}


@dataclass(frozen=True)
class Step:
    """A rule that fired: what it changed (0, -1 or -2 levels), why, and what would change it."""

    rule: str
    domain: str
    change: int
    reason: str
    mend: str


@dataclass(frozen=True)
class Certainty:
    """high, moderate, low, very_low or no_evidence, with every step that led there."""

    level: str
    steps: tuple[Step, ...]


def judge(body: Body) -> Certainty:
    """Return the certainty of a body of evidence and the rules that fired, one for each question.

    >>> judge(Body(outcome="pain", studies=())).level
    'no_evidence'
    """
    if not body.studies:
        reason = "No study that can be counted measured this."
        return Certainty(NO_EVIDENCE, (Step("start.none", "start", 0, reason, "A study that measures it."),))
    steps = tuple(
        Step(rule.id, rule.domain, rule.change, _sentence(rule.explain(body)), rule.mend)
        for rule in _fired(body)
    )
    start = LEVELS.index(STARTS[steps[0].rule])
    return Certainty(LEVELS[max(0, start + sum(step.change for step in steps))], steps)


def _fired(body: Body) -> Iterator[Rule]:
    answered = set()
    for rule in RULES:
        if rule.question not in answered and rule.fires(body):
            answered.add(rule.question)
            yield rule


def _sentence(clause: str) -> str:
    return f"{clause[0].upper()}{clause[1:]}."
