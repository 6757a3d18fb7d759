"""The timeline and the grid of directions: every study once, in order, inside the picture."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from conditions.domain.evidence_grid import LETTERS, GridRow, draw_grid, letters_used
from conditions.domain.timeline import Publication, draw_timeline
from studies.domain.chart_axis import WIDTH, text_width
from studies.domain.vocabulary import LABELS, DesignGroup, Direction, OutcomeDomain

publications = st.lists(
    st.builds(
        Publication,
        st.text("abc", max_size=5),
        st.sampled_from(list(DesignGroup)),
        st.one_of(st.none(), st.integers(1960, 2100)),
        st.booleans(),
    ),
    max_size=60,
)


@given(publications)
def test_each_dated_study_has_one_square_in_the_lane_of_its_kind(found):
    picture = draw_timeline(found)
    dated = [publication for publication in found if publication.year]
    if not dated:
        assert picture is None
        return
    squares = [square for lane in picture.lanes for square in lane.squares]
    assert Counter(square.publication for square in squares) == Counter(dated)
    assert picture.n_undated == len(found) - len(dated)
    assert len({(square.x, square.y) for square in squares}) == len(squares)
    bottom = 0.0
    for lane in picture.lanes:
        assert bottom < lane.label_y < lane.base_y
        bottom = lane.base_y
        assert len({square.publication.group for square in lane.squares}) == 1
        for square in lane.squares:
            assert lane.label_y <= square.y
            assert square.y + square.side <= lane.base_y
            assert 0 <= square.x <= square.x + square.side <= WIDTH
        years = [(square.publication.year, square.x) for square in lane.squares]
        assert years == sorted(years)
    assert bottom < picture.axis_y < picture.label_y < picture.height


def test_a_lane_names_its_kind_and_how_many():
    picture = draw_timeline([Publication("a2020", DesignGroup.RANDOMISED, 2020, True)])
    assert [lane.label for lane in picture.lanes] == ["Randomised trials: 1"]
    assert picture.has_retracted
    assert picture.lanes[0].squares[0].cross.count("M") == 2


directions = st.lists(st.sampled_from([direction.value for direction in Direction]), max_size=5)


@given(st.integers(1, len(OutcomeDomain)), st.data())
def test_the_grid_holds_each_direction_of_each_cell_once_and_nothing_overlaps(n_columns, data):
    names = [LABELS[domain] for domain in list(OutcomeDomain)[:n_columns]]
    cells = st.lists(directions, min_size=n_columns, max_size=n_columns)
    rows = data.draw(
        st.lists(st.builds(GridRow, st.text("abcdefgh2020", min_size=1, max_size=30), cells), min_size=1)
    )
    picture = draw_grid(names, rows)
    left = picture.columns[0].x - 20
    bottom = picture.columns[0].y
    for placed, row in zip(picture.rows, rows, strict=True):
        assert len(placed.marks) == sum(len(set(cell)) for cell in row.cells)
        assert bottom <= placed.top < placed.label_y < placed.bottom <= picture.height
        bottom = placed.bottom
        assert 6 + text_width(placed.label) <= left + 20
        for i, mark in enumerate(placed.marks):
            assert mark.letter == LETTERS[mark.direction]
            assert 0 <= mark.corner[0] <= mark.corner[0] + picture.mark <= WIDTH
            assert placed.top <= mark.corner[1]
            assert mark.corner[1] + picture.mark <= placed.bottom
            for other in placed.marks[:i]:
                assert max(abs(mark.x - other.x), abs(mark.y - other.y)) >= picture.mark
    for column in picture.columns:
        assert column.y - text_width(column.label) >= 0


def test_directions_are_told_apart_by_letters():
    assert len(set(LETTERS.values())) == len(Direction)
    picture = draw_grid(["Pain"], [GridRow("a2020", [["no_difference", "favours_ldn", "no_difference"]])])
    assert letters_used(picture) == [(Direction.FAVOURS_LDN, "L"), (Direction.NO_DIFFERENCE, "N")]


def test_nothing_makes_no_picture():
    assert draw_timeline([]) is None
    assert draw_grid([], []) is None
    assert draw_grid(["Pain"], []) is None
