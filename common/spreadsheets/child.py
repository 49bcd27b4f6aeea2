"""The reading child: binds itself, finds out what the file is, and hands out rows when asked.

Started as `python -m common.spreadsheets.child FD LIMITS`; FD is the open file, LIMITS is JSON.
"""

from __future__ import annotations

import ctypes
import datetime as dt
import io
import json
import os
import resource
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from . import wire  # what one kind of file alone needs is imported with it: the child starts for every file
from .refusals import Unreadable, unreadable

HEAD_ROWS = 80
MARKUP_SECONDS = 40  # of CPU: pages saved as .xls hold some thousand rows, and their parser can be led astray
LAST_ROW_OF_A_SHEET = 1_048_576
OLE_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ROWS_PER_FRAME = 500
CLONE_NEWUSER, CLONE_NEWNET, PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 0x10000000, 0x40000000, 1, 38


def bind(limits: dict[str, int], *, scratch_bytes: int = 0) -> None:
    """No more memory, CPU or files than given, no network where the kernel lets us, gone with the parent."""
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory_bytes"],) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (limits["cpu_seconds"], limits["cpu_seconds"] + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (scratch_bytes, scratch_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(PR_SET_PDEATHSIG, 9, 0, 0, 0)
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        if libc.unshare(CLONE_NEWNET):
            libc.unshare(CLONE_NEWUSER | CLONE_NEWNET)


def _allow_seconds(seconds: int) -> None:
    """Less CPU than bound to, counted from the start of the process."""
    resource.setrlimit(resource.RLIMIT_CPU, (min(seconds, resource.getrlimit(resource.RLIMIT_CPU)[0]), seconds + 1))


class Workbook:
    """An .xlsx or .xls file through calamine."""

    def __init__(self, fd: int, kind: str, *, is_1904: bool, parts: dict[str, str]) -> None:
        from python_calamine import CalamineWorkbook, PasswordError

        self.kind, self.is_1904, self.parts, self.fd = kind, is_1904, parts, fd
        try:
            self.book = CalamineWorkbook.from_path(f"/dev/fd/{fd}")
        except PasswordError as fault:
            raise unreadable("PASSWORD_PROTECTED") from fault
        self.metas = [meta for meta in self.book.sheets_metadata if str(meta.typ).endswith("WorkSheet")]
        self.kept: tuple[int, Any] | None = None

    def sheets(self) -> Iterator[dict[str, Any]]:
        for index, meta in enumerate(self.metas):
            facts = {"name": meta.name, "hidden": not str(meta.visible).endswith(".Visible"), "merges": []}
            if facts["hidden"]:
                yield facts
                continue
            sheet = self._sheet(index)
            merges = sheet.merged_cell_ranges or []
            yield facts | {
                "merges": [[*start, *end] for start, end in merges[:200_000]],
                "hidden_columns": self._hidden_columns(meta.name),
                "last_row": (sheet.end[0] + 1) if sheet.end else 0,
                "width": (sheet.end[1] + 1) if sheet.end else 0,
            }

    def _hidden_columns(self, name: str) -> list[int]:
        from .containers import hidden_columns

        return hidden_columns(os.fdopen(os.dup(self.fd), "rb"), self.parts[name]) if self.parts.get(name) else []

    def _sheet(self, index: int) -> Any:
        if self.kept and self.kept[0] == index:
            return self.kept[1]
        sheet = self.book.get_sheet_by_name(self.metas[index].name)
        if not self.kept or _cells(sheet) >= _cells(self.kept[1]):
            self.kept = (index, sheet)
        return sheet

    def rows(self, index: int) -> Iterator[tuple[int, list[Any]]]:
        sheet = self._sheet(index)
        if sheet.start is None:
            return
        pad = [""] * sheet.start[1]
        odd_seats: set[str] | None = None
        for number, cells in enumerate(sheet.iter_rows(), 1):
            row = pad + cells if pad else cells
            if _LEAP_BUG in row:
                if odd_seats is None:
                    odd_seats = self._seats_of_serial_60(index)
                row = [
                    60.0 if cell == _LEAP_BUG and (odd_seats is None or f"{_letters(n)}{number}" in odd_seats) else cell
                    for n, cell in enumerate(row)
                ]
            yield number, row

    def _seats_of_serial_60(self, index: int) -> set[str] | None:
        """None for an .xls, where the two days cannot be told apart: nobody living was born on either."""
        from .containers import cells_of_serial_60

        part = self.parts.get(self.metas[index].name)
        return cells_of_serial_60(os.fdopen(os.dup(self.fd), "rb"), part) if part else None


_LEAP_BUG = dt.date(1900, 2, 28)


