"""What the records' numbers allow, and which number is missing where they do not."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from studies.domain.correlation import CORRELATIONS
from studies.domain.effects import EffectSize
from studies.domain.outcome_effect import (
    MissingNumberError,
    OutcomeFacts,
    Reported,
    Side,
    better_side,
    effect_of,
)
from studies.domain.vocabulary import Better, Measure

D = Decimal
# The record bruun2024: pain on a scale of eleven points, change from baseline.
PAIN = OutcomeFacts(
    Side(D("-1.3"), "points", ci_low=D("-1.7"), ci_high=D("-0.8"), n=49),
    Side(D("-0.9"), "points", ci_low=D("-1.4"), ci_high=D("-0.5"), n=50),
    Reported(Measure.MD, D("-0.34"), D("-0.95"), D("0.27"), D("0.27")),
)
# The record mischoulon2017: MADRS-10 at the end, with SDs.
MADRS = OutcomeFacts(
    Side(D("12.2"), "points", sd=D("8.4"), n=6), Side(D("22.8"), "points", sd=D("8.5"), n=6), Reported()
)
# The record bruun2024 again: pain reduced by more than 30%.
RESPONSE = OutcomeFacts(
    Side(D("45"), "% of patients", n=49), Side(D("28"), "% of patients", n=50), Reported()
)


def missing(facts: OutcomeFacts, measure: Measure) -> str:
    with pytest.raises(MissingNumberError) as found:
        effect_of(facts, measure)
    return str(found.value)


def rounded(effect: EffectSize) -> tuple[float, float]:
    return round(effect.value, 3), round(effect.se, 3)


def test_the_papers_own_effect_with_its_interval_is_taken_first():
    effect = effect_of(PAIN, Measure.MD)
    assert rounded(effect) == (-0.34, 0.311)
    assert effect.how == "reported effect with its 95% confidence interval"


def test_an_exact_p_value_serves_where_no_interval_is_reported():
    """The record rodriguezfreire2026: 0.49 with p = 0.236 between 48 and 50 people."""
    facts = OutcomeFacts(Side(n=48), Side(n=50), Reported(Measure.MD, D("0.49"), p=D("0.236")))
    effect = effect_of(facts, Measure.MD)
    assert rounded(effect) == (0.49, 0.411)
    assert "t with 96 degrees of freedom" in effect.how


def test_the_arms_values_with_the_p_of_their_comparison_give_a_difference():
    """The record beaudettezlatanova2023, a cross-over trial: -4.0 and -5.6 points, p = 0.02, 23 people."""
    sides = Side(D("-4.0"), "points", n=23), Side(D("-5.6"), "points", n=23)
    effect = effect_of(OutcomeFacts(*sides, Reported(p=D("0.02")), is_paired=True), Measure.MD)
    assert effect.value == pytest.approx(1.6)
    assert "t with 22 degrees of freedom" in effect.how


@pytest.mark.parametrize(
    ("given", "compared", "p"),
    [("-23", "-22", "0.9"), ("-1.7", "-2.0", "0.22"), ("10.5", "9.8", "0.97")],
)
def test_a_difference_printed_with_too_few_digits_shows_no_spread(given, compared, p):
    """Of the records beaudettezlatanova2023 and moloney2026: rounding may halve or double them."""
    sides = Side(D(given), "points", n=23), Side(D(compared), "points", n=23)
    words = missing(OutcomeFacts(*sides, Reported(p=D(p))), Measure.MD)
    assert words.startswith("a standard deviation, or an interval of the difference (the values and p are")


def test_an_effect_is_better_on_the_side_of_the_numbers_that_it_was_made_from():
    """mischoulon2017 prints a positive SMD for fewer points on LDN; the points run the other way."""
    facts = replace(MADRS, reported=Reported(Measure.SMD, D("1.45"), p=D("0.035"), better=Better.HIGHER))
    facts = replace(facts, better=Better.LOWER)
    assert better_side(facts, Measure.SMD) is Better.HIGHER
    assert better_side(facts, Measure.MD) is Better.LOWER
    assert better_side(MADRS, Measure.MD) is None


def test_a_standardised_difference_made_of_the_reported_one_keeps_its_side():
    reported = Reported(Measure.MD, D("0.5"), D("-0.1"), D("1.1"), better=Better.HIGHER)
    facts = OutcomeFacts(Side(n=20), Side(n=20), reported, better=Better.LOWER)
    assert better_side(facts, Measure.SMD) is Better.HIGHER


def test_without_either_the_arms_spread_is_used_read_from_the_intervals_of_their_means():
    effect = effect_of(replace(PAIN, reported=Reported()), Measure.MD)
    assert effect.value == pytest.approx(-0.4)
    assert effect.se == pytest.approx((0.2238**2 + 0.2239**2) ** 0.5, abs=5e-4)


def test_a_percentage_change_is_kept_apart_from_the_scale_itself():
    """The record younger2013: 28.8% and 18.0% less pain, p = 0.016, a cross-over trial."""
    sides = Side(D("28.8"), "% reduction"), Side(D("18.0"), "% reduction")
    facts = OutcomeFacts(*sides, Reported(p=D("0.016")), is_paired=True)
    assert effect_of(facts, Measure.PERCENT_CHANGE).value == pytest.approx(10.8)
    assert missing(facts, Measure.MD) == "values on the scale itself"
    assert "people" in missing(RESPONSE, Measure.PERCENT_CHANGE)


def test_standardised_from_means_or_from_the_difference():
    assert rounded(effect_of(MADRS, Measure.SMD)) == (-1.158, 0.624)
    effect = effect_of(replace(PAIN, intervention=Side(n=49), comparator=Side(n=50)), Measure.SMD)
    assert effect.value == pytest.approx(-0.34 / (0.3112 / (1 / 49 + 1 / 50) ** 0.5) * 0.9922, abs=2e-3)


def test_a_percentage_of_a_known_number_of_people_is_a_count_where_only_one_fits():
    effect = effect_of(RESPONSE, Measure.RD)
    assert effect.value == pytest.approx(22 / 49 - 14 / 50)
    assert effect.assumptions == ("22 of 49 read from 45%", "14 of 50 read from 28%")


def test_a_percentage_that_fits_several_counts_is_no_count():
    facts = replace(RESPONSE, intervention=Side(D("45"), "% of patients", n=490))
    assert "45% of 490 fits 4 counts" in missing(facts, Measure.RR)


def test_a_percentage_that_fits_no_count_is_no_count():
    facts = replace(RESPONSE, intervention=Side(D("45"), "% of patients", n=3))
    assert "fits no counts" in missing(facts, Measure.RR)


def test_a_percentage_without_a_denominator_is_named():
    """The record smith2011: 88% and 40% of patients, in how many is not said."""
    facts = OutcomeFacts(
        Side(D("88"), "% of patients"), Side(D("40"), "% of patients"), Reported(p=D("0.009"))
    )
    assert missing(facts, Measure.RR) == "percentage without a denominator (intervention arm)"


class TestCrossOver:
    PAIRED = replace(MADRS, is_paired=True)

    def test_a_higher_correlation_narrows_the_result_and_is_said(self):
        effects = [effect_of(replace(self.PAIRED, correlation=r), Measure.MD) for r in CORRELATIONS]
        errors = [effect.se for effect in effects]
        assert errors == sorted(errors, reverse=True)
        assert errors[0] == pytest.approx(effect_of(MADRS, Measure.MD).se)
        assert effects[2].assumptions == ("correlation of a person's two periods 0.8, which is assumed",)

    def test_the_papers_own_paired_result_needs_no_assumption(self):
        facts = replace(PAIN, is_paired=True)
        assert effect_of(facts, Measure.MD).assumptions == ()

    def test_counts_of_two_periods_are_never_taken_for_two_groups(self):
        facts = OutcomeFacts(Side(events=7, n=12), Side(events=3, n=12), Reported(), is_paired=True)
        assert "cross-over" in missing(facts, Measure.RR)

    def test_nor_are_their_means_in_standard_deviations(self):
        assert "cross-over" in missing(self.PAIRED, Measure.SMD)


@pytest.mark.parametrize(
    ("facts", "measure", "words"),
    [
        (OutcomeFacts(Side(), Side(), Reported(p=D("0.04"))), Measure.MD, "value of the intervention arm"),
        (OutcomeFacts(Side(D(1)), Side(), Reported()), Measure.MD, "value of the comparison arm"),
        (replace(MADRS, comparator=Side(D(22), "%", n=6)), Measure.MD, "in one unit"),
        (
            replace(MADRS, comparator=Side(D(22), "points", n=6)),
            Measure.MD,
            "deviation of the comparison arm",
        ),
        (
            replace(MADRS, comparator=Side(D(22), "points", sd=D(8))),
            Measure.MD,
            "number of people in both arms",
        ),
        (replace(MADRS, comparator=Side(D(22), "points", sd=D(8))), Measure.SMD, "number of people in both"),
        (
            OutcomeFacts(Side(events=3), Side(events=1, n=9), Reported()),
            Measure.RR,
            "people in the intervention",
        ),
        (
            OutcomeFacts(Side(n=9), Side(events=1, n=9), Reported()),
            Measure.RR,
            "with the event in the interv",
        ),
        (
            OutcomeFacts(Side(), Side(), Reported(Measure.HR, D("0.5"))),
            Measure.HR,
            "the reported HR with its",
        ),
        (OutcomeFacts(Side(), Side(), Reported(Measure.MD, D(1), p=D(1))), Measure.MD, "p value of 0 or 1"),
        (OutcomeFacts(Side(events=0, n=9), Side(events=0, n=9), Reported()), Measure.RD, "no spread"),
    ],
)
def test_the_missing_number_is_named(facts, measure, words):
    assert words in missing(facts, measure)


def test_a_reported_ratio_is_read_on_the_log_scale():
    facts = OutcomeFacts(Side(), Side(), Reported(Measure.RR, D("1.67"), D("1.1"), D("2.54")))
    assert effect_of(facts, Measure.RR).value == pytest.approx(0.5128, abs=1e-4)
