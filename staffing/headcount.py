"""Authorised and actual headcount (정원·현원): every sum is counted from its cells, none is typed (plan II.3).

A series that lies inside another one (보건·간호 inside 기술직) and people shown beside a table
(마을활동가) keep their columns but are never added a second time.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from centers import figures
from centers.models import Dong
from staffing.models import HeadcountCell, JobSeries


@dataclass(frozen=True)
class Heads:
    """A pair of numbers. `gap` is positive where more people are in post than authorised."""

    authorised: int = 0
    actual: int = 0

    @property
    def gap(self) -> int:
        return self.actual - self.authorised

    def __add__(self, other: Heads) -> Heads:
        return Heads(self.authorised + other.authorised, self.actual + other.actual)


@dataclass(frozen=True)
class Line:
    """A dong, a grade, or the head office: heads by series key, and the total without what is counted inside."""

    name: str
    dong_id: int | None
    grade: int | None
    series: dict[str, Heads]
    total: Heads

    def of(self, key: str) -> Heads:
        return self.series.get(key, Heads())


@dataclass(frozen=True)
class Headcount:
    """One table as of a day."""

    table: str
    as_of: dt.date
    columns: tuple[JobSeries, ...]
    beside: frozenset[str]
    lines: tuple[Line, ...]

    @property
    def dongs(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.dong_id)

    def line_of(self, dong: Dong) -> Line | None:
        return next((line for line in self.lines if line.dong_id == dong.pk), None)

    def sum(self, key: str = "", lines: Iterable[Line] | None = None) -> Heads:
        """Heads of a series, or of all counted series, over the lines."""
        total = Heads()
        for line in self.lines if lines is None else lines:
            total += line.of(key) if key else line.total
        return total

    def inside(self) -> list[str]:
        """Sentences on what is shown but not added, for the foot of the table."""
        said = []
        for series in self.columns:
            if series.part_of_id:
                heads = self.sum(series.key)
                said.append(
                    f"{series.name} {heads.authorised:,}/{heads.actual:,}명은 {series.part_of.name} 안에 있어"
                    " 총원에 다시 더하지 않습니다."
                )
            elif series.key in self.beside:
                heads = self.sum(series.key)
                said.append(f"{series.name} {heads.authorised:,}/{heads.actual:,}명은 합계에 넣지 않습니다.")
        return said

    def faults(self) -> list[str]:
        """Lines in which a part is larger than the series it lies in."""
        found = []
        for series in self.columns:
            if not series.part_of_id:
                continue
            for line in self.lines:
                part, whole = line.of(series.key), line.of(series.part_of.key)
                if part.authorised > whole.authorised or part.actual > whole.actual:
                    found.append(
                        f"{line.name}: {series.name} {part.authorised}/{part.actual}명이"
                        f" {series.part_of.name} {whole.authorised}/{whole.actual}명보다 많습니다."
                    )
        return found


def headcount(table: str, on: dt.date | None = None) -> Headcount | None:
    """The newest state of a table (`HeadcountCell.Table`) not after `on`; None when nothing is loaded."""
    cells = HeadcountCell.objects.filter(table=table)
    if on:
        cells = cells.filter(as_of__lte=on)
    as_of = cells.order_by("-as_of").values_list("as_of", flat=True).first()
    if as_of is None:
        return None
    places: dict[tuple, list[HeadcountCell]] = defaultdict(list)
    for cell in cells.filter(as_of=as_of).select_related("dong", "series__part_of").order_by("dong__order", "grade"):
        places[cell.dong_id, cell.grade].append(cell)
    lines = tuple(_line(group) for group in places.values())
    known = [cell for group in places.values() for cell in group]
    columns = sorted({cell.series for cell in known}, key=lambda series: series.order)
    beside = frozenset(cell.series.key for cell in known if not cell.is_counted and not cell.series.part_of_id)
    return Headcount(table, as_of, tuple(columns), beside, lines)


def _line(cells: list[HeadcountCell]) -> Line:
    first = cells[0]
    name = first.dong.name if first.dong_id else f"{first.grade}급" if first.grade else "본청"
    series = {cell.series.key: Heads(cell.authorised, cell.actual) for cell in cells}
    total = Heads()
    for cell in cells:
        if cell.is_counted:
            total += Heads(cell.authorised, cell.actual)
    return Line(name, first.dong_id, first.grade, series, total)


@dataclass(frozen=True)
class Load:
    """How much one social worker of a dong carries: a figure of the dong by the social workers in post."""

    dong_id: int | None
    name: str
    amount: int
    workers: int

    @property
    def each(self) -> int | None:
        """Rounded half up to a whole number; None without social workers."""
        return (2 * self.amount + self.workers) // (2 * self.workers) if self.workers else None


#: what a social worker carries: url key -> (figure table, column, words)
LOADS = {
    "recipients": ("recipients", "total", "복지대상자"),
    "basic": ("recipients", "basic_livelihood", "기초생활보장 수급자"),
    "pension": ("recipients", "basic_pension", "기초연금 수급자"),
    "population": ("population", "population", "주민"),
}


def loads(centers: Headcount, key: str, on: dt.date | None = None) -> tuple[list[Load], Load] | None:
    """Load of the social workers by dong, and of the district; `key` is one of `LOADS`."""
    table, column, _ = LOADS[key]
    grid = figures.grid(table, on)
    if grid is None:
        return None
    amounts = {row.dong_id: int(row.values[column] or 0) for row in grid.counted}
    rows = [
        Load(line.dong_id, line.name, amounts.get(line.dong_id, 0), line.of("welfare").actual) for line in centers.dongs
    ]
    whole = Load(None, "20동", sum(row.amount for row in rows), sum(row.workers for row in rows))
    return rows, whole
