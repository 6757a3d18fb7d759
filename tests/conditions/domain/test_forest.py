"""The forest plot: nothing outside, weights as areas, nothing of a retracted study counted."""

from __future__ import annotations

from dataclasses import replace
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conditions.domain.forest import draw_forest
from conditions.domain.forest_entry import LIGHTS, ForestPool, ForestQuestion, ForestStudy, printed
from conditions.domain.forest_table import write_effect
from studies.domain.chart_axis import WIDTH, text_width
from studies.domain.risk_of_bias import JUDGEMENT_LABELS
from studies.domain.vocabulary import Measure

MD = ForestQuestion("Pain", Measure.MD, "placebo", "points", is_lower_better=True)
RR = ForestQuestion("Response", Measure.RR, "placebo", is_lower_better=False)
STUDY = ForestStudy("one2020", "/studies/one2020/#outcome-0", -0.4, -0.9, 0.1, 60.0, "low")
POOL = ForestPool("Random effects", -0.3, -0.7, 0.1, -1.2, 0.6)


def numbers(is_ratio: bool):
    """An estimate with its interval, on the printed scale."""
    three = st.tuples(st.floats(-20, 20), st.floats(0.001, 30), st.floats(0.001, 30))
    scale = exp if is_ratio else float
    return three.map(lambda t: (scale(t[0]), scale(t[0] - t[1]), scale(t[0] + t[2])))


def studies(is_ratio: bool):
    lights = st.sampled_from([None, *LIGHTS])
    weights = st.one_of(st.none(), st.floats(0, 100))
    return st.builds(
        lambda label, found, weight, light, gone: ForestStudy(
            label, "/x/", *found, weight_percent=weight, risk_of_bias=light, is_retracted=gone
        ),
        st.text("abcdefghijklm0123", min_size=1, max_size=40),
        numbers(is_ratio),
        weights,
        lights,
        st.booleans(),
    )


def pools(is_ratio: bool):
    return st.builds(
        lambda found, other: ForestPool("Random effects", *found, other[1], other[2]),
        numbers(is_ratio),
        numbers(is_ratio),
    )


@pytest.mark.parametrize("question", [MD, RR], ids=["difference", "ratio"])
@given(data=st.data())
def test_every_mark_stands_inside_the_picture_and_no_words_overlap(question, data):
    found = data.draw(st.lists(studies(question.is_ratio), min_size=1, max_size=8))
    added = data.draw(st.lists(pools(question.is_ratio), max_size=2))
    picture = draw_forest(question, found, added)
    axis = picture.axis
    assert axis.holds(question.null)
    assert picture.null_x == pytest.approx(WIDTH / 2, abs=0.05)
    bottom = 0.0
    for row in picture.studies:
        assert axis.left <= row.span.x1 <= row.x <= row.span.x2 <= axis.right
        assert bottom < row.label_y < row.y
        bottom = row.y
        right = picture.name_x + text_width(row.label)
        assert right < axis.right - text_width(row.numbers) or len(row.label) == 2
        if row.square:
            assert 0 <= row.square.x <= row.square.x + row.square.side <= WIDTH
    for row in picture.pools:
        assert axis.left <= row.x1 <= row.x2 <= axis.right
        assert bottom < row.label_y
        bottom = row.prediction_y
        assert axis.left <= row.prediction.x1 <= row.prediction.x2 <= axis.right
    assert bottom < picture.axis_y < picture.label_y < picture.better_y < picture.height


@given(st.lists(numbers(False), min_size=2, max_size=8))
def test_estimates_keep_their_order_from_left_to_right(found):
    picture = draw_forest(MD, [ForestStudy(f"s{i}", "/x/", *three) for i, three in enumerate(found)])
    by_effect = sorted(picture.studies, key=lambda row: row.study.effect)
    assert [row.x for row in by_effect] == sorted(row.x for row in by_effect)
    assert [row.study.label for row in picture.studies] == [f"s{i}" for i in range(len(found))]


def test_the_area_of_a_square_is_the_weight():
    four, one = replace(STUDY, weight_percent=80.0), replace(STUDY, weight_percent=20.0)
    large, small = (row.square.side for row in draw_forest(MD, [four, one]).studies)
    assert large**2 / small**2 == pytest.approx(4, rel=0.01)


