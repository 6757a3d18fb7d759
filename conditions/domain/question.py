"""The question that a claim asks of the records, in the few kinds that records can answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from studies.domain.vocabulary import LABELS, Direction, OutcomeDomain


class QuestionKind(StrEnum):
    """What kind of answer the records would have to hold."""

    EFFICACY = "efficacy"
    FREQUENCY = "frequency"
    DOSE_RANGE = "dose_range"
    EXISTENCE = "existence"
    NOT_COMPUTABLE = "not_computable"


class Comparator(StrEnum):
    """What LDN is held against; `none` is a group that was given nothing."""

    PLACEBO = "placebo"
    ACTIVE = "active"
    NONE = "none"


# What a claim may say; "unclear" is no claim.
CLAIMED = (Direction.FAVOURS_LDN, Direction.NO_DIFFERENCE, Direction.FAVOURS_COMPARATOR)
CLAIMED_CHOICES = [(word.value, LABELS[word]) for word in CLAIMED]

KIND_LABELS = {
    QuestionKind.EFFICACY: "Does it work",
    QuestionKind.FREQUENCY: "How often does a side effect occur",
    QuestionKind.DOSE_RANGE: "Which doses were given",
    QuestionKind.EXISTENCE: "Is there such a study",
    QuestionKind.NOT_COMPUTABLE: "Not computable from the records",
}
COMPARATOR_LABELS = {
    Comparator.PLACEBO: "placebo",
    Comparator.ACTIVE: "another treatment",
    Comparator.NONE: "no treatment",
}
_BETTER = {
    Direction.FAVOURS_LDN: "do people fare better on LDN than with {other}",
    Direction.NO_DIFFERENCE: "do people fare alike on LDN and with {other}",
    Direction.FAVOURS_COMPARATOR: "do people fare worse on LDN than with {other}",
}
_OFTEN = {
    Direction.FAVOURS_LDN: "is it less frequent on LDN than with {other}",
    Direction.NO_DIFFERENCE: "is it no more frequent on LDN than with {other}",
    Direction.FAVOURS_COMPARATOR: "is it more frequent on LDN than with {other}",
}


@dataclass(frozen=True)
class Question:
    """What is asked. A field that the kind has no use for is empty.

    conditions are slugs, domains words of OutcomeDomain, side_effects slugs; low_mg and high_mg daily doses
    in mg; percent 0 to 100; why_not the reason why records cannot answer.
    """

    kind: QuestionKind
    conditions: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    side_effects: tuple[str, ...] = ()
    comparator: Comparator | None = None
    claimed_direction: Direction | None = None
    low_mg: Decimal | None = None
    high_mg: Decimal | None = None
    year: int | None = None
    n_people: int | None = None
    percent: Decimal | None = None
    why_not: str | None = None

    @property
    def subjects(self) -> tuple[str, ...]:
        """The outcome domains or side effects that a finding must be about."""
        return self.domains + self.side_effects


def describe_question(question: Question, conditions: Sequence[str], side_effects: Sequence[str]) -> str:
    """The question as one sentence.

    Args:
        question: what is asked.
        conditions: the names of its conditions, in order.
        side_effects: the names of its side effects, in order.
    """
    who = "; ".join(conditions) or "Any condition"
    subjects = _join([*(LABELS[OutcomeDomain(d)].lower() for d in question.domains), *side_effects], "or")
    if question.kind is QuestionKind.DOSE_RANGE:
        span = f"{question.low_mg} to {question.high_mg} mg a day"
        return f"{who}: do the low doses that were given lie within {span}?"
    if question.kind is QuestionKind.EXISTENCE:
        return f"{who}: is there a study {_join(_marks(question, subjects), 'and')}?"
    if question.comparator is None or question.claimed_direction is None:
        return "The records cannot answer it."
    words = _BETTER if question.kind is QuestionKind.EFFICACY else _OFTEN
    asked = words[question.claimed_direction].format(other=COMPARATOR_LABELS[question.comparator])
    return f"{who}: {asked}? Looked at: {subjects}."


def _marks(question: Question, subjects: str) -> list[str]:
    """The marks by which a claimed study would be known."""
    marks = []
    if question.year is not None:
        marks.append(f"from {question.year}")
    if question.n_people is not None:
        marks.append(f"with {question.n_people} people")
    if question.percent is not None:
        marks.append(f"that reports {question.percent}% ({subjects or 'of anything'})")
    if question.claimed_direction is not None:
        direction = LABELS[question.claimed_direction].lower().replace("ldn", "LDN")
        marks.append(f"with a comparison that {direction} ({subjects or 'in anything'})")
    return marks


def _join(names: Sequence[str], word: str) -> str:
    """One, two and three as "one, two or three".

    >>> _join(["pain", "sleep", "mood"], "or")
    'pain, sleep or mood'
    """
    return f" {word} ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
