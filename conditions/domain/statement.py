"""What the evidence says in one sentence: GRADE's standard wording from size and certainty.

Santesso et al., J Clin Epidemiol 2020;119:126-135 (table 2). Where no size can be named the sentence says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from conditions.domain.body import RATIOS, Body, holds
from conditions.domain.certainty import NO_EVIDENCE
from studies.domain.speech import ENGLISH, Speech
from studies.domain.vocabulary import Measure, OutcomeDomain


class Size(StrEnum):
    """`unsized`: an effect, but not known whether it matters; `unclear`: not even whether there is one."""

    LARGE = "large"
    MODERATE = "moderate"
    SMALL = "small"
    TRIVIAL = "trivial"
    UNSIZED = "unsized"
    UNCLEAR = "unclear"


class Direction(StrEnum):
    BENEFIT = "benefit"
    HARM = "harm"


@dataclass(frozen=True)
class Finding:
    """How large the effect is and whom it favours; read off the estimate, as GRADE does."""

    size: Size
    direction: Direction


# Cohen's steps of a standardised difference, as in the Cochrane Handbook, section 15.5.3.1.
SMD_STEPS = ((0.2, Size.TRIVIAL), (0.5, Size.SMALL), (0.8, Size.MODERATE))
# GRADE, J Clin Epidemiol 2011;64: appreciable beyond 0.75 or 1.25 (1283-1293), large: 0.5 or 2 (1311-1316).
APPRECIABLE_RATIO, LARGE_RATIO = 1.25, 2.0
# The appreciable ratio below 1 is 0.75, not 1/1.25.
APPRECIABLE_BELOW = 0.75

# What is said of each outcome domain: its name, what a benefit does to it, what a harm does.
OUTCOMES: dict[str, tuple[str, str, str]] = {
    OutcomeDomain.PAIN: ("pain", "reduce", "increase"),
    OutcomeDomain.FATIGUE: ("fatigue", "reduce", "increase"),
    OutcomeDomain.SLEEP: ("sleep", "improve", "worsen"),
    OutcomeDomain.MOOD: ("mood", "improve", "worsen"),
    OutcomeDomain.FUNCTION: ("daily function", "improve", "worsen"),
    OutcomeDomain.QUALITY_OF_LIFE: ("quality of life", "improve", "worsen"),
    OutcomeDomain.DISEASE_ACTIVITY: ("disease activity", "reduce", "increase"),
    OutcomeDomain.REMISSION: ("the number of people in remission", "increase", "reduce"),
    OutcomeDomain.RESPONSE: ("the number of people who respond", "increase", "reduce"),
    OutcomeDomain.SKIN: ("the skin", "improve", "worsen"),
    OutcomeDomain.INFLAMMATION: ("markers of inflammation", "reduce", "increase"),
    OutcomeDomain.MEDICATION_USE: ("the use of other medicines", "reduce", "increase"),
    OutcomeDomain.OTHER: ("the outcome", "improve", "worsen"),
}
# What each verb says of one who does it, and as a noun.
FORMS = {
    "reduce": ("reduces", "reduction"),
    "increase": ("increases", "increase"),
    "improve": ("improves", "improvement"),
    "worsen": ("worsens", "worsening"),
}
COMPARATORS = {"placebo": "placebo", "active": "another treatment", "none": "no treatment"}
# The sentence for each size and certainty; `does` and `do` are the verb's forms, `change` its noun.
SENTENCES: dict[tuple[Size, str], str] = {
    (Size.LARGE, "high"): "%(subject)s results in a large %(change)s in %(outcome)s compared with %(other)s.",
    (Size.LARGE, "moderate"): (
        "%(subject)s likely results in a large %(change)s in %(outcome)s compared with %(other)s."
    ),
    (Size.LARGE, "low"): (
        "%(subject)s may result in a large %(change)s in %(outcome)s compared with %(other)s."
    ),
    (Size.MODERATE, "high"): "%(subject)s %(does)s %(outcome)s compared with %(other)s.",
    (Size.MODERATE, "moderate"): "%(subject)s likely %(does)s %(outcome)s compared with %(other)s.",
    (Size.MODERATE, "low"): "%(subject)s may %(do)s %(outcome)s compared with %(other)s.",
    (Size.SMALL, "high"): "%(subject)s %(does)s %(outcome)s slightly compared with %(other)s.",
    (Size.SMALL, "moderate"): "%(subject)s likely %(does)s %(outcome)s slightly compared with %(other)s.",
    (Size.SMALL, "low"): "%(subject)s may %(do)s %(outcome)s slightly compared with %(other)s.",
    (Size.TRIVIAL, "high"): (
        "%(subject)s results in little to no difference in %(outcome)s compared with %(other)s."
    ),
    (Size.TRIVIAL, "moderate"): (
        "%(subject)s likely results in little to no difference in %(outcome)s compared with %(other)s."
    ),
    (Size.TRIVIAL, "low"): (
        "%(subject)s may result in little to no difference in %(outcome)s compared with %(other)s."
    ),
    (Size.UNSIZED, "high"): (
        "%(subject)s %(does)s %(outcome)s compared with %(other)s; whether by enough to matter is not known."
    ),
    (Size.UNSIZED, "moderate"): (
        "%(subject)s likely %(does)s %(outcome)s compared with %(other)s; "
        "whether by enough to matter is not known."
    ),
    (Size.UNSIZED, "low"): (
        "%(subject)s may %(do)s %(outcome)s compared with %(other)s; "
        "whether by enough to matter is not known."
    ),
}
# The sentence where no size can be named.
UNSIZED = {
    "no_evidence": (
        "Nobody knows: no study that can be counted here measured %(outcome)s on %(subject)s "
        "compared with %(other)s."
    ),
    "very_low": (
        "The evidence is very uncertain about the effect of %(subject)s on %(outcome)s "
        "compared with %(other)s."
    ),
    "unknown": (
        "How much %(subject)s changes %(outcome)s compared with %(other)s is not known: "
        "no effect could be computed."
    ),
    "unclear": "The studies do not settle whether %(subject)s changes %(outcome)s compared with %(other)s.",
}


def find(body: Body) -> Finding | None:
    """Return size and direction of a body's pooled effect; None where nothing was pooled."""
    if body.pooled is None:
        return None
    is_lower = body.pooled.estimate < body.null_value
    is_better = is_lower == (body.better == "lower")
    return Finding(_size(body), Direction.BENEFIT if is_better else Direction.HARM)


