"""The table of rules by which sorted findings become a verdict; docs/methods.md prints it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from conditions.domain.finding import CountedTrial, Place, SortedFinding
from conditions.domain.question import Question, QuestionKind
from conditions.domain.record import Verdict
from studies.domain.vocabulary import Direction

# Goes up with every change to a rule here, in finding.py or in match.py.
VERSION = "1"

# GRADE's rule of thumb for the optimal information size of a continuous outcome: 400 people
# (Guyatt GH et al. J Clin Epidemiol 2011;64:1283-1293). Fewer are not enough for a plain "supported".
ENOUGH_PEOPLE = 400
ENOUGH_TRIALS = 2


@dataclass(frozen=True)
class Pooled:
    """What a stored pool says: which way its interval points, and the result in words."""

    direction: Direction
    text: str


@dataclass(frozen=True)
class Evidence:
    """What the rules look at. trials are those of the best design there is."""

    question: Question
    findings: tuple[SortedFinding, ...]
    trials: tuple[CountedTrial, ...] = ()
    set_aside: tuple[CountedTrial, ...] = ()
    pooled: Pooled | None = None
    certainty: str | None = None
    n_looked_through: int = 0

    def standing(self, *stances: Place | None) -> list[CountedTrial]:
        """The trials that take one of these stances."""
        return [trial for trial in self.trials if trial.stance in stances]

    def people(self, *stances: Place | None) -> int:
        """How many people took part in the trials of these stances."""
        return sum(trial.n_people for trial in self.standing(*stances))

    def has(self, place: Place) -> bool:
        """Whether any finding is listed there."""
        return any(entry.place is place for entry in self.findings)


@dataclass(frozen=True)
class Rule:
    """A row of the table: when it holds, the word that it gives, and what would change that."""

    name: str
    when: str
    word: Verdict | None
    would_change: str
    holds: Callable[[Evidence], bool]


@dataclass(frozen=True)
class Cap:
    """A row of the second table: the words that it takes back, and what each becomes."""

    name: str
    when: str
    lowers: dict[Verdict, Verdict]
    would_change: str
    holds: Callable[[Evidence], bool]


def _matching(evidence: Evidence, place: Place) -> set[str]:
    """The studies with a finding in this place."""
    return {entry.finding.study_key for entry in evidence.findings if entry.place is place}


def _uncounted(evidence: Evidence) -> set[str]:
    """The side effects of the question that no usable finding is about."""
    counted = {e.finding.subject for e in evidence.findings if e.place is not Place.NOT_USABLE}
    return set(evidence.question.side_effects) - counted


def _always(_: Evidence) -> bool:
    return True


def _is_one_way(evidence: Evidence) -> bool:
    return not evidence.standing(*OTHERS)


def _is_enough(evidence: Evidence) -> bool:
    return len(evidence.trials) >= ENOUGH_TRIALS and evidence.people(Place.FOR) >= ENOUGH_PEOPLE


OTHERS = (Place.NO_DIFFERENCE, Place.AGAINST, None)
A_COMPARISON = "A published comparison in these people whose record says which way its main outcome points."
MORE_TRIALS = "Trials that find otherwise, or a correction or retraction of those counted."

# The first rule that holds gives the word.
COMPARISON_RULES = (
    Rule(
        "nothing-usable",
        "no comparison that answers the question is on record",
        None,
        A_COMPARISON,
        lambda e: not e.trials,
    ),
    Rule(
        "enough-and-one-way",
        f"every trial points the way the claim says, in at least {ENOUGH_TRIALS} trials "
        f"with {ENOUGH_PEOPLE} people or more",
        "supported",
        "A trial that finds no difference, or a retraction.",
        lambda e: (
            not e.standing(*OTHERS)
            and len(e.trials) >= ENOUGH_TRIALS
            and e.people(Place.FOR) >= ENOUGH_PEOPLE
        ),
    ),
    Rule(
        "one-way-but-few",
        f"every trial points the way the claim says, but there are fewer than {ENOUGH_TRIALS} trials "
        f"or {ENOUGH_PEOPLE} people",
        "partly_supported",
        "More trials: such few can be overturned by one.",
        _is_one_way,
    ),
    Rule(
        "points-the-other-way",
        "no trial points the way the claim says, and more people were in trials that point another way "
        "than in those that show no difference",
        "contradicted",
        MORE_TRIALS,
        lambda e: not e.standing(Place.FOR, None) and e.people(Place.AGAINST) > e.people(Place.NO_DIFFERENCE),
    ),
    Rule(
        "none-shows-it",
        "no trial points the way the claim says",
        "not_supported",
        MORE_TRIALS,
        lambda e: not e.standing(Place.FOR, None),
    ),
    Rule(
        "most-people-in-trials-for",
        "trials disagree or point several ways, and more people were in those that point the way the claim "
        "says",
        "partly_supported",
        MORE_TRIALS,
        lambda e: e.people(Place.FOR) > e.people(*OTHERS),
    ),
    Rule(
        "most-people-in-other-trials",
        "trials disagree or point several ways, and at least as many people were in those that do not "
        "clearly point the way the claim says",
        "overstated",
        MORE_TRIALS,
        lambda e: bool(e.trials),
    ),
)
DOSE_RULES = (
    Rule(
        "no-dose-stated",
        "no low daily dose is stated for these people",
        None,
        "A study that states one.",
        lambda e: not e.has(Place.FOR) and not e.has(Place.AGAINST),
    ),
    Rule(
        "all-doses-within",
        "every low dose that was given lies within the claimed range",
        "supported",
        "A study that gives another low dose.",
        lambda e: not e.has(Place.AGAINST),
    ),
    Rule(
        "some-doses-within",
        "some low doses that were given lie within the claimed range and some outside",
        "partly_supported",
        "Only a correction or retraction of the studies that gave the others.",
        lambda e: e.has(Place.FOR),
    ),
    Rule(
        "no-dose-within",
        "no low dose that was given lies within the claimed range",
        "contradicted",
        "A study that gives a dose within it.",
        _always,
    ),
)
MATCH_RULES = (
    Rule(
        "study-found",
        "a study on record has every mark that the claim names",
        "supported",
        "A correction or retraction of that study.",
        lambda e: bool(_matching(e, Place.FOR) - _matching(e, Place.AGAINST)),
    ),
    Rule(
        "study-differs",
        "a study on record has some of the marks that the claim names, and differs in others",
        "partly_supported",
        "A correction of that study, or another study that has them all.",
        lambda e: e.has(Place.FOR),
    ),
    Rule(
        "study-of-that-year-says-otherwise",
        "studies of the named year are on record, and none has the marks that the claim names",
        "not_supported",
        "Another study of that year.",
        lambda e: e.question.year is not None and e.has(Place.AGAINST),
    ),
    Rule(
        "study-not-found",
        "no study on record has the marks that the claim names",
        "unverifiable",
        "The study, once it is found and entered.",
        _always,
    ),
)
RULES: dict[QuestionKind, tuple[Rule, ...]] = {
    QuestionKind.EFFICACY: COMPARISON_RULES,
    QuestionKind.FREQUENCY: COMPARISON_RULES,
    QuestionKind.DOSE_RANGE: DOSE_RULES,
    QuestionKind.EXISTENCE: MATCH_RULES,
}

_TO_PARTLY: dict[Verdict, Verdict] = {"supported": "partly_supported"}
# Every cap that holds and takes the word back is applied, in this order.
CAPS = (
    Cap(
        "not-randomised",
        "the comparisons that count were not randomised",
        _TO_PARTLY,
        "A randomised trial.",
        lambda e: not any(trial.is_randomised for trial in e.trials),
    ),
    Cap(
        "high-risk-of-bias",
        "every trial for the claim is at high risk of bias",
        _TO_PARTLY,
        "A trial at low risk of bias.",
        lambda e: all(trial.is_high_risk for trial in e.standing(Place.FOR)),
    ),
    Cap(
        "absence-is-no-proof",
        "the claim is that there is no difference, and a difference that was not shown may still be there",
        _TO_PARTLY,
        "An interval too narrow to hold any difference that matters, judged by a person.",
        lambda e: e.question.claimed_direction is Direction.NO_DIFFERENCE,
    ),
    Cap(
        "not-every-part-counted",
        "some of the side effects that the claim names were not counted in any comparison",
        _TO_PARTLY,
        "Counts of those side effects in both groups.",
        lambda e: bool(_uncounted(e)),
    ),
    Cap(
        "low-certainty",
        "the certainty of the pooled result is graded low or very low",
        _TO_PARTLY,
        "Larger or better trials.",
        lambda e: e.certainty in ("low", "very_low"),
    ),
    Cap(
        "pool-points-elsewhere",
        "the pooled result does not point the way the claim says",
        {"supported": "overstated", "partly_supported": "overstated"},
        "A pooled interval that lies on the claimed side.",
        lambda e: e.pooled is not None and e.pooled.direction is not e.question.claimed_direction,
    ),
)