def test_a_retracted_study_has_no_square_whatever_weight_it_is_given():
    picture = draw_forest(MD, [replace(STUDY, is_retracted=True, reason="retracted in 2024")], [POOL])
    assert picture.studies[0].square is None
    assert picture.has_unweighted
    assert picture.table[0].weight == ""
    assert picture.table[0].remark == "retracted, without weight; retracted in 2024"
    assert picture.table[0].is_retracted
    assert "1 study with an effect, 0 in the pool" in picture.summary


def test_a_study_without_an_effect_stands_in_the_table_only_with_its_reason():
    silent = ForestStudy("two2020", "/studies/two2020/", reason="no standard deviation")
    picture = draw_forest(MD, [STUDY, silent], [POOL])
    assert [row.study.label for row in picture.studies] == ["one2020"]
    assert [row.remark for row in picture.table] == ["in the pool", "no standard deviation"]
    assert "1 more are in the table only" in picture.summary
    assert draw_forest(MD, [silent]) is None
    assert draw_forest(MD, []) is None


def test_an_interval_beyond_the_axis_ends_in_an_arrow_and_the_most_precise_one_never_does():
    wide = replace(STUDY, label="wide2020", ci_low=-40.0, ci_high=0.0)
    picture = draw_forest(MD, [STUDY, wide])
    assert [len(row.arrows) for row in picture.studies] == [0, 1]
    assert picture.has_arrows
    only = draw_forest(MD, [replace(STUDY, ci_low=-0.6, ci_high=0.2, effect=-0.2)])
    assert not only.has_arrows


@pytest.mark.parametrize(
    ("question", "left", "right"),
    [
        (MD, "favours LDN", "favours placebo"),
        (replace(MD, is_lower_better=False), "favours placebo", "favours LDN"),
        (replace(MD, is_lower_better=None), "", ""),
        (replace(MD, comparator="another treatment with a long name"), "favours LDN", "favours the other"),
    ],
)
def test_which_side_is_better_follows_the_outcome(question, left, right):
    picture = draw_forest(question, [STUDY])
    assert (picture.better_left, picture.better_right) == (left, right)


def test_the_band_of_what_does_not_matter_lies_around_no_difference():
    picture = draw_forest(replace(MD, minimal_important=1.0), [STUDY], [POOL])
    left, width = picture.important
    assert left == picture.axis.place(-1.0)
    assert left + width == pytest.approx(picture.axis.place(1.0), abs=0.02)
    assert draw_forest(MD, [STUDY]).important is None


def test_every_judgement_of_a_study_has_a_letter_of_its_own():
    words = set(JUDGEMENT_LABELS) - {"yes", "partial_yes", "no", "not_applicable"}
    assert words <= set(LIGHTS)
    assert len(set(LIGHTS.values())) == len(LIGHTS)
    assert STUDY.letter == "L"
    assert replace(STUDY, risk_of_bias=None).letter == "?"
    assert replace(STUDY, risk_of_bias=None).light_words == "Not assessed"


def test_a_pool_tells_its_interval_and_its_prediction_interval():
    row = draw_forest(MD, [STUDY], [POOL]).pool_table[0]
    assert row.numbers == "\u22120.30 (\u22120.70 to 0.10)"
    assert row.remark == "prediction interval \u22121.20 to 0.60"
    assert draw_forest(MD, [STUDY], [replace(POOL, prediction_low=None)]).pool_table[0].remark == ""


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused_with_its_name(value):
    with pytest.raises(ValueError, match="one2020"):
        draw_forest(MD, [replace(STUDY, effect=value)])
    with pytest.raises(ValueError, match="Random effects"):
        draw_forest(MD, [STUDY], [replace(POOL, prediction_high=value)])


def test_a_ratio_on_the_logarithmic_scale_is_refused_where_it_shows():
    with pytest.raises(ValueError, match="is no risk ratio"):
        draw_forest(RR, [STUDY])
    assert printed(Measure.RR, 0.0) == 1.0


def test_an_effect_is_written_to_the_same_decimals_as_its_interval():
    assert write_effect(-0.004, -0.5, 0.5) == "0.00 (\u22120.50 to 0.50)"
    assert write_effect(15.25, 1.0, 29.5) == "15.2 (1.0 to 29.5)"
    assert write_effect(None, None, None) == ""