def _cells(sheet: Any) -> int:
    return sheet.height * max(1, sheet.width)


def _letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


class Grids:
    """HTML and XML tables, small enough to be held whole."""

    is_1904 = False

    def __init__(self, kind: str, grids: list[Any]) -> None:
        self.kind, self.grids = kind, grids

    def sheets(self) -> Iterator[dict[str, Any]]:
        for grid in self.grids:
            merges = [[*start, *end] for start, end in grid.merges]
            width = max(map(len, grid.rows), default=0)
            yield {
                "name": grid.name,
                "hidden": grid.hidden,
                "merges": merges,
                "last_row": len(grid.rows),
                "width": width,
            }

    def rows(self, index: int) -> Iterator[tuple[int, list[Any]]]:
        return iter(enumerate(self.grids[index].rows, 1))


class Delimited:
    """A CSV file, streamed anew for each pass."""

    kind, is_1904 = "csv", False

    def __init__(self, records: Any) -> None:
        self.records = records

    def sheets(self) -> Iterator[dict[str, Any]]:
        yield {
            "name": "",
            "hidden": False,
            "merges": [],
            "width": self.records.width,
            "encoding": self.records.encoding,
            "delimiter": self.records.delimiter,
        }

    def rows(self, index: int) -> Iterator[tuple[int, list[Any]]]:
        return iter(self.records)


_SIGNATURES = (
    (b"%PDF", "PDF 문서입니다. 표를 엑셀로 옮겨 주세요."),
    (b"HWP Document File", "한글(.hwp) 문서입니다. 표를 엑셀에 붙여 넣어 주세요."),
    (b"{\\rtf", "서식 있는 글(.rtf)입니다."),
    (b"\x1f\x8b", "압축 파일입니다. 압축을 풀고 올려 주세요."),
    (b"7z\xbc\xaf", "압축 파일(.7z)입니다. 압축을 풀고 올려 주세요."),
    (b"Rar!", "압축 파일(.rar)입니다. 압축을 풀고 올려 주세요."),
    (b"\x89PNG", "그림 파일입니다."),
    (b"\xff\xd8\xff", "그림 파일입니다."),
    (b"GIF8", "그림 파일입니다."),
    (b"SQLite format", "데이터베이스 파일입니다."),
)


def open_any(fd: int, limits: dict[str, int]) -> Workbook | Grids | Delimited:
    """What the content says the file is. Raises `Unreadable`."""
    file = os.fdopen(os.dup(fd), "rb")
    if file.seek(0, io.SEEK_END) == 0:
        raise unreadable("EMPTY_FILE")
    if file.tell() > limits["file_bytes"]:
        raise unreadable("FILE_TOO_LARGE", f"파일이 {limits['file_bytes'] >> 20} MB를 넘습니다.")
    file.seek(0)
    head = file.read(4096)
    if head.startswith(b"PK"):
        from .containers import inspect_zip

        facts = inspect_zip(file)
        return Workbook(fd, "xlsx", is_1904=facts.is_1904, parts=facts.sheet_parts)
    if head.startswith(OLE_SIGNATURE):
        from .containers import inspect_ole

        return Workbook(fd, "xls", is_1904=inspect_ole(file).is_1904, parts={})
    if head[:2] in (b"\x09\x00", b"\x09\x02", b"\x09\x04", b"\x09\x08") and head[2:4] in (
        b"\x04\x00",
        b"\x06\x00",
        b"\x08\x00",
        b"\x10\x00",
    ):
        raise unreadable("UNSUPPORTED_FORMAT", "아주 오래된 엑셀 형식입니다.")
    for signature, sentence in _SIGNATURES:
        if head.startswith(signature):
            raise unreadable("UNSUPPORTED_FORMAT", sentence)
    return _open_text(file, limits)


def _open_text(file: io.BufferedIOBase, limits: dict[str, int]) -> Grids | Delimited:
    from .text_tables import DelimitedRows, decode, find_encoding

    encoding = find_encoding(file)
    reader = decode(file, encoding)
    start = reader.read(16_384)
    reader.detach()
    start = start.lstrip("\ufeff" + wire.BLANK)
    if not start and not _has_more(file, encoding):
        raise unreadable("EMPTY_FILE")
    opening = start[:8192].lower()
    if opening.startswith("<"):
        from .markup_tables import read_html, read_xml_2003

        if "urn:schemas-microsoft-com:office:spreadsheet" in opening and "<html" not in opening:
            from .containers import has_dtd

            if has_dtd(start.encode()):
                raise unreadable("XML_DTD_FORBIDDEN")
            _allow_seconds(MARKUP_SECONDS)
            return Grids("xml", read_xml_2003(file, max_rows=limits["rows"]))
        if "<!entity" in opening or ("<!doctype" in opening and "<!doctype html" not in opening):
            raise unreadable("XML_DTD_FORBIDDEN")
        if any(
            mark in opening
            for mark in ("<html", "<table", "<!doctype html", "<meta", "<head", "<body", "<tr", "<style")
        ):
            _allow_seconds(MARKUP_SECONDS)
            grids = read_html(file, encoding, max_rows=limits["rows"])
            if not grids:
                raise unreadable("HTML_NOT_XLS")
            return Grids("html", grids)
        if opening.startswith("<?xml"):
            raise unreadable("UNSUPPORTED_FORMAT", "엑셀이 아닌 XML 파일입니다.")
    return Delimited(DelimitedRows(file))


