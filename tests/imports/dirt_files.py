"""Dirty files as a whole: refused ones, encodings, and structures of every kind."""

import unicodedata

from . import containers
from .dirt import (
    ACCEPTED,
    FILES,
    GOOD,
    GOOD_VALUES,
    HEAD,
    Dirt,
    accepted,
    csv,
    file,
    good,
    html,
    rejected,
    skipped,
    xlsx,
    xml_2003,
)


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
    return Dirt("list.xlsx", containers.zipped({"명부.xlsx": b"x"}), refused="CORRUPT_FILE")


@file
def noise_named_xlsx() -> Dirt:
    return Dirt("list.xlsx", bytes(range(256)) * 20, refused="CORRUPT_FILE")


@file
def page_without_a_table() -> Dirt:
    page = "<!DOCTYPE html><html><body><p>로그인이 필요합니다.</p></body></html>".encode()
    return Dirt("list.xls", page, refused="HTML_NOT_XLS")


@file
def page_with_endless_columns() -> Dirt:
    cells = "<td colspan=1000>x</td>" * 2_000
    return Dirt("list.xls", f"<table><tr>{cells}</tr></table>".encode(), refused="TOO_MANY_COLUMNS")


@file
def row_beyond_any_sheet() -> Dirt:
    data = csv([HEAD, GOOD]) + b"\r\n" * 1_100_000 + csv([good(1)])
    return Dirt("list.csv", data, refused="TOO_MANY_ROWS")


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
def two_row_header_on_every_page() -> Dirt:
    head = [
        ["연번", "인적사항", "", "", "거주지", "", "연락처", ""],
        ["", "성명", "생년월일", "성별", "행정동", "주소", "자택", "휴대전화"],
    ]
    lines = [
        [n, f"김영{n}수", f"1950-03-0{n}", "남", "장위1동", f"돌곶이로 {n}", "", f"010-1234-567{n}"]
        for n in range(1, 5)
    ]
    return Dirt(
        "pages.xlsx",
        xlsx({"명부": [*head, *lines[:2], *head, *lines[2:]]}),
        header_rows=(1, 2),
        rows={4: ACCEPTED, 5: skipped("HEADER_ROW"), 6: skipped("HEADER_ROW"), 7: ACCEPTED, 8: ACCEPTED},
    )


@file
def hundreds_of_columns() -> Dirt:
    more = [f"항목 {n}" for n in range(300)]
    return Dirt(
        "wide.xlsx",
        xlsx({"명부": [HEAD + more, GOOD + ["값"] * 300]}),
        rows={2: accepted(**GOOD_VALUES)},
        dropped=("항목 0", "항목 299"),
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
        rows={3: accepted("SEX_FROM_RRN", birth_date="1950-03-01", sex="M")},
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
