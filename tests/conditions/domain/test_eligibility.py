"""Who is in a pool, and the reason for each who is not: one case a reason."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest

from conditions.domain.eligibility import (
    Candidate,
    Reason,
    eligible_without_effect,
    load_candidate,
    place_candidates,
)
from conditions.domain.pool_question import (
    Choice,
    ChoiceError,
    PoolQuestion,
    describe,
    measures_for,
    read_choice,
)
from conditions.domain.question import Comparator
from studies.domain.correlation import describe_correlation
from studies.domain.vocabulary import Better, DesignGroup, Measure, OutcomeDomain

QUESTION = PoolQuestion("fibromyalgia", OutcomeDomain.PAIN, Comparator.PLACEBO, Measure.MD)
TRIAL = Candidate(
    key="a2020",
    group=DesignGroup.RANDOMISED,
    year=2020,
    outcome=0,
    outcome_name="Pain",
    comparator="placebo",
    scale="pain-nrs-11",
    effect=-0.5,
    variance=0.04,
    better=Better.LOWER,
    n=60,
    n_people=60,
)


def reasons(*candidates, choice=None, question=QUESTION):
    return {p.candidate.key: p.reason for p in place_candidates(question, candidates, choice)}


def test_a_randomised_trial_with_an_effect_is_in():
    assert reasons(TRIAL) == {"a2020": None}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"is_published": False}, Reason.DRAFT),
        ({"is_gone": True}, Reason.GONE),
        ({"group": DesignGroup.PROTOCOL}, Reason.NO_RESULTS),
        ({"group": DesignGroup.REVIEW}, Reason.NO_RESULTS),
        ({"group": DesignGroup.NARRATIVE}, Reason.NO_RESULTS),
        ({"group": DesignGroup.LABORATORY}, Reason.NO_RESULTS),
        ({"group": DesignGroup.CASES}, Reason.NO_RESULTS),
        ({"has_other_people": True}, Reason.OTHER_PEOPLE),
        ({"outcome": None}, Reason.OTHER_OUTCOME),
        ({"comparator": None}, Reason.OTHER_COMPARISON),
        ({"comparator": "unstated"}, Reason.OTHER_COMPARISON),
        ({"comparator": "active"}, Reason.OTHER_COMPARISON),
        ({"group": DesignGroup.OTHER_TRIAL}, Reason.NOT_RANDOMISED),
        ({"dose_note": "50 mg is not a low dose"}, Reason.OTHER_DOSE),
        ({"effect": None, "missing": "a percentage without a denominator"}, Reason.NO_EFFECT),
        ({"better": None}, Reason.NO_SIDE),
    ],
)
def test_each_reason_keeps_a_study_out(change, reason):
    placed = place_candidates(QUESTION, [replace(TRIAL, **change)])
    assert placed[0].reason is reason
    assert placed[0].words


def test_a_retracted_trial_is_gone_before_anything_else_is_said_of_it():
    assert reasons(replace(TRIAL, is_gone=True, effect=None)) == {"a2020": Reason.GONE}


def test_what_is_missing_is_named():
    placed = place_candidates(
        QUESTION, [replace(TRIAL, effect=None, missing="number of people in both arms")]
    )
    assert placed[0].words == "no effect can be computed; missing: number of people in both arms"


def test_a_reader_may_take_a_study_out_let_others_in_and_ask_for_any_dose():
    open_trial = replace(TRIAL, key="b2020", group=DesignGroup.OTHER_TRIAL)
    full_dose = replace(TRIAL, key="c2020", dose_note="50 mg is not a low dose")
    choice = Choice(designs="comparative", doses="any", left_out=frozenset({"a2020"}))
    found = reasons(TRIAL, open_trial, full_dose, choice=choice)
    assert found == {"a2020": Reason.LEFT_OUT, "b2020": None, "c2020": None}


def test_a_reader_varies_the_correlation_of_cross_over_trials_and_of_no_others():
    crossover = replace(
        TRIAL,
        key="b2020",
        by_correlation=((0.0, 0.08), (0.5, 0.04), (0.8, 0.016)),
        assumptions=("read from 45%", describe_correlation(0.5)),
    )
    by_key = {
        placed.candidate.key: placed.candidate
        for placed in place_candidates(QUESTION, [TRIAL, crossover], Choice(correlation=0.0))
    }
    assert by_key["a2020"] == TRIAL
    assert by_key["b2020"].variance == 0.08
    assert by_key["b2020"].assumptions == ("read from 45%", describe_correlation(0.0))


def test_of_two_reports_of_one_trial_the_one_with_the_main_outcome_is_in():
    second = replace(TRIAL, key="b2021", registry_ids=("NCT1",), n_people=99)
    main = replace(TRIAL, registry_ids=("NCT1",), is_primary=True)
    placed = {p.candidate.key: p for p in place_candidates(QUESTION, [second, main])}
    assert placed["a2020"].is_in
    assert placed["b2021"].reason is Reason.SAME_TRIAL
    assert "the trial that a2020 reports" in placed["b2021"].words


def test_a_retracted_report_does_not_keep_another_report_of_the_main_outcome_out():
    gone = replace(TRIAL, registry_ids=("NCT1",), is_primary=True, is_gone=True)
    other = replace(TRIAL, key="b2021", registry_ids=("NCT1",), is_primary=True)
    assert reasons(gone, other) == {"a2020": Reason.GONE, "b2021": None}


@pytest.mark.parametrize("change", [{"is_gone": True}, {"effect": None}])
def test_a_secondary_report_never_stands_in_for_the_main_outcome_of_its_trial(change):
    main = replace(TRIAL, registry_ids=("NCT1",), is_primary=True, **change)
    other = replace(TRIAL, key="b2021", registry_ids=("NCT1",), is_primary=False)
    assert reasons(main, other)["b2021"] is Reason.SAME_TRIAL


def test_points_of_two_scales_are_not_averaged_and_the_main_outcomes_scale_stays():
    main = replace(TRIAL, is_primary=True, n_people=20)
    other = replace(TRIAL, key="b2020", scale="mcgill", n_people=500)
    assert reasons(main, other) == {"a2020": None, "b2020": Reason.OTHER_SCALE}


def test_a_scale_nobody_has_named_is_the_studys_own():
    assert list(reasons(replace(TRIAL, scale=None), replace(TRIAL, key="b2020", scale=None)).values()) == [
        None,
        Reason.OTHER_SCALE,
    ]


def test_standardised_differences_of_two_scales_may_be_averaged():
    question = replace(QUESTION, measure=Measure.SMD)
    found = reasons(TRIAL, replace(TRIAL, key="b2020", scale="mcgill"), question=question)
    assert set(found.values()) == {None}


def test_risk_ratios_of_opposite_events_are_not_averaged():
    question = PoolQuestion("x", OutcomeDomain.RESPONSE, Comparator.PLACEBO, Measure.RR)
    worse = replace(TRIAL, key="b2020", better=Better.HIGHER, n_people=10)
    assert reasons(TRIAL, worse, question=question)["b2020"] is Reason.OTHER_SCALE


def test_trials_without_a_usable_number_are_known_once_each():
    """Two reports of one trial; and a trial that is in by another of its reports."""
    mute = replace(TRIAL, effect=None, missing="SDs", registry_ids=("NCT1",))
    again = replace(mute, key="b2021", n_people=10)
    loud, echo = (
        replace(TRIAL, key="c2022", registry_ids=("NCT2",)),
        replace(mute, key="d2023", registry_ids=("NCT2",)),
    )
    placed = place_candidates(QUESTION, [mute, again, loud, echo])
    assert [c.key for c in eligible_without_effect(placed)] == ["a2020"]


def test_a_candidate_comes_back_from_json_as_it_was():
    whole = replace(
        TRIAL,
        registry_ids=("NCT1",),
        assumptions=("one",),
        by_correlation=((0.0, 0.08), (0.5, 0.04)),
        events=(1, 10, 2, 10),
    )
    assert load_candidate(json.loads(json.dumps(asdict(whole)))) == whole


def test_an_address_says_what_a_reader_wants():
    asked = {"model": "fixed", "hk": "off", "designs": "comparative", "doses": "any", "correlation": "0.8"}
    choice = read_choice(asked, ["a2020"], frozenset({"a2020"}))
    assert choice == Choice("fixed", False, "comparative", "any", 0.8, frozenset({"a2020"}))
    assert read_choice({}, [], frozenset()).is_default


@pytest.mark.parametrize("name", ["model", "hk", "designs", "doses", "correlation"])
def test_a_word_that_is_not_allowed_is_named(name):
    with pytest.raises(ChoiceError, match=f"^{name}: use one of"):
        read_choice({name: "?"}, [], frozenset())


def test_a_study_that_the_question_does_not_know_is_named():
    with pytest.raises(ChoiceError, match="out: z2020 is no study"):
        read_choice({}, ["z2020"], frozenset({"a2020"}))


def test_counted_outcomes_are_never_pooled_in_means():
    assert Measure.MD not in measures_for(OutcomeDomain.RESPONSE)
    assert measures_for(OutcomeDomain.PAIN)[0] is Measure.MD


def test_a_question_has_words_and_an_address():
    assert (
        describe(OutcomeDomain.QUALITY_OF_LIFE, Comparator.NONE)
        == "Quality of life, LDN against no treatment"
    )
    assert QUESTION.slug == "pain-placebo-md"
