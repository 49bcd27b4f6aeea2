"""Tables of figures (현황표, 정원·현원, 재정): known by their header, checked by the rules, kept by their day.

A row is a line of the table. A table of a day replaces or extends what is known of that very day; older
days stay, so that monthly tables give a trend. Sums that do not hold, of-which parts that are too large and
numbers that another table states differently are never taken in silently (`figure_decisions`).
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from centers.models import Dong, Figure, User
from common.hangul import compact
from common.refusals import Refusal
from common.spreadsheets import Book
from planners.lists import list_columns
from planners.lists.list_cells import Context, Read
from planners.lists.list_columns import HeaderNotFound, Layout
from planners.lists.list_issues import Issue, add_sentences
from planners.lists.list_kinds import CannotUndo, Compared
from planners.lists.list_outcomes import Outcome, lines_of, outcomes_of, put_outcomes
from planners.lists.list_reading import Progress, Reading, Stage, dong_names
from planners.lists.list_staging import Line, ListColumn, StagedList
from planners.lists.resident_cells import read_date, text_of
from planners.models import ImportBatch, ImportChange
from seongbuk import figure_decisions
from seongbuk.figure_checks.tables import Line as TableLine
from seongbuk.figure_decisions import Difference, FiguresDiffer
from seongbuk.figure_sheets import ROW, SHEETS, SheetTable, vocabulary_of
from staffing.models import HeadcountCell, JobSeries
from staffing.reference import SHOWN_BESIDE

TABLE = Figure._meta.label
ENOUGH = 0.6  # of a table's columns must be in a sheet that is taken for it
_NUMBER = re.compile(r"[-△▽]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[-△▽]?\d+(?:\.\d+)?")
_DAY = re.compile(r"\d{4}\s*[.년/-]\s*\d{1,2}\s*[.월/-]\s*\d{1,2}|\d{4}\s*[.년/-]\s*\d{1,2}")
add_sentences(
    {
        ("UNKNOWN_LINE", ""): "이 표에 없는 줄입니다. 동 이름이나 직급을 확인해 주세요.",
        ("DUP_EXACT", ROW): "앞줄과 같은 줄입니다. 앞줄만 넣습니다.",
        ("DUP_CONFLICT", ROW): "앞줄과 이름이 같은데 값이 다릅니다. 맞는 줄 하나만 남겨 주세요.",
    }
)


class DayMissing(Refusal):
    code = "DAY_MISSING"


class RowsRejected(Refusal):
    code = "ROWS_REJECTED"


def read_figure(cell: Any, context: Context) -> Read:
    """A number as exact text; a dash or nothing is nothing. `214,588 (51.3)` is its first number."""
    if type(cell) is bool:
        return Read(None, "BAD_NUMBER")
    if type(cell) is float:
        return Read(_exact(Decimal(repr(cell))))
    written = re.sub(r"\(.*\)$", "", compact(text_of(cell)))
    written = re.sub(r"(?:명|개소|개|곳|건|가구|세대|천원|백만원|%|㎢|km2|km²)$", "", written)
    if not written:
        return Read()
    if not _NUMBER.fullmatch(written):
        return Read(None, "BAD_NUMBER")
    return Read(_exact(Decimal(written.replace(",", "").replace("△", "-").replace("▽", "-"))))


def _exact(number: Decimal) -> str:
    return f"{number.normalize():f}"


def read_label(cell: Any, context: Context) -> Read:
    return Read(text_of(cell)[:60] or None)


class FigureList(StagedList):
    """Tables of figures (see the module)."""

    key = ImportBatch.Kind.FIGURES
    title, noun, unit, register_name = "현황 표", "줄", "줄", "현황 수치"
    keeps_totals = True
    lead = ROW
    decisions_url = "figure_decisions"
    added_headings = ("값",)
    names_people = False
    form_headings = ("구분", *(label for label, _ in SHEETS["population"].columns.values()))
    form_example = ("예) 장위1동", 12210, 30105, 14873, 15232, 0.69)
    columns = (
        ListColumn(ROW, "줄 이름", "", read_label, is_needed=True),
        *(
            ListColumn(key, label, "", read_figure)
            for key, label in {k: label for s in SHEETS.values() for k, (label, _) in s.columns.items()}.items()
        ),
    )

    def __init__(self) -> None:
        super().__init__()
        self.vocabularies = {vocabulary_of(sheet): sheet for sheet in SHEETS.values()}

    # ---------------------------------------------------------------- reading
    def recognise(self, book: Book, **given: Any) -> Layout:
        """The table whose columns are there best. Raises `HeaderNotFound`."""
        found: list[tuple[float, Layout]] = []
        for vocabulary, sheet in self.vocabularies.items():
            try:
                layout = list_columns.recognise(book.sheets, vocabulary, kind=book.kind, is_1904=book.is_1904, **given)
            except HeaderNotFound:
                continue
            share = len(set(sheet.columns) & set(layout.indexes)) / len(sheet.columns)
            spoken = bool(vocabulary.titles.search(" ".join((*layout.titles, layout.sheet_name))))
            extra = sum(not c.field and bool(c.header) for c in layout.columns) / max(len(layout.columns), 1)
            if share >= ENOUGH or (spoken and share >= ENOUGH / 2):
                found.append((share + spoken - extra, layout))
        if not found:
            raise HeaderNotFound(
                "아는 현황 표가 아닙니다. 인구, 복지대상자, 시설, 단체, 정원·현원, 재정 표의 열 제목인지 확인해 주세요."
            )
        return max(found, key=lambda pair: pair[0])[1]

    def claim(self, layout: Layout, told: str) -> float:
        """Numbers by dong or grade: every understood column but the first counts."""
        sheet = self.vocabularies[layout.vocabulary]
        return 2.0 * len(set(sheet.columns) & set(layout.indexes))

    def fill(self, batch: ImportBatch, book: Book, layout: Layout, *, on: dt.date, **given: Any) -> Reading:
        self.places = dong_names()
        found = super().fill(batch, book, layout, on=on, **given)
        has_lines = found.rows > sum(found.skipped.values())
        if has_lines and batch.extracted_on is None and _day_told(layout) is None:
            found.stage.drop()
            raise DayMissing("어느 날의 수치인지 알 수 없습니다. 올릴 때 자료 기준일을 적어 주세요.")
        return found

    def finish(self, line: Line, layout: Layout, on: dt.date) -> Line:
        sheet = self.vocabularies[layout.vocabulary]
        label = line.data[ROW] or ""
        key, kind = sheet.row(label, self.places.find(label)[0])
        issues = line.issues if kind or not label else (*line.issues, Issue("UNKNOWN_LINE", ROW))
        data = {name: line.data.get(name) for name in sheet.columns}
        data |= {ROW: key or label, "_type": kind, "_table": sheet.key, "_order": line.row, "_day": _day_told(layout)}
        return line._replace(data=data, issues=issues, key=key)

    # ---------------------------------------------------------------- comparing
    def compare(self, batch: ImportBatch, stage: Stage, *, on: dt.date, first: bool = False) -> Compared:
        compared = super().compare(batch, stage, on=on, first=first)
        sheet, as_of, lines = self._read(batch, stage)
        found = figure_decisions.differences(sheet, lines, as_of=as_of) if lines else []
        compared.facts |= {
            "as_of": as_of.isoformat(),
            "figure_table": sheet.key,
            "decisions": [one.as_json() for one in found],
        }
        return compared

    def _read(self, batch: ImportBatch, stage: Stage) -> tuple[SheetTable, dt.date, list[TableLine]]:
        """The table, its day, and its lines as the rules read them."""
        rows = [line.data for line in lines_of(stage)]
        sheet = SHEETS[rows[0]["_table"]] if rows else next(iter(SHEETS.values()))
        day = rows[0]["_day"] if rows else None
        as_of = batch.extracted_on or (dt.date.fromisoformat(day) if day else batch.uploaded_at.date())
        lines = [
            TableLine(
                row[ROW],
                row["_type"],
                {name: row[name] or "" for name in sheet.columns} | {"row": row[ROW], "type": row["_type"]},
            )
            for row in rows
        ]
        return sheet, as_of, lines

    def find_outcomes(self, batch: ImportBatch, stage: Stage, *, on: dt.date) -> None:
        sheet, as_of, _ = self._read(batch, stage)
        known = stored(sheet, as_of)
        put_outcomes(stage, [self._outcome(sheet, line.row, line.data, known) for line in lines_of(stage)])

    def _outcome(self, sheet: SheetTable, row: int, data: dict, known: dict[str, dict]) -> Outcome:
        values = {name: data[name] for name in kept_columns(sheet)}
        label = data[ROW]
        old = known.get(label)
        is_empty = old is None and not any(values.values())
        if is_only_checked(sheet, data["_type"]) or (is_empty and sheet.is_headcount):
            return Outcome(row)
        if old is None:
            return Outcome(row, "added", TABLE, None, None, label, None, values)
        after = {name: value for name, value in values.items() if value is not None and old.get(name) != value}
        before = {name: old.get(name) for name in after}
        return Outcome(row, "changed" if after else "unchanged", TABLE, None, None, label, before, after)

    # ---------------------------------------------------------------- writing
    def refuse_applying(self, batch: ImportBatch) -> None:
        if batch.counts["rejected"]:
            raise RowsRejected(
                "반려된 줄이 있는 표는 넣을 수 없습니다. 합계가 맞지 않게 됩니다. 고친 파일을 다시 올려 주세요."
            )
        left = figure_decisions.open_ones(day_of(batch), differences_of(batch))
        if left:
            raise FiguresDiffer(
                f"맞지 않는 곳 {len(left)}군데를 아무도 받아들이지 않았습니다. ‘맞지 않는 곳 보기’에서 까닭을 적어 주세요."
            )

    def write(
        self, batch: ImportBatch, stage: Stage, *, by: User | None, on: dt.date, at: dt.datetime, report: Progress
    ) -> set[int]:
        """Store the lines of the day; what contradicts a rule now must have been accepted by somebody."""
        sheet, as_of, lines = self._read(batch, stage)
        if left := figure_decisions.open_ones(as_of, figure_decisions.differences(sheet, lines, as_of=as_of)):
            raise FiguresDiffer(
                f"그사이 맞지 않는 곳이 {len(left)}군데 생겼습니다. 다시 읽은 미리보기를 확인해 주세요."
            )
        rows = {line.row: line.data for line in lines_of(stage)}
        for one in outcomes_of(stage, "added", "changed"):
            data = rows[one.row]
            store(sheet, as_of, data[ROW], data["_type"], data["_order"], one.after)
            ImportChange.objects.create(
                batch=batch, table=TABLE, act=one.act, before=one.before,
                after=one.after | {"_row": data[ROW], "_type": data["_type"], "_order": data["_order"]},
            )  # fmt: skip
        return set()

    def refuse_undo(self, batch: ImportBatch) -> None:
        sheet, as_of = SHEETS[batch.report["figure_table"]], day_of(batch)
        known = stored(sheet, as_of)
        for change in batch.changes.filter(table=TABLE):
            now = known.get(change.after["_row"], {})
            if any(
                now.get(name) != value for name, value in change.after.items() if name[0] != "_" and value is not None
            ):
                raise CannotUndo(
                    "이 표를 넣은 뒤에 같은 날의 수치가 다시 바뀌었습니다. 나중에 넣은 표부터 되돌려 주세요."
                )

    def undo(self, batch: ImportBatch, *, by: User, reason: str, on: dt.date, at: dt.datetime) -> int:
        sheet, as_of, count = SHEETS[batch.report["figure_table"]], day_of(batch), 0
        for change in batch.changes.filter(table=TABLE).order_by("-pk"):
            row, kind, order = (change.after[name] for name in ("_row", "_type", "_order"))
            if change.act == ImportChange.Act.ADDED:
                remove(sheet, as_of, row)
            else:
                store(sheet, as_of, row, kind, order, change.before)
            count += 1
        return count

    # ---------------------------------------------------------------- showing
    def added_cells(self, after: dict[str, Any]) -> tuple[str, ...]:
        known = [name for name in self.labels if after.get(name) is not None]
        told = [f"{self.labels[name]} {self.shown(name, after[name])}" for name in known]
        return (" · ".join(told[:4]) + (" …" if len(told) > 4 else ""),)

    def shown(self, key: str, value: Any) -> str:
        return f"{Decimal(value):,f}" if key != ROW and isinstance(value, str) and value else super().shown(key, value)


def _day_told(layout: Layout) -> str | None:
    """The day in the titles: `2014. 11. 30. 현재`; a month means its last day."""
    for title in layout.titles:
        for text in _DAY.findall(title):
            day = read_date(text).day
            if day:
                return day.isoformat()
    return None


def day_of(batch: ImportBatch) -> dt.date:
    return dt.date.fromisoformat(batch.report["as_of"])


def differences_of(batch: ImportBatch) -> list[Difference]:
    """What the preview found."""
    return [Difference(**one) for one in batch.report.get("decisions", [])]


# ---------------------------------------------------------------- the stored figures
def is_only_checked(sheet: SheetTable, kind: str) -> bool:
    """Sums of headcount tables are counted from their cells, never stored."""
    return sheet.is_headcount and kind in ("total", "grand_total", "subtotal")


def kept_columns(sheet: SheetTable) -> list[str]:
    """The columns that are stored: of a headcount all but its sum."""
    return [name for name in sheet.columns if not (sheet.is_headcount and name.startswith("total_"))]


def stored(sheet: SheetTable, as_of: dt.date) -> dict[str, dict[str, str]]:
    """Row -> column -> exact value of what is known of that day."""
    found: dict[str, dict[str, str]] = {}
    if sheet.is_headcount:
        rows = HeadcountCell.objects.filter(table=sheet.key.removeprefix("headcount_"), as_of=as_of)
        for cell in rows.select_related("dong", "series"):
            values = found.setdefault(_headcount_row(cell), {})
            for pair in ("authorised", "actual"):
                values[f"{cell.series.key}_{pair}"] = str(getattr(cell, pair))
        return found
    for cell in Figure.objects.filter(table=sheet.key, as_of=as_of):
        value = None if cell.value is None else _exact(cell.value)
        found.setdefault(cell.row_key, {})[cell.column] = value
    return found


def _headcount_row(cell: HeadcountCell) -> str:
    if cell.dong_id:
        return cell.dong.name
    return f"{cell.grade}급" if cell.grade else "본청(a)"


def store(sheet: SheetTable, as_of: dt.date, row: str, kind: str, order: int, values: dict[str, str | None]) -> None:
    """Write the cells of one line; a blank headcount is no cell."""
    dong = Dong.objects.filter(name=row).first()
    if sheet.is_headcount:
        return _store_headcount(sheet, as_of, row, dong, values)
    columns = list(sheet.columns)
    for name, value in values.items():
        Figure.objects.update_or_create(
            table=sheet.key, as_of=as_of, row_key=row, column=name,
            defaults={
                "row_type": kind, "row_order": order, "dong": dong, "column_order": columns.index(name),
                "value": Decimal(value) if value else None, "printed": value or "",
            },
        )  # fmt: skip
    return None


def _store_headcount(sheet: SheetTable, as_of: dt.date, row: str, dong: Dong | None, values: dict) -> None:
    grade = int(row.removesuffix("급")) if row.endswith("급") else None
    for series in JobSeries.objects.all():
        pair = {name: values.get(f"{series.key}_{name}") for name in ("authorised", "actual")}
        if all(value is None for value in pair.values()):
            continue
        HeadcountCell.objects.update_or_create(
            table=sheet.key.removeprefix("headcount_"), as_of=as_of, dong=dong, series=series, grade=grade,
            defaults={name: int(value) for name, value in pair.items() if value is not None}
            | {"is_counted": series.part_of_id is None and series.key not in SHOWN_BESIDE},
        )  # fmt: skip


def remove(sheet: SheetTable, as_of: dt.date, row: str) -> None:
    if sheet.is_headcount:
        cells = HeadcountCell.objects.filter(table=sheet.key.removeprefix("headcount_"), as_of=as_of)
        cells = cells.select_related("dong")
        HeadcountCell.objects.filter(pk__in=[cell.pk for cell in cells if _headcount_row(cell) == row]).delete()
    else:
        Figure.objects.filter(table=sheet.key, as_of=as_of, row_key=row).delete()
