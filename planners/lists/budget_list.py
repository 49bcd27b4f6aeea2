"""The list of a budget (예산 산출내역, plan V.5): items with the calculation that leads to their amount.

A table is the whole budget of a year, of one dong or of the district, named by its title. Lines of a newer
table take the place of the same lines; what it no longer has is dropped. Sums are checked and passed over;
a table with a row that does not come out is not taken in (see `budget_rows`).
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Collection, Hashable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from centers.models import Dong
from common.hangul import clean, compact
from common.refusals import Refusal
from common.spreadsheets import Book
from planners.lists import budget_rows, list_cells
from planners.lists.budget_rows import BudgetRow, Outline
from planners.lists.list_columns import HeaderNotFound, Layout
from planners.lists.list_issues import Issue
from planners.lists.list_kinds import Choice
from planners.lists.list_outcomes import Outcome, lines_of
from planners.lists.list_reading import Reading, Stage
from planners.lists.list_records import Act, RecordList, Standing, Values
from planners.lists.list_rows import Sorter
from planners.lists.list_staging import Line, Lines, ListColumn
from planners.lists.resident_cells import text_of
from planners.models import ImportBatch
from staffing.budgets import item_key
from staffing.models import Budget, BudgetLine

LONGEST = 5_000
TABLE = BudgetLine._meta.label
#: what makes a line the same in the next table
KEY = ("title", "year", "dong", "category", "part_of", "item", "nth")
_NOTE = re.compile(
    r"※|＊|\*\s|주\s*\d*\s*[):.]|참\s*고|작성|출처|붙임|문의|기준일|\(?단위|이하\s*여백|-?\s*끝\s*\.?\s*-?$"
)
_EXAMPLE = re.compile(r"[(\[<]?\s*(?:작성)?(?:예시?|보기)\s*[)\]>:.]")
_BUDGET = re.compile(r"예산|산출|소요|사업비|집행")
_PLAIN_SHEET = re.compile(r"(?:sheet|시트)\s*\d*", re.IGNORECASE)
ABSENT = Choice(
    "absent",
    "이 표에 없는 지금 줄",
    {"drop": "뺍니다(표 전체를 바꿈)", "keep": "그대로 둡니다(표에 더함)"},
    "같은 해, 같은 동의 같은 이름 예산만 봅니다.",
)


class RowsRejected(Refusal):
    code = "ROWS_REJECTED"


class TooManyLines(Refusal):
    code = "TOO_MANY_ROWS"


class BudgetList(RecordList):
    """Budgets with their calculations (see the module)."""

    key = ImportBatch.Kind.BUDGETS
    title, noun, unit, register_name = "예산 산출내역", "줄", "줄", "예산"
    model = BudgetLine
    own_models = (BudgetLine,)
    lead = "amount"
    names_people = False
    titles = _BUDGET
    parts = {"closed": "뺌"}
    choices = (ABSENT,)
    hidden = frozenset({"title", "year", "dong", "nth", "part_of"})
    added_headings = ("과목", "산출내역", "금액(천원)")
    form_headings = ("과목", "세부항목", "산출내역", "금액(천원)", "비고")
    form_example = ("예) 역량강화비", "복지전문가 교육", "500천원×2회", 1000, "")
    columns = (
        ListColumn("category", "과목", "항목 구분 비목 세목 편성목 통계목 예산과목 목 부문 분야 사업 사업명 단위사업 세부사업 categoryko", list_cells.text(60), tells=False),
        ListColumn("item", "세부 항목", "내용 내역 세부내용 세부내역 항목명 품목 품명 사업내용 사용내역 지출내용 세부항목 예산내역 세부사항 itemko", list_cells.text(300), is_own=True),
        ListColumn(
            "calculation", "산출내역", "산출기초 산출근거 산식 산출식 계산식 산출 산출내용 집행내용 집행내역 예산산출내역 예산산출기초 소요내역 산출기준",
            list_cells.text(400), is_own=True,
        ),
        ListColumn("unit_cost", "단가", "단위가격 단가천원 unitcostkkrw", list_cells.text(30), is_own=True),
        ListColumn("quantity", "수량", "인원 횟수 개수 수 quantity1", list_cells.text(30), tells=False),
        ListColumn("times", "기간", "개월 개월수 월수 기간월 회수 quantity2", list_cells.text(30), tells=False),
        ListColumn(
            "amount", "금액", "예산 예산액 소요예산 소요액 산출금액 합계금액 사업비 총사업비 요구액 편성액 배정액 집행계획액 금액천원 예산액천원 금액원 예산액원 "
            "금액단위천원 amountkkrw 예산금액 소요예산천원", budget_rows.read_amount, is_own=True,
            must="어느 열이 금액인지 알 수 없습니다. ‘금액(천원)’이라는 제목을 달아 주세요.",
        ),
        ListColumn("note", "비고", "참고 비고사항 remarks", list_cells.text(200), tells=False),
        ListColumn("level", "줄 수준", "rowtype 수준 줄수준", budget_rows.read_level, tells=False),
        ListColumn("title", "예산 이름", "예산명 예산이름", list_cells.text(80), tells=False),
        ListColumn("year", "연도", "회계연도 예산연도 년도", list_cells.number(), tells=False),
        ListColumn("dong", "동", "행정동 동명 센터", list_cells.dong(), tells=False),
    )  # fmt: skip

    # ---------------------------------------------------------------- reading
    def recognise(self, book: Book, **given: Any) -> Layout:
        layout = _with_items(super().recognise(book, **given))
        if not {"item", "calculation"} & set(layout.indexes):
            raise HeaderNotFound(
                "어느 열에 무엇에 쓰는 돈인지 적혀 있는지 알 수 없습니다. ‘항목’이나 ‘산출내역’이라는 제목을 달아 주세요."
            )
        return layout

    def claim(self, layout: Layout, told: str) -> float:
        """Amounts of money and what they are for; a table of plain figures has no calculations."""
        found = set(layout.indexes)
        has_lines = {"calculation", "unit_cost"} & found or ({"category", "item"} <= found and self.titles.search(told))
        return super().claim(layout, told) if has_lines else 0.0

    def lines(self, batch: ImportBatch, book: Book, found: Reading, **given: Any) -> Lines:
        return _BudgetLines(self, batch, book, found, **given)

    def finish(self, line: Line, layout: Layout, on: dt.date) -> Line:
        return line  # repeats are told apart by their number, and `_BudgetLines` says the rest

    # ---------------------------------------------------------------- comparing
    def same(self, data: Values) -> Hashable:
        return tuple(item_key(data[name]) if name == "item" else data[name] for name in KEY)

    def standing(self, batch: ImportBatch | None = None, on: dt.date | None = None) -> Standing:
        """Every line that stands; tables are small, and a row names its budget."""
        found: Standing = {}
        seen: Counter = Counter()
        for line in _known_lines(BudgetLine.objects.standing()).order_by("budget", "order", "pk"):
            values = _values(line)
            seen[self.same(values | {"nth": 0})] += 1
            values["nth"] = seen[self.same(values | {"nth": 0})]
            found[self.same(values)] = (line.pk, values)
        return found

    def now(self, pks: Collection[int]) -> dict[int, Values]:
        return {line.pk: _values(line) for line in _known_lines(BudgetLine.objects.filter(pk__in=pks))}

    def label(self, data: Values) -> str:
        return data["item"]

    def ends_absent(self, batch: ImportBatch, named: set[Hashable], there: Standing) -> Iterator[Outcome]:
        if self.answer(batch, ABSENT.name) != "drop" or batch.repairs_id:
            return
        budgets = {key[:3] for key in named}
        day = batch.report.get("as_of") or batch.uploaded_at.date().isoformat()
        for key, (pk, values) in there.items():
            if key not in named and key[:3] in budgets:
                after = {"dropped_on": day}
                yield Outcome(0, "closed", TABLE, pk, None, values["item"], {"dropped_on": None}, after)

    # ---------------------------------------------------------------- writing
    def refuse_applying(self, batch: ImportBatch) -> None:
        if batch.counts["rejected"]:
            raise RowsRejected(
                "반려된 줄이 있는 예산은 넣을 수 없습니다. 합계가 맞지 않게 됩니다. 고친 파일을 다시 올려 주세요."
            )

    def write(self, batch: ImportBatch, stage: Stage, **given: Any) -> set[int]:
        people = super().write(batch, stage, **given)
        self._put_in_order(stage)
        return people

    def _put_in_order(self, stage: Stage) -> None:
        """Lines stand as the newest table has them."""
        rows = {self.key_of(line): line.row for line in lines_of(stage)}
        moved = []
        for key, (pk, _) in self.standing().items():
            if key in rows:
                moved.append(BudgetLine(pk=pk, order=rows[key]))
        BudgetLine.objects.bulk_update(moved, ["order"], batch_size=500)

    def add(self, after: Values, act: Act) -> int:
        dong = Dong.objects.get(name=after["dong"]) if after.get("dong") else None
        budget, _ = Budget.objects.get_or_create(dong=dong, year=after["year"], title=after["title"])
        part_of = None
        if after.get("part_of"):
            items = budget.lines.standing().filter(part_of=None, category=after["category"], item=after["part_of"])
            part_of = items.order_by("-pk").first()
        order = (budget.lines.order_by("-order").values_list("order", flat=True).first() or 0) + 1
        return BudgetLine.objects.create(budget=budget, part_of=part_of, order=order, **_fields(after)).pk

    def change(self, pk: int, before: Values, after: Values, act: Act) -> None:
        BudgetLine.objects.filter(pk=pk).update(**_fields(after))

    def remove(self, pk: int, act: Act) -> None:
        line = BudgetLine.objects.filter(pk=pk).first()
        if line:
            line.delete()
            Budget.objects.filter(pk=line.budget_id, lines=None).delete()

    # ---------------------------------------------------------------- showing
    def names(self, stage: Stage, rows: list[int]) -> dict[int, str]:
        return dict(stage.run("SELECT row, data ->> 'item' FROM {rows} WHERE row = ANY (%(rows)s)", rows=rows))

    def added_cells(self, after: dict[str, Any]) -> tuple[str, ...]:
        return tuple(self.shown(key, after.get(key)) for key in ("category", "calculation", "amount"))

    def shown(self, key: str, value: Any) -> str:
        if key == "amount" and value:
            value = str(value)
            return budget_rows.words(Decimal(value[:-1]) / 1000 if value.endswith("원") else Decimal(value))
        return str(value or "") if key in ("year", "calculation") else super().shown(key, value)


class _BudgetSorter(Sorter):
    """Every row with words or an amount counts: bullets begin items here, not notes."""

    def skip_code(self, row: int, cells: list[Any]) -> str:
        if row <= self.last_header:
            return "HEADER_ROW" if row in self.layout.header_rows else "TITLE_ROW"
        filled = [at for at, cell in enumerate(cells) if cell != "" and (type(cell) is not str or clean(cell))]
        if not filled:
            return "BLANK_ROW"
        if self._repeats_header(cells, filled, row):
            return "HEADER_ROW"
        texts = [text_of(cells[at]) for at in filled if at not in self.serial_at]
        if any(_EXAMPLE.match(text) for text in texts[:1]):
            return "NOTE_ROW"
        has_amount = self.name_at in filled and text_of(cells[self.name_at])
        if not has_amount and texts and _NOTE.match(texts[0]):
            return "NOTE_ROW"
        known = [at for at in filled if at in self.headings and at not in self.serial_at and text_of(cells[at])]
        return "" if known else "BLANK_ROW"


class _BudgetLines(Lines):
    """Looks at the whole table first, then stages its rows one by one."""

    def __init__(self, kind: BudgetList, batch: ImportBatch, book: Book, found: Reading, **given: Any) -> None:
        super().__init__(kind, book, found, **given)
        self.sorter = _BudgetSorter(found.layout)
        self.facts = _facts_of(batch, found.layout, self.context.dongs, given["as_of"])
        self.seen: Counter = Counter()
        self.outline = self._outline()

    def _outline(self) -> dict[int, BudgetRow]:
        outline, sorter = Outline(_unit_of(self.layout)), _BudgetSorter(self.layout)
        unreadable = False
        for chunk in self.book.chunks(self.layout.sheet):
            for row, cells in chunk:
                skip, cells = sorter.skip_code(row, cells), sorter.filled_down(row, cells)
                if skip:
                    continue
                if len(outline.rows) >= LONGEST:
                    raise TooManyLines(f"예산 표는 {LONGEST:,}줄까지 읽습니다. 예산을 나누어 올려 주세요.")
                line = super().record(row, cells)
                unreadable |= any(issue.field == "amount" for issue in line.issues)
                outline.take(row, line.data)
        outline.check(unreadable=unreadable)
        return {row.row: row for row in outline.rows}

    def skip_code(self, row: int, cells: list[Any]) -> str:
        found = self.outline.get(row)
        return "TOTAL_ROW" if found and found.is_sum_that_holds else super().skip_code(row, cells)

    def record(self, row: int, cells: list[Any]) -> Line:
        line, found = super().record(row, cells), self.outline[row]
        said = line.data
        data = {name: said[name] or self.facts[name] for name in ("title", "year", "dong")} | {
            "category": found.category,
            "item": found.item,
            "part_of": found.part_of,
            "calculation": found.calculation or None,
            "amount": f"{found.amount.normalize():f}" if found.amount is not None else None,
            "note": said["note"],
        }
        issues = line.issues
        if not any(issue.field == "amount" for issue in issues):
            issues = (*issues, *found.issues)
        if self.allowed is not None and self.dongs.get(data["dong"]) not in self.allowed:
            issues = (*issues, Issue("OTHER_DONG", "dong"))
        again = self.kind.same(data | {"nth": 0})
        self.seen[again] += 1
        return line._replace(data=data | {"nth": self.seen[again]}, issues=issues)


def _with_items(layout: Layout) -> Layout:
    """항목 is a category beside 집행내용, and an item beside 과목: what the columns together mean."""
    found = layout.indexes
    if "item" in found:
        return layout
    words = {"항목", "내용", "사업명", "세부사업", "목", "세목"}
    again = [c for c in layout.columns if c.how == "again" and compact(c.header) in words]
    if not again and "calculation" not in found:
        again = [column for column in layout.columns if column.field == "category"]
    columns = tuple(replace(c, field="item", how="alias") if c in again[:1] else c for c in layout.columns)
    return replace(layout, columns=columns)


def _unit_of(layout: Layout) -> int | None:
    heading = next((column.header for column in layout.columns if column.field == "amount"), "")
    texts = [heading, *reversed(layout.titles), layout.sheet_name]
    return next((unit for text in texts if (unit := budget_rows.unit_in(text))), None)


def _facts_of(batch: ImportBatch, layout: Layout, dongs: Any, as_of: dt.date) -> dict[str, Any]:
    """Title, year and dong of the budget, from the title of the table, its sheet or the name of the file."""
    told = [text for text in layout.titles if not budget_rows.unit_in(text) or _BUDGET.search(text)]
    sheet = "" if _PLAIN_SHEET.fullmatch(layout.sheet_name) else layout.sheet_name
    stem = batch.file_name.rpartition(".")[0] or batch.file_name
    title = next((t for t in told if _BUDGET.search(t)), next(iter(told), "")) or sheet or stem
    everything = " ".join((*layout.titles, sheet, stem))
    year = re.search(r"(?<!\d)(20\d\d)(?!\d)", everything)
    dong = dongs.in_text(everything)
    return {
        "title": _plain_title(title) or "예산",
        "year": int(year[1]) if year else as_of.year,
        "dong": dong or (batch.dong.name if batch.dong else None),
    }


def _plain_title(title: str) -> str:
    title = re.sub(r"[(\[][^)\]]*(?:원|단위)[^)\]]*[)\]]|20\d\d\s*(?:년도?|\.)?", " ", title)
    return clean(re.sub(r"^\W*(?:붙임|별첨)?\s*\d*\s*[.)]?\s*", "", title))[:80]


def _known_lines(lines):
    return lines.select_related("budget__dong", "part_of")


def _values(line: BudgetLine) -> Values:
    budget = line.budget
    return {
        "title": budget.title,
        "year": budget.year,
        "dong": budget.dong.name if budget.dong_id else None,
        "category": line.category,
        "item": line.item,
        "part_of": line.part_of.item if line.part_of_id else "",
        "calculation": line.calculation or None,
        "amount": f"{line.amount_kkrw.normalize():f}" if line.amount_kkrw is not None else None,
        "note": line.note or None,
        "dropped_on": line.dropped_on.isoformat() if line.dropped_on else None,
    }


def _fields(values: Values) -> dict[str, Any]:
    """Values of the stage as the model takes them."""
    texts = {name: values[name] or "" for name in ("category", "item", "calculation", "note") if name in values}
    if "amount" in values:
        texts["amount_kkrw"] = Decimal(values["amount"]) if values["amount"] else None
    if "dropped_on" in values:
        texts["dropped_on"] = dt.date.fromisoformat(values["dropped_on"]) if values["dropped_on"] else None
    return texts
