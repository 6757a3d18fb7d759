"""Where the marks of the dose axis stand: one dot an arm, its area by the number of people, in three bands.

Arms of randomised trials, other arms, and what no arm was given are kept apart. Below them stand titration
schedules as published. All share one axis in mg a day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, sqrt

from studies.domain.chart_axis import MARGIN, WIDTH, ChartAxis, linear_axis, shorten

SMALLEST, LARGEST = 3.0, 12.0
LARGEST_ARM = 120
HEADING = 22.0
LOWEST_END_MG = 6.0
# A stretch is drawn this far from the doses at its ends, and at least this long.
CLEAR, SHORTEST = 1.5, 1.5


@dataclass(frozen=True)
class Dot:
    """One arm: its daily dose, its people, whether it was compared at random, and what a reader is told."""

    amount_mg: float
    n: int | None
    is_compared: bool
    title: str


@dataclass(frozen=True)
class Range:
    """An arm of which only a range of daily doses is known, ends above 0."""

    low_mg: float
    high_mg: float
    title: str


@dataclass(frozen=True)
class Schedule:
    """A titration as published: the daily doses in their order."""

    label: str
    amounts_mg: tuple[float, ...]


@dataclass(frozen=True)
class PlacedDot:
    dot: Dot
    x: float
    y: float
    radius: float


@dataclass(frozen=True)
class PlacedRange:
    range: Range
    x1: float
    x2: float
    y: float


@dataclass(frozen=True)
class Stretch:
    """Daily doses above `low_mg` and below `high_mg`, none of which any arm was given."""

    low_mg: float
    high_mg: float
    x1: float
    x2: float


@dataclass(frozen=True)
class PlacedSchedule:
    label: str
    label_y: float
    y: float
    xs: tuple[float, ...]


@dataclass(frozen=True)
class Band:
    """One band: its heading's baseline, the line that its dots stand on, and what stands in it."""

    heading_y: float
    base_y: float
    dots: tuple[PlacedDot, ...] = ()
    ranges: tuple[PlacedRange, ...] = ()
    stretches: tuple[Stretch, ...] = ()


@dataclass(frozen=True)
class DosePicture:
    """The whole picture; `n_beyond` arms have a dose beyond the right end and are not drawn."""

    width: float
    height: float
    axis: ChartAxis
    axis_y: float
    compared: Band
    uncompared: Band
    untested: Band
    schedules_heading_y: float
    schedules: tuple[PlacedSchedule, ...]
    n_beyond: int

    @property
    def label_y(self) -> float:
        """The baseline of the numbers under the axis."""
        return self.axis_y + 17


def lay_out(
    dots: Iterable[Dot],
    *,
    ranges: Sequence[Range] = (),
    schedules: Sequence[Schedule] = (),
    up_to_mg: float,
) -> DosePicture:
    """Return the picture, none of its dots covering another.

    Args:
        dots: the arms; daily doses above 0 mg.
        ranges: arms with a range only, all of them without random allocation or drawn as if they were.
        schedules: titrations to draw below the bands.
        up_to_mg: the axis ends here at the latest; whatever lies beyond is counted, not drawn.
    """
    every = list(dots)
    known = [dot for dot in every if dot.amount_mg <= up_to_mg]
    end = min(up_to_mg, max([LOWEST_END_MG, *(dot.amount_mg for dot in known)]))
    axis = linear_axis(0, ceil(end), left=MARGIN, right=WIDTH - MARGIN)
    compared = _band(0.0, [dot for dot in known if dot.is_compared], axis)
    uncompared = _band(compared.base_y, [dot for dot in known if not dot.is_compared], axis, ranges)
    untested = _untested_band(uncompared.base_y, known, ranges, axis)
    axis_y = untested.base_y + 12
    heading_y = axis_y + 46
    placed = _place_schedules(schedules, heading_y + 6, axis)
    height = (placed[-1].y + 14) if placed else axis_y + 26
    return DosePicture(
        WIDTH,
        round(height, 1),
        axis,
        round(axis_y, 1),
        compared,
        uncompared,
        untested,
        heading_y,
        placed,
        len(every) - len(known),
    )


