"""The wide layout of a benefit list: a column for each category, with a mark for those who receive it.

A cell may hold a mark (O/X, ○/×, Y/N, 1/0, √), the day the benefit began, or the words of a benefit of that
column (`생계·의료` under 기초수급). Beside a mark column there may be columns with the first and the last day
of that category. An empty cell says nothing; a mark that could mean either rejects the row.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any

from centers.figure_tables import BENEFITS as NAMES
from common.hangul import compact
from planners import benefit_names
from planners.lists import list_cells
from planners.lists.list_cells import NO, YES, CellReader, Context, Read
from planners.lists.list_issues import add_sentences
from planners.lists.list_staging import ListColumn
from planners.lists.resident_cells import text_of

MARK, SINCE, UNTIL = "mark_", "since_", "until_"
#: category -> how its columns are headed, besides its own name
WORDS = {
    "basic_livelihood": "기초생활 기초수급 기초생활수급 국민기초 국민기초생활 국민기초생활보장 국기초 맞춤형급여",
    "near_poor_self_support": "차상위자활 자활 자활근로 차상위자활근로",
    "single_parent": "한부모 한부모가정 저소득한부모 저소득한부모가족 모부자가정",
    "basic_pension": "기초노령연금 노령연금",
    "disability_pension": "장애연금 중증장애인연금",
    "disability_allowance": "장애인수당 경증장애수당",
    "near_poor_disabled": "차상위장애 차상위장애수당",
    "preschool_tuition": "유아학비지원 누리과정 유치원비",
    "childcare_fee": "보육료지원 영유아보육료 보육",
    "home_care_allowance": "가정양육수당 양육",
    "foster_child": "가정위탁 위탁아동 가정위탁아동양육수당",
    "adopted_child_allowance": "입양아동 입양아동수당 입양양육수당 입양",
    "near_poor_copay_relief": "차상위본인부담 차상위본인부담경감 본인부담경감 본인부담금경감 차상위경감 차상위의료",
    "near_poor_priority_care": "우선돌봄 우선돌봄차상위 차상위우선돌봄",
}
#: parts of the basic livelihood that offices list in columns of their own
PARTS = {"living": "생계", "medical": "의료", "housing": "주거", "education": "교육"}
_GROUPS = (
    "기초생활보장",
    "기초생활수급",
    "기초수급",
    "국민기초",
    "국민기초생활보장",
    "맞춤형급여",
    "급여종류",
    "급여구분",
    "복지급여",
)
_MARK_ENDS = (
    "", "여부", "수급", "수급여부", "대상", "대상자", "대상여부", "해당", "해당여부", "지원", "지원여부", "수급자", "유무", "ox",
)  # fmt: skip
_SINCE_ENDS = (
    "개시일",
    "시작일",
    "결정일",
    "책정일",
    "보장일",
    "개시일자",
    "시작일자",
    "책정일자",
    "결정일자",
    "보장개시일",
)
_UNTIL_ENDS = ("종료일", "중지일", "만료일", "상실일", "종료일자", "중지일자", "보장종료일")
_BOTH = re.compile(r"[/?？!~→]|또는|확인|미정")
_DAY = re.compile(r"\D*\d{2,4}\s*[.\-/년]\s*\d{1,2}\D.*|\d{6}|\d{8}")
add_sentences(
    {
        ("BAD_MARK", ""): "받는지 아닌지 알 수 없는 표시입니다. 받으면 O, 아니면 X나 빈칸으로, 또는 시작한 날을 적어 주세요.",
        ("SINCE_LIST_DAY", ""): "시작한 날이 적혀 있지 않아 자료 기준일부터 받는 것으로 넣습니다.",
        ("MARKED_NO", ""): "X로 적혀 있지만 지금 받는 것으로 되어 있는 급여입니다. 그대로 둡니다. 끝났으면 끝난 날을 적어 주세요.",
    }
)  # fmt: skip


def read_mark(category: str) -> CellReader:
    """Yes, no, the day it began (ISO), or the categories that the words of the cell name."""
    day = list_cells.day()

    def read(cell: Any, context: Context) -> Read:
        if isinstance(cell, dt.date):
            return day(cell, context)
        written = text_of(cell)
        word = compact(cell if type(cell) is str else written).lower().strip("()[].")
        if type(cell) is bool or word in YES or word in NO:
            return Read(cell if type(cell) is bool else word in YES)
        if not written:
            return Read(None, "BAD_MARK" if "?" in word else "")
        if type(cell) is str and _DAY.fullmatch(written):
            return day(cell, context)
        named = [] if _BOTH.search(written) else benefit_names.categories(written)
        return Read(named) if category in named else Read(None, "BAD_MARK")

    return read


def _heads(words: list[str], ends: tuple[str, ...]) -> str:
    return " ".join(f"{word}{end}" for word in words for end in ends)


def _words(category: str) -> list[str]:
    return [compact(NAMES[category]), *WORDS[category].split()]


def _columns() -> list[ListColumn]:
    found = []
    for category, name in NAMES.items():
        words = _words(category)
        found += [
            ListColumn(f"{MARK}{category}", name, _heads(words, _MARK_ENDS), read_mark(category), tells=False),
            ListColumn(f"{SINCE}{category}", f"{name} 시작일", _heads(words, _SINCE_ENDS), list_cells.day(), tells=False),
            ListColumn(
                f"{UNTIL}{category}", f"{name} 끝난 날", _heads(words, _UNTIL_ENDS),
                list_cells.day(may_be_future=True), tells=False,
            ),
        ]  # fmt: skip
    for part, word in PARTS.items():
        words = [f"{word}급여", *(f"{group}{word}" for group in _GROUPS)]
        reader = read_mark("basic_livelihood")
        found.append(ListColumn(f"{MARK}{part}", f"{word}급여", _heads(words, _MARK_ENDS), reader, tells=False))
    return found


COLUMNS = tuple(_columns())
FIELDS = frozenset(column.field for column in COLUMNS)


def marks_in(fields: set[str]) -> int:
    """How many columns with marks there are among fields of a layout."""
    return sum(name.startswith(MARK) for name in fields)


@dataclass
class Marked:
    """What the marks of one row say: categories received and denied, and the days of single ones."""

    received: list[str] = field(default_factory=list)
    denied: list[str] = field(default_factory=list)
    since: dict[str, str] = field(default_factory=dict)
    until: dict[str, str] = field(default_factory=dict)


def gather(data: dict[str, Any]) -> Marked:
    """The marks among the values of a row, day columns counting for a category that no cell denies."""
    found, said = Marked(), {}
    for name in FIELDS & set(data):
        if name.startswith(MARK) and data[name] is not None:
            category = "basic_livelihood" if name.removeprefix(MARK) in PARTS else name.removeprefix(MARK)
            _note(found, said, category, data[name])
    for category in NAMES:
        since, until = data.get(f"{SINCE}{category}"), data.get(f"{UNTIL}{category}")
        if (since or until) and said.setdefault(category, True):
            found.since |= {category: since} if since else {}
            found.until |= {category: until} if until else {}
    found.received = [category for category in NAMES if said.get(category)]
    found.denied = [category for category in NAMES if said.get(category) is False]
    return found


def _note(found: Marked, said: dict[str, bool], category: str, value: Any) -> None:
    if isinstance(value, list):
        said |= dict.fromkeys(value, True)
    elif isinstance(value, str):
        said[category] = True
        found.since[category] = min(value, found.since.get(category, value))
    else:
        said[category] = value or said.get(category, False)
