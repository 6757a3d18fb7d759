"""The verdict on a claim, from its sorted findings, by one table of rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conditions.domain.finding import Finding, Place, SortedFinding, count_trials, sort_comparisons
from conditions.domain.match import sort_doses, sort_matches
from conditions.domain.question import Question, QuestionKind
from conditions.domain.record import Verdict
from conditions.domain.verdict_rules import CAPS, RULES, Evidence, Pooled


@dataclass(frozen=True)
class Step:
    """One step of the trace: the rule, what it saw, and what would change it."""

    rule: str
    says: str
    would_change: str = ""


@dataclass(frozen=True)
class ComputedVerdict:
    """The word, or None where the records allow none; the reason; the steps; where each finding went."""

    word: Verdict | None
    reason: str
    steps: tuple[Step, ...]
    findings: tuple[SortedFinding, ...]


def compute_verdict(
    question: Question,
    findings: Sequence[Finding],
    *,
    pooled: Pooled | None = None,
    certainty: str | None = None,
) -> ComputedVerdict:
    """Return the verdict, with each finding's place and every step on the way.

    Args:
        question: what the claim asks.
        findings: everything the published studies of its conditions found, in any order.
        pooled: the stored pool of the same question, if there is one.
        certainty: its GRADE level, high, moderate, low or very_low, if it is graded.
    The rules are this project's own; docs/methods.md prints them.
    """
    if question.kind is QuestionKind.NOT_COMPUTABLE:
        reason = question.why_not or ""
        return ComputedVerdict(None, reason, (Step("not-computable", reason),), ())
    evidence = _weigh(question, findings, pooled, certainty)
    rule = next(rule for rule in RULES[question.kind] if rule.holds(evidence))
    steps = [*_describe(evidence), Step(rule.name, _sentence(rule.when), rule.would_change)]
    word, reason = rule.word, _sentence(rule.when)
    for cap in CAPS if evidence.trials else ():
        if word is not None and word in cap.lowers and cap.holds(evidence):
            word, reason = cap.lowers[word], _sentence(cap.when)
            steps.append(Step(cap.name, reason, cap.would_change))
    if evidence.trials:
        reason = f"{reason} {_describe_trials(evidence, with_keys=False)}"
    return ComputedVerdict(word, reason, tuple(steps), evidence.findings)


def _weigh(
    question: Question, findings: Sequence[Finding], pooled: Pooled | None, certainty: str | None
) -> Evidence:
    """Sort the findings; where there are randomised trials, they alone are counted."""
    if question.kind is QuestionKind.DOSE_RANGE:
        return Evidence(question, tuple(sort_doses(question, findings)))
    if question.kind is QuestionKind.EXISTENCE:
        n_studies = len({finding.study_key for finding in findings})
        return Evidence(question, tuple(sort_matches(question, findings)), n_looked_through=n_studies)
    entries = tuple(sort_comparisons(question, findings))
    trials = count_trials(entries)
    best = [trial for trial in trials if trial.is_randomised] or trials
    rest = tuple(trial for trial in trials if trial not in best)
    return Evidence(question, entries, tuple(best), rest, pooled, certainty)


def _describe(evidence: Evidence) -> list[Step]:
    """What the rules saw, before any of them fired."""
    counts = {place: sum(e.place is place for e in evidence.findings) for place in Place}
    seen = (
        f"{counts[Place.FOR]} for the claim, {counts[Place.AGAINST]} against it, "
        f"{counts[Place.NO_DIFFERENCE]} without a difference, {counts[Place.NOT_USABLE]} not usable."
    )
    if evidence.question.kind is QuestionKind.EXISTENCE:
        seen = f"Published studies of these conditions that were looked through: {evidence.n_looked_through}."
    steps = [Step("findings-sorted", seen)]
    if evidence.trials:
        steps.append(Step("trials-counted", _describe_trials(evidence, with_keys=True)))
    if evidence.set_aside:
        keys = ", ".join(key for trial in evidence.set_aside for key in trial.keys)
        says = f"Randomised trials outweigh other comparisons; not counted beside them: {keys}."
        steps.append(Step("randomised-first", says))
    if evidence.trials and not all(trial.risk_is_known for trial in evidence.trials):
        says = "The risk of bias of some or all of the trials counted has not been assessed."
        steps.append(Step("risk-of-bias-unknown", says))
    if evidence.pooled:
        graded = f" Certainty: {evidence.certainty.replace('_', ' ')}." if evidence.certainty else ""
        steps.append(Step("pooled-result", f"Pooled: {evidence.pooled.text}.{graded}"))
    return steps


STANCE_WORDS = {
    Place.FOR: "for the claim",
    Place.AGAINST: "against it",
    Place.NO_DIFFERENCE: "no difference",
    None: "mixed, or seen in secondary outcomes only",
}


def _describe_trials(evidence: Evidence, *, with_keys: bool) -> str:
    """How many trials and people stand where, in one sentence."""
    is_randomised = any(trial.is_randomised for trial in evidence.trials)
    kind = "Randomised trials" if is_randomised else "Comparisons without randomisation"
    parts = []
    for stance, words in STANCE_WORDS.items():
        if trials := evidence.standing(stance):
            keys = ", ".join("/".join(trial.keys) for trial in trials)
            part = f"{words}: {len(trials)} with {evidence.people(stance)} people"
            parts.append(f"{part} ({keys})" if with_keys else part)
    return f"{kind}, {'; '.join(parts)}."


def _sentence(clause: str) -> str:
    return f"{clause[0].upper()}{clause[1:]}."
