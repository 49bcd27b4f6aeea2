"""Report sheets: one table with its head, sums and notes, from which page, print, XLSX, CSV, HWPX and PDF are made.

Writers stand beside: `xlsx`, `delimited`, `pdf`, `hwpx`; the page uses `templates/components/sheet.html`.
A sheet holds values and rules (which rows a total adds up, what a column derives from), so every form
shows the same numbers and a spreadsheet gets live formulas with the values already in place.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum

Value = str | int | Decimal | dt.date | None


class Kind(StrEnum):
    TEXT = "text"
    COUNT = "count"
    DECIMAL = "decimal"
    PERCENT = "percent"  # 22.5 means 22.5 %
    DIFFERENCE = "difference"
    DATE = "date"


NUMBERS = {Kind.COUNT, Kind.DECIMAL, Kind.PERCENT, Kind.DIFFERENCE}
LINE, TOTAL = "line", "total"


@dataclass(frozen=True)
class Column:
    """One column. `group` is the head above it; neighbours with the same group share it.

    A derived column names its `sources`: a difference is the first less the second, a percent the first
    in the second, cut after `places` decimals. `sums` says whether totals add it up.
    """

    key: str
    title: str
    kind: Kind = Kind.COUNT
    group: str = ""
    places: int = 0
    sources: tuple[str, str] | None = None
    sums: bool = True
    width: int = 0  # characters; 0 lets the writer choose

    @property
    def is_number(self) -> bool:
        return self.kind in NUMBERS

    @property
    def label(self) -> str:
        """The head in one line."""
        return f"{self.group} {self.title}".strip()


def text(key: str, title: str, **given) -> Column:
    return Column(key, title, Kind.TEXT, sums=False, **given)


def difference(key: str, title: str, *, of: str, less: str, **given) -> Column:
    return Column(key, title, Kind.DIFFERENCE, sources=(of, less), sums=False, **given)


def percent(key: str, title: str, *, part: str, whole: str, places: int = 1, **given) -> Column:
    """A share cut after `places` decimals, never rounded up (plan III.7 ①)."""
    return Column(key, title, Kind.PERCENT, places=places, sources=(part, whole), sums=False, **given)


@dataclass(frozen=True)
class Row:
    """One line. `kind` names it for totals; a total says in `over` which kinds of lines it adds up."""

    values: Mapping[str, Value]
    kind: str = LINE
    over: tuple[str, ...] = ()

    @property
    def is_total(self) -> bool:
        return bool(self.over)


@dataclass(frozen=True)
class HeadCell:
    title: str
    columns: int = 1
    rows: int = 1
    is_number: bool = False


@dataclass(frozen=True)
class Sheet:
    """`name` is for files and machines, `title` for people; `as_of` is the day of the data."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    unit: str = ""
    as_of: dt.date | None = None
    period: str = ""
    notes: tuple[str, ...] = ()
    owner: str = ""
    tab: str = field(default="")

    def value(self, row: Row, column: Column) -> Value:
        """What stands in a cell: given, added up, or derived."""
        if column.sources:
            first, second = (self._number(row, key) for key in column.sources)
            return _derived(column, first, second)
        if row.over and column.sums:
            parts = [one.values.get(column.key) for one in self._counted(row)]
            known = [part for part in parts if part is not None]
            return sum(known) if known else None
        return row.values.get(column.key)

    def lines(self) -> Iterator[tuple[Row, list[tuple[Column, Value]]]]:
        """Each row with its cells from left to right."""
        for row in self.rows:
            yield row, [(column, self.value(row, column)) for column in self.columns]

    def head(self) -> list[list[HeadCell]]:
        """One row of heads, or two where columns are grouped."""
        if not any(column.group for column in self.columns):
            return [[HeadCell(column.title, is_number=column.is_number) for column in self.columns]]
        upper: list[HeadCell] = []
        lower: list[HeadCell] = []
        for place, column in enumerate(self.columns):
            if not column.group:
                upper.append(HeadCell(column.title, rows=2, is_number=column.is_number))
                continue
            lower.append(HeadCell(column.title, is_number=column.is_number))
            if place and self.columns[place - 1].group == column.group:
                upper[-1] = HeadCell(column.group, upper[-1].columns + 1)
            else:
                upper.append(HeadCell(column.group))
        return [upper, lower]

    @property
    def as_of_words(self) -> str:
        if self.as_of:
            return f"{self.as_of.year}. {self.as_of.month}. {self.as_of.day}. 기준"
        return self.period

    @property
    def counted_rows(self) -> int:
        """Lines without totals: what the access log calls the number of rows."""
        return sum(not row.is_total for row in self.rows)

    def column(self, key: str) -> Column:
        return next(column for column in self.columns if column.key == key)

    def _counted(self, total: Row) -> list[Row]:
        counted = []
        for row in self.rows:
            if row is not total and row.kind in total.over:
                counted.append(Row({c.key: self.value(row, c) for c in self.columns if c.sums}, row.kind))
        return counted

    def _number(self, row: Row, key: str) -> Value:
        return self.value(row, self.column(key))


def total(label_key: str, label: str, *, over: tuple[str, ...] = (LINE,), kind: str = TOTAL) -> Row:
    """A row that adds up the rows of the kinds in `over`."""
    return Row({label_key: label}, kind=kind, over=over)


def cut_percent(part: int | Decimal | None, whole: int | Decimal | None, *, places: int = 1) -> Decimal | None:
    """Percent cut after `places` decimals, never rounded up; None of nothing."""
    if part is None or not whole:
        return None
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_DOWN)


def shown(column: Column, value: Value) -> str:
    """A cell in words, the same in every form on paper: thousands in groups, a sign before differences."""
    if value is None or value == "":
        return "" if column.kind in (Kind.TEXT, Kind.DATE) else "-"
    if column.kind == Kind.DATE:
        return f"{value.year}. {value.month}. {value.day}."
    if column.kind == Kind.DIFFERENCE:
        return f"▲{value:,}" if value > 0 else f"▽{-value:,}" if value < 0 else "0"
    if column.is_number:
        return f"{value:,.{column.places}f}" if column.places else f"{value:,}"
    return str(value)


def _derived(column: Column, first, second) -> Value:
    if column.kind == Kind.DIFFERENCE:
        return None if first is None and second is None else (first or 0) - (second or 0)
    return cut_percent(first if first is not None else (0 if second else None), second, places=column.places)
