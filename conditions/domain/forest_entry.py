"""What a forest plot is made of: the question, the studies, and what they add up to.

All numbers are on the scale that is printed: a ratio is given as the ratio, not as its logarithm. Pools are
stored on the logarithmic scale; `printed` turns such a number back.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

from studies.domain.risk_of_bias import JUDGEMENT_LABELS
from studies.domain.speech import ENGLISH, Speech
from studies.domain.vocabulary import LABELS, Measure

RATIOS = (Measure.RR, Measure.OR, Measure.HR)
NOT_ASSESSED = "not_assessed"
# Both tools' words; none is known by its colour alone, so each has a letter of its own.
LIGHTS = {
    "low": "L",
    "some_concerns": "C",
    "moderate": "M",
    "high": "H",
    "serious": "S",
    "critical": "X",
    "no_information": "N",
    NOT_ASSESSED: "?",
}
LIGHT_LABELS = {**JUDGEMENT_LABELS, NOT_ASSESSED: "Not assessed"}


@dataclass(frozen=True)
class ForestQuestion:
    """What the plot is about.

    outcome: such as "Pain"; measure decides on the scale of the axis; unit: of a difference, such as "points
    (0 to 100)"; comparator: "placebo"; is_lower_better: of the outcome, None where the record does not say;
    minimal_important: the smallest difference that matters to people, above 0 and on the printed scale of a
    difference, None where none is known; speech: the language of the words that are put in.
    """

    outcome: str
    measure: Measure
    comparator: str = "the comparison"
    unit: str = ""
    is_lower_better: bool | None = None
    minimal_important: float | None = None
    speech: Speech = ENGLISH

    @property
    def is_ratio(self) -> bool:
        return self.measure in RATIOS

    @property
    def null(self) -> float:
        """The value that means no difference."""
        return 1.0 if self.is_ratio else 0.0

    @property
    def words(self) -> str:
        """The question in a few words, for titles and captions."""
        parts = {
            "outcome": self.speech.within(self.outcome),
            "measure": self.speech.within(LABELS[self.measure]),
            "comparator": self.speech.say(self.comparator),
        }
        if not self.unit:
            return self.speech.say("%(outcome)s: %(measure)s, LDN against %(comparator)s", **parts)
        text = "%(outcome)s: %(measure)s in %(unit)s, LDN against %(comparator)s"
        return self.speech.say(text, unit=self.unit, **parts)


@dataclass(frozen=True)
class ForestStudy:
    """One study. Without an effect it stands in the table only, with the reason.

    address: leads to the outcome on the study's page. weight_percent: 0 to 100, None where it is not in the
    pool. risk_of_bias: the tool's overall word, None where it is not assessed. reason: why it is not in the
    pool.
    """

    label: str
    address: str
    effect: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    weight_percent: float | None = None
    risk_of_bias: str | None = None
    is_retracted: bool = False
    reason: str = ""

    @property
    def is_in_pool(self) -> bool:
        return self.weight_percent is not None and not self.is_retracted

    @property
    def light(self) -> str:
        """The word of the light, "not_assessed" where there is none."""
        return self.risk_of_bias if self.risk_of_bias in LIGHTS else NOT_ASSESSED

    @property
    def letter(self) -> str:
        return LIGHTS[self.light]

    @property
    def light_words(self) -> str:
        return LIGHT_LABELS[self.light]


@dataclass(frozen=True)
class ForestPool:
    """What the studies add up to by one model, such as "Random effects". Intervals are 95%."""

    label: str
    effect: float
    ci_low: float
    ci_high: float
    prediction_low: float | None = None
    prediction_high: float | None = None
    address: str = ""


def printed(measure: Measure, value: float) -> float:
    """Return an effect on the scale that is printed, from the one on which it is pooled.

    >>> printed(Measure.RR, 0.0), printed(Measure.MD, -0.4)
    (1.0, -0.4)
    """
    return exp(value) if measure in RATIOS else value
