"""A rate as 100 people: those who had it, those whom the study's numbers also allow, and the rest."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

from studies.domain.proportion import Proportion

COLUMNS = 10
CELL = 15.0
SIDE = COLUMNS * CELL


@dataclass(frozen=True)
class IconArray:
    """Three groups of dots, each a path of points to be drawn with round caps, on a square of SIDE units.

    The numbers add up to 100. `n_possible` are those beyond the rate up to the upper end of its interval.
    """

    n_had: int
    n_possible: int
    had: str
    possible: str
    others: str

    @property
    def n_most(self) -> int:
        """How many may have had it, as far as the interval tells."""
        return self.n_had + self.n_possible


def draw_icons(proportion: Proportion) -> IconArray:
    """Return the 100 people of a proportion, rounded to whole people, halves up.

    >>> from studies.domain.proportion import wilson
    >>> icons = draw_icons(wilson(0, 31))
    >>> icons.n_had, icons.n_possible
    (0, 11)
    """
    n_had = _whole(proportion.percent)
    most = max(n_had, _whole(proportion.high))
    places = [_point(place) for place in range(100)]
    return IconArray(
        n_had,
        most - n_had,
        "".join(places[:n_had]),
        "".join(places[n_had:most]),
        "".join(places[most:]),
    )


def _whole(percent: float) -> int:
    return floor(percent + 0.5)


def _point(place: int) -> str:
    """A path that is one point; a round cap makes it a dot. Rows fill from the top left."""
    row, column = divmod(place, COLUMNS)
    return f"M{CELL * (column + 0.5):g} {CELL * (row + 0.5):g}h0"
