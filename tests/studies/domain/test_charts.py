"""Pictures of doses and side effects: nothing outside, nothing out of order, round numbers."""

from __future__ import annotations

import re
from itertools import pairwise
from math import floor, isclose, log, log10

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from studies.domain.chart_axis import (
    WIDTH,
    ChartAxis,
    linear_axis,
    open_axis,
    ratio_axis,
    shorten,
    symmetric_axis,
    text_width,
)
from studies.domain.dose_axis import Dot, Range, Schedule, find_untested, lay_out
from studies.domain.icon_array import SIDE, draw_icons
from studies.domain.proportion import wilson
from studies.domain.rate_plot import RateRow, draw_rates

ENDS = {"left": 16.0, "right": 324.0}
values = st.floats(-1e6, 1e6).map(lambda value: round(value, 4))
reaches = st.floats(1e-6, 1e9)


def check_ticks(axis: ChartAxis) -> None:
    """Ticks rise, are round, stand inside the picture, and their numbers do not run into one another."""
    assert axis.ticks
    for tick in axis.ticks:
        assert is_round(tick.value), tick
        assert tick.text_x - text_width(tick.text) / 2 >= -0.01
        assert tick.text_x + text_width(tick.text) / 2 <= WIDTH + 0.01
    for one, other in pairwise(axis.ticks):
        assert one.value < other.value
        assert one.text_x + text_width(one.text) / 2 < other.text_x - text_width(other.text) / 2


def is_round(value: float) -> bool:
    """At most four digits that are not zeros at an end, as a step of 1, 2 or 5 leaves."""
    if value == 0:
        return True
    scaled = abs(value) / 10 ** (floor(log10(abs(value))) - 3)
    return isclose(scaled, round(scaled), rel_tol=1e-6)


@given(st.tuples(values, values).filter(lambda ends: abs(ends[0] - ends[1]) > 1e-3))
@example((0.0001, -100001.0))
def test_an_axis_holds_its_values_between_round_numbers(ends):
    """A value may stand beyond an end by less than can be drawn, a millionth of the axis."""
    low, high = sorted(ends)
    axis = linear_axis(low, high, **ENDS)
    unseen = 1e-6 * (high - low)
    steps = {round(other.x - one.x, 1) for one, other in pairwise(axis.ticks)}
    assert axis.low <= low + unseen
    assert high <= axis.high + unseen
    assert max(steps) - min(steps) < 0.3
    assert len(axis.ticks) >= 2
    assert all(
        one.text_x + text_width(one.text) / 2 < other.text_x - text_width(other.text) / 2
        for one, other in pairwise(axis.ticks)
    )


@given(reaches)
def test_a_symmetric_axis_has_no_difference_in_its_middle(reach):
    axis = symmetric_axis(reach, **ENDS)
    assert axis.place(0) == pytest.approx(170, abs=0.02)
    assert axis.low == -axis.high
    assert axis.high >= reach * (1 - 1e-6)
    check_ticks(axis)


@given(st.floats(1.0, 1e9))
def test_a_ratio_axis_is_symmetric_in_logarithms_and_holds_its_reach(reach):
    axis = ratio_axis(reach, **ENDS)
    assert axis.place(1) == pytest.approx(170, abs=0.02)
    assert log(axis.low) == pytest.approx(-log(axis.high))
    assert axis.holds(reach * (1 - 1e-9))
    assert axis.holds(1 / reach * (1 + 1e-9))
    for one, other in zip(axis.ticks, reversed(axis.ticks), strict=True):
        assert one.value * other.value == pytest.approx(1)
    check_ticks(axis)


@given(st.integers(1960, 2100), st.integers(8, 140))
def test_an_open_axis_ends_at_its_years_and_names_whole_ones(first, extent):
    axis = open_axis(first, first + extent, **ENDS)
    assert (axis.low, axis.high) == (first, first + extent)
    assert all(tick.value == int(tick.value) and len(tick.text) == 4 for tick in axis.ticks)
    check_ticks(axis)


@given(st.lists(values, min_size=2), reaches)
def test_an_axis_keeps_the_order_of_values_and_stays_inside(found, reach):
    axis = symmetric_axis(reach, **ENDS)
    places = [axis.place(value) for value in sorted(found)]
    assert places == sorted(places)
    assert all(16 <= place <= 324 for place in places)


def test_an_interval_that_leaves_the_axis_ends_in_an_arrow_at_its_end():
    axis = symmetric_axis(1, **ENDS)
    span = axis.span(-9, 0.5)
    assert (span.leaves_left, span.leaves_right) == (True, False)
    assert span.arrows(10) == ("16.0,10.0 23.0,6.0 23.0,14.0",)
    assert axis.span(-0.5, 0.5).arrows(10) == ()


@given(st.text(min_size=1, max_size=80), st.floats(40, 300), st.booleans())
def test_a_shortened_text_fits_its_room(text, room, is_bold):
    shown = shorten(text, room, is_bold=is_bold)
    assert text_width(shown, is_bold=is_bold) <= room
    assert shown == text or shown.endswith("…")


arms = st.builds(
    Dot, st.floats(0.1, 12), st.one_of(st.none(), st.integers(0, 500)), st.booleans(), st.just("")
)
ranges = st.tuples(st.floats(0.1, 30), st.floats(0.1, 30)).map(
    lambda ends: Range(min(ends), max(ends), "a range")
)


