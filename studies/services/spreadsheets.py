"""Tables as CSV and as a workbook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from studies.domain.table import Table, Value, write_csv_row
from studies.models import Study
from studies.services.tables import ROWS, values_of

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

# A workbook carries when it was made; a fixed day keeps equal tables equal, byte for byte.
MADE = datetime(2026, 1, 1, tzinfo=UTC)
ABOUT = (
    "Group 1 is naltrexone, group 2 the comparison. An empty cell is not reported, or not yet extracted; it "
    "is never zero.",
    "ai, bi, ci, di and m1i, sd1i, n1i, m2i, sd2i, n2i are named as in metafor's escalc. Nothing is computed "
    "but bi and di, people less events.",
    "In a cross-over trial (design rct_crossover) the same people are in both groups.",
    "Retracted papers are in the tables: see publication_status. Not medical advice.",
)


def _prepare(studies: QuerySet[Study]) -> QuerySet[Study]:
    return studies.with_record().prefetch_related("side_effect_reports__counts__arm")  # type: ignore[attr-defined, no-any-return]


@dataclass(frozen=True)
class CsvFormat:
    """One table as CSV, in UTF-8 without a mark at its head: R would take the mark into the first name."""

    table: Table
    label: str
    content_type: str = "text/csv; charset=utf-8; header=present"

    @property
    def suffix(self) -> str:
        return f"{self.table.name}.csv"

    def prepare(self, studies: QuerySet[Study]) -> QuerySet[Study]:
        """The studies with all that the tables hold."""
        return _prepare(studies)

    def stream(self, studies: Iterable[Study]) -> Iterator[bytes]:
        """Yield the file line by line."""
        yield write_csv_row([column.name for column in self.table.columns]).encode()
        for study in studies:
            for row in ROWS[self.table](study):
                yield write_csv_row(values_of(self.table, row)).encode()


@dataclass(frozen=True)
class WorkbookFormat:
    """All tables as sheets of one workbook (Office Open XML), with one that says what the columns mean."""

    suffix: str = "xlsx"
    label: str = "Excel: arms, outcomes, side effects"
    content_type: str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def prepare(self, studies: QuerySet[Study]) -> QuerySet[Study]:
        """The studies with all that the tables hold."""
        return _prepare(studies)

    def stream(self, studies: Iterable[Study]) -> Iterator[bytes]:
        """Yield the workbook whole: its parts are packed at the end."""
        from xlsxwriter import Workbook

        buffer = BytesIO()
        book = Workbook(buffer, {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True})
        book.set_properties({"created": MADE, "title": "LDN knowledge base"})
        sheets = {table: book.add_worksheet(table.name) for table in ROWS}
        for table, sheet in sheets.items():
            _write_row(sheet, 0, [column.name for column in table.columns])
            sheet.freeze_panes(1, 1)
        next_rows = dict.fromkeys(ROWS, 1)
        for study in studies:
            for table, rows_of in ROWS.items():
                for row in rows_of(study):
                    _write_row(sheets[table], next_rows[table], values_of(table, row))
                    next_rows[table] += 1
        _explain(book.add_worksheet("about"))
        book.close()
        yield buffer.getvalue()


def _explain(sheet: Worksheet) -> None:
    lines: list[list[Value]] = [[text] for text in ABOUT]
    for table in ROWS:
        lines.append([])
        lines.extend([table.name, column.name, column.means] for column in table.columns)
    for number, line in enumerate(lines):
        _write_row(sheet, number, line)


def _write_row(sheet: Worksheet, number: int, values: Iterable[Value]) -> None:
    """Texts are written as texts, so that none becomes a formula."""
    for place, value in enumerate(values):
        if isinstance(value, bool):
            sheet.write_boolean(number, place, value)
        elif isinstance(value, int | Decimal):
            sheet.write_number(number, place, float(value))
        elif value:
            sheet.write_string(number, place, value)
