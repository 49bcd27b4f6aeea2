"""Sheets as HWPX, the document that Korean offices exchange and edit in Hancom Office.

Everything that python-hwpx is asked for stands here: its names change between major versions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from hwpx import HwpxDocument

from . import Column, Sheet, Value, shown

FONT, HEAD, SUM, EDGE = "함초롬돋움", "#D8E5FD", "#F4F5F6", "#000000"
MM = 283.465  # HWP units in a millimetre
SIDE, ROW_HEIGHT = 20, 7  # mm
PAPER = {"PORTRAIT": 210, "LANDSCAPE": 297}
WIDE_FROM = 9


def write(file: BinaryIO, sheets: Sequence[Sheet]) -> None:
    """Write the sheets into one document, each on a page of its own."""
    wide = any(len(sheet.columns) >= WIDE_FROM for sheet in sheets)
    orientation = "LANDSCAPE" if wide else "PORTRAIT"
    document = HwpxDocument.new()
    document.page.setup(
        paper_size="A4", orientation=orientation, margins_mm={"left": SIDE, "right": SIDE, "top": 15, "bottom": 15}
    )
    document.page.set_page_number(position="BOTTOM_CENTER")
    looks = _Looks(document)
    for place, sheet in enumerate(sheets):
        _Pages(document, looks, sheet, PAPER[orientation] - 2 * SIDE).write(new_page=place > 0)
    document.save_to_stream(file)


class _Looks:
    """Letters, borders and paragraph styles, each made once: asking per cell costs seconds."""

    def __init__(self, document: HwpxDocument):
        styles = document.styles
        self.title = styles.ensure_run(bold=True, size=16, font=FONT)
        self.plain = styles.ensure_run(size=10, font=FONT)
        self.bold = styles.ensure_run(bold=True, size=10, font=FONT)
        self.small = styles.ensure_run(size=9, font=FONT)
        self.cell = styles.ensure_border_fill(border_color=EDGE, border_width="0.12 mm")
        self.head = styles.ensure_border_fill(border_color=EDGE, border_width="0.12 mm", fill_color=HEAD)
        self.sum = styles.ensure_border_fill(border_color=EDGE, border_width="0.12 mm", fill_color=SUM)
        self.document = document
        self.lines: dict[tuple[str, bool], str] = {}

    def line(self, alignment: str, paragraph, *, new_page: bool = False) -> str:
        """Reference of a paragraph style; the first paragraph that needs it makes it."""
        key = (alignment, new_page)
        if key not in self.lines:
            self.document.styles.apply_paragraph_format(
                paragraphs=[paragraph], alignment=alignment, page_break_before=new_page
            )
            self.lines[key] = paragraph.para_pr_id_ref
        return self.lines[key]


class _Pages:
    def __init__(self, document: HwpxDocument, looks: _Looks, sheet: Sheet, width: int):
        self.document, self.looks, self.sheet, self.width = document, looks, sheet, width
        self.heads = sheet.head()

    def write(self, *, new_page: bool) -> None:
        self._say(self.sheet.title, self.looks.title, "CENTER", new_page=new_page)
        unit = f"(단위: {self.sheet.unit})" if self.sheet.unit else ""
        about = "   ".join(word for word in (self.sheet.as_of_words, unit) if word)
        if about:
            self._say(about, self.looks.small, "RIGHT")
        self._table()
        for note in self.sheet.notes:
            self._say(f"※ {note}", self.looks.small, "LEFT")
        if self.sheet.owner:
            self._say(self.sheet.owner, self.looks.small, "RIGHT")

    def _say(self, words: str, letters: str, alignment: str, *, new_page: bool = False) -> None:
        paragraph = self.document.add_paragraph(words, char_pr_id_ref=letters)
        paragraph.para_pr_id_ref = self.looks.line(alignment, paragraph, new_page=new_page)

    def _table(self) -> None:
        columns, rows = len(self.sheet.columns), len(self.heads) + len(self.sheet.rows)
        width = round(self.width * MM)
        table = self.document.add_table(rows, columns, width=width, height=round(ROW_HEIGHT * MM) * rows)
        table.set_column_widths(self._widths())
        cells = [list(row.cells) for row in table.rows]
        for place, (row, values) in enumerate(self.sheet.lines()):
            for number, (column, value) in enumerate(values):
                self._fill(cells[len(self.heads) + place][number], column, value, bold=row.is_total)
        merges = self._head(cells)
        for area in merges:  # last: merging renumbers the cells
            table.merge_cells(area)

    def _widths(self) -> list[float]:
        shares = [column.width or self._letters(place) for place, column in enumerate(self.sheet.columns)]
        return [self.width * share / sum(shares) for share in shares]

    def _letters(self, place: int) -> int:
        column = self.sheet.columns[place]
        words = [column.title, *(shown(column, self.sheet.value(row, column)) for row in self.sheet.rows)]
        return max(6, min(40, max(sum(2 if c > "\u1100" else 1 for c in word) for word in words)))

    def _fill(self, cell, column: Column, value: Value, *, bold: bool) -> None:
        cell.set_text(shown(column, value))
        cell.element.set("borderFillIDRef", self.looks.sum if bold else self.looks.cell)
        paragraph = cell.paragraphs[0]
        paragraph.char_pr_id_ref = self.looks.bold if bold else self.looks.plain
        paragraph.para_pr_id_ref = self.looks.line("RIGHT" if column.is_number else "LEFT", paragraph)

    def _head(self, cells: list[list]) -> list[str]:
        merges, taken = [], set()
        for line in cells[: len(self.heads)]:
            for cell in line:
                cell.element.set("borderFillIDRef", self.looks.head)
        for depth, line in enumerate(self.heads):
            number = 0
            for head in line:
                while (depth, number) in taken:
                    number += 1
                last = number + head.columns - 1
                cell = cells[depth][number]
                cell.set_text(head.title)
                paragraph = cell.paragraphs[0]
                paragraph.char_pr_id_ref = self.looks.bold
                paragraph.para_pr_id_ref = self.looks.line("CENTER", paragraph)
                taken |= {(depth + d, n) for d in range(head.rows) for n in range(number, last + 1)}
                if head.columns > 1 or head.rows > 1:
                    merges.append(f"{_name(number, depth)}:{_name(last, depth + head.rows - 1)}")
                number = last + 1
        return merges


def _name(column: int, row: int) -> str:
    """A1 notation."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"
