"""Each rule of the table fires where it should, changes what it says, and the levels add up."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from conditions.domain.body import Body, BodyStudy, MinimalDifference, Pooled
from conditions.domain.certainty import judge
from conditions.domain.certainty_rules import RULES, VERSION

METHODS = Path(__file__).resolve().parents[3] / "docs" / "methods.md"
RATIO_MID = MinimalDifference(1.25, "a survey of patients")
MID = MinimalDifference(1.0, "the instrument's authors")


def study(key: str = "a2020", word: str | None = "low", n: int | None = 300, **fields) -> BodyStudy:
    fields.setdefault("is_randomised", True)
    return BodyStudy(key=key, risk_of_bias=word, n=n, **fields)


def pooled(low: float, estimate: float, high: float, i2: float = 0.0, **fields) -> Pooled:
    return Pooled(estimate, low, high, i2=i2, **fields)


# Two large trials at low risk that agree on an effect that matters: nothing lowers it.
SOUND = Body(
    outcome="pain",
    studies=(study("a2020"), study("b2021")),
    measure="MD",
    pooled=pooled(-3.0, -2.0, -1.2),
    better="lower",
    minimal_difference=MID,
)


def studies(*words: str | None, **fields) -> tuple[BodyStudy, ...]:
    return tuple(study(f"s{i}", word, **fields) for i, word in enumerate(words))


def ten(**fields) -> Body:
    return replace(SOUND, studies=studies(*["low"] * 10), **fields)


def spread(i2: float, low: float = -4.0, high: float = -0.1) -> Body:
    shown = pooled(-3.0, -2.0, -1.2, i2=i2, prediction_low=low, prediction_high=high)
    return replace(SOUND, studies=studies("low", "low", "low"), pooled=shown)


CASES: dict[str, list[Body]] = {
    "start.randomised": [SOUND, replace(SOUND, studies=(study(),))],
    "start.observational": [
        replace(SOUND, studies=(study(is_randomised=False),)),
        replace(SOUND, studies=(study(), study("b2021", is_randomised=False))),
    ],
    "bias.high": [
        replace(SOUND, studies=studies("high", "low")),
        replace(SOUND, studies=studies("critical", is_randomised=False)),
        replace(SOUND, studies=(study("a", "high", 10, weight_percent=50), study("b", weight_percent=50))),
    ],
    "bias.concerns": [
        replace(SOUND, studies=studies("some_concerns", "low")),
        replace(SOUND, studies=studies(None, "low")),
        replace(SOUND, studies=studies("moderate")),
        replace(SOUND, studies=studies(None, is_randomised=False)),
        replace(SOUND, studies=(study("a", "high", 30), study("b", None, 30), study("c", "low", 50))),
    ],
    "bias.few": [
        replace(SOUND, studies=(study("a", "high", 10), study("b", "low", 500))),
        replace(SOUND, studies=(study("a", None, None), study("b"), study("c"))),
    ],
    "bias.none": [SOUND, replace(SOUND, studies=studies("moderate", is_randomised=False))],
    "inconsistency.one": [replace(SOUND, studies=(study(),))],
    "inconsistency.unknown": [
        replace(SOUND, pooled=None),
        replace(SOUND, pooled=Pooled(-2.0, -3.0, -1.2)),
    ],
    "inconsistency.great": [spread(80, high=1.0)],
    "inconsistency.some": [spread(80), spread(50), spread(20, high=1.0)],
    "inconsistency.none": [SOUND, spread(49)],
    "interval.unknown": [replace(SOUND, pooled=None, measure=None)],
    "interval.both": [replace(SOUND, pooled=pooled(-2.0, 0.0, 1.5))],
    "interval.one": [replace(SOUND, pooled=pooled(-2.0, -1.0, -0.5))],
    "interval.clear": [
        SOUND,
        replace(SOUND, pooled=pooled(-0.8, 0.0, 0.9)),
        replace(SOUND, measure="RR", pooled=pooled(0.9, 1.0, 1.1), minimal_difference=RATIO_MID),
    ],
    "interval.null": [
        replace(SOUND, minimal_difference=None, pooled=pooled(-2.0, -0.5, 1.0)),
        replace(SOUND, minimal_difference=None, measure="RR", pooled=pooled(0.5, 0.8, 1.2)),
    ],
    "interval.one_side": [
        replace(SOUND, minimal_difference=None),
        replace(SOUND, minimal_difference=None, measure="RR", pooled=pooled(0.5, 0.6, 0.9)),
    ],
    "size.counted": [replace(SOUND, pooled=pooled(-2.0, 0.0, 1.5), studies=studies("low", n=5))],
    "size.small": [
        replace(SOUND, studies=(study(n=399),)),
        replace(SOUND, optimal_information_size=601),
        replace(SOUND, studies=(study(n=None),)),
    ],
    "size.enough": [SOUND, replace(SOUND, optimal_information_size=600)],
    "indirectness.several": [
        replace(SOUND, doses_outside=("a2020",), population_note="half of the people were healthy"),
        replace(SOUND, outcome="inflammation", doses_outside=("a2020",)),
    ],
    "indirectness.one": [
        replace(SOUND, doses_outside=("a2020",)),
        replace(SOUND, population_note="half of the people were healthy"),
        replace(SOUND, outcome="inflammation"),
    ],
    "indirectness.none": [SOUND],
    "missing.unreported": [replace(SOUND, unreported_trials=("NCT1",)), ten(unreported_trials=("NCT1",))],
    "missing.asymmetry": [ten(asymmetry_p=0.09)],
    "missing.unpooled": [replace(SOUND, unpooled=(study("c2022", None, 600),))],
    "missing.few": [SOUND, replace(SOUND, asymmetry_p=0.01)],
    "missing.untested": [ten()],
    "missing.none": [ten(asymmetry_p=0.1)],
}  # fmt: skip


def steps_of(body: Body) -> dict:
    return {step.rule: step for step in judge(body).steps}


def test_every_rule_has_a_case():
    assert list(CASES) == [rule.id for rule in RULES]


@pytest.mark.parametrize(
    ("rule", "body"), [(rule, body) for rule, bodies in CASES.items() for body in bodies]
)
def test_the_rule_fires_and_changes_what_the_table_says(rule, body):
    entry = next(line for line in RULES if line.id == rule)
    step = steps_of(body)[rule]
    assert (step.domain, step.change, step.mend) == (entry.domain, entry.change, entry.mend)
    assert re.fullmatch(r"\S.*\.", step.reason)


def test_each_question_is_answered_once_and_the_last_rule_of_each_always_answers():
    questions = list(dict.fromkeys(rule.question for rule in RULES))
    for bodies in CASES.values():
        for body in bodies:
            assert [step.rule.partition(".")[0] for step in judge(body).steps] == questions


@pytest.mark.parametrize(
    ("body", "level"),
    [
        (SOUND, "high"),
        (replace(SOUND, outcome="inflammation"), "moderate"),
        (replace(SOUND, studies=studies(None, None)), "moderate"),
        (replace(SOUND, outcome="inflammation", unreported_trials=("NCT1",)), "low"),
        (replace(SOUND, studies=studies("high", "high"), unreported_trials=("NCT1",)), "very_low"),
        (replace(SOUND, studies=studies("low", "low", is_randomised=False)), "low"),
        (replace(SOUND, studies=studies(None, None, is_randomised=False)), "very_low"),
        (replace(SOUND, studies=studies("high", n=5), pooled=None, unreported_trials=("NCT1",)), "very_low"),
        (replace(SOUND, studies=(), pooled=None), "no_evidence"),
    ],
)
def test_the_levels_add_up_and_never_fall_below_very_low(body, level):
    assert judge(body).level == level


def test_no_study_is_no_evidence_and_not_very_low_certainty():
    assert [step.rule for step in judge(Body(outcome="pain", studies=())).steps] == ["start.none"]


def test_unassessed_risk_of_bias_says_that_it_counts_as_a_concern():
    step = steps_of(replace(SOUND, studies=studies(None, "low")))["bias.concerns"]
    assert "1 of 2 not assessed, or not in full, which counts as a concern" in step.reason


def test_a_missing_minimal_difference_is_said():
    step = steps_of(replace(SOUND, minimal_difference=None))["interval.one_side"]
    assert step.reason.startswith("No minimal important difference is recorded")


def test_a_recorded_minimal_difference_is_named_with_its_source():
    assert "1 (the instrument's authors)" in steps_of(SOUND)["interval.clear"].reason


def test_the_rule_of_thumb_says_that_it_is_one():
    assert "rule of thumb" in steps_of(SOUND)["size.enough"].reason
    assert "optimal" in steps_of(replace(SOUND, optimal_information_size=9))["size.enough"].reason


def test_the_weight_counts_before_the_people():
    light = study("a", "high", 900, weight_percent=10)
    heavy = study("b", "low", 10, weight_percent=90)
    assert "10% of the weight" in steps_of(replace(SOUND, studies=(light, heavy)))["bias.few"].reason


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"measure": None}, "measure:"),
        ({"better": "green"}, "better:"),
        ({"pooled": pooled(1.0, 0.0, 2.0)}, "not in order"),
        ({"pooled": pooled(float("nan"), 0.0, 2.0)}, "not in order"),
        ({"pooled": pooled(0.0, 1.0, float("inf"))}, "not in order"),
    ],
)
def test_a_body_that_makes_no_sense_is_refused_with_its_field(fields, words):
    with pytest.raises(ValueError, match=words):
        replace(SOUND, **fields)


def test_the_methods_page_holds_the_table_as_it_is_in_the_code():
    text = METHODS.read_text()
    assert f"version {VERSION} of the rules" in text
    shown = re.findall(r"^\| `(\w+\.\w+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", text, re.M)
    assert shown == [
        (rule.id, rule.domain, rule.when, str(rule.change).replace("-", "\N{MINUS SIGN}")) for rule in RULES
    ]
