"""The question that a pool answers, and what a reader may choose about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from conditions.domain.question import COMPARATOR_LABELS, Comparator
from studies.domain.correlation import CORRELATION, CORRELATIONS
from studies.domain.vocabulary import LABELS, Measure, OutcomeDomain

# Whether people reach a state, not how much of it: counted in ratios, never in means.
COUNTED_DOMAINS = frozenset({OutcomeDomain.RESPONSE, OutcomeDomain.REMISSION})
OF_COUNTS = (Measure.RR, Measure.OR, Measure.RD, Measure.HR)
OF_VALUES = (Measure.MD, Measure.SMD, Measure.RR, Measure.OR, Measure.RD, Measure.HR, Measure.PERCENT_CHANGE)

COMPARATOR_CHOICES = [(word.value, label) for word, label in COMPARATOR_LABELS.items()]

Model = Literal["random", "fixed"]
Designs = Literal["randomised", "comparative"]
Doses = Literal["low", "any"]


@dataclass(frozen=True, order=True)
class PoolQuestion:
    """A condition (slug), an outcome domain, what LDN is compared with, and the measure of the effect."""

    condition: str
    domain: OutcomeDomain
    comparator: Comparator
    measure: Measure

    @property
    def subject(self) -> tuple[str, OutcomeDomain, Comparator]:
        """The question without its measure: one certainty belongs to it."""
        return self.condition, self.domain, self.comparator

    @property
    def slug(self) -> str:
        """The last part of its address, such as pain-placebo-md."""
        parts = (self.domain, self.comparator, self.measure)
        return "-".join(part.value.replace("_", "-") for part in parts).lower()


def measures_for(domain: OutcomeDomain) -> tuple[Measure, ...]:
    """Return the measures in which an outcome of this domain may be pooled, the preferred first.

    A mean difference keeps the points of a scale; a risk ratio varies less from trial to trial than a
    difference of risks does (Handbook 10.4.3).
    """
    return OF_COUNTS if domain in COUNTED_DOMAINS else OF_VALUES


def describe(domain: OutcomeDomain, comparator: Comparator) -> str:
    """The question in a few words.

    >>> describe(OutcomeDomain.PAIN, Comparator.PLACEBO)
    'Pain, LDN against placebo'
    """
    return f"{LABELS[domain]}, LDN against {COMPARATOR_LABELS[comparator]}"


@dataclass(frozen=True)
class Choice:
    """How a reader wants it pooled; as it stands without arguments it is the site's default.

    left_out holds keys of studies; has_hartung_knapp applies to the random-effects model; correlation is
    that of a person's two periods, for cross-over trials that did not print the spread of the difference.
    """

    model: Model = "random"
    has_hartung_knapp: bool = True
    designs: Designs = "randomised"
    doses: Doses = "low"
    correlation: float = CORRELATION
    left_out: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_default(self) -> bool:
        return self == Choice()


class ChoiceError(ValueError):
    """A choice that an address asks for and that there is not; the message names parameter and mend."""


ALLOWED: dict[str, tuple[str, ...]] = {
    "model": ("random", "fixed"),
    "hk": ("on", "off"),
    "designs": ("randomised", "comparative"),
    "doses": ("low", "any"),
    "correlation": tuple(f"{value:g}" for value in CORRELATIONS),
}


def read_choice(asked: Mapping[str, str], left_out: list[str], known: frozenset[str]) -> Choice:
    """Return the choice that an address asks for; what it does not name is as in the default.

    Args:
        asked: the parameters of ALLOWED, by name.
        left_out: keys of studies to leave out.
        known: keys of the studies that the question knows.
    Raises:
        ChoiceError: a word that is not allowed, or a study that the question does not know.
    """
    for name, words in ALLOWED.items():
        if name in asked and asked[name] not in words:
            raise ChoiceError(f"{name}: use one of {', '.join(words)}.")
    if unknown := sorted(set(left_out) - known):
        raise ChoiceError(f"out: {unknown[0]} is no study of this question.")
    default = Choice()
    return Choice(
        model="fixed" if asked.get("model") == "fixed" else default.model,
        has_hartung_knapp=asked.get("hk") != "off",
        designs="comparative" if asked.get("designs") == "comparative" else default.designs,
        doses="any" if asked.get("doses") == "any" else default.doses,
        correlation=float(asked.get("correlation", default.correlation)),
        left_out=frozenset(left_out),
    )
