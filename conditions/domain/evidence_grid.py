"""Studies against kinds of outcome, drawn small: a letter in a square for each direction that was found.

The table beside it says the same in words, outcome by outcome.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from studies.domain.chart_axis import MARGIN, TEXT, WIDTH, shorten, text_width
from studies.domain.vocabulary import Direction

LETTERS = {
    Direction.FAVOURS_LDN: "L",
    Direction.NO_DIFFERENCE: "N",
    Direction.FAVOURS_COMPARATOR: "C",
    Direction.UNCLEAR: "?",
}
CELL, MARK = 17.0, 15.0
WIDEST_CELL = 30.0
ROW_GAP = 5.0


@dataclass(frozen=True)
class GridRow:
    """One study: the directions of its outcomes, a list for each column."""

    label: str
    cells: Sequence[Sequence[str]]
    is_retracted: bool = False


@dataclass(frozen=True)
class Mark:
    """One direction in one cell: the middle of its square."""

    direction: Direction
    letter: str
    x: float
    y: float

    @property
    def corner(self) -> tuple[float, float]:
        return round(self.x - MARK / 2, 2), round(self.y - MARK / 2, 2)

    @property
    def baseline(self) -> float:
        return round(self.y + TEXT * 0.36, 2)


@dataclass(frozen=True)
class PlacedGridRow:
    label: str
    is_retracted: bool
    label_y: float
    top: float
    bottom: float
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Column:
    """The name of a kind of outcome; it starts at (x, y) and is read upwards."""

    label: str
    x: float
    y: float


@dataclass(frozen=True)
class EvidenceGrid:
    width: float
    height: float
    right: float
    mark: float
    columns: tuple[Column, ...]
    rows: tuple[PlacedGridRow, ...]


def draw_grid(columns: Sequence[str], rows: Sequence[GridRow]) -> EvidenceGrid | None:
    """Return the picture; None without rows or columns.

    Args:
        columns: the names of the outcome domains.
        rows: the studies, each with one list of Direction words for every column.
    """
    if not columns or not rows:
        return None
    left, pitch = _divide(columns, rows)
    top = round(MARGIN + max(map(text_width, columns)), 1)
    centres = [round(left + pitch * (place + 0.5), 2) for place in range(len(columns))]
    placed, y = [], top + 6
    for row in rows:
        found = _place_row(row, y, centres, left)
        placed.append(found)
        y = found.bottom
    heads = tuple(
        Column(name, round(x + TEXT * 0.36, 2), top) for name, x in zip(columns, centres, strict=True)
    )
    right = round(left + pitch * len(columns), 1)
    return EvidenceGrid(WIDTH, round(y + 4, 1), right, MARK, heads, tuple(placed))


def _divide(columns: Sequence[str], rows: Sequence[GridRow]) -> tuple[float, float]:
    """Where the columns begin, and how wide one is; the names of the studies give way to the columns."""
    wanted = max(text_width(row.label) for row in rows) + MARGIN
    left = min(wanted, WIDTH - MARGIN / 2 - CELL * len(columns))
    return left, min(WIDEST_CELL, (WIDTH - MARGIN / 2 - left) / len(columns))


def _place_row(row: GridRow, top: float, centres: Sequence[float], left: float) -> PlacedGridRow:
    """The row; where one cell holds several directions they stand under one another."""
    found = [[d for d in Direction if d in cell] for cell in row.cells]
    lines = max([1, *map(len, found)])
    marks = tuple(
        Mark(direction, LETTERS[direction], x, round(top + ROW_GAP / 2 + CELL * (line + 0.5), 2))
        for x, cell in zip(centres, found, strict=True)
        for line, direction in enumerate(cell)
    )
    label = shorten(row.label, left - MARGIN / 2)
    label_y = round(top + ROW_GAP / 2 + CELL / 2 + TEXT * 0.36, 2)
    return PlacedGridRow(label, row.is_retracted, label_y, top, top + ROW_GAP + CELL * lines, marks)


def letters_used(grid: EvidenceGrid) -> list[tuple[Direction, str]]:
    """Return the directions in the picture with their letters, in the order of the vocabulary."""
    used = {mark.direction for row in grid.rows for mark in row.marks}
    return [(direction, LETTERS[direction]) for direction in Direction if direction in used]
