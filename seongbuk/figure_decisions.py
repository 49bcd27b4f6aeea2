"""Figures that contradict a rule: found before they are stored, and taken in only by a named person with a reason.

The rules are those of `figure_checks`. A new table is checked by itself and against the newest state of
every other table; what those say among themselves is not asked again.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from decimal import Decimal

from centers import figures
from centers.figure_tables import TABLES
from centers.models import Dong, FigureAcceptance, User
from common.refusals import Refusal
from seongbuk.figure_checks import Check, Tables, check
from seongbuk.figure_checks.tables import Line, Table
from seongbuk.figure_sheets import SHEETS, SheetTable

EVERY_DONG = "20개 동이 모두 표에 있음"


class FiguresDiffer(Refusal):
    code = "FIGURES_DIFFER"


class ReasonMissing(Refusal):
    code = "REASON_MISSING"


@dataclass(frozen=True)
class Difference:
    """One figure and what a rule says it should be; texts, so that it can be kept beside its acceptance."""

    table: str
    row: str
    column: str
    rule: str
    printed: str
    computed: str

    def as_json(self) -> dict[str, str]:
        return asdict(self)

    @property
    def words(self) -> str:
        """Table, row and column as people call them."""
        sheet = SHEETS.get(self.table)
        title = sheet.title if sheet else TABLES[self.table].title if self.table in TABLES else self.table
        labels = {key: label for key, (label, _) in sheet.columns.items()} if sheet else {}
        if self.table in TABLES:
            labels |= {column.key: column.label for column in TABLES[self.table].columns}
        column = labels.get(self.column, "")
        return " · ".join(filter(None, (title, self.row, column)))


def differences(sheet: SheetTable, lines: list[Line], *, as_of: dt.date) -> list[Difference]:
    """What contradicts a rule when these lines are the newest state of the table."""
    others = _newest(as_of, without=sheet.key)
    known = set(check(others).differs)
    tables = Tables({**others, sheet.key: Table(sheet.key, sheet.key, tuple(lines))})
    found = [_plain(one) for one in check(tables).differs if one not in known]
    return [*_missing_dongs(sheet, lines), *found]


def _newest(on: dt.date, *, without: str) -> Tables:
    """The newest state of every other table that speaks of the same days."""
    tables = Tables()
    for key in TABLES:
        grid = figures.grid(key, on) if key != without else None
        if grid is not None:
            tables[key] = Table(key, key, tuple(_line(row) for row in grid.rows))
    return tables


def _line(row: figures.Row) -> Line:
    cells = {name: "" if value is None else f"{value.normalize():f}" for name, value in row.values.items()}
    return Line(row.key, row.type, cells | {"row": row.key, "type": row.type})


def _missing_dongs(sheet: SheetTable, lines: list[Line]) -> list[Difference]:
    if not sheet.names_every_dong:
        return []
    named = {line.label for line in lines}
    missing = [dong for dong in Dong.objects.values_list("name", flat=True) if dong not in named]
    return [Difference(sheet.key, dong, "row", EVERY_DONG, "", dong) for dong in missing]


def _plain(one: Check) -> Difference:
    return Difference(one.table, one.row[:60], one.column, one.rule[:200], _text(one.printed), _text(one.computed))


def _text(value: Decimal | str | None) -> str:
    if value is None:
        return ""
    return f"{value.normalize():,f}" if isinstance(value, Decimal) else str(value)


# ---------------------------------------------------------------- deciding
def accepted(as_of: dt.date, found: list[Difference]) -> dict[Difference, FigureAcceptance]:
    """Of some differences of a day those that somebody has accepted."""
    rows = FigureAcceptance.objects.filter(as_of=as_of).select_related("by")
    known = {Difference(r.table, r.row, r.column, r.rule, r.printed, r.computed): r for r in rows}
    return {one: known[one] for one in found if one in known}


def open_ones(as_of: dt.date, found: list[Difference]) -> list[Difference]:
    decided = accepted(as_of, found)
    return [one for one in found if one not in decided]


def accept(found: list[Difference], *, as_of: dt.date, reason: str, by: User, at: dt.datetime) -> int:
    """Write down that somebody takes these figures in as they are. Twice is once. Raises `ReasonMissing`."""
    if len(reason.strip()) < 2:
        raise ReasonMissing("받아들이는 까닭을 적어 주세요. 예: 원본 표에 그렇게 적혀 있음")
    rows = [
        FigureAcceptance(as_of=as_of, reason=reason.strip()[:200], by=by, at=at, **one.as_json())
        for one in open_ones(as_of, found)
    ]
    FigureAcceptance.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)
