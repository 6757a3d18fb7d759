"""What the studies of a question add up to under a choice, and what that is worth on 100 people."""

from __future__ import annotations

from dataclasses import replace
from math import exp, log

import pytest

from conditions.domain.certainty import judge
from conditions.domain.eligibility import place_candidates
from conditions.domain.pool_body import body_of, direction_of
from conditions.domain.pool_numbers import Numbers
from conditions.domain.pool_question import Choice, PoolQuestion
from conditions.domain.pool_summary import show_beside, summarise
from conditions.domain.pooling import pool_effects
from conditions.domain.question import Comparator
from studies.domain.effects import Counts, risk_ratio
from studies.domain.vocabulary import Better, Direction, Measure, OutcomeDomain
from tests.conditions.domain.test_eligibility import QUESTION, TRIAL

# The records bruun2024 and rodriguezfreire2026.
TWO = [
    replace(TRIAL, effect=-0.34, variance=0.0969, n=99),
    replace(TRIAL, key="b2026", year=2026, effect=0.49, variance=0.169, n=98),
]
RESPONSE = PoolQuestion("fibromyalgia", OutcomeDomain.RESPONSE, Comparator.PLACEBO, Measure.RR)


def add_up(candidates, choice=None, question=QUESTION):
    return summarise(question, place_candidates(question, candidates, choice), choice)


def counted(key: str, *cells: int):
    effect = risk_ratio(Counts(*cells))
    changes = {"effect": effect.value, "variance": effect.variance, "events": cells, "better": Better.HIGHER}
    return replace(TRIAL, key=key, n=cells[1] + cells[3], **changes)


def test_the_default_is_reml_with_the_guarded_interval_and_the_fixed_result_beside_it():
    summary = add_up(TWO)
    expected = pool_effects([-0.34, 0.49], [0.0969, 0.169])
    assert summary.pooled.estimate == expected.estimate
    assert (summary.pooled.ci_low, summary.pooled.ci_high) == (expected.ci_low, expected.ci_high)
    fixed = pool_effects([-0.34, 0.49], [0.0969, 0.169], method="IV", ci="normal")
    assert summary.fixed is not None
    assert summary.fixed.estimate == fixed.estimate
    assert summary.n_people == 197


def test_a_reader_may_have_the_fixed_model_or_the_ordinary_interval():
    fixed = add_up(TWO, Choice(model="fixed"))
    assert fixed.pooled.tau2 == 0
    assert fixed.fixed is None
    ordinary = add_up(TWO, Choice(has_hartung_knapp=False))
    assert ordinary.pooled.ci_high < add_up(TWO).pooled.ci_high


def test_from_five_studies_on_the_fixed_result_is_left_out():
    five = [replace(TRIAL, key=f"{letter}2020", effect=-0.1 * i) for i, letter in enumerate("abcde", 1)]
    assert add_up(five).fixed is None


def test_nothing_and_one_study_are_answers_too():
    assert add_up([]).pooled == Numbers(k=0)
    assert add_up([]).notes == ("No study: there is nothing to pool.",)
    one = add_up(TWO[:1])
    assert (one.pooled.k, one.pooled.estimate, one.pooled.i2) == (1, -0.34, None)
    assert one.notes == ("One study: its own result, nothing pooled.",)


def test_effects_that_run_the_other_way_are_turned_and_marked():
    turned = replace(TWO[1], effect=-0.49, better=Better.HIGHER)
    summary = add_up([TWO[0], turned])
    assert summary.better is Better.LOWER
    assert summary.pooled.estimate == add_up(TWO).pooled.estimate
    assert [row.is_turned for row in summary.rows] == [False, True]


def test_a_study_under_concern_stays_in_and_the_pool_is_shown_without_it_too():
    summary = add_up([TWO[0], replace(TWO[1], has_concern=True)])
    assert summary.pooled.k == 2
    assert summary.without_concern is not None
    assert (summary.without_concern.k, summary.without_concern.estimate) == (1, -0.34)
    assert add_up(TWO).without_concern is None


def test_the_pool_is_shown_without_each_study_and_as_it_grew():
    summary = add_up(TWO)
    assert [(key, numbers.estimate) for key, numbers in summary.without_each] == [
        ("a2020", 0.49),
        ("b2026", -0.34),
    ]
    assert [(key, numbers.k) for key, numbers in summary.over_time] == [("a2020", 1), ("b2026", 2)]


