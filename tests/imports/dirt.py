"""Dirty files with the outcome a careful clerk would expect, one or more for every code.

All people are invented: numbers have the wrong check digit. `FILES` maps a name to a function that
makes a `Dirt`: the bytes and what must come of them.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import xlsxwriter

HEAD = ["연번", "성명", "주민등록번호", "생년월일", "성별", "행정동", "통", "주소", "휴대전화", "자택전화"]
GOOD = [
    1,
    "김영수",
    "500301-1234567",
    "1950-03-01",
    "남",
    "장위1동",
    3,
    "돌곶이로 40길 8",
    "010-1234-5678",
    "02-923-4567",
]
GOOD_VALUES = {
    "name": "김영수",
    "birth_date": "1950-03-01",
    "sex": "M",
    "dong": "장위1동",
    "tong": 3,
    "address": "돌곶이로 40길 8",
    "mobile": "010-1234-5678",
    "phone": "02-923-4567",
}
AT = {"name": 1, "rrn": 2, "birth_date": 3, "sex": 4, "dong": 5, "tong": 6, "address": 7, "mobile": 8, "phone": 9}


@dataclass
class Expected:
    """Of one row: accepted, rejected or skipped, with codes and some of the values."""

    status: str
    codes: tuple[str, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)


@dataclass
class Dirt:
    name: str
    data: bytes
    refused: str = ""
    header_rows: tuple[int, ...] | None = None
    sheet: str | None = None
    rows: dict[int, Expected] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()


FILES: dict[str, Callable[[], Dirt]] = {}


def file(function: Callable[[], Dirt]) -> Callable[[], Dirt]:
    FILES[function.__name__] = function
    return function


def good(number: int = 0, **changes: Any) -> list[Any]:
    """A row of a person of its own, with some cells changed by field name."""
    row = list(GOOD)
    if number:
        row[0], row[1] = number + 1, f"김영{'가나다라마바사아자차카타파하거너더러머버'[number % 20]}"
        row[2] = f"5003{number % 28 + 1:02d}-1{number:06d}"
        row[3] = f"1950-03-{number % 28 + 1:02d}"
        row[7] = f"돌곶이로 {number}길 8"
        row[8] = f"010-{1000 + number}-5678"
    for name, value in changes.items():
        row[AT[name]] = value
    return row


ACCEPTED = Expected("accepted")


def skipped(code: str) -> Expected:
    return Expected("skipped", (code,))


def rejected(*codes: str) -> Expected:
    return Expected("rejected", codes)


def accepted(*codes: str, **values: Any) -> Expected:
    return Expected("accepted", codes, values)


def xlsx(
    sheets: dict[str, list[list[Any]]],
    *,
    merges: dict[str, list[tuple]] | None = None,
    hidden: tuple[str, ...] = (),
    hidden_rows: tuple[int, ...] = (),
    hidden_columns: tuple[int, ...] = (),
    is_1904: bool = False,
) -> bytes:
    """Cells by type: text, number, yes/no; (serial,) is a date cell, ("=formula", value) a formula."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "date_1904": is_1904})
    day = book.add_format({"num_format": 'yyyy"년" m"월" d"일"'})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        if name in hidden:
            sheet.hide()
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if type(value) is tuple and len(value) == 1:
                    sheet.write_number(r, c, value[0], day)
                elif type(value) is tuple:
                    sheet.write_formula(r, c, value[0], None, value[1])
                elif type(value) is bool:
                    sheet.write_boolean(r, c, value)
                elif isinstance(value, int | float):
                    sheet.write_number(r, c, value)
                elif value not in ("", None):
                    sheet.write_string(r, c, value)
        for r1, c1, r2, c2 in (merges or {}).get(name, ()):
            value = rows[r1][c1] if r1 < len(rows) and c1 < len(rows[r1]) else ""
            sheet.merge_range(r1, c1, r2, c2, value)
        for r in hidden_rows:
            sheet.set_row(r, options={"hidden": True})
        for c in hidden_columns:
            sheet.set_column(c, c, options={"hidden": True})
    if all(name in hidden for name in sheets):
        raise ValueError("a workbook needs one visible sheet")
    book.close()
    return out.getvalue()


def csv(rows: list[list[Any]], *, encoding: str = "utf-8-sig", delimiter: str = ",", end: str = "\r\n") -> bytes:
    return "".join(delimiter.join(str(cell) for cell in row) + end for row in rows).encode(encoding)


def html(rows: list[list[Any]], *, before: str = "", attributes: str = "") -> bytes:
    body = "".join("<tr>" + "".join(f"<td {attributes}>{cell}</td>" for cell in row) + "</tr>\n" for row in rows)
    return (
        f"<html><head><meta charset='euc-kr'></head><body>{before}<table border=1>{body}</table></body></html>".encode(
            "cp949"
        )
    )


def xml_2003(rows: list[list[Any]], *, prolog: str = "") -> bytes:
    def cell(value: Any) -> str:
        kind = "Number" if isinstance(value, int | float) else "String"
        return f'<Cell><Data ss:Type="{kind}">{value}</Data></Cell>'

    body = "".join("<Row>" + "".join(map(cell, row)) + "</Row>" for row in rows)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{prolog}<?mso-application progid="Excel.Sheet"?>'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        f'<Worksheet ss:Name="명부"><Table>{body}</Table></Worksheet></Workbook>'
    ).encode()


def list_of(cases: list[tuple[dict[str, Any], Expected]], *, as_csv: bool = False) -> Dirt:
    """A plain list: header in row 1, then one row for each case."""
    rows = [HEAD, *(good(n, **changes) for n, (changes, _) in enumerate(cases, 1))]
    expected = {1: skipped("HEADER_ROW")} | {n + 1: outcome for n, (_, outcome) in enumerate(cases, 1)}
    data = csv(rows) if as_csv else xlsx({"명부": rows})
    return Dirt("list.csv" if as_csv else "list.xlsx", data, header_rows=(1,), rows=expected, dropped=("주민등록번호",))


from . import dirt_cells, dirt_files  # noqa: E402, F401  (they fill FILES)
