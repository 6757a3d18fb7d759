"""Rows for a spreadsheet or a statistics program: one study's numbers in the layout of metafor's escalc.

Layout: Viechtbauer, "Conducting meta-analyses in R with the metafor package" (2010): `ai, bi, ci, di` are
people with and without the event in group 1 and 2, `m1i, sd1i, n1i` and `m2i, sd2i, n2i` mean, SD and size.
Group 1 is the naltrexone side, group 2 the comparison.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

Value = str | int | Decimal | bool | None
Row = Mapping[str, Value]
# A spreadsheet takes a text that begins with one of these for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Column:
    """A column and what stands in it, for the file's own explanation."""

    name: str
    means: str


@dataclass(frozen=True)
class Table:
    """A table of a name and its columns, in their order."""

    name: str
    columns: tuple[Column, ...]


class Measured(Protocol):
    """What was measured on one side, as printed."""

    value: Decimal | None
    unit: str | None
    sd: Decimal | None
    ci_low: Decimal | None
    events: int | None
    n: int | None


class Counted(Protocol):
    """How many people of one side had an event."""

    events: int | None
    n: int | None


def counts_of(given: Counted | None, compared: Counted | None) -> dict[str, Value]:
    """Return the four cells of people with and without the event; those that the record lacks are None.

    >>> from types import SimpleNamespace as Side
    >>> counts_of(Side(events=3, n=20), Side(events=1, n=None))
    {'ai': 3, 'bi': 17, 'ci': 1, 'di': None}
    """
    (ai, bi), (ci, di) = _cells(given), _cells(compared)
    return {"ai": ai, "bi": bi, "ci": ci, "di": di}


def _cells(side: Counted | None) -> tuple[int | None, int | None]:
    if side is None or side.events is None:
        return None, None
    return side.events, side.n - side.events if side.n is not None else None


def means_of(given: Measured | None, compared: Measured | None) -> dict[str, Value]:
    """Return mean, SD and size of both groups.

    A value is given as a mean only where the record has its SD or interval, and not for a percentage: of
    others it is not known whether they are means.
    """
    row: dict[str, Value] = {}
    for place, side in ((1, given), (2, compared)):
        row[f"m{place}i"] = side.value if side is not None and _is_mean(side) else None
        row[f"sd{place}i"] = side.sd if side is not None else None
        row[f"n{place}i"] = side.n if side is not None else None
    return row


def _is_mean(side: Measured) -> bool:
    has_spread = side.sd is not None or side.ci_low is not None
    return has_spread and side.events is None and not (side.unit or "").startswith("%")


def write_csv_row(values: Sequence[Value]) -> str:
    """Return one line of CSV (RFC 4180), ended by CR LF; a number has exactly the digits that were printed.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.

    >>> write_csv_row(["=1+1", Decimal("-3.0"), True, None])
    "'=1+1,-3.0,TRUE,\\r\\n"
    """
    line = io.StringIO()
    csv.writer(line).writerow([_csv_cell(value) for value in values])
    return line.getvalue()


def _csv_cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Decimal):
        return f"{value:f}"
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA) else text
