"""Axes of the site's pictures: where a value stands, and which round numbers are printed beside it.

All lengths are units of a picture that is WIDTH units wide. Pages draw it as wide as there is room, between
288 px (a screen of 320 px) and about 440 px, so that text of TEXT units stays readable everywhere without a
second drawing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from math import ceil, floor, isfinite, log, log10

WIDTH = 340.0
MARGIN = 16.0
TEXT = 13.0
SLIM_ONES, SLIM = frozenset("ijl.,' "), 4.2
NARROW_ONES, NARROW = frozenset("frt:;()-"), 5.4
WIDE_ONES, WIDE = frozenset("mwMW%…→\N{MINUS SIGN}"), 12.6
PLAIN, BOLD = 8.3, 1.1
ARROW = 7.0
LARGEST_POWER = 9


@dataclass(frozen=True)
class Tick:
    """A round number on an axis, and where it stands."""

    value: float
    x: float
    text: str

    @property
    def text_x(self) -> float:
        """The middle of the printed number, which stays inside the picture."""
        half = text_width(self.text) / 2
        return round(min(max(self.x, half), WIDTH - half), 2)


@dataclass(frozen=True)
class Span:
    """A line from x1 to x2; it goes on beyond the axis where `leaves_left` or `leaves_right`."""

    x1: float
    x2: float
    leaves_left: bool = False
    leaves_right: bool = False

    def arrows(self, y: float) -> tuple[str, ...]:
        """The heads where the line leaves the axis, each as the points of a polygon."""
        heads = []
        if self.leaves_left:
            heads.append(_head(self.x1, self.x1 + ARROW, y))
        if self.leaves_right:
            heads.append(_head(self.x2, self.x2 - ARROW, y))
        return tuple(heads)


def _head(tip: float, back: float, y: float) -> str:
    return f"{tip:.1f},{y:.1f} {back:.1f},{y - 4:.1f} {back:.1f},{y + 4:.1f}"


@dataclass(frozen=True)
class ChartAxis:
    """A stretch of values between two places of the picture, on a plain or a logarithmic scale."""

    low: float
    high: float
    left: float
    right: float
    is_log: bool
    ticks: tuple[Tick, ...]

    def place(self, value: float) -> float:
        """Where a value stands; one beyond an end stands at that end."""
        return _place(value, self.low, self.high, self.left, self.right, self.is_log)

    def holds(self, value: float) -> bool:
        """Whether a value lies on the axis."""
        return self.low <= value <= self.high

    def span(self, low: float, high: float) -> Span:
        """The line of an interval, cut off at the ends of the axis and marked there."""
        return Span(self.place(low), self.place(high), low < self.low, high > self.high)


def _place(value: float, low: float, high: float, left: float, right: float, is_log: bool) -> float:
    inside = min(max(value, low), high)
    share = log(inside / low) / log(high / low) if is_log else (inside - low) / (high - low)
    return round(left + share * (right - left), 2)


def linear_axis(low: float, high: float, *, left: float, right: float) -> ChartAxis:
    """Return an axis that holds both values and ends at round numbers.

    Args:
        low, high: finite, low below high.
        left, right: the places of the ends.
    """
    for step in _round_steps(high - low):
        first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
        axis = _linear_axis(first, last, step, left, right)
        if len(axis.ticks) <= 3 or _fit([tick.text for tick in axis.ticks], right - left):
            break
    return axis


def open_axis(low: float, high: float, *, left: float, right: float) -> ChartAxis:
    """Return an axis that ends at the values themselves, with ticks at the whole round numbers between."""
    for step in _round_steps(high - low):
        axis = _linear_axis(ceil(low / step), floor(high / step), step, left, right)
        if step >= 1 and _fit([tick.text for tick in axis.ticks], right - left):
            break
    ticks = tuple(
        Tick(tick.value, _place(tick.value, low, high, left, right, False), tick.text) for tick in axis.ticks
    )
    return ChartAxis(low, high, left, right, False, ticks)


def symmetric_axis(reach: float, *, left: float, right: float) -> ChartAxis:
    """Return an axis around 0 that holds `reach` (above 0, finite) on either side."""
    return linear_axis(-reach, reach, left=left, right=right)


def _linear_axis(first: int, last: int, step: float, left: float, right: float) -> ChartAxis:
    """The axis from `first` to `last` steps, with a tick at each."""
    ends = (first * step, last * step)
    ticks = tuple(
        Tick(place * step, _place(place * step, *ends, left, right, False), write_round(place * step, step))
        for place in range(first, last + 1)
    )
    return ChartAxis(*ends, left, right, False, ticks)


# The upper end of a ratio axis, and what is printed from 1 to it; the lower half mirrors it.
RATIO_ENDS = (
    (1.25, ("0.8", "1", "1.25")),
    (2.0, ("0.5", "1", "2")),
    (5.0, ("0.2", "0.5", "1", "2", "5")),
    (10.0, ("0.1", "0.2", "0.5", "1", "2", "5", "10")),
)


def ratio_axis(reach: float, *, left: float, right: float) -> ChartAxis:
    """Return a logarithmic axis around 1 that holds `reach` and 1 / `reach` (at most a thousand million)."""
    for end, texts in RATIO_ENDS:
        if reach <= end and _fit(texts, right - left):
            return _ratio_axis(end, texts, left, right)
    power = min(max(1, ceil(log10(reach) - 1e-9)) if isfinite(reach) else LARGEST_POWER, LARGEST_POWER)
    step = next(step for step in count(1) if _fit(_powers(power, step), right - left))
    return _ratio_axis(10.0 ** (ceil(power / step) * step), _powers(power, step), left, right)


def _powers(power: int, step: int) -> list[str]:
    most = ceil(power / step) * step
    return [f"{10.0**exponent:.{max(0, -exponent)}f}" for exponent in range(-most, most + 1, step)]


def _ratio_axis(end: float, texts: tuple[str, ...] | list[str], left: float, right: float) -> ChartAxis:
    ticks = tuple(
        Tick(float(text), _place(float(text), 1 / end, end, left, right, True), text) for text in texts
    )
    return ChartAxis(1 / end, end, left, right, True, ticks)


def _round_steps(extent: float) -> Iterator[float]:
    """1, 2 and 5 times the powers of ten, from about a twentieth of the extent upwards."""
    power = floor(log10(extent)) - 1
    for exponent in count(power):
        for digit in (1, 2, 5):
            yield float(f"{digit}e{exponent}")


def _fit(texts: list[str] | tuple[str, ...], room: float) -> bool:
    """Whether so many labels stand apart; those at the ends may be moved inwards to stay in the picture."""
    widest = max(map(text_width, texts))
    needed = widest + 8 + max(0.0, widest / 2 - MARGIN)
    return len(texts) < 2 or needed <= room / (len(texts) - 1)


def write_round(value: float, step: float) -> str:
    """A multiple of a round step as it is printed under an axis.

    >>> write_round(-0.4, 0.2) == "\\N{MINUS SIGN}0.4", write_round(30.0, 10.0)
    (True, '30')
    """
    decimals = max(0, -floor(log10(step) + 1e-9))
    text = f"{value:.{decimals}f}"
    return ("0" if float(text) == 0 else text).replace("-", "\N{MINUS SIGN}")


def text_width(text: str, *, is_bold: bool = False) -> float:
    """About how wide a text of 13 units is drawn in the widest font of tokens.css, rather too wide."""
    return sum(map(_width, text)) * (BOLD if is_bold else 1)


def _width(letter: str) -> float:
    if letter in SLIM_ONES:
        return SLIM
    return NARROW if letter in NARROW_ONES else WIDE if letter in WIDE_ONES else PLAIN


def shorten(text: str, room: float, *, is_bold: bool = False) -> str:
    """The text, cut with an ellipsis where it would not fit into the room.

    >>> shorten("stopped because of adverse symptoms", 100)
    'stopped bec…'
    """
    if text_width(text, is_bold=is_bold) <= room:
        return text
    kept = text
    while len(kept) > 1 and text_width(kept + "…", is_bold=is_bold) > room:
        kept = kept[:-1]
    return kept.rstrip() + "…"
