"""The rules by which findings are sorted and a verdict is reached: one fixture for each branch."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from conditions.domain.finding import REFUSALS, UNSTATED, Finding, Place
from conditions.domain.question import Comparator, Question, QuestionKind
from conditions.domain.verdict import compute_verdict
from conditions.domain.verdict_rules import CAPS, RULES, VERSION, Pooled
from studies.domain.vocabulary import DesignGroup, Direction

PAIN = Question(
    QuestionKind.EFFICACY,
    conditions=("gout",),
    domains=("pain",),
    comparator=Comparator.PLACEBO,
    claimed_direction=Direction.FAVOURS_LDN,
)
FOR, NULL, AGAINST = Direction.FAVOURS_LDN, Direction.NO_DIFFERENCE, Direction.FAVOURS_COMPARATOR
NAUSEA = replace(
    PAIN,
    kind=QuestionKind.FREQUENCY,
    domains=(),
    side_effects=("nausea",),
    claimed_direction=Direction.FAVOURS_COMPARATOR,
)
DOSES = Question(QuestionKind.DOSE_RANGE, low_mg=Decimal("0.5"), high_mg=Decimal("4.5"))
STUDY = Question(QuestionKind.EXISTENCE, domains=("pain",), year=2021, n_people=59, percent=Decimal("49"))


def trial(key: str, direction: Direction, people: int | None = 100, **fields) -> Finding:
    """A randomised trial against placebo, with one main outcome: pain."""
    values = {
        "group": DesignGroup.RANDOMISED,
        "subject": "pain",
        "comparator": Comparator.PLACEBO,
        "is_primary": True,
        "amount_mg": Decimal("4.5"),
        "n_enrolled": people,
    }
    return Finding(study_key=key, direction=direction, **{**values, **fields})


def rules_of(verdict) -> list[str]:
    return [step.rule for step in verdict.steps]


def places_of(verdict) -> list[tuple[str, str]]:
    return [(entry.finding.study_key, entry.place.value) for entry in verdict.findings]


# ---- which rule gives the word

COMPARISONS = {
    "nothing-usable": ([], None),
    "enough-and-one-way": ([trial("a", FOR, 250), trial("b", FOR, 150)], "supported"),
    "one-way-but-few": ([trial("a", FOR, 200), trial("b", FOR, 199)], "partly_supported"),
    "points-the-other-way": ([trial("a", AGAINST, 101), trial("b", NULL, 100)], "contradicted"),
    "none-shows-it": ([trial("a", AGAINST, 100), trial("b", NULL, 100)], "not_supported"),
    "most-people-in-trials-for": ([trial("a", FOR, 101), trial("b", NULL, 100)], "partly_supported"),
    "most-people-in-other-trials": ([trial("a", FOR, 100), trial("b", NULL, 100)], "overstated"),
}


@pytest.mark.parametrize("rule", COMPARISONS)
def test_each_rule_of_comparisons_gives_its_word(rule):
    findings, word = COMPARISONS[rule]
    verdict = compute_verdict(PAIN, findings)
    assert (verdict.word, rules_of(verdict)[-1]) == (word, rule)
    assert verdict.steps[-1].would_change


def test_one_large_trial_alone_is_not_enough_for_supported():
    assert compute_verdict(PAIN, [trial("a", FOR, 5000)]).word == "partly_supported"


def test_several_null_trials_against_one_small_positive_one_are_never_support():
    findings = [trial("small", FOR, 31), *(trial(key, NULL, 90) for key in ("a", "b", "c"))]
    assert compute_verdict(PAIN, findings).word == "overstated"


def test_trials_of_unknown_size_cannot_outweigh_a_null_trial():
    assert compute_verdict(PAIN, [trial("a", FOR, None), trial("b", NULL, 1)]).word == "overstated"


def test_the_order_of_findings_changes_nothing():
    findings = [trial("a", FOR, 31), trial("b", NULL, 99, registry_ids=("N1",)), trial("c", AGAINST, 7)]
    one, other = compute_verdict(PAIN, findings), compute_verdict(PAIN, findings[::-1])
    assert (one.word, set(places_of(one))) == (other.word, set(places_of(other)))


def test_a_claim_that_records_cannot_answer_gets_the_reason_and_no_word():
    verdict = compute_verdict(Question(QuestionKind.NOT_COMPUTABLE, why_not="A price."), [])
    assert (verdict.word, verdict.reason, rules_of(verdict)) == (None, "A price.", ["not-computable"])


# ---- what a finding is refused for

REFUSED = {
    "retracted": {"is_retracted": True},
    "a protocol": {"group": DesignGroup.PROTOCOL},
    "a narrative review": {"group": DesignGroup.NARRATIVE},
    "a review": {"group": DesignGroup.REVIEW},
    "cells, animals": {"group": DesignGroup.LABORATORY},
    "no result on record": {"subject": None},
    "measured something else": {"subject": "sleep"},
    "50 mg is not a low dose": {"amount_mg": Decimal(50)},
    "0.1 mg is not a low dose": {"amount_mg": Decimal("0.1")},
    "per kg of body weight": {"amount_mg": None, "is_per_kg": True},
    "no comparison group": {"comparator": None},
    "does not say which group": {"comparator": UNSTATED},
    "compared with another treatment, not with placebo": {"comparator": Comparator.ACTIVE},
    "does not say which way": {"direction": Direction.UNCLEAR},
}


@pytest.mark.parametrize("words", REFUSED)
def test_a_finding_that_does_not_answer_is_listed_with_the_reason(words):
    verdict = compute_verdict(PAIN, [replace(trial("a", FOR), **REFUSED[words])])
    (entry,) = verdict.findings
    assert entry.place is Place.NOT_USABLE
    assert words in entry.reason
    assert verdict.word is None


def test_each_refusal_has_a_fixture():
    fired = {
        next(refusal for refusal in REFUSALS if refusal(replace(trial("a", FOR), **fields), PAIN))
        for fields in REFUSED.values()
    }
    assert fired == set(REFUSALS)


@pytest.mark.parametrize("direction", [FOR, NULL, AGAINST])
def test_a_retraction_takes_a_finding_out_whichever_way_it_points(direction):
    others = [trial("a", FOR, 300), trial("b", FOR, 300)]
    gone = trial("gone", direction, 9000, is_retracted=True)
    assert compute_verdict(PAIN, [*others, gone]).word == compute_verdict(PAIN, others).word


def test_a_dose_that_nobody_states_is_not_refused():
    assert compute_verdict(PAIN, [trial("a", FOR, amount_mg=None)]).word == "partly_supported"


# ---- how a trial counts once


def test_the_main_outcome_counts_and_the_secondary_ones_do_not():
    findings = [trial("a", NULL), trial("a", FOR, is_primary=False)]
    verdict = compute_verdict(PAIN, findings)
    assert verdict.word == "not_supported"
    assert "the main outcome of this trial is counted" in verdict.findings[1].reason


def test_a_gain_in_a_secondary_outcome_does_not_stand_in_for_another_main_outcome():
    findings = [trial("a", NULL, subject="sleep"), trial("a", FOR, is_primary=False)]
    verdict = compute_verdict(PAIN, findings)
    assert verdict.word is None
    assert "a secondary outcome only" in verdict.findings[0].reason


def test_gains_in_secondary_outcomes_of_a_trial_without_a_main_result_are_mixed_at_most():
    verdict = compute_verdict(PAIN, [trial("a", FOR, 900, is_primary=False), trial("b", NULL, 10)])
    assert verdict.word == "overstated"
    assert "mixed, or seen in secondary outcomes only: 1 with 900 people (a)" in verdict.steps[1].says


def test_two_reports_of_one_trial_are_counted_once_and_the_larger_one_leads():
    one = trial("part", FOR, 60, registry_ids=("NCT1",))
    whole = trial("whole", FOR, 99, registry_ids=("NCT1", "X"))
    verdict = compute_verdict(PAIN, [one, whole])
    assert places_of(verdict) == [("part", "not_usable"), ("whole", "for")]
    assert "another report of the trial that whole reports" in verdict.findings[0].reason
    assert "for the claim: 1 with 99 people (whole)" in verdict.steps[1].says


def test_outcomes_of_one_trial_that_point_both_ways_make_it_mixed():
    verdict = compute_verdict(PAIN, [trial("a", FOR, is_primary=None), trial("a", NULL, is_primary=None)])
    assert verdict.word == "overstated"


def test_what_else_a_study_measured_is_not_listed_beside_what_was_asked():
    findings = [trial("a", FOR), trial("a", NULL, subject="mood"), trial("b", NULL, subject="mood")]
    verdict = compute_verdict(PAIN, [*findings, trial("b", NULL, subject="sleep")])
    assert places_of(verdict) == [("a", "for"), ("b", "not_usable")]


def test_randomised_trials_outweigh_other_comparisons():
    cohort = trial("cohort", FOR, 9000, group=DesignGroup.OBSERVATIONAL)
    verdict = compute_verdict(PAIN, [cohort, trial("a", NULL, 50)])
    assert verdict.word == "not_supported"
    assert "randomised-first" in rules_of(verdict)


# ---- what takes a word back

ENOUGH = [trial("a", FOR, 300), trial("b", FOR, 300)]
HARM = [trial(key, AGAINST, 300, subject="nausea", is_primary=None) for key in ("a", "b")]
CAPPED = {
    "not-randomised": (
        PAIN,
        [replace(finding, group=DesignGroup.OBSERVATIONAL) for finding in ENOUGH],
        {},
        "partly_supported",
    ),
    "high-risk-of-bias": (
        PAIN,
        [replace(finding, risk_of_bias="high") for finding in ENOUGH],
        {},
        "partly_supported",
    ),
    "absence-is-no-proof": (
        replace(PAIN, claimed_direction=NULL),
        [replace(finding, direction=NULL) for finding in ENOUGH],
        {},
        "partly_supported",
    ),
    "not-every-part-counted": (
        replace(NAUSEA, side_effects=("nausea", "tiredness")),
        HARM,
        {},
        "partly_supported",
    ),
    "low-certainty": (PAIN, ENOUGH, {"certainty": "low"}, "partly_supported"),
    "pool-points-elsewhere": (PAIN, ENOUGH, {"pooled": Pooled(NULL, "MD 0.1")}, "overstated"),
}


@pytest.mark.parametrize("cap", CAPPED)
def test_each_cap_takes_supported_back_and_says_why(cap):
    question, findings, more, word = CAPPED[cap]
    verdict = compute_verdict(question, findings, **more)
    assert (verdict.word, rules_of(verdict)[-1]) == (word, cap)
    assert verdict.reason.startswith(verdict.steps[-1].says)


def test_nothing_is_taken_back_where_no_cap_holds():
    low_risk = [replace(finding, risk_of_bias="low") for finding in ENOUGH]
    verdict = compute_verdict(PAIN, low_risk, pooled=Pooled(FOR, "MD -1.0 (-1.4 to -0.6)"), certainty="high")
    assert verdict.word == "supported"
    assert rules_of(verdict) == ["findings-sorted", "trials-counted", "pooled-result", "enough-and-one-way"]


def test_one_trial_at_low_risk_of_bias_is_enough_to_lift_that_cap():
    findings = [replace(ENOUGH[0], risk_of_bias="high"), replace(ENOUGH[1], risk_of_bias="low")]
    assert compute_verdict(PAIN, findings).word == "supported"


def test_a_risk_of_bias_that_nobody_assessed_is_said():
    assert "risk-of-bias-unknown" in rules_of(compute_verdict(PAIN, ENOUGH))


# ---- side effects, doses, studies that are said to exist


def test_a_side_effect_without_counts_in_both_groups_is_not_usable():
    finding = trial("a", Direction.UNCLEAR, subject="nausea", is_primary=None)
    assert compute_verdict(NAUSEA, [finding]).findings[0].reason == "no count for both groups"


def test_a_side_effect_counts_whatever_the_trials_main_outcome_was():
    assert compute_verdict(NAUSEA, [*HARM, trial("a", NULL)]).word == "supported"


def dose(key: str, mg: str | None, **fields) -> Finding:
    return Finding(key, DesignGroup.RANDOMISED, amount_mg=None if mg is None else Decimal(mg), **fields)


DOSE_CASES = {
    "no-dose-stated": ([dose("a", None), dose("b", "50")], None),
    "all-doses-within": ([dose("a", "0.5"), dose("b", "4.5"), dose("c", "50")], "supported"),
    "some-doses-within": ([dose("a", "4.5"), dose("b", "6")], "partly_supported"),
    "no-dose-within": ([dose("b", "6")], "contradicted"),
}


@pytest.mark.parametrize("rule", DOSE_CASES)
def test_each_rule_of_doses_gives_its_word(rule):
    findings, word = DOSE_CASES[rule]
    verdict = compute_verdict(DOSES, findings)
    assert (verdict.word, rules_of(verdict)[-1]) == (word, rule)


@pytest.mark.parametrize(
    "fields",
    [{"is_retracted": True}, {"group": DesignGroup.PROTOCOL}, {"is_daily": False}],
)
def test_a_dose_that_was_not_given_daily_or_is_retracted_is_not_usable(fields):
    assert compute_verdict(DOSES, [replace(dose("a", "6"), **fields)]).word is None


def test_the_dose_of_a_trial_is_counted_once():
    findings = [dose(key, "6", registry_ids=("NCT1",)) for key in ("a", "b")]
    assert places_of(compute_verdict(DOSES, findings)) == [("a", "against"), ("b", "not_usable")]


def study(key: str, year: int, people: int, percent: str | None, **fields) -> Finding:
    values = {
        "subject": "pain",
        "n_analysed": people,
        "percent": None if percent is None else Decimal(percent),
    }
    return Finding(key, DesignGroup.OBSERVATIONAL, year=year, **{**values, **fields})


MATCH_CASES = {
    "study-found": ([study("a", 2021, 59, "49.22")], "supported"),
    "study-differs": ([study("a", 2021, 30, "49.22")], "partly_supported"),
    "study-of-that-year-says-otherwise": ([study("a", 2021, 30, "12")], "not_supported"),
    "study-not-found": ([study("a", 2020, 59, "49")], "unverifiable"),
}


@pytest.mark.parametrize("rule", MATCH_CASES)
def test_each_rule_of_claimed_studies_gives_its_word(rule):
    findings, word = MATCH_CASES[rule]
    verdict = compute_verdict(STUDY, findings)
    assert (verdict.word, rules_of(verdict)[-1]) == (word, rule)


def test_a_retracted_study_is_not_the_one_that_was_claimed():
    verdict = compute_verdict(STUDY, [study("a", 2021, 59, "49", is_retracted=True)])
    assert (verdict.word, places_of(verdict)) == ("unverifiable", [("a", "not_usable")])


def test_a_figure_of_another_subject_is_not_the_claimed_one():
    assert compute_verdict(STUDY, [study("a", 2021, 59, "49", subject="sleep")]).word == "partly_supported"


def test_a_claimed_effect_needs_a_comparison():
    question = replace(STUDY, n_people=None, percent=None, claimed_direction=FOR)
    alone = study("a", 2021, 9, None, direction=FOR)
    assert compute_verdict(question, [alone]).word == "not_supported"
    assert compute_verdict(question, [replace(alone, comparator=Comparator.NONE)]).word == "supported"


def test_a_study_found_by_its_people_alone_is_named():
    question = Question(QuestionKind.EXISTENCE, n_people=35)
    verdict = compute_verdict(question, [study("a", 2020, 35, None), study("b", 2020, 34, None)])
    assert (verdict.word, places_of(verdict)) == ("supported", [("a", "for")])


def test_every_rule_and_cap_has_a_fixture():
    named = {rule.name for rules in RULES.values() for rule in rules}
    assert named == {*COMPARISONS, *DOSE_CASES, *MATCH_CASES}
    assert {cap.name for cap in CAPS} == set(CAPPED)


def test_the_methods_page_lists_every_rule_and_its_version():
    text = (Path(__file__).parents[3] / "docs" / "methods.md").read_text()
    names = {*COMPARISONS, *DOSE_CASES, *MATCH_CASES, *CAPPED}
    assert {name for name in names if f"| `{name}` |" not in text} == set()
    assert f"**Rules**, version {VERSION}." in text
