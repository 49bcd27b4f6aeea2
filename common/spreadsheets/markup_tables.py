"""Tables that office programs save as `.xls` though they are markup: HTML, and the XML of 2003."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from defusedxml import DTDForbidden, EntitiesForbidden, ExternalReferenceForbidden
from defusedxml.ElementTree import ParseError, iterparse

from .refusals import unreadable
from .text_tables import decode

MAX_SPAN = 1_000
MAX_WIDTH = 16_384  # of a sheet
# A tag or comment that does not end is looked at again with each block, in the end from each of its signs on.
UNFINISHED, UNFINISHED_AT_END = 1 << 20, 1 << 12
MAX_SPANNED = 2_000_000  # columns under cells that reach over several rows
Cell = Any


@dataclass
class Grid:
    """A whole table: cells by row, merges as 0-based inclusive ((row, column), (row, column))."""

    name: str
    hidden: bool = False
    rows: list[list[Cell]] = field(default_factory=list)
    merges: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)

    def put(self, row: int, column: int, value: Cell, *, down: int = 1, right: int = 1) -> None:
        while len(self.rows) <= row:
            self.rows.append([])
        if column + right > MAX_WIDTH:
            raise unreadable("TOO_MANY_COLUMNS")
        cells = self.rows[row]
        cells.extend([""] * (column + 1 - len(cells)))
        cells[column] = value
        if down > 1 or right > 1:
            self.merges.append(((row, column), (row + down - 1, column + right - 1)))


def read_html(file: io.BufferedIOBase, encoding: str, *, max_rows: int) -> list[Grid]:
    """Every table of the page; a table inside a table is one of its own."""
    parser = _Tables(max_rows)
    text = decode(file, encoding)
    try:
        while block := text.read(1 << 18):
            parser.feed(block)
            if len(parser.rawdata) > UNFINISHED:
                raise unreadable("CORRUPT_FILE")
        if len(parser.rawdata) > UNFINISHED_AT_END:
            raise unreadable("CORRUPT_FILE")
        parser.close()
    finally:
        text.detach()
    return [grid for grid in parser.grids if grid.rows]


class _Tables(HTMLParser):
    def __init__(self, max_rows: int) -> None:
        super().__init__(convert_charrefs=True)
        self.max_rows = max_rows
        self.grids: list[Grid] = []
        self.open: list[dict] = []  # the tables around this place, innermost last
        self.silent = self.spanned = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "title"):
            self.silent += 1
        elif tag == "table":
            grid = Grid(f"표 {len(self.grids) + 1}")
            self.grids.append(grid)
            self.open.append({"grid": grid, "row": -1, "column": 0, "taken": {}, "text": None, "span": (1, 1)})
        elif self.open:
            self._start_inside(tag, dict(attrs))

    def _start_inside(self, tag: str, facts: dict[str, str | None]) -> None:
        table = self.open[-1]
        if tag == "tr":
            self._end_cell()
            table["row"] += 1
            table["column"] = 0
            table["grid"].rows.extend([] for _ in range(table["row"] + 1 - len(table["grid"].rows)))
            if table["row"] > self.max_rows * 2:
                raise unreadable("TOO_MANY_ROWS")
        elif tag in ("td", "th"):
            self._end_cell()
            if table["row"] < 0:
                table["row"] = 0
            while table["taken"].get(table["column"], -1) >= table["row"]:
                table["column"] += 1
            table["text"] = []
            table["span"] = (_span(facts.get("rowspan")), _span(facts.get("colspan")))
        elif tag in ("br", "p", "div") and table["text"]:
            table["text"].append("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag in ("td", "th", "table"):
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "title"):
            self.silent = max(0, self.silent - 1)
        elif tag in ("td", "th", "tr"):
            self._end_cell()
        elif tag == "table" and self.open:
            self._end_cell()
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open and not self.silent and self.open[-1]["text"] is not None:
            self.open[-1]["text"].append(data)

    def _end_cell(self) -> None:
        if not self.open or self.open[-1]["text"] is None:
            return
        table = self.open[-1]
        down, right = table["span"]
        table["grid"].put(table["row"], table["column"], "".join(table["text"]).strip(), down=down, right=right)
        if down > 1:
            self.spanned += right
            if self.spanned > MAX_SPANNED:
                raise unreadable("TOO_MANY_COLUMNS")
            table["taken"] |= dict.fromkeys(range(table["column"], table["column"] + right), table["row"] + down - 1)
        table["column"] += right
        table["text"] = None


def _span(written: str | None) -> int:
    return max(1, min(int(written), MAX_SPAN)) if written and written.strip().isdecimal() else 1


_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_X = "{urn:schemas-microsoft-com:office:excel}"


def read_xml_2003(file: io.BufferedIOBase, *, max_rows: int) -> list[Grid]:
    """Every worksheet of a SpreadsheetML file; DTDs, entities and outside references are refused."""
    grids: list[Grid] = []
    row = column = 0
    file.seek(0)
    try:
        for event, element in iterparse(file, events=("start", "end"), forbid_dtd=True):
            tag = element.tag
            if event == "start":
                if tag == f"{_SS}Worksheet":
                    grids.append(Grid(element.get(f"{_SS}Name", f"시트 {len(grids) + 1}")))
                    row = 0
                elif tag == f"{_SS}Row":
                    row = int(element.get(f"{_SS}Index", row + 1))
                    column = 0
                    if row > max_rows * 3:
                        raise unreadable("TOO_MANY_ROWS")
            elif tag == f"{_SS}Cell" and grids:
                column = int(element.get(f"{_SS}Index", column + 1))
                right, down = (int(element.get(f"{_SS}Merge{way}", 0)) for way in ("Across", "Down"))
                if column > MAX_SPAN:
                    raise unreadable("TOO_MANY_COLUMNS")
                grids[-1].put(
                    row - 1,
                    column - 1,
                    _xml_value(element),
                    down=min(down, MAX_SPAN) + 1,
                    right=min(right, MAX_SPAN) + 1,
                )
                column += right
            elif tag == f"{_SS}Row":
                element.clear()
            elif (tag == f"{_X}Visible" and grids and (element.text or "").startswith("SheetHidden")) or (
                tag == f"{_X}Visible" and grids and (element.text or "").startswith("SheetVeryHidden")
            ):
                grids[-1].hidden = True
    except (DTDForbidden, EntitiesForbidden, ExternalReferenceForbidden) as fault:
        raise unreadable("XML_DTD_FORBIDDEN") from fault
    except (ParseError, ValueError) as fault:
        raise unreadable("CORRUPT_FILE") from fault
    return grids


def _xml_value(cell: Any) -> Cell:
    data = cell.find(f"{_SS}Data")
    if data is None:
        return ""
    text = "".join(data.itertext())
    kind = data.get(f"{_SS}Type", "String")
    if kind == "Number":
        return float(text)
    if kind == "Boolean":
        return text.strip() == "1"
    if kind == "Error":
        return ""
    if kind == "DateTime":
        moment = dt.datetime.fromisoformat(text.strip().rstrip("Z"))
        return moment.date() if moment.time() == dt.time() else moment
    return text
