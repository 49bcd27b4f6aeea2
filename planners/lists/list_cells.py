"""Cells of lists other than residents into values: words, days, numbers, yes and no, one of some choices.

Each maker gives a reader `(cell, context) -> Read`. A value is JSON-ready: text, int, float, bool, an ISO
day, or None for nothing. What people write for nothing is nothing (`resident_cells.BLANKS`).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from common.hangul import compact
from planners.dong_names import DongNames
from planners.lists.resident_cells import read_date, text_of
from planners.lists.resident_phones import read_phones
from planners.lists.resident_values import scrubbed

_NUMBER = re.compile(r"[-△▲]?[\d,]+(?:\.\d+)?")
_UNIT = re.compile(r"(?:명|개소|개|건|가구|세대|원|천원|백만원|동|㎡|%|인|팀|회|주차?|세)$")
YES = frozenset(
    [
        "o",
        "ㅇ",
        compact("ㅇ"),  # the letter as it comes out of folding
        "○",
        "◯",
        "●",
        "◎",
        "v",
        "✓",
        "✔",
        "√",
        "y",
        "yes",
        "예",
        "네",
        "유",
        "있음",
        "해당",
        "대상",
        "동의",
        "1",
        "true",
        "활동",
        "운영",
        "여",
        "한다",
    ]
)
NO = frozenset(
    [
        "x",
        "×",
        "✕",
        "n",
        "no",
        "아니오",
        "아니요",
        "무",
        "없음",
        "비대상",
        "미대상",
        "비해당",
        "미해당",
        "비수급",
        "미수급",
        "미동의",
        "거부",
        "0",
        "false",
        "중단",
        "휴지",
        "부",
        "안함",
    ]
)


class Read(NamedTuple):
    """A value, or a code of `list_issues` that rejects the row; `hint` goes behind the code's sentence."""

    value: Any = None
    code: str = ""
    hint: str = ""
    remark: str = ""  # a code that warns


@dataclass(frozen=True)
class Context:
    """What a reader may need besides the cell: the day of reading, and how the workbook counts days."""

    on: dt.date
    is_1904: bool = False
    dongs: DongNames | None = None


CellReader = Callable[[Any, Context], Read]


def text(longest: int = 100) -> CellReader:
    """Words as written, cleaned; registration numbers in them are masked."""

    def read(cell: Any, context: Context) -> Read:
        found = scrubbed(text_of(cell))
        if len(found) > longest:
            return Read(found[:longest], "TOO_LONG")
        return Read(found or None)

    return read


def day(*, may_be_future: bool = False) -> CellReader:
    """A day in any way it is written. Years of two digits are of this century up to now, of the last after."""

    def read(cell: Any, context: Context) -> Read:
        if type(cell) is str and not text_of(cell):
            return Read()
        found = read_date(cell, is_1904=context.is_1904)
        value, code = found.day, found.code
        if found.short is not None:
            year, month, of_month = found.short
            latest = context.on.year % 100 + 2 * may_be_future
            try:
                value = dt.date((2000 if year <= latest else 1900) + year, month, of_month)
            except ValueError:
                code = "BAD_DATE"
        if code:
            return Read(None, code)
        if value > context.on and not may_be_future:
            return Read(None, "FUTURE_DATE")
        return Read(value.isoformat())

    return read


def number(*, whole: bool = True, least: float | None = 0) -> CellReader:
    """A count or an amount, with or without commas and unit: `1,234명`, `△5`."""

    def read(cell: Any, context: Context) -> Read:
        if type(cell) is bool:
            return Read(None, "BAD_NUMBER")
        if type(cell) is float:
            value = cell
        else:
            written = _UNIT.sub("", compact(text_of(cell)))
            if not written:
                return Read()
            if not _NUMBER.fullmatch(written):
                return Read(None, "BAD_NUMBER")
            value = float(written.replace(",", "").replace("△", "-").replace("▲", "-"))
        if (whole and not float(value).is_integer()) or (least is not None and value < least) or abs(value) > 1e15:
            return Read(None, "BAD_NUMBER")
        return Read(int(value) if whole else value)

    return read


def yes_no() -> CellReader:
    """A mark for yes or no; an empty cell says nothing."""

    def read(cell: Any, context: Context) -> Read:
        if type(cell) is bool:
            return Read(cell)
        word = compact(cell if type(cell) is str else text_of(cell)).lower().strip("()[].")
        if word in YES:
            return Read(True)
        if word in NO:
            return Read(False)
        return Read() if not word or not text_of(cell) else Read(None, "BAD_YES_NO")

    return read


def choice(words: Mapping[str, str], *, shown: str = "") -> CellReader:
    """One of some values: word in the list (folded) -> value. The first word contained in the cell decides
    when none is equal. `shown` names the words in the refusal."""
    folded = {compact(word).lower(): value for word, value in words.items()}
    longest_first = sorted(folded, key=len, reverse=True)

    def read(cell: Any, context: Context) -> Read:
        word = re.sub(r"[\s()\[\].·,/]", "", compact(text_of(cell)).lower())
        if not word:
            return Read()
        found = folded.get(word) or next((folded[w] for w in longest_first if len(w) > 1 and w in word), None)
        if found is None:
            return Read(None, "UNKNOWN_WORD", f"쓸 수 있는 말: {shown}." if shown else "")
        return Read(found)

    return read


def dong() -> CellReader:
    """The official name of a dong, however it is written."""

    def read(cell: Any, context: Context) -> Read:
        written = text_of(cell)
        if not written:
            return Read()
        name, code, near = context.dongs.find(written)
        return Read(name or None, code, f"{'·'.join(near)} 가운데 하나입니까?" if near else "")

    return read


def phone() -> CellReader:
    """A telephone number with hyphens, mobile or not."""

    def read(cell: Any, context: Context) -> Read:
        if not text_of(cell):
            return Read()
        found = read_phones(cell)
        if found.code:
            return Read(None, found.code)
        return Read(found.mobile or found.phone or None)

    return read