def _size(body: Body) -> Size:
    assert body.pooled is not None  # noqa: S101 - find has just looked
    estimate = body.pooled.estimate
    if body.thresholds:
        low, high = body.thresholds
        return Size.TRIVIAL if low < estimate < high else Size.MODERATE
    holds_null = holds(body.pooled.ci_low, body.null_value, body.pooled.ci_high)
    if body.measure == Measure.SMD:
        return next((size for end, size in SMD_STEPS if abs(estimate) < end), Size.LARGE)
    if body.measure in RATIOS:
        return _ratio_size(estimate, holds_null, can_be_large=body.measure != Measure.OR)
    return Size.UNCLEAR if holds_null else Size.UNSIZED


def _ratio_size(ratio: float, holds_null: bool, can_be_large: bool) -> Size:
    """An odds ratio overstates a risk ratio, so it is never called large."""
    if can_be_large and (ratio >= LARGE_RATIO or ratio <= 1 / LARGE_RATIO):
        return Size.LARGE
    if APPRECIABLE_BELOW <= ratio <= APPRECIABLE_RATIO:
        return Size.TRIVIAL if holds_null else Size.SMALL
    return Size.MODERATE


def state(
    *,
    outcome: str,
    finding: Finding | None,
    level: str,
    comparator: str,
    subject: str = "LDN",
    speech: Speech = ENGLISH,
) -> str:
    """Return the sentence for a size and a certainty.

    Args:
        outcome: the outcome's domain.
        finding: from find; None where nothing was pooled.
        level: high, moderate, low, very_low or no_evidence.
        comparator: placebo, active or none.
        subject: what is named as acting.
        speech: the language of the sentence.

    >>> small = Finding(Size.SMALL, Direction.BENEFIT)
    >>> state(outcome="pain", finding=small, level="low", comparator="placebo")
    'LDN may reduce pain slightly compared with placebo.'
    >>> state(outcome="pain", finding=small, level="very_low", comparator="placebo")
    'The evidence is very uncertain about the effect of LDN on pain compared with placebo.'
    """
    name, benefit, harm = OUTCOMES[outcome]
    parts = {
        "subject": subject,
        "outcome": speech.say_object(name),
        "other": speech.say(COMPARATORS[comparator]),
    }
    if level in (NO_EVIDENCE, "very_low") or finding is None or finding.size == Size.UNCLEAR:
        return speech.say(_without_size(finding, level), **parts)
    verb = benefit if finding.direction == Direction.BENEFIT else harm
    does, change = FORMS[verb]
    verbs = {
        "do": speech.say_object(verb),
        "does": speech.say_object(does),
        "change": speech.say_object(change),
    }
    return speech.say(SENTENCES[finding.size, level], **parts, **verbs)


def _without_size(finding: Finding | None, level: str) -> str:
    """The sentence where the studies tell no size, or nobody can be sure of it."""
    if level == NO_EVIDENCE:
        return UNSIZED["no_evidence"]
    if level == "very_low":
        return UNSIZED["very_low"]
    return UNSIZED["unknown"] if finding is None else UNSIZED["unclear"]
