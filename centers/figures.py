"""Reading figure tables, and finding where a printed table contradicts itself.

A printed value is never corrected. Every difference between a printed sum and its parts is a `Finding`
in words, shown beside the number.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from centers.figure_tables import TABLES, Table
from centers.models import Dong, Figure


@dataclass(frozen=True)
class Row:
    """One line: `values` holds a number or None for each column key."""

    key: str
    type: str
    dong_id: int | None
    values: dict[str, Decimal | None]
    printed: dict[str, str]


@dataclass(frozen=True)
class Finding:
    """A sum that does not hold: where it is printed, what is printed, what the parts give."""

    table: str
    row: str
    column: str
    printed: Decimal | None
    counted: Decimal
    message: str


@dataclass(frozen=True)
class Grid:
    """A figure table as of a day."""

    table: Table
    as_of: dt.date
    rows: tuple[Row, ...]

    @property
    def total(self) -> Row | None:
        """The printed total row, where there is one."""
        return next((row for row in self.rows if row.type == "total"), None)

    @property
    def counted(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.type == self.table.counted)

    def sum(self, column: str) -> Decimal:
        """The column counted over its rows, whatever the total row prints."""
        return sum((row.values[column] or Decimal(0) for row in self.counted), Decimal(0))

    def findings(self) -> list[Finding]:
        """Contradictions inside the rows, then between the rows and the total row."""
        return [*self._across(), *self._down()]

    def _across(self) -> list[Finding]:
        found = []
        for whole in self.table.columns:
            parts = [c for c in self.table.columns if c.part_of == whole.key]
            for row in self.rows if parts else ():
                counted = sum((row.values[c.key] or Decimal(0) for c in parts), Decimal(0))
                if row.values[whole.key] != counted:
                    names = " + ".join(f"{c.label} {_shown(row.values[c.key])}" for c in parts if row.values[c.key])
                    found.append(self._finding(row, whole.key, counted, f"{names} = {_shown(counted)}인데"))
        return found

    def _down(self) -> list[Finding]:
        if self.total is None or not self.counted:
            return []
        found = []
        for column in self.table.columns:
            counted = self.sum(column.key)
            is_sum = column.unit != "%" and any(row.values[column.key] is not None for row in self.counted)
            if is_sum and self.total.values[column.key] not in (None, counted):
                start = f"{self.table.row_label}별 합은 {_shown(counted)}인데"
                found.append(self._finding(self.total, column.key, counted, start))
        return found

    def _finding(self, row: Row, column: str, counted: Decimal, start: str) -> Finding:
        printed = row.values[column]
        said = f"적힌 값은 {_shown(printed)}입니다." if printed is not None else "적힌 값이 없습니다."
        label = self.table.column(column).label
        return Finding(self.table.key, row.key, column, printed, counted, f"{row.key} {label}: {start} {said}")


def grid(key: str, on: dt.date | None = None) -> Grid | None:
    """The newest state of a table, or the newest one not after `on`; None when there is none."""
    cells = Figure.objects.filter(table=key)
    if on:
        cells = cells.filter(as_of__lte=on)
    as_of = cells.order_by("-as_of").values_list("as_of", flat=True).first()
    if as_of is None:
        return None
    rows: dict[str, Row] = {}
    for cell in cells.filter(as_of=as_of).order_by("row_order", "column_order"):
        row = rows.setdefault(cell.row_key, Row(cell.row_key, cell.row_type, cell.dong_id, {}, {}))
        row.values[cell.column], row.printed[cell.column] = cell.value, cell.printed
    return Grid(TABLES[key], as_of, tuple(rows.values()))


@dataclass(frozen=True)
class Course:
    """One column of a dong over the days that are known, oldest first."""

    label: str
    unit: str
    points: tuple[tuple[dt.date, Decimal | None], ...]
    is_sum: bool

    @property
    def now(self) -> Decimal | None:
        return self.points[-1][1]

    @property
    def change(self) -> Decimal | None:
        """Against the day before the newest; None when there is none to compare with."""
        known = [value for _, value in self.points[-2:] if value is not None]
        return known[1] - known[0] if len(self.points) > 1 and len(known) == 2 else None


def courses(key: str, dong: Dong, *, days: int = 24) -> tuple[Course, ...]:
    """A figure table of one dong over its newest days; one query."""
    table = TABLES[key]
    found: dict[dt.date, dict[str, Decimal | None]] = {}
    for cell in Figure.objects.filter(table=key, dong=dong).order_by("as_of", "pk"):
        found.setdefault(cell.as_of, {})[cell.column] = cell.value
    shown = sorted(found)[-days:]
    wholes = {column.part_of for column in table.columns}
    return tuple(
        Course(
            column.label, column.unit, tuple((day, found[day].get(column.key)) for day in shown), column.key in wholes
        )
        for column in table.columns
        if shown
    )


def findings(on: dt.date | None = None) -> list[Finding]:
    """Every contradiction in every loaded table."""
    grids = (grid(key, on) for key in TABLES)
    return [finding for found in grids if found for finding in found.findings()]


def _shown(value: Decimal | None) -> str:
    if value is None:
        return "–"
    return f"{value.normalize():,f}"
