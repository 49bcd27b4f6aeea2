"""Reports: named tables that the office hands on, who may have them, and the files made of them.

Each app describes its own in `<app>/reports.py`; this page keeps the list, checks the right and the
reason, and writes the file. Here stand also the reports made of the district's figure tables.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache, partial

from django.utils.module_loading import autodiscover_modules

from centers import figures
from centers.access import Scope
from centers.figure_tables import TABLES, Table
from centers.models import Dong
from common.months import Month
from common.refusals import Refusal
from common.sheets import LINE, Column, Kind, Row, Sheet, delimited, hwpx, pdf, text, total, xlsx

FORMATS = {"xlsx": "XLSX", "hwpx": "HWPX", "pdf": "PDF", "csv": "CSV"}
OWNER = "성북구 복지정책과"
MAX_PERSONAL_ROWS = 5000
REASON_LETTERS = 5


class UnknownReport(Refusal):
    code = "UNKNOWN_REPORT"


class NotYourReport(Refusal):
    code = "NOT_ALLOWED"


class ReasonMissing(Refusal):
    code = "REASON_MISSING"


class DongMissing(Refusal):
    code = "DONG_MISSING"


class NothingToReport(Refusal):
    code = "NO_DATA"


class TooManyRows(Refusal):
    code = "TOO_MANY_ROWS"


@dataclass(frozen=True)
class Ask:
    """What is asked for: a month, one dong or all that the person may see, and who asks."""

    scope: Scope
    month: Month
    dong: Dong | None = None
    since: Month | None = None

    @property
    def on(self) -> dt.date:
        return self.month.last

    def dongs(self, resource: str = "report") -> list[Dong]:
        """The dongs the report is about, in official order."""
        if self.dong:
            return [self.dong]
        return list(self.scope.dongs(resource))

    @property
    def place(self) -> str:
        """The dong asked for, the only one that may be seen, or the district."""
        places = self.dongs()
        return places[0].name if len(places) == 1 else "성북구"


@dataclass
class Made:
    """Sheets and the persons whose data they show."""

    sheets: list[Sheet]
    persons: set[int] = field(default_factory=set)

    @property
    def rows(self) -> int:
        return sum(sheet.counted_rows for sheet in self.sheets)


@dataclass(frozen=True)
class Report:
    """One report. `resource` is the right to read it, `personal` says that names stand in it."""

    name: str
    title: str
    about: str
    build: Callable[[Ask], Made]
    resource: str = "report"
    personal: bool = False
    monthly: bool = False
    one_dong: bool = False
    group: str = "현황"
    formats: tuple[str, ...] = tuple(FORMATS)


@dataclass(frozen=True)
class Written:
    data: bytes
    rows: int
    sha256: str
    persons: frozenset[int]


_reports: dict[str, Report] = {}


def register(*given: Report) -> None:
    for report in given:
        if report.name in _reports:
            raise ValueError(f"two reports are called {report.name!r}")
        _reports[report.name] = report


@cache
def _known() -> dict[str, Report]:
    autodiscover_modules("reports")
    return _reports


def reports() -> list[Report]:
    return list(_known().values())


def find(name: str) -> Report:
    """Raises `UnknownReport`."""
    try:
        return _known()[name]
    except KeyError:
        raise UnknownReport(f"‘{name}’ 보고서는 없습니다. 목록에서 골라 주세요.") from None


def readable(report: Report, scope: Scope) -> bool:
    return scope.allows(report.resource)


def exportable(report: Report, scope: Scope) -> bool:
    """Tables of figures need the right to export reports, lists of people the right to export people."""
    return readable(report, scope) and scope.allows("export" if report.personal else "report", "X")


def make(report: Report, ask: Ask) -> Made:
    """The sheets of a report. Raises `NotYourReport`, `DongMissing`, `NothingToReport`."""
    if not readable(report, ask.scope):
        raise NotYourReport("이 보고서를 볼 권한이 없습니다. 필요하면 팀장이나 개인정보보호담당에게 알려 주세요.")
    if ask.dong and ask.dong not in ask.scope.dongs(report.resource):
        raise NotYourReport(f"{ask.dong.name} 자료를 볼 권한이 없습니다. 내 동을 골라 주세요.")
    if report.one_dong and not ask.dong:
        raise DongMissing("동을 하나 골라 주세요. 이 보고서는 동마다 만듭니다.")
    made = report.build(ask)
    if not made.sheets:
        raise NothingToReport("아직 자료가 없습니다. 기준 자료를 먼저 가져와 주세요.")
    return made


def write(report: Report, ask: Ask, *, form: str, reason: str, at: dt.datetime) -> Written:
    """The report as a file of the form. Raises what `make` raises, `ReasonMissing`, `TooManyRows`."""
    if not exportable(report, ask.scope):
        raise NotYourReport("이 보고서를 내려받을 권한이 없습니다. 화면에서 보거나 팀장에게 부탁해 주세요.")
    if form not in report.formats:
        raise UnknownReport(
            f"이 보고서는 {form} 파일로 만들지 않습니다. {', '.join(report.formats)} 가운데 골라 주세요."
        )
    if report.personal and len(reason.strip()) < REASON_LETTERS:
        raise ReasonMissing("주민 이름이 들어 있는 파일입니다. 내려받는 까닭을 다섯 글자 넘게 적어 주세요.")
    made = make(report, ask)
    if report.personal and made.rows > MAX_PERSONAL_ROWS:
        raise TooManyRows(
            f"{made.rows:,}줄입니다. 사람 명단은 한 번에 {MAX_PERSONAL_ROWS:,}줄까지 내려받습니다. 달이나 동을 좁혀 주세요."
        )
    data = as_file(made.sheets, form=form, at=at)
    return Written(data, made.rows, hashlib.sha256(data).hexdigest(), frozenset(made.persons))


def as_file(sheets: list[Sheet], *, form: str, at: dt.datetime) -> bytes:
    file = io.BytesIO()
    if form == "xlsx":
        xlsx.write(file, sheets, at=at)
    elif form == "pdf":
        pdf.write(file, sheets, at=at)
    elif form == "hwpx":
        hwpx.write(file, sheets)
    else:
        delimited.write(file, sheets)
    return file.getvalue()


# ------------------------------------------------------------------ figure tables


def figure_sheet(table: Table, ask: Ask) -> Made:
    """A figure table as it stands on the day: counted sums, and a note for every printed sum that differs."""
    grid = figures.grid(table.key, ask.on) or figures.grid(table.key)
    if grid is None:
        return Made([])
    dongs = {dong.pk for dong in ask.dongs()}
    rows = [row for row in grid.counted if row.dong_id is None or row.dong_id in dongs]
    lines = [Row({"row": row.key} | dict(row.values), kind=LINE) for row in rows]
    whole = len(rows) == len(grid.counted)
    head = [total("row", grid.total.key if grid.total else "계")] if whole and len(rows) > 1 else []
    shown = {row.key for row in rows} | ({grid.total.key} if whole and grid.total else set())
    sheet = Sheet(
        name=table.key,
        title=table.title,
        columns=(text("row", table.row_label), *map(_column, table.columns)),
        rows=(*head, *lines),
        unit=_units(table),
        as_of=grid.as_of,
        notes=tuple(finding.message for finding in grid.findings() if finding.row in shown),
        owner=OWNER,
    )
    return Made([sheet])


def _column(column) -> Column:
    kind = Kind.DECIMAL if column.places else Kind.COUNT
    return Column(column.key, column.label, kind, places=column.places, sums=column.unit not in ("%", "위"))


def _units(table: Table) -> str:
    return ", ".join(dict.fromkeys(column.unit for column in table.columns))


def _of_tables(keys: Iterable[str]) -> list[Report]:
    return [
        Report(
            name=key,
            title=TABLES[key].title,
            about=f"{TABLES[key].source}의 표입니다. 합계는 다시 세고, 적힌 값과 다르면 밝힙니다.",
            build=partial(figure_sheet, TABLES[key]),
        )
        for key in keys
    ]


register(*_of_tables(["population", "recipients", "facilities", "institutions", "organisations", "activists"]))