def test_a_ratio_is_read_as_a_ratio_and_on_100_people():
    """22 of 49 against 14 of 50, the record bruun2024: a risk of 28% times 1.60 is 45%."""
    summary = add_up([counted("a2020", 22, 49, 14, 50)], question=RESPONSE)
    assert summary.pooled.estimate == pytest.approx((22 / 49) / (14 / 50))
    assert summary.absolute is not None
    assert summary.absolute.comparator == pytest.approx(28)
    assert summary.absolute.intervention == pytest.approx(100 * 22 / 49)
    assert summary.absolute.low < 28 < summary.absolute.high


def test_two_risk_ratios_are_pooled_on_the_log_scale():
    tables = [counted("a2020", 22, 49, 14, 50), counted("b2021", 10, 40, 12, 40)]
    logs = [risk_ratio(Counts(22, 49, 14, 50)), risk_ratio(Counts(10, 40, 12, 40))]
    expected = pool_effects([e.value for e in logs], [e.variance for e in logs])
    pooled = add_up(tables, question=RESPONSE).pooled
    assert log(pooled.estimate) == pytest.approx(expected.estimate)
    assert pooled.ci_low == pytest.approx(exp(expected.ci_low))


def test_a_study_beside_the_pool_is_run_the_same_way():
    row = show_beside(replace(TRIAL, effect=0.5, better=Better.HIGHER), Measure.MD, Better.LOWER)
    assert row is not None
    assert (row.estimate, row.weight_percent, row.is_turned) == (-0.5, None, True)
    assert show_beside(replace(TRIAL, effect=None), Measure.MD, Better.LOWER) is None


@pytest.mark.parametrize(
    ("low", "high", "better", "expected"),
    [
        (-0.9, -0.1, Better.LOWER, Direction.FAVOURS_LDN),
        (-0.9, -0.1, Better.HIGHER, Direction.FAVOURS_COMPARATOR),
        (0.1, 0.9, Better.LOWER, Direction.FAVOURS_COMPARATOR),
        (-0.9, 0.1, Better.LOWER, Direction.NO_DIFFERENCE),
    ],
)
def test_a_pool_points_where_its_whole_interval_lies(low, high, better, expected):
    assert direction_of(Numbers(2, (low + high) / 2, low, high), better, Measure.MD) is expected


def test_certainty_is_judged_from_those_that_are_in_and_knows_of_those_that_could_not_be():
    mute = replace(TRIAL, key="c2013", effect=None, missing="SDs", n=None, n_people=300)
    placed = place_candidates(QUESTION, [*TWO, mute])
    body = body_of(QUESTION, placed, summarise(QUESTION, placed), unreported_trials=())
    assert [study.key for study in body.studies] == ["a2020", "b2026"]
    assert [study.key for study in body.unpooled] == ["c2013"]
    fired = {step.rule: step for step in judge(body).steps}
    assert fired["missing.unpooled"].change == -1
    assert "c2013 could not be pooled" in fired["missing.unpooled"].reason


def test_few_people_in_trials_that_could_not_be_pooled_are_named_but_lower_nothing():
    mute = replace(TRIAL, key="c2013", effect=None, missing="SDs", n=None, n_people=20)
    placed = place_candidates(QUESTION, [*TWO, mute])
    steps = {step.rule: step for step in judge(body_of(QUESTION, placed, summarise(QUESTION, placed))).steps}
    assert steps["missing.few"].change == 0
    assert "c2013 could not be pooled" in steps["missing.few"].reason


def test_where_nothing_can_be_pooled_the_trials_that_asked_are_the_body():
    mute = replace(TRIAL, effect=None, missing="SDs")
    placed = place_candidates(QUESTION, [mute])
    body = body_of(QUESTION, placed, summarise(QUESTION, placed))
    assert ([study.key for study in body.studies], body.pooled) == (["a2020"], None)


def test_the_optimal_information_size_of_a_count_follows_from_the_comparison_arms():
    """20% against a quarter less: 1806 people (conditions/domain/body.py)."""
    placed = place_candidates(RESPONSE, [counted("a2020", 24, 100, 20, 100)])
    assert body_of(RESPONSE, placed, summarise(RESPONSE, placed)).optimal_information_size == 1806
