"""The register of facilities: adding, changing, closing, and counting it the way the dong and the district do (plan II.5).

The dongs count ten kinds, the district six: what a dong calls 경로당 and 노인시설 is one kind for the district.
Both counts come from the same rows, so a difference to a printed table is a fact to look into, never a typing error.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, QuerySet

from centers import figures
from centers.models import Dong, Facility, User
from common.refusals import Refusal, Stale

Kind = Facility.Kind
#: the district's kinds, each with the dong kinds inside it; the labels are those of the printed summary
DISTRICT_KINDS: dict[str, tuple[str, ...]] = {
    "종합사회복지관": (Kind.GENERAL_WELFARE_CENTER,),
    "장애인복지시설": (Kind.DISABILITY,),
    "노인복지시설": (Kind.SENIOR_CENTER, Kind.ELDERLY),
    "보육시설": (Kind.CHILDCARE,),
    "아동청소년": (Kind.LOCAL_CHILD_CENTER, Kind.YOUTH_STUDY_ROOM),
    "기타": (Kind.HOMELESS, Kind.WOMEN, Kind.OTHER),
}
#: group -> the figure table that prints the same counts by dong
PRINTED = {Facility.WELFARE: "facilities", Facility.INSTITUTIONS: "institutions"}
#: register kind -> column of that table, where the two names differ
COLUMNS = {
    Kind.INSTITUTION_WELFARE: "welfare",
    Kind.INSTITUTION_EMPLOYMENT: "employment",
    Kind.INSTITUTION_OTHER: "other",
}
FIELDS = ("kind", "name", "dong", "address", "phone", "operator", "capacity", "valid_from", "valid_to")


class NotValid(Refusal):
    code = "NOT_VALID"


# ---------------------------------------------------------------- acts
@transaction.atomic
def add(*, by: User | None, at: dt.datetime, **facts) -> Facility:
    """Put a facility into the register. Raises `NotValid`."""
    made = Facility(**facts, changed_by=by, changed_at=at)
    _check(made)
    made.save()
    return made


@transaction.atomic
def change(facility: Facility, *, version: int | None = None, by: User | None, at: dt.datetime, **facts) -> Facility:
    """Set some of `FIELDS`. Raises `NotValid`, `Stale`."""
    row = Facility.objects.select_for_update().get(pk=facility.pk)
    if version is not None and version != row.version:
        raise Stale("그사이 다른 사람이 이 시설을 고쳤습니다. 화면을 새로 고친 뒤 다시 적어 주세요.")
    for name, value in facts.items():
        setattr(row, name, value)
    _check(row)
    row.version, row.changed_by, row.changed_at = row.version + 1, by, at
    row.save()
    return row


def _check(facility: Facility) -> None:
    try:
        facility.full_clean()
    except ValidationError as fault:
        raise NotValid(" ".join(fault.messages)) from fault


# ---------------------------------------------------------------- counting
@dataclass(frozen=True)
class Cell:
    """How many there are by the register, and what the newest printed table says; None where it prints nothing."""

    count: int
    printed: int | None

    @property
    def differs(self) -> bool:
        return self.printed is not None and self.printed != self.count


@dataclass(frozen=True)
class Line:
    name: str
    dong: Dong | None
    cells: tuple[Cell, ...]
    total: Cell


@dataclass(frozen=True)
class Counts:
    """A register counted: lines of dongs (or of the district's kinds) by columns."""

    columns: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    total: Line
    as_of: dt.date | None  # day of the printed table that is compared

    @property
    def differing(self) -> int:
        return sum(cell.differs for line in self.lines for cell in (*line.cells, line.total))


def by_dong(group: str, *, on: dt.date) -> Counts:
    """Dongs x kinds of a group on a day, beside the printed dong table. Three queries."""
    rows = Facility.objects.on(on).of_group(group)
    kinds = [(kind, Kind(kind).label) for kind in Facility.GROUPS[group]]
    return tabulate(rows, kinds, printed=PRINTED.get(group, ""), columns=COLUMNS)


def tabulate(rows: QuerySet, kinds: list[tuple[str, str]], *, printed: str, columns: dict[str, str]) -> Counts:
    """Count rows with `dong` and `kind` beside a printed table with a row for each dong."""
    found = Counter(
        {(r["dong"], r["kind"]): r["n"] for r in rows.order_by().values("dong", "kind").annotate(n=Count("pk"))}
    )
    grid = figures.grid(printed) if printed else None
    said = {row.dong_id: row.values for row in grid.counted} if grid else {}
    lines = []
    for dong in Dong.objects.all():
        told = said.get(dong.pk, {})
        cells = tuple(
            Cell(found[dong.pk, kind], _number(told, columns.get(kind, kind), bool(told))) for kind, _ in kinds
        )
        count = sum(cell.count for cell in cells)
        lines.append(Line(dong.name, dong, cells, Cell(count, _number(told, "total", False))))
    elsewhere = tuple(Cell(found[None, kind], None) for kind, _ in kinds)
    if any(cell.count for cell in elsewhere):
        lines.append(Line("구 전체", None, elsewhere, Cell(sum(cell.count for cell in elsewhere), None)))
    sums = tuple(_sum(column) for column in zip(*(line.cells for line in lines), strict=True))
    whole = _sum([line.total for line in lines])
    if any(line.dong and line.dong.pk in said and line.total.printed is None for line in lines):
        whole = Cell(whole.count, None)  # a dong without a printed total leaves nothing to add up
    total = Line("계", None, sums, whole)
    return Counts(tuple(kinds), tuple(lines), total, grid.as_of if grid else None)


def _number(told: dict[str, Decimal | None], column: str, empty_is_zero: bool) -> int | None:
    """A printed number; in a row that is printed an empty kind means none, an empty total means nothing."""
    value = told.get(column)
    if value is None:
        return 0 if empty_is_zero and column in told else None
    return int(value)


def _sum(cells) -> Cell:
    printed = [cell.printed for cell in cells if cell.printed is not None]
    return Cell(sum(cell.count for cell in cells), sum(printed) if printed else None)


@dataclass(frozen=True)
class DistrictKind:
    """A kind of the district's summary: the register's count, the printed one, and what the dongs call it."""

    name: str
    cell: Cell
    inside: tuple[str, ...]


def by_district_kind(counts: Counts, *, on: dt.date) -> tuple[DistrictKind, ...]:
    """The welfare facilities cut as the district's summary cuts them; the last line is the sum."""
    columns = [kind for kind, _ in counts.columns]
    found = dict(zip(columns, (cell.count for cell in counts.total.cells), strict=True))
    printed = _district_summary()
    lines = [
        DistrictKind(
            name,
            Cell(sum(found[kind] for kind in kinds), printed.get(name)),
            tuple(Kind(kind).label for kind in kinds),
        )
        for name, kinds in DISTRICT_KINDS.items()
    ]
    whole = Cell(sum(line.cell.count for line in lines), printed.get("합계"))
    return (*lines, DistrictKind("합계", whole, ()))


def _district_summary() -> dict[str, int]:
    grid = figures.grid("infrastructure_welfare")
    rows = grid.rows if grid else ()
    return {row.key.rstrip("*"): int(row.values["places"]) for row in rows if row.values.get("places") is not None}
