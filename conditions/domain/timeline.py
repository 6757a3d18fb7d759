"""When the studies of a condition were published: one square a study, one lane a group of designs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from studies.domain.chart_axis import MARGIN, WIDTH, ChartAxis, open_axis, shorten, text_width
from studies.domain.speech import ENGLISH, Speech
from studies.domain.vocabulary import LABELS, DesignGroup

LABEL, GAP, BELOW = 20.0, 7.0, 26.0
SHORTEST_YEARS = 8
LARGEST_CELL = 11.0


@dataclass(frozen=True)
class Publication:
    """One study: its year, or None where it is not known, and whether it was retracted."""

    label: str
    group: DesignGroup
    year: int | None
    is_retracted: bool = False


@dataclass(frozen=True)
class Square:
    publication: Publication
    x: float
    y: float
    side: float

    @property
    def cross(self) -> str:
        """Two strokes through the square, for what was retracted."""
        left, top, right, bottom = self.x, self.y, self.x + self.side, self.y + self.side
        return f"M{left:.1f} {top:.1f}L{right:.1f} {bottom:.1f}M{right:.1f} {top:.1f}L{left:.1f} {bottom:.1f}"


@dataclass(frozen=True)
class Lane:
    """One group of designs; its squares stand on the line at `base_y`."""

    label: str
    label_y: float
    base_y: float
    squares: tuple[Square, ...]


@dataclass(frozen=True)
class Timeline:
    """The whole picture; `n_undated` studies have no year and are not drawn."""

    width: float
    height: float
    axis: ChartAxis
    axis_y: float
    lanes: tuple[Lane, ...]
    n_undated: int

    @property
    def label_y(self) -> float:
        """The baseline of the years."""
        return self.axis_y + 17

    @property
    def has_retracted(self) -> bool:
        return any(square.publication.is_retracted for lane in self.lanes for square in lane.squares)


def draw_timeline(publications: Sequence[Publication], speech: Speech = ENGLISH) -> Timeline | None:
    """Return the picture, strongest designs first; None where no study has a year."""
    dated = [(publication.year, publication) for publication in publications if publication.year is not None]
    if not dated:
        return None
    axis = _year_axis([year for year, _ in dated])
    cell = min(LARGEST_CELL, axis.place(axis.low + 1) - axis.place(axis.low))
    lanes, y = [], 0.0
    for group in DesignGroup:
        members = [(year, publication) for year, publication in dated if publication.group == group]
        if members:
            lane = _draw_lane(group, members, y, axis, cell, speech)
            lanes.append(lane)
            y = lane.base_y + GAP
    n_undated = len(publications) - len(dated)
    return Timeline(WIDTH, round(y + BELOW, 1), axis, round(y, 1), tuple(lanes), n_undated)


def _year_axis(years: Sequence[int]) -> ChartAxis:
    """From before the first year to after the last, so that no square touches an end."""
    first, last = min(years), max(years)
    missing = max(0, SHORTEST_YEARS - (last - first))
    return open_axis(first - 1 - missing, last + 1, left=MARGIN, right=WIDTH - MARGIN)


def _draw_lane(
    group: DesignGroup,
    members: list[tuple[int, Publication]],
    top: float,
    axis: ChartAxis,
    cell: float,
    speech: Speech,
) -> Lane:
    heights = Counter(year for year, _ in members)
    base_y = top + LABEL + max(heights.values()) * cell + 1
    seen: Counter[int] = Counter()
    squares = []
    for year, publication in sorted(members, key=lambda member: (member[0], member[1].label)):
        y = base_y - (seen[year] + 1) * cell
        squares.append(
            Square(publication, round(axis.place(year) - cell / 2 + 0.5, 2), round(y, 2), cell - 1)
        )
        seen[year] += 1
    count = f": {len(members)}"
    label = shorten(speech.say(LABELS[group]), WIDTH - MARGIN - text_width(count)) + count
    return Lane(label, round(top + 15, 1), round(base_y, 1), tuple(squares))
