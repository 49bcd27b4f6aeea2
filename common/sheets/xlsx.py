"""Sheets as an XLSX workbook that looks like an office's own: A4 across, blue heads, live sums, page numbers.

Text is always written as text, so a name that begins with `=` stays a name. Formulas carry their value,
for viewers that do not calculate.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import BinaryIO

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from . import Column, Kind, Row, Sheet, Value, shown

FONT = "맑은 고딕"
HEAD, SUM, EDGE = "#D8E5FD", "#F4F5F6", "#8A949E"
TITLE_ROW, ABOUT_ROW, HEAD_ROW = 0, 1, 2
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
FORMATS = {Kind.COUNT: "#,##0", Kind.DIFFERENCE: "+#,##0;[Red]-#,##0;0", Kind.DATE: "yyyy. m. d."}
A4, MAX_TAB, HEAD_LETTERS = 9, 31, 9
ONE_PAGE = 32  # lines that still fit on one page across


def write(file: BinaryIO, sheets: Sequence[Sheet], *, at: dt.datetime) -> None:
    """Write a workbook with one tab for each sheet; `at` becomes its creation time."""
    book = xlsxwriter.Workbook(file, OPTIONS)
    book.set_properties({"title": sheets[0].title, "author": sheets[0].owner, "created": at.replace(tzinfo=None)})
    styles = _Styles(book)
    tabs: set[str] = set()
    for sheet in sheets:
        _Tab(book.add_worksheet(_tab_name(sheet, tabs)), sheet, styles).write()
    book.close()


class _Styles:
    """Cell formats by use; each is made once."""

    def __init__(self, book):
        self.book, self.made = book, {}

    def get(self, **looks):
        key = tuple(sorted(looks.items()))
        if key not in self.made:
            self.made[key] = self.book.add_format({"font_name": FONT, "font_size": 11, "valign": "vcenter"} | looks)
        return self.made[key]

    def head(self):
        return self.get(bold=True, align="center", bg_color=HEAD, border=1, border_color=EDGE, text_wrap=True)

    def cell(self, column: Column, row: Row):
        looks: dict = {"border": 1, "border_color": EDGE}
        if row.is_total:
            looks |= {"bold": True, "bg_color": SUM}
        if column.kind in FORMATS:
            looks["num_format"] = FORMATS[column.kind]
        elif column.is_number:
            looks["num_format"] = "#,##0." + "0" * column.places if column.places else "#,##0"
        if column.is_number:
            looks |= {"align": "right", "indent": 1}
        else:
            looks |= {"text_wrap": True} | ({"align": "center"} if column.kind == Kind.DATE else {"indent": 1})
        return self.get(**looks)


class _Tab:
    def __init__(self, page, sheet: Sheet, styles: _Styles):
        self.page, self.sheet, self.styles = page, sheet, styles
        self.heads = sheet.head()
        self.first = HEAD_ROW + len(self.heads)
        self.last_column = len(sheet.columns) - 1

    def write(self) -> None:
        self._title()
        self._head()
        for place, (row, cells) in enumerate(self.sheet.lines()):
            self.page.set_row(self.first + place, 20)
            for number, (column, value) in enumerate(cells):
                self._cell(self.first + place, number, row, column, value)
        last = self._notes(self.first + len(self.sheet.rows))
        self._paper(last)

    def _title(self) -> None:
        self.page.set_row(TITLE_ROW, 34)
        self._across(TITLE_ROW, 0, self.last_column, self.sheet.title, bold=True, font_size=18, align="center")
        self.page.set_row(ABOUT_ROW, 20)
        half = max(0, self.last_column // 2)
        self._across(ABOUT_ROW, 0, half, self.sheet.as_of_words, align="left")
        if self.last_column > half:
            unit = f"(단위: {self.sheet.unit})" if self.sheet.unit else ""
            self._across(ABOUT_ROW, half + 1, self.last_column, unit, align="right")

    def _across(self, row: int, first: int, last: int, words: str, **looks) -> None:
        style = self.styles.get(**looks)
        if last > first:
            self.page.merge_range(row, first, row, last, "", style)
        self.page.write_string(row, first, words, style)

    def _head(self) -> None:
        taken: set[tuple[int, int]] = set()
        deep = max(-(-_letters(c.title) // w) for c, w in zip(self.sheet.columns, self._widths(), strict=True))
        for depth, cells in enumerate(self.heads):
            self.page.set_row(HEAD_ROW + depth, 22 if depth < len(self.heads) - 1 else max(22, 17 * deep))
            number = 0
            for cell in cells:
                while (depth, number) in taken:
                    number += 1
                row, last = HEAD_ROW + depth, number + cell.columns - 1
                if cell.columns > 1 or cell.rows > 1:
                    self.page.merge_range(row, number, row + cell.rows - 1, last, "", self.styles.head())
                self.page.write_string(row, number, cell.title, self.styles.head())
                taken |= {(depth + d, n) for d in range(cell.rows) for n in range(number, last + 1)}
                number = last + 1

    def _cell(self, at: int, number: int, row: Row, column: Column, value: Value) -> None:
        style = self.styles.cell(column, row)
        formula = self._formula(at, row, column)
        if formula and value is not None:
            self.page.write_formula(at, number, formula, style, _plain(value))
        elif value is None or value == "":
            self.page.write_blank(at, number, None, style)
        elif column.kind == Kind.DATE:
            self.page.write_datetime(at, number, dt.datetime.combine(value, dt.time()), style)
        elif column.is_number:
            self.page.write_number(at, number, _plain(value), style)
        else:
            self.page.write_string(at, number, str(value), style)

    def _formula(self, at: int, row: Row, column: Column) -> str:
        if column.sources:
            first, second = (xl_rowcol_to_cell(at, self._number_of(key)) for key in column.sources)
            if column.kind == Kind.DIFFERENCE:
                return f"={first}-{second}"
            return f'=IF(N({second})=0,"",ROUNDDOWN({first}*100/{second},{column.places}))'
        if row.over and column.sums and column.is_number:
            return f"=SUM({','.join(self._ranges(row, column))})"
        return ""

    def _ranges(self, row: Row, column: Column) -> list[str]:
        """The rows a total adds up, as ranges of neighbours."""
        letter = xl_col_to_name(self._number_of(column.key))
        places = [n for n, one in enumerate(self.sheet.rows) if one is not row and one.kind in row.over]
        runs: list[list[int]] = []
        for place in places:
            if runs and place == runs[-1][1] + 1:
                runs[-1][1] = place
            else:
                runs.append([place, place])
        return [f"{letter}{self.first + a + 1}:{letter}{self.first + b + 1}" for a, b in runs]

    def _number_of(self, key: str) -> int:
        return next(n for n, column in enumerate(self.sheet.columns) if column.key == key)

    def _notes(self, at: int) -> int:
        for note in self.sheet.notes:
            self._across(at, 0, self.last_column, f"※ {note}", align="left", text_wrap=True, font_size=10)
            self.page.set_row(at, 18 * (1 + len(note) * 2 // max(40, sum(self._widths()))))
            at += 1
        return at - 1

    def _widths(self) -> list[int]:
        return [column.width or self._fitting(column) for column in self.sheet.columns]

    def _fitting(self, column: Column) -> int:
        words = [shown(column, self.sheet.value(row, column)) for row in self.sheet.rows]
        head = min(_letters(column.title), HEAD_LETTERS)  # longer heads run over two or three lines
        return max(8, min(48, 3 + max([head, *map(_letters, words)])))

    def _paper(self, last: int) -> None:
        page = self.page
        for number, width in enumerate(self._widths()):
            page.set_column(number, number, width)
        page.set_landscape()
        page.set_paper(A4)
        page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        page.fit_to_pages(1, 1 if last - self.first < ONE_PAGE else 0)
        page.center_horizontally()
        page.repeat_rows(HEAD_ROW, self.first - 1)
        page.freeze_panes(self.first, 1)
        page.set_footer(f"&C- &P / &N -&R{_footer(self.sheet.owner)}")
        page.print_area(0, 0, last, self.last_column)


def _plain(value: Value) -> Value:
    return float(value) if isinstance(value, Decimal) else value


def _letters(word: str) -> int:
    """Width in Latin letters; Hangul takes two."""
    return sum(2 if letter > "\u1100" else 1 for letter in word)


def _footer(words: str) -> str:
    return words.replace("&", "&&")


def _tab_name(sheet: Sheet, taken: set[str]) -> str:
    name = re.sub(r"[\[\]:*?/\\']", " ", sheet.tab or sheet.title).strip()[:MAX_TAB] or "표"
    number = 2
    while name in taken:
        name = f"{name[: MAX_TAB - 3]} {number}"
        number += 1
    taken.add(name)
    return name
