"""The rows of a budget (예산 산출내역): what each is, what it costs, and whether the sums hold.

A row is an item, a part inside the item above it, a sum, or a heading with the amount of what follows.
Bullets (`○` and `-`, `1.` and `가.`) and the columns of levels tell parts from items; where nothing tells,
the amounts do. A sum that holds is passed over, one that does not is rejected with both numbers, and so is an amount
that its calculation does not come to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from common.hangul import clean, compact
from planners.lists.list_cells import Context, Read
from planners.lists.list_issues import WARN, Issue, add_sentences
from planners.lists.resident_cells import text_of
from staffing.calculations import Calculation, calculate

UNITS = {"원": 1, "천원": 1_000, "만원": 10_000, "백만원": 1_000_000, "억원": 100_000_000, "kkrw": 1_000, "krw": 1}
_AMOUNT = re.compile(r"(?P<sign>[-△▲]?)(?P<number>\d[\d,]*(?:\.\d+)?)(?P<unit>원|천원|만원|백만원|억원)?(?:\(.*\))?")
NO_CATEGORY = "과목 없음"  # written where an empty cell would mean the category above
#: what may stand before an item, from the widest to the narrowest
_BULLETS = tuple(
    re.compile(rf"\s*(?:{signs})\s*")
    for signs in (
        r"[□■◆◇▣]", r"[ⅠⅡⅢⅣⅤⅥ][.)]?", r"\d{1,2}\.(?!\d)", r"[가나다라마바사아자차카타파하]\.", r"[○◦ㅇ●◎▶▷∘☞▪]",
        r"\d{1,2}\)", r"[가나다라마바사아자차카타파하]\)", r"[①-⑳]", r"[-–―·‣∙•└ㄴ*→]",
    )
)  # fmt: skip
_GRAND = re.compile(r"(?:총|합|누)?계|총합계|총액|total", re.IGNORECASE)
_SUB = re.compile(r".{0,20}소계|.{1,20}(?:합계|총계)|중계")
add_sentences(
    {
        ("REQUIRED", "amount"): "금액이 비어 있고 산출내역으로도 셈할 수 없습니다. 금액을 적어 주세요.",
        ("REQUIRED", "item"): "무엇에 쓰는 돈인지 비어 있습니다. 항목이나 산출내역을 적어 주세요.",
        ("UNIT_MISSING", ""): "금액의 단위를 알 수 없습니다. 표 제목이나 금액 열에 (단위: 천원)처럼 적어 주세요.",
        ("BAD_CALCULATION", ""): "산출내역과 금액이 다릅니다.",
        ("BAD_PARTS", ""): "세부 금액을 더한 것과 다릅니다.",
        ("BAD_TOTAL", ""): "합계가 맞지 않습니다.",
        ("AMOUNT_FROM_CALCULATION", ""): "금액이 비어 있어 산출내역으로 셈했습니다.",
    }
)  # fmt: skip


class Level(StrEnum):
    ITEM = "item"
    PART = "part"
    HEADING = "heading"  # names a category and what it comes to
    SUBTOTAL = "subtotal"
    TOTAL = "total"


LEVELS = {
    "item": Level.ITEM, "part": Level.PART, "total": Level.TOTAL, "grandtotal": Level.TOTAL, "subtotal": Level.SUBTOTAL,
    "항목": Level.ITEM, "세부": Level.PART, "세부항목": Level.PART, "계": Level.TOTAL, "합계": Level.TOTAL, "소계": Level.SUBTOTAL,
}  # fmt: skip


def read_amount(cell: Any, context: Context) -> Read:
    """An amount as exact text, with `원` behind it where the cell itself tells the unit."""
    if type(cell) is bool:
        return Read(None, "BAD_NUMBER")
    if type(cell) is float:
        return Read(f"{Decimal(repr(cell)).normalize():f}")
    written = compact(text_of(cell))
    if not written:
        return Read()
    found = _AMOUNT.fullmatch(written)
    if not found:
        return Read(None, "BAD_NUMBER")
    number = Decimal(found["number"].replace(",", "")) * (-1 if found["sign"] else 1)
    if found["unit"]:
        return Read(f"{number * UNITS[found['unit']]:f}원")
    return Read(f"{number:f}")


def read_level(cell: Any, context: Context) -> Read:
    return Read(LEVELS.get(compact(text_of(cell)).lower()))


@dataclass
class BudgetRow:
    """One row as it was understood. Amounts are in thousand KRW."""

    row: int
    level: Level
    category: str = ""
    item: str = ""
    calculation: str = ""
    amount: Decimal | None = None
    part_of: str = ""
    computed: Calculation | None = None
    rank: int | None = None  # of its bullet
    is_told: bool = False  # whether bullets or a column tell the level
    issues: list[Issue] = field(default_factory=list)
    is_sum_that_holds: bool = False
    parts: list[BudgetRow] = field(default_factory=list)

    @property
    def value(self) -> Decimal:
        if self.amount is not None:
            return self.amount
        return sum((part.value for part in self.parts), Decimal(0))

    def refuse(self, code: str, name: str, said: str) -> None:
        self.issues.append(Issue(code, name, hint=said))


class Outline:
    """Rows of one table, in order. `unit` is the worth of a bare number in KRW, None when the file does not say."""

    def __init__(self, unit: int | None) -> None:
        self.unit = unit
        self.rows: list[BudgetRow] = []
        self.category = ""

    # ---------------------------------------------------------------- reading
    def take(self, row: int, values: dict[str, Any]) -> BudgetRow:
        """Understand the values of the next row (see `BudgetList.columns`)."""
        category, item, detail = (clean(values.get(name) or "") for name in ("category", "item", "calculation"))
        if category == NO_CATEGORY:
            category = self.category = ""
        kind = self._sum_kind(values, category, item, detail)
        if kind:
            found = BudgetRow(row, kind, category=self.category)
        else:
            found = self._line(row, values, category, item, detail)
        if category and not kind:
            self.category = category
        self._give_amount(found, values)
        self.rows.append(found)
        return found

    def _sum_kind(self, values: dict[str, Any], category: str, item: str, detail: str) -> Level | None:
        if values.get("level") in (Level.TOTAL, Level.SUBTOTAL):
            return values["level"]
        for text in (category, item, detail):
            word = re.sub(r"[()\[\]:]", "", compact(text))
            if word and _GRAND.fullmatch(word):
                return Level.TOTAL
            if word and _SUB.fullmatch(word) and not (item and detail):
                return Level.SUBTOTAL
        return None

    def _line(self, row: int, values: dict[str, Any], category: str, item: str, detail: str) -> BudgetRow:
        """Names from the words, the calculation from where it stands."""
        computed = calculate(detail, unit=self.unit or 1) or calculate(item, unit=self.unit or 1)
        counted = self._from_columns(values) if computed is None else None
        own = item or detail
        level = values.get("level") or Level.ITEM
        if category and not item and not detail:
            level = Level.HEADING
        in_detail = computed is not None and calculate(detail, unit=self.unit or 1) is not None
        words = computed.before if computed else ""
        if in_detail:
            name = item or _bare(words) or category or self.category
        elif computed:
            name = _bare(words) or detail or category or self.category
        else:
            name = item or detail or category
        found = BudgetRow(row, level, category=category or self.category, item=_bare(name)[:200])
        found.rank = next((rank for rank, bullet in enumerate(_BULLETS) if bullet.match(own)), None)
        found.is_told = bool(values.get("level")) or level == Level.HEADING
        found.computed = computed or counted
        found.calculation = self._written(item, detail, computed, counted)
        return found

    @staticmethod
    def _written(item: str, detail: str, computed: Calculation | None, counted: Calculation | None) -> str:
        """The text to keep as the office wrote it."""
        if item and detail:
            return _bare(detail)[:400]
        if computed is None:
            return counted.text if counted else ""
        return computed.text[:400]

    def _from_columns(self, values: dict[str, Any]) -> Calculation | None:
        """Unit cost times quantities, where they stand in columns of their own."""
        factors = [clean(values.get(name) or "") for name in ("unit_cost", "quantity", "times")]
        factors = [factor for factor in factors if factor]
        if not values.get("unit_cost") or len(factors) < 2:
            return None
        return calculate("×".join(factors), unit=self.unit or 1)

    def _give_amount(self, found: BudgetRow, values: dict[str, Any]) -> None:
        written = values.get("amount")
        if written and not written.endswith("원") and self.unit is None:
            found.issues.append(Issue("UNIT_MISSING", "amount"))
        elif written:
            krw = Decimal(written[:-1]) if written.endswith("원") else Decimal(written) * self.unit
            found.amount = krw / 1000
        elif found.computed and found.level in (Level.ITEM, Level.PART) and self.unit:
            found.amount = found.computed.value / 1000
            found.issues.append(Issue("AMOUNT_FROM_CALCULATION", "amount", WARN))

    # ---------------------------------------------------------------- checking
    def check(self, *, unreadable: bool = False) -> None:
        """Look at the whole table: parts, calculations, sums. With `unreadable` amounts nothing is added up."""
        self._give_ranks()
        for row in self.rows:
            self._check_calculation(row)
        self._nest()
        self._settle_headings()
        if not unreadable and self._failing() and not any(row.is_told for row in self._lines()):
            self._nest_by_amounts()
        for row in self.rows:
            if row.level == Level.PART and row.part_of == "":
                row.level = Level.ITEM
            if row.level in (Level.ITEM, Level.PART):
                self._check_line(row, unreadable=unreadable)
        if not unreadable:
            failing = dict(self._failing())
            for at, row in enumerate(self.rows):
                row.is_sum_that_holds = row.level not in (Level.ITEM, Level.PART) and at not in failing
                if at in failing:
                    row.refuse("BAD_TOTAL", "amount", _both("더하면", failing[at], row.amount))

    def _lines(self) -> list[BudgetRow]:
        return [row for row in self.rows if row.level in (Level.ITEM, Level.PART)]

    def _check_calculation(self, row: BudgetRow) -> None:
        computed, step = row.computed, Decimal(self.unit or 1) / 1000
        if computed is None or row.level not in (Level.ITEM, Level.PART):
            return
        if computed.contradicts_itself:
            row.refuse("BAD_CALCULATION", "calculation", _both("산출내역을 셈하면", computed.value / 1000, computed.stated / 1000))  # fmt: skip
        elif row.amount is not None and abs(row.amount - computed.value / 1000) >= step:
            row.refuse("BAD_CALCULATION", "amount", _both("산출내역을 셈하면", computed.value / 1000, row.amount))

    def _give_ranks(self) -> None:
        """Of two kinds of bullets the narrower one marks parts; a third, wider one heads what follows."""
        ranks = sorted({row.rank for row in self._lines() if row.rank is not None})
        if len(ranks) < 2 or any(row.is_told and row.level != Level.HEADING for row in self.rows):
            return
        heading, under = "", ""
        for row in self.rows:
            if row.level not in (Level.ITEM, Level.PART):
                heading = ""
                continue
            row.is_told = row.rank is not None
            if row.rank in ranks[:-2]:
                under = row.category
                heading = " · ".join(filter(None, (under, row.item)))[:60]
                row.level = Level.HEADING
            elif row.rank == ranks[-1]:
                row.level = Level.PART
            if heading and row.category == under:
                row.category = heading

    def _nest(self) -> None:
        """Parts go into the item above them in the same category."""
        item: BudgetRow | None = None
        for row in self.rows:
            row.parts, row.part_of = [], ""
            if row.level == Level.ITEM:
                item = row
            elif row.level != Level.PART:
                item = None
            elif item and item.category == row.category:
                item.parts.append(row)
                row.part_of = item.item

    def _nest_by_amounts(self) -> None:
        """Nothing tells the levels and the flat sum fails: an amount equal to those below it is of an item."""
        before = [row.level for row in self.rows]
        at = 0
        while at < len(self.rows):
            at = self._take_parts(at)
        self._nest()
        if self._failing():
            for row, level in zip(self.rows, before, strict=True):
                row.level = level
            self._nest()

    def _take_parts(self, at: int) -> int:
        """Make the rows below `at` its parts when they come to its amount; the index of the next item."""
        head, whole = self.rows[at], Decimal(0)
        if head.level != Level.ITEM or head.amount is None or head.computed:
            return at + 1
        for end in range(at + 1, len(self.rows)):
            row = self.rows[end]
            if row.level != Level.ITEM or row.category != head.category or row.amount is None:
                break
            whole += row.amount
            if whole == head.amount:
                for part in self.rows[at + 1 : end + 1]:
                    part.level = Level.PART
                return end + 1
        return at + 1

    def _check_line(self, row: BudgetRow, *, unreadable: bool) -> None:
        if not row.item:
            row.issues.append(Issue("REQUIRED", "item"))
        if row.amount is None and not row.parts and not row.issues:
            row.issues.append(Issue("REQUIRED", "amount"))
        if row.amount is None or not row.parts or unreadable or any(part.amount is None for part in row.parts):
            return
        inside = sum((part.value for part in row.parts), Decimal(0))
        if inside != row.amount:
            row.refuse("BAD_PARTS", "amount", _both("더하면", inside, row.amount))

    def _failing(self) -> list[tuple[int, Decimal]]:
        """(index, what it should be) of each sum that no reading of the table bears out."""
        return [
            (at, sums[0])
            for at, row in enumerate(self.rows)
            if row.level not in (Level.ITEM, Level.PART)
            and row.amount is not None
            and (sums := list(self._sums(at)))
            and row.amount not in sums
        ]

    def _sums(self, at: int) -> Iterator[Decimal]:
        """What the sum at an index may be the sum of, the likeliest first."""
        row, tops = self.rows[at], [
            n for n, one in enumerate(self.rows) if one.level == Level.ITEM or (one.level == Level.PART and not one.part_of)
        ]  # fmt: skip
        marks = [n for n, one in enumerate(self.rows) if one.level in (Level.SUBTOTAL, Level.TOTAL, Level.HEADING)]
        above = max((n for n in marks if n < at), default=-1)
        below = min((n for n in marks if n > at), default=len(self.rows))
        spans = {
            "whole": tops,
            "category": [n for n in tops if row.category and self.rows[n].category == row.category],
            "above": [n for n in tops if above < n < at],
            "below": [n for n in tops if at < n < below],
        }
        order = {
            Level.TOTAL: ("whole", "above", "below"),
            Level.SUBTOTAL: ("above", "category", "below"),
            Level.HEADING: ("below", "category"),
        }[row.level]
        for name in order:
            if spans[name]:
                yield sum((self.rows[n].value for n in spans[name]), Decimal(0))

    def _settle_headings(self) -> None:
        """A heading with an amount and without lines of its own is an item itself."""
        for at, row in enumerate(self.rows):
            if row.level == Level.HEADING and row.amount is not None and not list(self._sums(at)):
                row.level, row.item = Level.ITEM, row.item or row.category


def _both(how: str, computed: Decimal, printed: Decimal) -> str:
    return f"{how} {words(computed)}천원인데 {words(printed)}천원으로 적혀 있습니다. 맞는 쪽으로 고쳐 주세요."


def words(amount: Decimal) -> str:
    """An amount in thousand KRW with its commas: `1,000`, `33.333`."""
    text = f"{amount:,.3f}".rstrip("0").rstrip(".")
    return text or "0"


def _bare(text: str) -> str:
    """Without the bullet and the signs that led to the calculation."""
    bullet = next((bullet for bullet in _BULLETS if bullet.match(text)), None)
    text = bullet.sub("", text, count=1) if bullet else text
    return text.strip(" :,·")


def unit_in(text: str) -> int | None:
    """The worth in KRW of a bare number under a heading or title: `금액(천원)`, `(단위: 명, 천원)`, `amount_kkrw`."""
    found = re.search(r"(?:[(\[:：,]|\s|^|단위)\s*(백만원|천원|만원|억원|원)\s*(?:[)\]]|$)", text)
    found = found or re.search(r"_(kkrw|krw)\b", text)
    return UNITS[found[1]] if found else None