def _has_more(file: io.BufferedIOBase, encoding: str) -> bool:
    from .text_tables import decode

    reader = decode(file, encoding)
    try:
        return any(block.strip("\ufeff" + wire.BLANK) for block in iter(lambda: reader.read(1 << 20), ""))
    finally:
        reader.detach()


def describe(book: Workbook | Grids | Delimited) -> dict[str, Any]:
    """Everything the parent needs to choose a sheet and find its header."""
    sheets = []
    for index, facts in enumerate(book.sheets()):
        facts["head"] = []
        if not facts["hidden"]:
            for number, cells in book.rows(index):
                line = wire.write_row(number, cells)
                if line:
                    facts["head"].append(line)
                if len(facts["head"]) >= HEAD_ROWS:
                    break
        sheets.append(facts)
    if not any(sheet["head"] for sheet in sheets):
        raise unreadable("EMPTY_FILE" if not any(sheet["hidden"] for sheet in sheets) else "NO_VISIBLE_SHEET")
    return {"kind": book.kind, "is_1904": book.is_1904, "sheets": sheets}


def stream(rows: Iterable[tuple[int, list[Any]]], pipe: io.BufferedIOBase, limits: dict[str, int]) -> None:
    """Rows with content, in frames, ended by an empty frame."""
    lines: list[str] = []
    count = 0
    for number, cells in rows:
        line = wire.write_row(number, cells)
        if line is None:
            continue
        count += 1
        if count > limits["rows"] + 1_000 or number > LAST_ROW_OF_A_SHEET:  # titles and totals are no residents
            raise unreadable("TOO_MANY_ROWS", f"명부는 한 번에 {limits['rows']:,}줄까지 받습니다.")
        if (
            len(cells) > limits["columns"]
            and line.rstrip(wire.BLANK + wire.CELL_END).count(wire.CELL_END) > limits["columns"]
        ):
            raise unreadable("TOO_MANY_COLUMNS", f"열은 {limits['columns']}개까지 받습니다.")
        lines.append(line)
        if len(lines) >= ROWS_PER_FRAME:
            wire.send(pipe, b"R", wire.ROW_END.join(lines).encode("utf-8", "surrogatepass"))
            lines.clear()
    if lines:
        wire.send(pipe, b"R", wire.ROW_END.join(lines).encode("utf-8", "surrogatepass"))
    wire.send(pipe, b"R", b"")


def main() -> None:
    fd, limits = int(sys.argv[1]), json.loads(sys.argv[2])
    pipe = sys.stdout.buffer
    bind(limits)
    try:
        book = open_any(fd, limits)
        wire.send(pipe, b"J", json.dumps(describe(book)).encode())
        pipe.flush()
        for order in sys.stdin.buffer:
            stream(book.rows(int(order)), pipe, limits)
            pipe.flush()
    except Unreadable as refusal:
        _refuse(pipe, refusal.code, refusal.message)
    except MemoryError:
        _refuse(pipe, *_coded("TOO_MUCH_MEMORY"))
    except (BrokenPipeError, KeyboardInterrupt):
        pass
    except BaseException as fault:  # calamine panics are no Exceptions
        if "memory" in str(fault).lower() or "capacity overflow" in str(fault).lower():
            _refuse(pipe, *_coded("TOO_MUCH_MEMORY"))
        elif "doctype" in str(fault).lower() or "entity" in str(fault).lower():
            _refuse(pipe, *_coded("XML_DTD_FORBIDDEN"))
        else:
            _refuse(pipe, *_coded("CORRUPT_FILE"))
    sys.stdout.flush()
    os._exit(0)


def _coded(code: str) -> tuple[str, str]:
    return code, unreadable(code).message


def _refuse(pipe: io.BufferedIOBase, code: str, message: str) -> None:
    wire.send(pipe, b"J", json.dumps({"refused": code, "message": message}).encode())
    pipe.flush()


if __name__ == "__main__":
    main()
