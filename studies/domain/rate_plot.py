"""Where the marks of a picture of side effects stand: how many in 100 on each side, and the difference.

On the left each side's rate with Wilson's interval, on the right the difference per 100 people with
Newcombe's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from studies.domain.chart_axis import MARGIN, WIDTH, ChartAxis, Span, linear_axis, shorten, symmetric_axis
from studies.domain.proportion import Difference, Proportion, newcombe

GAP = 34.0
RATES_RIGHT = 192.0
TOP = 24.0
LABEL, LINE, FOOT = 17.0, 14.0, 8.0
SMALLEST_END = 10.0


@dataclass(frozen=True)
class RateRow:
    """One side effect in one study: what the reader is told it is, and the counts of each side."""

    label: str
    given: Proportion | None
    compared: Proportion | None

    @property
    def difference(self) -> Difference | None:
        """The naltrexone side less the other, per 100; None where a side was not counted."""
        if self.given is None or self.compared is None:
            return None
        return newcombe(self.given.events, self.given.n, self.compared.events, self.compared.n)


@dataclass(frozen=True)
class PlacedRate:
    x: float
    y: float
    span: Span

    @property
    def square(self) -> tuple[float, float]:
        """The upper left corner of a square of 9 around the point."""
        return round(self.x - 4.5, 2), round(self.y - 4.5, 2)


@dataclass(frozen=True)
class PlacedDifference:
    x: float
    y: float
    span: Span
    arrows: tuple[str, ...]

    @property
    def diamond(self) -> str:
        """The path of a diamond of 10 around the point."""
        return f"M{self.x - 5:.1f} {self.y:.1f}l5 -5l5 5l-5 5z"


@dataclass(frozen=True)
class PlacedRow:
    row: RateRow
    label: str
    label_y: float
    given: PlacedRate | None
    compared: PlacedRate | None
    difference: PlacedDifference | None


@dataclass(frozen=True)
class RatePicture:
    """The whole picture. `difference_axis` is None where no row has both sides."""

    width: float
    height: float
    rate_axis: ChartAxis
    difference_axis: ChartAxis | None
    axis_y: float
    rows: tuple[PlacedRow, ...]

    @property
    def label_y(self) -> float:
        """The baseline of the numbers under the axes."""
        return self.axis_y + 17

    @property
    def null_x(self) -> float | None:
        """Where no difference stands."""
        return self.difference_axis.place(0) if self.difference_axis else None


def draw_rates(rows: Sequence[RateRow]) -> RatePicture | None:
    """Return the picture of the rows, in their order; None where no row has a count of people."""
    counted = [row for row in rows if row.given or row.compared]
    if not counted:
        return None
    differences = [gap for row in counted if (gap := row.difference)]
    rate_axis = _rate_axis(counted, RATES_RIGHT if differences else WIDTH - MARGIN)
    difference_axis = _difference_axis(differences) if differences else None
    placed, y = [], TOP
    for row in counted:
        found, y = _place_row(row, y, rate_axis, difference_axis)
        placed.append(found)
    return RatePicture(WIDTH, round(y + 26, 1), rate_axis, difference_axis, round(y, 1), tuple(placed))


def _rate_axis(rows: Sequence[RateRow], right: float) -> ChartAxis:
    highest = max(side.high for row in rows for side in (row.given, row.compared) if side)
    return linear_axis(0, max(SMALLEST_END, highest), left=MARGIN, right=right)


def _difference_axis(differences: Sequence[Difference]) -> ChartAxis:
    reach = max(max(abs(gap.low), abs(gap.high)) for gap in differences)
    return symmetric_axis(max(SMALLEST_END, reach), left=RATES_RIGHT + GAP, right=WIDTH - MARGIN)


def _place_row(
    row: RateRow, top: float, rate_axis: ChartAxis, difference_axis: ChartAxis | None
) -> tuple[PlacedRow, float]:
    """The row and where the next one begins."""
    first = top + LABEL + LINE / 2
    second = first + LINE if row.given and row.compared else first
    placed = PlacedRow(
        row,
        shorten(row.label, WIDTH - MARGIN),
        round(top + 13, 1),
        _place_rate(row.given, first, rate_axis),
        _place_rate(row.compared, second, rate_axis),
        _place_difference(row.difference, (first + second) / 2, difference_axis),
    )
    return placed, second + LINE / 2 + FOOT


def _place_rate(side: Proportion | None, y: float, axis: ChartAxis) -> PlacedRate | None:
    if side is None:
        return None
    return PlacedRate(axis.place(side.percent), round(y, 1), axis.span(side.low, side.high))


def _place_difference(gap: Difference | None, y: float, axis: ChartAxis | None) -> PlacedDifference | None:
    if gap is None or axis is None:
        return None
    span = axis.span(gap.low, gap.high)
    return PlacedDifference(axis.place(gap.per_100), round(y, 1), span, span.arrows(y))
