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

from . import containers

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


# ---------------------------------------------------------------- files that are refused
@file
def empty() -> Dirt:
    return Dirt("empty.xlsx", b"", refused="EMPTY_FILE")


@file
def only_spaces() -> Dirt:
    return Dirt("blank.csv", "\ufeff \r\n\t\r\n".encode(), refused="EMPTY_FILE")


@file
def empty_workbook() -> Dirt:
    return Dirt("blank.xlsx", xlsx({"명부": [[" ", "\u3000"]]}), refused="EMPTY_FILE")


@file
def password_xlsx() -> Dirt:
    return Dirt(
        "locked.xlsx",
        containers.ole({"EncryptionInfo": b"\4\0\4\0", "EncryptedPackage": b"\0" * 5000}),
        refused="PASSWORD_PROTECTED",
    )


@file
def password_xls() -> Dirt:
    return Dirt("locked.xls", containers.xls({"명부": [HEAD, GOOD]}, with_password=True), refused="PASSWORD_PROTECTED")


@file
def truncated_xlsx() -> Dirt:
    data = xlsx({"명부": [HEAD, GOOD]})
    return Dirt("cut.xlsx", data[: len(data) * 2 // 3], refused="CORRUPT_FILE")


@file
def truncated_xls() -> Dirt:
    data = containers.xls({"명부": [HEAD, *(good(n) for n in range(40))]})
    return Dirt("cut.xls", data[: len(data) // 2], refused="CORRUPT_FILE")


@file
def bomb() -> Dirt:
    return Dirt("bomb.xlsx", containers.bomb(xlsx({"명부": [HEAD, GOOD]})), refused="DECOMPRESSION_BOMB")


@file
def many_parts() -> Dirt:
    parts = {f"xl/media/{n}.xml": b"<a/>" for n in range(2_000)}
    return Dirt(
        "parts.xlsx", containers.rezipped(xlsx({"명부": [HEAD, GOOD]}), added=parts), refused="DECOMPRESSION_BOMB"
    )


@file
def dtd_in_xlsx() -> Dirt:
    body = b'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY a "aaaa">]><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    data = containers.rezipped(xlsx({"명부": [HEAD, GOOD]}), changed={"xl/sharedStrings.xml": body})
    return Dirt("dtd.xlsx", data, refused="XML_DTD_FORBIDDEN")


@file
def dtd_in_xml() -> Dirt:
    data = xml_2003([HEAD, GOOD], prolog='<!DOCTYPE Workbook SYSTEM "http://127.0.0.1:9/x.dtd">')
    return Dirt("dtd.xls", data, refused="XML_DTD_FORBIDDEN")


@file
def macro_workbook() -> Dirt:
    data = xlsx({"명부": [HEAD, GOOD]})
    return Dirt(
        "macro.xlsx", containers.rezipped(data, added={"xl/vbaProject.bin": b"x"}), refused="UNSUPPORTED_FORMAT"
    )


@file
def open_document() -> Dirt:
    data = containers.zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<a/>"})
    return Dirt("list.ods", data, refused="UNSUPPORTED_FORMAT")


@file
def plain_zip() -> Dirt:
    return Dirt("list.xlsx", containers.zipped({"명부.xlsx": b"x"}), refused="UNSUPPORTED_FORMAT")


@file
def word_document() -> Dirt:
    return Dirt("list.xls", containers.ole({"WordDocument": b"x"}), refused="UNSUPPORTED_FORMAT")


@file
def pdf() -> Dirt:
    return Dirt("list.csv", b"%PDF-1.7 ...", refused="UNSUPPORTED_FORMAT")


@file
def mixed_encodings() -> Dirt:
    rows = csv([HEAD, GOOD], encoding="cp949") + "2,박한글,,1950-03-02,여,장위1동,1,돌곶이로,,\r\n".encode()
    return Dirt("mixed.csv", rows + b"\xff\xfe\xfd\r\n", refused="ENCODING_UNREADABLE")


@file
def no_header() -> Dirt:
    return Dirt("data.csv", csv([GOOD, good(1)]), refused="HEADER_NOT_FOUND")


# ---------------------------------------------------------------- encodings and text tables
def _encoded(encoding: str, delimiter: str = ",") -> Dirt:
    head = [cell for cell in HEAD if cell != "주민등록번호"]
    row = [1, "똠방각하", "1950-03-01", "남", "장위1동", 3, "돌곶이로 40길 8", "010-1234-5678", ""]
    return Dirt(
        "list.csv",
        csv([head, row], encoding=encoding, delimiter=delimiter),
        header_rows=(1,),
        rows={2: accepted(name="똠방각하")},
    )


for _encoding in ("cp949", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"):
    FILES[f"csv_{_encoding}"] = lambda encoding=_encoding: _encoded(encoding)
for _name, _delimiter in {"tab": "\t", "semicolon": ";", "pipe": "|"}.items():
    FILES[f"csv_{_name}"] = lambda delimiter=_delimiter: _encoded("utf-8", delimiter)


@file
def quoted_newlines() -> Dirt:
    text = (
        "성명,생년월일,행정동,주소,휴대전화\r\n"
        '"김영수",1950-03-01,장위1동,"돌곶이로 40길 8,\r\n지층 ""가""호",010-1234-5678\r\n'
        '김영희,1950-03-02,장위1동,"돌곶이로\r\n\r\n9",010-1234-5679\r\n'
    )
    return Dirt(
        "quoted.csv",
        text.encode(),
        header_rows=(1,),
        rows={
            2: accepted(address='돌곶이로 40길 8, 지층 "가"호'),
            3: accepted(address="돌곶이로 9", mobile="010-1234-5679"),
        },
    )


@file
def one_bad_quote() -> Dirt:
    text = (
        "성명,생년월일,행정동,주소,휴대전화\r\n"
        '김영수,1950-03-01,장위1동,"돌곶이로 40길 8,010-1234-5678\r\n'
        '"김영희",1950-03-02,장위1동,"돌곶이로 9, 지층",010-1234-5679\r\n'
        '김"영"철,1950-03-03,장위1동,돌곶이로 10,010-1234-5670\r\n'
        '김영자,1950-03-04,장위1동,돌곶이로 11,"010-1234-5671\r\n'
        "김영호,1950-03-05,장위1동,돌곶이로 12,010-1234-5672\r\n"
    )
    return Dirt(
        "quote.csv",
        text.encode(),
        rows={
            2: accepted(name="김영수", mobile="010-1234-5678"),
            3: accepted(name="김영희", address="돌곶이로 9, 지층"),
            4: accepted(birth_date="1950-03-03"),
            5: accepted(name="김영자", mobile="010-1234-5671"),
            6: accepted(name="김영호", mobile="010-1234-5672"),
        },
    )


@file
def ragged_rows() -> Dirt:
    text = (
        "성명,생년월일,행정동,주소,휴대전화\n김영수,1950-03-01,장위1동\n김영희,1950-03-02,장위1동,돌곶이로 9, 지층,010-1234-5679\n"
        "\n김영철,1950-03-03,장위1동,돌곶이로 10,010-1234-5670,,,\n"
    )
    return Dirt(
        "ragged.csv",
        text.encode(),
        rows={2: accepted(address=""), 3: rejected("EXTRA_CELLS"), 4: skipped("BLANK_ROW"), 5: accepted(name="김영철")},
    )


@file
def html_as_xls() -> Dirt:
    rows = [
        ["성&nbsp;명", "생년월일", "성별", "행정동", "주소"],
        ["김영수", "1950.3.1", "남", "장위 1동", "돌곶이로&nbsp;8<br>지층"],
    ]
    return Dirt("list.xls", html(rows), header_rows=(1,), rows={2: accepted(name="김영수", address="돌곶이로 8 지층")})


@file
def xml_as_xls() -> Dirt:
    return Dirt("list.xls", xml_2003([HEAD, GOOD]), header_rows=(1,), sheet="명부", rows={2: accepted(**GOOD_VALUES)})


@file
def xlsx_named_xls() -> Dirt:
    return Dirt("list.xls", xlsx({"명부": [HEAD, GOOD]}), rows={2: accepted(**GOOD_VALUES)})


@file
def real_xls() -> Dirt:
    rows = [
        ["장위1동 명부"],
        [],
        HEAD,
        GOOD,
        good(1, birth_date=(18324,)),
        good(2, birth_date=18325, mobile=1012345678, rrn=5003031000002),
    ]
    return Dirt(
        "list.xls",
        containers.xls({"표지": [["표지"]], "명부": rows}),
        sheet="명부",
        header_rows=(3,),
        rows={
            1: skipped("TITLE_ROW"),
            2: skipped("BLANK_ROW"),
            4: accepted(**GOOD_VALUES),
            5: accepted(birth_date="1950-03-02"),
            6: accepted(birth_date="1950-03-03", mobile="010-1234-5678"),
        },
    )


# ---------------------------------------------------------------- structure
@file
def titles_and_totals() -> Dirt:
    rows = [
        ["성북구 장위1동 65세 도래 명부"],
        ["(2014. 12. 31. 현재)", "", "", "", "", "", "", "", "", "단위: 명"],
        [],
        HEAD,
        GOOD,
        good(1),
        ["", "소계", "", "", 2],
        HEAD,
        good(2),
        ["합  계", "", "", 467996, 3],
        ["", "총 3명"],
        ["※ 위 명부는 방문 상담에만 씁니다."],
        ["* 문의: 복지1팀"],
        ["주) 가상의 사람들입니다."],
        ["", "이 하 여 백"],
    ]
    return Dirt(
        "titles.xlsx",
        xlsx({"명부": rows}, merges={"명부": [(0, 0, 0, 9), (11, 0, 11, 9)]}),
        header_rows=(4,),
        rows={
            1: skipped("TITLE_ROW"),
            2: skipped("TITLE_ROW"),
            3: skipped("BLANK_ROW"),
            4: skipped("HEADER_ROW"),
            5: accepted(**GOOD_VALUES),
            6: ACCEPTED,
            7: skipped("TOTAL_ROW"),
            8: skipped("HEADER_ROW"),
            9: ACCEPTED,
            10: skipped("TOTAL_ROW"),
            11: skipped("TOTAL_ROW"),
            12: skipped("NOTE_ROW"),
            13: skipped("NOTE_ROW"),
            14: skipped("NOTE_ROW"),
            15: skipped("NOTE_ROW"),
        },
    )


@file
def two_row_header() -> Dirt:
    rows = [
        ["주민 명부"],
        ["연번", "인적사항", "", "", "주소", "", "", "연락처", "", "보호자", ""],
        ["", "성명", "생년월일", "성별", "행정동", "도로명주소", "통/반", "자택", "휴대\n전화", "성명", "연락처"],
        [
            1,
            "김영수",
            "50.3.1",
            "남",
            "장위1",
            "돌곶이로 8",
            "9/3",
            "923-4567",
            "010-1234-5678",
            "김보호",
            "010-9999-9999",
        ],
    ]
    merges = [(0, 0, 0, 10), (1, 0, 2, 0), (1, 1, 1, 3), (1, 4, 1, 6), (1, 7, 1, 8), (1, 9, 1, 10)]
    return Dirt(
        "two.xlsx",
        xlsx({"명부": rows}, merges={"명부": merges}),
        header_rows=(2, 3),
        rows={
            4: accepted(
                "AREA_CODE_ASSUMED", name="김영수", tong=9, phone="02-923-4567", mobile="010-1234-5678", dong="장위1동"
            )
        },
    )


@file
def two_row_header_in_csv() -> Dirt:
    rows = [
        ["연번", "인적사항", "", "연락처", "", "행정동"],
        ["", "성명", "생년월일", "자택", "휴대전화", ""],
        [1, "김영수", "1950-03-01", "02-923-4567", "010-1234-5678", "장위1동"],
    ]
    return Dirt(
        "two.csv",
        csv(rows),
        header_rows=(1, 2),
        rows={3: accepted(name="김영수", phone="02-923-4567", mobile="010-1234-5678")},
    )


@file
def split_birth_and_number() -> Dirt:
    rows = [
        ["성명", "주민등록번호", "", "생년월일", "", "", "행정동"],
        ["", "", "", "년", "월", "일", ""],
        ["김영수", "500301", "1234567", 1950, 3, 1, "장위1동"],
    ]
    merges = [(0, 0, 1, 0), (0, 1, 1, 2), (0, 3, 0, 5), (0, 6, 1, 6)]
    return Dirt(
        "split.xlsx",
        xlsx({"명부": rows}, merges={"명부": merges}),
        header_rows=(1, 2),
        rows={3: accepted(birth_date="1950-03-01", sex="M")},
    )


@file
def cover_and_decoy() -> Dirt:
    decoy = [HEAD, *(good(n) for n in range(1, 9))]
    sheets = {
        "표지": [["2015년 방문 명부"], ["작성부서", "복지1팀"]],
        "작성예시": [HEAD, good(5)],
        "지난달": decoy,
        "자료": [HEAD, GOOD, good(1), good(2)],
    }
    return Dirt("cover.xlsx", xlsx(sheets, hidden=("지난달",)), sheet="자료", rows={2: accepted(**GOOD_VALUES)})


@file
def starts_at_column_b() -> Dirt:
    rows = [[], [], ["", *HEAD], ["", *GOOD]]
    return Dirt(
        "b.xlsx", xlsx({"명부": rows}), header_rows=(3,), rows={1: skipped("BLANK_ROW"), 4: accepted(**GOOD_VALUES)}
    )


@file
def odd_headings() -> Dirt:
    head = [
        "NO.",
        " 성   명 ",
        "주민\n번호",
        "생 일",
        "성별\u00a0",
        "읍면동",
        "통",
        "주민등록 도로명주소",
        "Ｈ.Ｐ",
        "집전화",
        "비고2",
        "성명",
    ]
    head[3] = "생년월일".encode().decode()
    import unicodedata

    head[1] = unicodedata.normalize("NFD", head[1])
    return Dirt(
        "odd.xlsx",
        xlsx({"명부": [head, [*GOOD, "메모", "다른이름"]]}),
        header_rows=(1,),
        rows={2: accepted(**GOOD_VALUES)},
        dropped=("주민 번호", "비고2"),
    )


@file
def hidden_rows_and_columns() -> Dirt:
    head = ["성명", *HEAD]
    rows = [head, ["숨은이름", *GOOD], ["숨은이름", *good(1)]]
    data = xlsx({"명부": rows}, hidden_rows=(2,), hidden_columns=(0,))
    return Dirt("hidden.xlsx", data, rows={2: accepted(**GOOD_VALUES), 3: ACCEPTED})


@file
def merged_down() -> Dirt:
    rows = [HEAD, GOOD, good(1, dong="", address=""), good(2, dong=""), good(3, dong="")]
    data = xlsx({"명부": rows}, merges={"명부": [(1, 5, 3, 5), (1, 7, 2, 7)]})
    return Dirt(
        "merged.xlsx",
        data,
        rows={
            3: accepted(dong="장위1동", address="돌곶이로 40길 8"),
            4: accepted(dong="장위1동"),
            5: rejected("REQUIRED"),
        },
    )


@file
def numbered_but_empty_lines() -> Dirt:
    rows = [HEAD, GOOD, [2], [3, "", "", "", "", "장위1동"], [4, "-", "-", "-", "-", "-"], [], good(4)]
    return Dirt(
        "form.xlsx",
        xlsx({"명부": rows}),
        rows={
            3: skipped("BLANK_ROW"),
            4: skipped("BLANK_ROW"),
            5: skipped("BLANK_ROW"),
            6: skipped("BLANK_ROW"),
            7: ACCEPTED,
        },
    )


@file
def formulas_and_1904() -> Dirt:
    rows = [
        HEAD,
        good(0, birth_date=(16861,), name=('="김"&"영수"', "김영수"), address=("=1/0", "#DIV/0!")),
        good(1, birth_date=16862),
    ]
    return Dirt(
        "1904.xlsx",
        xlsx({"명부": rows}, is_1904=True),
        rows={2: accepted(name="김영수", birth_date="1950-03-01", address=""), 3: accepted(birth_date="1950-03-02")},
    )


@file
def example_rows() -> Dirt:
    rows = [HEAD, good(1, name="예) 홍길동"), ["예시", *good(2)[1:]], good(3), good(4, name="예시은")]
    return Dirt(
        "example.xlsx",
        xlsx({"명부": rows}),
        rows={2: skipped("NOTE_ROW"), 3: skipped("NOTE_ROW"), 4: ACCEPTED, 5: accepted(name="예시은")},
    )


@file
def unit_and_number_rows() -> Dirt:
    numbers = [f"({n})" for n in range(1, 11)]
    units = ["", "(한글)", "(13자리)", "(YYYY-MM-DD)", "(남/여)"]
    return Dirt(
        "units.xlsx",
        xlsx({"명부": [HEAD, units, numbers, GOOD]}),
        rows={2: skipped("HEADER_ROW"), 3: skipped("HEADER_ROW"), 4: accepted(**GOOD_VALUES)},
    )


@file
def dong_from_the_title() -> Dirt:
    rows = [["장위2동 경로당 이용 어르신"], ["이름", "생년월일"], ["김영수", "1950-03-01"]]
    return Dirt("title.xlsx", xlsx({"Sheet1": rows}), header_rows=(2,), rows={3: accepted(dong="장위2동", sex="")})


# ---------------------------------------------------------------- cells
@file
def dates() -> Dirt:
    same = [
        "50.3.1", "'50.03.01", "1950-03-01", "1950.3.1.", "1950/3/1", "19500301", "500301", "1950년 3월 1일", 18323, 18323.25, "18323", 500301,
        19500301, (18323,), (18323.5,), "1950-03-01 00:00:00", "１９５０．３．１", "1950. 3. 1.(수)", "1950.3.1.생", "양력 1950.3.1", "1 Mar 1950",
        "1950.3.1(만 64세)", "500301-1",
    ]  # fmt: skip
    cases = [
        ({"birth_date": cell, "rrn": f"500301-1{n:06d}"}, accepted(birth_date="1950-03-01"))
        for n, cell in enumerate(same)
    ]
    wrong = {
        "BAD_DATE": ["1950-02-30", "1950.13.1", "오십년", 60, "60", (60,), True, "1850-01-01"],
        "PARTIAL_DATE": ["1950", "1950.3", "1950년 3월", "1950-03-00", 1950, "3월 1일", "1950.??.??"],
        "LUNAR_DATE": ["음 1950.1.15", "1950.1.15(음)", "50.1.15(음력)", "1950-01-15 윤"],
        "FUTURE_DATE": ["2150-03-01"],
        "AMBIGUOUS_DATE": ["03/01/1950", "1.3.1950"],
    }
    cases += [({"birth_date": cell, "rrn": ""}, rejected(code)) for code, cells in wrong.items() for cell in cells]
    cases += [
        ({"birth_date": "25/12/1950", "rrn": ""}, accepted("NO_RRN", birth_date="1950-12-25")),
        ({"birth_date": "100301", "rrn": ""}, rejected("AMBIGUOUS_CENTURY")),
        ({"birth_date": "10.3.1", "rrn": "100301-3000001"}, accepted(birth_date="2010-03-01")),
        ({"birth_date": "10.3.1", "rrn": "100301-1000001"}, accepted(birth_date="1910-03-01")),
        ({"birth_date": 10203, "rrn": "010203-3000001"}, accepted(birth_date="2001-02-03")),
        ({"birth_date": "", "rrn": ""}, rejected("REQUIRED")),
        ({"birth_date": "미상", "rrn": "500301-1000099"}, accepted("BIRTH_FROM_RRN", birth_date="1950-03-01")),
        ({"birth_date": (59,), "rrn": ""}, accepted(birth_date="1900-02-28")),
        ({"birth_date": (61,), "rrn": ""}, accepted(birth_date="1900-03-01")),
    ]
    return list_of(cases)


@file
def numbers() -> Dirt:
    day = {"birth_date": "1950-03-01"}
    cases = [
        (day | {"rrn": "5003011234567"}, ACCEPTED),
        (day | {"rrn": "500301 1234568"}, ACCEPTED),
        (day | {"rrn": "500301–1234569"}, ACCEPTED),
        (day | {"rrn": 5003011234570}, ACCEPTED),
        (
            {"birth_date": "2001-02-03", "rrn": 102033123456},
            accepted("RRN_LEADING_ZERO_RESTORED", birth_date="2001-02-03"),
        ),
        ({"birth_date": "2001-02-03", "rrn": "102033123457"}, accepted("RRN_LEADING_ZERO_RESTORED")),
        *(
            (day | {"rrn": cell}, accepted("RRN_MASKED"))
            for cell in ("500301-1******", "500301-*******", "5003011******", "500301-1xxxxxx", "500301-1")
        ),
        *((day | {"rrn": cell}, accepted("RRN_TEXT")) for cell in ("확인중", "외국인", "M12345678")),
        *((day | {"rrn": cell}, accepted("NO_RRN")) for cell in ("", "-", "없음", "미상")),
        *(
            (day | {"rrn": cell}, rejected("RRN_LENGTH"))
            for cell in ("500301-123456", "500301-12345678", "50030112345678")
        ),
        (day | {"rrn": "5OO301-1234567"}, rejected("RRN_NOT_DIGITS")),
        (day | {"rrn": "501332-1234567"}, rejected("RRN_BAD_DATE")),
        (day | {"rrn": "500302-1234567"}, rejected("RRN_BIRTH_MISMATCH")),
        (day | {"rrn": "500301-2234567"}, rejected("RRN_SEX_MISMATCH")),
        (day | {"rrn": "500301-2234568", "sex": ""}, accepted("SEX_FROM_RRN", sex="F")),
    ]
    return list_of(cases)


@file
def phones() -> Dirt:
    mobiles = [
        "010.1234.5678", "010 1234 5678", "010)1234-5678", "01012345678", "010–1234–5678", "０１０－１２３４－５６７８", 1012345678, "1012345678",
        "+82-10-1234-5678", "+82 (0)10-1234-5678", "82-10-1234-5678",
    ]  # fmt: skip
    cases = [({"mobile": cell}, accepted(mobile="010-1234-5678")) for cell in mobiles]
    cases += [
        (
            {"mobile": "010-1234-5678 / 02-923-4567", "phone": ""},
            accepted("PHONE_SPLIT", mobile="010-1234-5678", phone="02-923-4567"),
        ),
        ({"mobile": "010-1234-5678(딸)"}, accepted("PHONE_NOTE_DROPPED", mobile="010-1234-5678")),
        ({"mobile": "011-234-5678"}, accepted("LEGACY_MOBILE_PREFIX", mobile="011-234-5678")),
        ({"mobile": "", "phone": "923-4567"}, accepted("AREA_CODE_ASSUMED", phone="02-923-4567")),
        ({"mobile": "", "phone": 29234567}, accepted(phone="02-923-4567")),
        ({"mobile": "070-1234-5678", "phone": ""}, accepted(mobile="", phone="070-1234-5678")),
        ({"mobile": "", "phone": "0505-123-4567"}, accepted(phone="0505-123-4567")),
        ({"mobile": "", "phone": "010-1234-5678"}, accepted(mobile="010-1234-5678", phone="")),
        *(({"mobile": cell}, rejected("BAD_PHONE")) for cell in ("12345", "몰라요", "010-123-45", True)),
        *(({"mobile": cell, "phone": "-"}, accepted(mobile="", phone="")) for cell in ("없음", "해당없음", "#N/A", "")),
    ]
    return list_of(cases)


@file
def dongs() -> Dirt:
    same = [
        "장위제1동", "장위1", "장위 1동", "장위１동", "Jangwi1-dong", "성북구 장위1동", "서울특별시 성북구 장위1동", "장위1동 주민센터", "장위1동주민센터",
        "\u200b장위1동\u3000", "장위1동(장위동)",
    ]  # fmt: skip
    cases = [({"dong": cell}, accepted(dong="장위1동")) for cell in same]
    cases += [({"dong": cell}, rejected("AMBIGUOUS_DONG")) for cell in ("장위동", "정릉동", "하월곡동", "돈암동")]
    cases += [({"dong": cell}, rejected("UNKNOWN_DONG")) for cell in ("장위9동", "강북구 수유1동", "혜화동")]
    cases += [({"dong": ""}, rejected("REQUIRED"))]
    return list_of(cases)


@file
def names_and_texts() -> Dirt:
    cases = [
        ({"name": "김 영 수"}, accepted("NAME_SPACES_REMOVED", name="김영수")),
        ({"name": "김영수(사망)"}, accepted("NAME_NOTE_DROPPED", name="김영수")),
        ({"name": "1. 김영수"}, accepted("NAME_NOTE_DROPPED", name="김영수")),
        ({"name": "\u00a0김\u200b영수\u3000"}, accepted(name="김영수")),
        ({"name": "\u1100\u1175\u11b7\u110b\u1167\u11bc\u1109\u116e"}, accepted(name="김영수")),
        ({"name": "NGUYEN THI HOA"}, accepted(name="NGUYEN THI HOA")),
        ({"name": "=cmd|' /C calc'!A0"}, rejected("FORMULA_LIKE_TEXT")),
        ({"name": "+김영수"}, rejected("FORMULA_LIKE_TEXT")),
        ({"name": ""}, rejected("REQUIRED")),
        ({"name": "없음"}, rejected("REQUIRED")),
        ({"name": "김"}, rejected("TOO_SHORT")),
        ({"name": "김" * 300}, rejected("TOO_LONG")),
        ({"address": "가" * 5_000}, rejected("TOO_LONG")),
        ({"address": "=HYPERLINK(1)"}, accepted("FORMULA_LIKE_TEXT", address="=HYPERLINK(1)")),
        ({"address": "돌곶이로\r\n 40길\u00a0 ８"}, accepted(address="돌곶이로 40길 8")),
        ({"address": "<b>돌곶이로</b> 🙂"}, accepted(address="<b>돌곶이로</b> 🙂")),
        ({"address": "돌곶이로 8 (500301-1234567)"}, accepted("RRN_MASKED", address="돌곶이로 8 (500301-1******)")),
        ({"sex": "여자", "rrn": ""}, accepted(sex="F")),
        ({"sex": 1, "rrn": ""}, accepted(sex="M")),
        ({"tong": "제3통"}, accepted(tong=3)),
    ]
    return list_of(cases)