@given(st.lists(arms, max_size=25), st.lists(ranges, max_size=4))
def test_no_dot_of_the_dose_axis_covers_another_or_leaves_its_band(dots, found):
    picture = lay_out(dots, ranges=found, up_to_mg=12)
    tops = (0, picture.compared.base_y, picture.uncompared.base_y)
    for band, top in zip((picture.compared, picture.uncompared), tops, strict=False):
        for i, one in enumerate(band.dots):
            for other in band.dots[:i]:
                gap = ((one.x - other.x) ** 2 + (one.y - other.y) ** 2) ** 0.5
                assert gap >= one.radius + other.radius
            assert band.heading_y < one.y - one.radius
            assert one.y + one.radius <= band.base_y
            assert one.x - one.radius >= 0
            assert one.x + one.radius <= picture.width
        for line in band.ranges:
            assert top < band.heading_y < line.y < band.base_y
            assert 0 <= line.x1 <= line.x2 <= picture.width
    assert tops == tuple(sorted(tops))
    assert picture.untested.base_y < picture.axis_y < picture.label_y < picture.height
    assert len(picture.compared.dots) + len(picture.uncompared.dots) == len(dots)
    check_ticks(picture.axis)


@given(st.lists(arms, max_size=25), st.lists(ranges, max_size=4))
def test_no_dose_that_was_given_lies_in_a_stretch_that_is_called_untested(dots, found):
    axis = linear_axis(0, 12, **ENDS)
    stretches = find_untested(dots, found, axis)
    for stretch in stretches:
        assert 0 <= stretch.low_mg < stretch.high_mg <= axis.high
        assert axis.place(stretch.low_mg) <= stretch.x1 <= stretch.x2 <= axis.place(stretch.high_mg) + 0.01
        assert not any(stretch.low_mg < dot.amount_mg < stretch.high_mg for dot in dots)
        assert not any(r.low_mg < stretch.high_mg and r.high_mg > stretch.low_mg for r in found)
    covered = sum(stretch.high_mg - stretch.low_mg for stretch in stretches)
    assert covered <= axis.high
    if not found:
        assert covered == pytest.approx(axis.high)


def test_doses_beyond_the_axis_are_counted_and_not_drawn():
    picture = lay_out([Dot(4.5, 20, True, ""), Dot(50, 20, True, "")], up_to_mg=12)
    assert len(picture.compared.dots) == 1
    assert picture.n_beyond == 1


def test_schedules_stand_under_the_axis_in_the_order_of_their_steps():
    picture = lay_out([], schedules=[Schedule("a2020: 1.5 → 4.5 mg", (1.5, 4.5))] * 3, up_to_mg=12)
    heights = [schedule.y for schedule in picture.schedules]
    assert heights == sorted(heights)
    assert picture.label_y < picture.schedules[0].label_y < heights[0]
    assert heights[-1] < picture.height
    assert all(schedule.xs[0] < schedule.xs[1] for schedule in picture.schedules)


proportions = st.integers(1, 500).flatmap(lambda n: st.integers(0, n).map(lambda events: wilson(events, n)))
rows = st.builds(RateRow, st.text(max_size=60), proportions, st.one_of(st.none(), proportions))


@given(st.lists(rows, min_size=1, max_size=12))
def test_every_rate_and_difference_stands_inside_its_own_half(found):
    picture = draw_rates(found)
    rates, gaps = picture.rate_axis, picture.difference_axis
    bottom = 0.0
    for placed in picture.rows:
        assert placed.label_y > bottom
        for side in (placed.given, placed.compared):
            if side:
                assert rates.left <= side.span.x1 <= side.x <= side.span.x2 <= rates.right
                assert side.span.arrows(0) == ()
                assert placed.label_y < side.y < picture.axis_y
                bottom = side.y
        if placed.difference:
            assert gaps.left <= placed.difference.span.x1 <= placed.difference.x <= placed.difference.span.x2
            assert gaps.left - rates.right > 20
    assert (gaps is None) == all(row.compared is None for row in found)
    assert picture.label_y < picture.height
    check_ticks(rates)
    if gaps:
        assert gaps.holds(0)
        last, first = rates.ticks[-1], gaps.ticks[0]
        assert last.text_x + text_width(last.text) / 2 < first.text_x - text_width(first.text) / 2


def test_a_picture_without_any_count_is_none():
    assert draw_rates([]) is None
    assert draw_rates([RateRow("nausea", None, None)]) is None


@given(proportions)
def test_an_icon_array_always_shows_a_hundred_people_inside_its_square(found):
    icons = draw_icons(found)
    points = [re.findall(r"M([\d.]+) ([\d.]+)h0", path) for path in (icons.had, icons.possible, icons.others)]
    assert [len(group) for group in points[:2]] == [icons.n_had, icons.n_possible]
    every = [tuple(map(float, point)) for group in points for point in group]
    assert len(every) == len(set(every)) == 100
    assert all(0 < x < SIDE and 0 < y < SIDE for x, y in every)
    assert abs(icons.n_had - found.percent) <= 0.5


def test_nobody_of_31_is_drawn_with_the_eleven_that_would_fit_as_well():
    icons = draw_icons(wilson(0, 31))
    assert (icons.n_had, icons.n_most) == (0, 11)
