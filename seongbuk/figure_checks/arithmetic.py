"""Arithmetic that the rules share: parts and wholes, columns and totals, products, shares, gaps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

from . import Checks, compare
from .tables import Line, Table


def across(table: Table, whole: str, parts: Sequence[str], said: str, lines: Iterable[Line] | None = None) -> Checks:
    """In each row the whole is the sum of its parts; rows that print neither are left alone."""
    for line in table.lines if lines is None else lines:
        numbers = [line.number(part) for part in parts]
        if line.number(whole) is None and all(number is None for number in numbers):
            continue
        yield compare(table, line, whole, sum((n or Decimal(0) for n in numbers), Decimal(0)), said)


def down(table: Table, columns: Sequence[str], *, to: Line | None, over: Sequence[Line], said: str) -> Checks:
    """In each column the total row is the sum of the rows above or below it."""
    if to is None or not over:
        return
    for column in columns:
        if to.number(column) is not None or any(line.number(column) for line in over):
            yield compare(table, to, column, table.sum(column, over), said)


def numeric(table: Table, *, but: Iterable[str] = ()) -> list[str]:
    """Columns that hold numbers."""
    skipped = {"row", "row_type", "type", "dong", "grade", "official_order", "order", *but}
    names = dict.fromkeys(key for line in table.lines for key in line.cells)
    return [
        name for name in names if name not in skipped and any(line.number(name) is not None for line in table.lines)
    ]


def total_of(table: Table) -> Line | None:
    return next(iter(table.of("total")), None)


def simple_total(table: Table, kinds: Sequence[str] = ("dong",), *, but: Iterable[str] = ()) -> Checks:
    yield from down(
        table, numeric(table, but=but), to=total_of(table), over=table.of(*kinds), said="합계 줄 = 줄을 모두 더한 값"
    )


def total_line(table: Table, label: str, column: str, said: str = "계 = 아래 항목의 합") -> Checks:
    """A list whose first entry is the total of the others."""
    line = table.one(label)
    if line:
        yield compare(table, line, column, table.sum(column, [one for one in table.lines if one is not line]), said)


def half_up(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def share_of(part: Decimal | None, whole: Decimal | None, places: int) -> Decimal | None:
    """A rounded percent, None where one of the two is not printed."""
    return half_up(part * 100 / whole, places) if part is not None and whole else None


def empty_among_filled(table: Table, columns: Iterable[str]) -> Checks:
    """A cell that is empty although every other row of a long column prints a figure."""
    lines = table.of("dong")
    for column in columns:
        bare = [line for line in lines if line.number(column) is None]
        if len(lines) >= 10 and len(bare) == 1:
            yield compare(table, bare[0], column, Decimal(0), "다른 모든 줄에 값이 있는 칸은 비우지 않음")


def within(table: Table, part: str, whole: str, said: str) -> Checks:
    """A part that lies inside a whole is not larger."""
    for line in table.lines:
        if line.number(part) is not None:
            yield compare(table, line, part, min(line.number(part), line.number(whole) or Decimal(0)), said)


def same(table: Table, line: Line | None, column: str, other: Line | None, there: str, said: str) -> Checks:
    """A cell and the cell of another table that states the same."""
    if line and other and line.number(column) is not None:
        yield compare(table, line, column, other.number(there), said)
