"""Which rows of a list are records: told from titles, headings, totals, notes and empty lines."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from common.hangul import clean, compact
from planners.lists.list_columns import Layout
from planners.lists.resident_cells import BLANKS, compact_dashes, read_date, read_number, text_of

_IN_BRACKETS = re.compile(r"[(\[].*[)\]]")
_TOTAL = re.compile(
    r"(?:[가-힣\d]{0,10}동|[가-힣]{0,8}|총|\d+통)?(?:소계|합계|총계|누계|중계|총합계|총합)(?:[:：(\[\d].*)?|계(?:[:：(\[\d].*)?|[가-힣]+\d?동계|"
    r"총(?:인원|원|수|건수)?[:：]?\(?\d[\d,]*\)?(?:명|건|세대|가구|인)?.*|(?:전체|총인원|총원|총|인원)[:：]?(?:\d[\d,]*(?:명|세대|가구)?)?|(?:sub|grand)?total.*|sum",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"[※＊*☞►▶○●◎□■◆◇▷→⇒✓]|-{2,}|={2,}|주\s*\d*\s*[):.]|비\s*고\s*[:.)]|참\s*고\s*[:.)]?|\(?예시?\s*[).:]|예시|작성\s*(?:자|일|요령|방법|기준|부서)|출처|붙임|"
    r"담당(?:자|부서)?\s*[:：]|문의|기준일|기준\s*[:：]|단위\s*[:：]|\(단위|확인자|위와\s*같이|상기|위\s*사실|[-<(【\[]?\s*(?:이하\s*(?:여백|빈칸)|끝)\s*[->)】\].]*$|- "
)
_DATE_LIKE = re.compile(r"\d{2,4}\s*[.\-/년]\s*\d{1,2}\s*[.\-/월]\s*\d{1,2}|\d{8}|\d{6}")
_NAME_LIKE = re.compile(r"(?![소합총누중전]계|전체|총원|인원)[가-힣]{2,4}")
_EXAMPLE = re.compile(r"[(\[<]\s*(?:작성)?(?:예시?|보기)\s*[)\]>]|(?:작성)?(?:예시?|보기)\s*[):.]|(?:작성)?예시?$")
LONGEST_MERGE = 5_000


class Sorter:
    """Tells rows with a record from titles, headings, totals, notes and empty lines."""

    def __init__(self, layout: Layout, *, keeps_totals: bool = False) -> None:
        self.layout, self.keeps_totals = layout, keeps_totals
        found = layout.indexes
        v = layout.vocabulary
        self.name_at = found[v.lead][0]
        self.serial_at = set(found.get("serial", ()))
        self.plain_width = max(self.name_at, *self.serial_at, 0) + 1
        self.identity_at = [found[n][0] for n in v.identity if n in found]
        self.place_at = self.serial_at | {at for n in v.place for at in found.get(n, ())}
        telling = v.evidence or set(v.known) - v.place
        self.person_at = {at for n in telling for at in found.get(n, ())}
        self.headings = {c.index: compact(c.header).lower() for c in layout.columns if c.header}
        self.last_header = layout.header_rows[-1]
        self.wide_rows: set[int] = set()
        self.down: dict[int, list[tuple[int, int]]] = {}  # row -> [(column, first row of the merge)]
        self.tops: dict[int, list[int]] = {}  # first row of a merge -> its columns
        for r1, c1, r2, c2 in layout.merges:
            if r1 + 1 <= self.last_header or r2 - r1 > LONGEST_MERGE:
                continue
            if c2 - c1 >= 2:
                self.wide_rows.update(range(r1 + 1, r2 + 2))
            if r2 > r1:
                self.tops.setdefault(r1 + 1, []).append(c1)
            for row in range(r1 + 2, r2 + 2):
                self.down.setdefault(row, []).append((c1, r1 + 1))
        self._held: dict[tuple[int, int], Any] = {}

    def skip_code(self, row: int, cells: list[Any]) -> str:
        """Why the row holds no record; empty when it does."""
        if row <= self.last_header:
            return "HEADER_ROW" if row in self.layout.header_rows else "TITLE_ROW"
        if self._is_plain(cells):
            return ""
        filled = [at for at, cell in enumerate(cells) if cell != "" and (type(cell) is not str or clean(cell))]
        if not filled:
            return "BLANK_ROW"
        return self._odd_row(row, cells, filled)

    def _is_plain(self, cells: list[Any]) -> bool:
        """Name-like name and something in the identity columns: the ordinary row, decided fast."""
        if len(cells) < self.plain_width:
            return False
        name = cells[self.name_at]
        if type(name) is not str or _NAME_LIKE.fullmatch(name) is None:
            return False
        for at in self.serial_at:
            if type(cells[at]) is str and not cells[at].isdecimal():
                return False
        for at in self.identity_at:  # noqa: SIM110 - a generator for each of half a million rows is dear
            if at < len(cells) and self._tells_birth(cells[at]):
                return True
        return False

    @staticmethod
    def _tells_birth(cell: Any) -> bool:
        if type(cell) is str:
            return bool(cell) and _DATE_LIKE.search(cell) is not None
        return type(cell) in (dt.date, dt.datetime) or (type(cell) is float and cell > 2100)

    def _odd_row(self, row: int, cells: list[Any], filled: list[int]) -> str:
        if self._repeats_header(cells, filled, row):
            return "HEADER_ROW"
        identity = [cells[at] for at in self.identity_at if at < len(cells)]
        has_birth = any(self._tells_birth(compact_dashes(text_of(cell))) for cell in identity)
        labels = [at for at in filled if type(cells[at]) is str and at not in self.serial_at][:1]
        labels += [at for at in (self.name_at, *self.serial_at) if at in filled]
        words = [compact(text_of(cells[at])) for at in labels]
        is_total = any(word and _TOTAL.fullmatch(word) for word in words)
        if is_total and not any(self._is_birth(cell) for cell in identity):
            return "" if self.keeps_totals else "TOTAL_ROW"
        first = clean(cells[filled[0]]) if type(cells[filled[0]]) is str else ""
        if _EXAMPLE.match(first) or any(_EXAMPLE.match(word) for word in words):
            return "NOTE_ROW"
        if (
            not has_birth
            and (_NOTE.match(first) or _NOTE.match(compact(first)) or (row in self.wide_rows and len(filled) <= 2))
            and not self._is_dash(first)
        ):
            return "NOTE_ROW"
        told = [at for at in filled if at not in self.place_at and at in self.headings and text_of(cells[at])]
        facts = [at for at in told if at == self.name_at or at in self.person_at]
        if not facts:
            return "NOTE_ROW" if self._is_remark(cells, filled) else "BLANK_ROW"
        if facts == [self.name_at] and len(filled) == 1 and not _NAME_LIKE.fullmatch(compact(first)):
            return "NOTE_ROW"
        return ""

    @staticmethod
    def _is_birth(cell: Any) -> bool:
        read = read_date(cell)
        return read.day is not None or read.short is not None or bool(read_number(cell).digits)

    @staticmethod
    def _is_dash(text: str) -> bool:
        return text.lower() in BLANKS

    def _is_remark(self, cells: list[Any], filled: list[int]) -> bool:
        """Whether a row without a person says something, rather than being an unused numbered line."""
        return any(type(cells[at]) is str and at not in self.place_at and text_of(cells[at]) for at in filled) or (
            len(filled) == 1 and type(cells[filled[0]]) is str and not clean(cells[filled[0]]).isdecimal()
        )

    def _repeats_header(self, cells: list[Any], filled: list[int], row: int) -> bool:
        same = sum(
            type(cells[at]) is str and (word := compact(cells[at]).lower()) and word == self.headings.get(at)
            for at in filled
        )
        if same >= 2 and same >= len(filled) * 0.5:
            return True
        if len(self.layout.header_rows) > 1 and len(filled) >= 2 and self._repeats_part_of_header(cells, filled):
            return True
        if (
            row <= self.last_header + 2
            and len(filled) >= 2
            and all(_IN_BRACKETS.fullmatch(text_of(cells[at])) for at in filled)
        ):
            return True  # units and ways of writing: (한글), (YYMMDD)
        if row == self.last_header + 1 and len(filled) >= 3:
            words = [text_of(cells[at]).strip("()[]. ") for at in filled]
            return all(word.isdecimal() for word in words) and [int(word) for word in words] == list(
                range(int(words[0]), int(words[0]) + len(words))
            )
        return False

    def _repeats_part_of_header(self, cells: list[Any], filled: list[int]) -> bool:
        """Whether one row of a header of several stands here again, as printed lists do on every page."""
        same = 0
        for at in filled:
            word = compact(cells[at]).lower() if type(cells[at]) is str else ""
            heading = self.headings.get(at, "")
            same += bool(word) and (heading.startswith(word) or heading.endswith(word))
        return same >= 2 and same >= len(filled) * 0.8

    def filled_down(self, row: int, cells: list[Any]) -> list[Any]:
        """The cells with values of vertically merged cells carried down. Call for every row, in order."""
        for column in self.tops.get(row, ()):
            if column < len(cells):
                self._held[column, row] = cells[column]
        seats = self.down.get(row)
        if not seats:
            return cells
        cells = list(cells)
        for column, first in seats:
            cells.extend([""] * (column + 1 - len(cells)))
            if cells[column] == "":
                cells[column] = self._held.get((column, first), "")
        return cells
