"""Size and certainty become GRADE's standard sentence; what cannot be said is not said."""

from __future__ import annotations

import pytest

from conditions.domain.body import Body, BodyStudy, MinimalDifference, Pooled
from conditions.domain.statement import OUTCOMES, Direction, Finding, Size, find, state
from studies.domain.vocabulary import OutcomeDomain


def body(measure: str, low: float, estimate: float, high: float, mid: float | None = None, better="lower"):
    known = MinimalDifference(mid, "a source") if mid else None
    shown = Pooled(estimate, low, high)
    one = (BodyStudy("a2020", True),)
    return Body("pain", one, measure, shown, better, known)


@pytest.mark.parametrize(
    ("shown", "size", "direction"),
    [
        (body("MD", -3, -2, -1, mid=1), "moderate", "benefit"),
        (body("MD", -3, -2, -1, mid=1, better="higher"), "moderate", "harm"),
        (body("MD", -1.5, -0.5, 0.5, mid=1), "trivial", "benefit"),
        (body("MD", -3, -2, -1), "unsized", "benefit"),
        (body("MD", -3, -1, 1), "unclear", "benefit"),
        (body("SMD", -0.3, -0.1, 0.1), "trivial", "benefit"),
        (body("SMD", -0.6, -0.2, 0.2), "small", "benefit"),
        (body("SMD", 0.1, 0.5, 0.9), "moderate", "harm"),
        (body("SMD", -1.2, -0.8, -0.4), "large", "benefit"),
        (body("RR", 0.6, 0.9, 1.3), "trivial", "benefit"),
        (body("RR", 0.8, 0.9, 0.98), "small", "benefit"),
        (body("RR", 1.1, 1.5, 2, better="higher"), "moderate", "benefit"),
        (body("RR", 1.1, 2, 4), "large", "harm"),
        (body("HR", 0.2, 0.5, 0.9), "large", "benefit"),
        (body("OR", 1.1, 3, 9), "moderate", "harm"),
        (body("RR", 0.9, 1.1, 1.4, mid=1.25), "trivial", "harm"),
        (body("RD", -0.2, -0.1, -0.05), "unsized", "benefit"),
    ],
)
def test_the_size_is_named_by_a_sourced_threshold_only(shown, size, direction):
    assert find(shown) == Finding(Size(size), Direction(direction))


def test_without_a_pooled_effect_nothing_is_found():
    assert find(Body("pain", (BodyStudy("a2020", True),))) is None


def say(size: str | None, level: str, direction: str = "benefit", outcome: str = "pain", against="placebo"):
    finding = Finding(Size(size), Direction(direction)) if size else None
    return state(outcome=outcome, finding=finding, level=level, comparator=against)


@pytest.mark.parametrize(
    ("sentence", "asked"),
    [
        ("LDN results in a large reduction in pain compared with placebo.", ("large", "high")),
        ("LDN likely results in a large reduction in pain compared with placebo.", ("large", "moderate")),
        ("LDN may result in a large reduction in pain compared with placebo.", ("large", "low")),
        ("LDN reduces pain compared with placebo.", ("moderate", "high")),
        ("LDN likely reduces pain compared with placebo.", ("moderate", "moderate")),
        ("LDN may reduce pain compared with placebo.", ("moderate", "low")),
        ("LDN reduces pain slightly compared with placebo.", ("small", "high")),
        ("LDN likely reduces pain slightly compared with placebo.", ("small", "moderate")),
        ("LDN may reduce pain slightly compared with placebo.", ("small", "low")),
        ("LDN results in little to no difference in pain compared with placebo.", ("trivial", "high")),
        ("LDN may result in little to no difference in pain compared with placebo.", ("trivial", "low")),
        ("LDN may increase pain slightly compared with placebo.", ("small", "low", "harm")),
        ("LDN may worsen sleep compared with placebo.", ("moderate", "low", "harm", "sleep")),
        (
            "LDN may increase the number of people who respond compared with another treatment.",
            ("moderate", "low", "benefit", "response", "active"),
        ),
        (
            "LDN may reduce pain compared with no treatment; whether by enough to matter is not known.",
            ("unsized", "low", "benefit", "pain", "none"),
        ),
        (
            "The studies do not settle whether LDN changes pain compared with placebo.",
            ("unclear", "moderate"),
        ),
        (
            "The evidence is very uncertain about the effect of LDN on pain compared with placebo.",
            ("large", "very_low"),
        ),
        (
            "The evidence is very uncertain about the effect of LDN on pain compared with placebo.",
            (None, "very_low"),
        ),
        (
            "How much LDN changes pain compared with placebo is not known: no effect could be computed.",
            (None, "low"),
        ),
    ],
)
def test_the_sentence_is_grades_for_size_and_certainty(sentence, asked):
    assert say(*asked) == sentence


def test_no_evidence_is_said_plainly():
    assert say(None, "no_evidence").startswith("Nobody knows: ")


@pytest.mark.parametrize("outcome", list(OutcomeDomain))
@pytest.mark.parametrize("direction", list(Direction))
def test_every_outcome_can_be_said_in_both_directions(outcome, direction):
    assert OUTCOMES[outcome][0] in say("small", "low", direction, outcome)