def _band(top: float, dots: list[Dot], axis: ChartAxis, ranges: Sequence[Range] = ()) -> Band:
    """A band whose dots stand on its base line, the first as near to it as they can."""
    stacked = _stack(dots, axis)
    lines = _stack_ranges(ranges, axis)
    rise = max([10.0, *(place.y + place.radius for place in stacked)])
    line_rise = lines[-1].y + 4 if lines else 0.0
    base_y = round(top + HEADING + 6 + line_rise + rise, 1)
    return Band(
        round(top + HEADING - 4, 1),
        base_y,
        tuple(PlacedDot(p.dot, p.x, round(base_y - p.y, 1), p.radius) for p in stacked),
        tuple(PlacedRange(p.range, p.x1, p.x2, round(top + HEADING + p.y, 1)) for p in lines),
    )


def _stack_ranges(ranges: Sequence[Range], axis: ChartAxis) -> list[PlacedRange]:
    """One line under another, the lowest doses first; y counts from the top."""
    ordered = sorted((r for r in ranges if r.low_mg <= axis.high), key=lambda r: (r.low_mg, r.high_mg))
    return [
        PlacedRange(found, axis.place(found.low_mg), axis.place(found.high_mg), 8.0 + 6 * place)
        for place, found in enumerate(ordered)
    ]


def _untested_band(top: float, dots: list[Dot], ranges: Sequence[Range], axis: ChartAxis) -> Band:
    base_y = round(top + HEADING + 12, 1)
    return Band(round(top + HEADING - 4, 1), base_y, stretches=tuple(find_untested(dots, ranges, axis)))


def find_untested(dots: Iterable[Dot], ranges: Iterable[Range], axis: ChartAxis) -> list[Stretch]:
    """Return the stretches of the axis between all doses and ranges that an arm was given."""
    given = [(dot.amount_mg, dot.amount_mg) for dot in dots] + [(r.low_mg, r.high_mg) for r in ranges]
    reached, edges = 0.0, [(0.0, 0.0)]
    for low, high in sorted(ends for ends in given if ends[0] <= axis.high):
        edges.append((max(low, reached), max(high, reached)))
        reached = max(high, reached)
    edges.append((axis.high, axis.high))
    return [
        Stretch(low, high, *_inset(axis.place(low), axis.place(high)))
        for (_, low), (high, _) in pairwise(edges)
        if low < high <= axis.high
    ]


def _inset(x1: float, x2: float) -> tuple[float, float]:
    """The line of a stretch, a little shorter than the stretch itself."""
    if x2 - x1 < 2 * CLEAR + SHORTEST:
        middle = (x1 + x2) / 2
        half = min(SHORTEST, x2 - x1) / 2
        return round(middle - half, 2), round(middle + half, 2)
    return round(x1 + CLEAR, 2), round(x2 - CLEAR, 2)


def _place_schedules(
    schedules: Sequence[Schedule], top: float, axis: ChartAxis
) -> tuple[PlacedSchedule, ...]:
    placed = []
    for place, schedule in enumerate(schedules):
        y = top + place * 32
        xs = tuple(axis.place(amount) for amount in schedule.amounts_mg)
        label = shorten(schedule.label, WIDTH - 2 * MARGIN)
        placed.append(PlacedSchedule(label, round(y + 13, 1), round(y + 23, 1), xs))
    return tuple(placed)


def _stack(dots: list[Dot], axis: ChartAxis) -> list[PlacedDot]:
    """Place dots from the line outwards, each as near as it can without touching another."""
    placed: list[PlacedDot] = []
    for dot in sorted(dots, key=lambda d: (d.amount_mg, -(d.n or 0), d.title)):
        x, radius = axis.place(dot.amount_mg), round(radius_of(dot.n), 1)
        y = radius + 2
        while any(_touch(other, x, y, radius) for other in placed):
            y += 1
        placed.append(PlacedDot(dot, x, y, radius))
    return placed


def radius_of(n: int | None) -> float:
    """The radius for so many people; area grows with n, and an unknown n is the smallest dot."""
    if n is None:
        return SMALLEST
    return SMALLEST + (LARGEST - SMALLEST) * sqrt(min(n, LARGEST_ARM) / LARGEST_ARM)


def _touch(other: PlacedDot, x: float, y: float, radius: float) -> bool:
    return (other.x - x) ** 2 + (other.y - y) ** 2 < (other.radius + radius + 0.6) ** 2
