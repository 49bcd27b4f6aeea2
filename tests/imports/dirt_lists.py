"""Dirty files of other kinds of list, with what a careful clerk would make of every row.

People stand in the register of the tests (`test_dirty_lists.py`); all are invented.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from . import dirt

SKIP, KEEP, NO = "skipped", "accepted", "rejected"


@dataclass
class DirtyList:
    """The bytes, the kind the header must tell, and status (and code) of each row."""

    name: str
    data: bytes
    kind: str
    rows: dict[int, tuple[str, str]]
    values: dict[int, dict] = field(default_factory=dict)


LISTS: dict[str, Callable[[], DirtyList]] = {}


def file(function: Callable[[], DirtyList]) -> Callable[[], DirtyList]:
    LISTS[function.__name__] = function
    return function


BENEFIT_HEAD = ["연번", "수급자 성명", "생 년 월 일", "거주\n행정동", "보장구분", "보장결정일", "중지일자"]


@file
def benefits_with_everything_around() -> DirtyList:
    """Title, date, unit row, subtotals, notes, a cover sheet, a hidden sheet with older rows."""
    rows = [
        ["2015년 1월 복지급여 대상자 현황"],
        ["(기준일 : 2015. 1. 10.)"],
        [],
        BENEFIT_HEAD,
        [1, "김 영 수", "48.3.1", "장위제1동", "기초연금", "2014.7.1.", ""],
        [2, "이순자", "460707", "장위１동", "생계급여, 의료급여", 41306, "-"],
        ["", "소계", "", "2명", "", "", ""],
        [3, "박말자(독거)", "1945년 5월 5일", "월곡1동 주민센터", "장애수당", "'14.01.01", "해당없음"],
        [4, "박말자", "1945-05-05", "월곡1동", "우주연금", "2014-01-01", ""],
        [5, "박말자", "1945-05-05", "월곡1동", "장애수당", "2014-01-01", "2013-12-31"],
        [6, "", "1945-05-05", "월곡1동", "장애수당", "2014-01-01", ""],
        ["총 6명"],
        ["※ 보장결정일은 최초 결정일임"],
    ]
    old = [BENEFIT_HEAD, [1, "옛사람", "48.3.1", "장위1동", "기초연금", "2010.7.1.", ""]]
    data = dirt.xlsx(
        {"표지": [["복지급여 대상자"], ["작성: 복지정책과"]], "1월": rows, "지난달": old}, hidden=("지난달",)
    )
    return DirtyList(
        "급여.xlsx",
        data,
        "benefits",
        {
            1: (SKIP, "TITLE_ROW"), 2: (SKIP, "TITLE_ROW"), 3: (SKIP, "BLANK_ROW"), 4: (SKIP, "HEADER_ROW"), 5: (KEEP, ""),
            6: (KEEP, ""), 7: (SKIP, "TOTAL_ROW"), 8: (KEEP, "NAME_NOTE_DROPPED"), 9: (NO, "UNKNOWN_BENEFIT"),
            10: (NO, "BAD_PERIOD"), 11: (NO, "REQUIRED"), 12: (SKIP, "TOTAL_ROW"), 13: (SKIP, "NOTE_ROW"),
        },
        {
            5: {"name": "김영수", "categories": ["basic_pension"], "valid_from": "2014-07-01", "valid_to": None},
            6: {"categories": ["basic_livelihood"], "valid_from": "2013-02-01"},
        },
    )  # fmt: skip


@file
def benefits_in_cp949_with_numbers_to_drop() -> DirtyList:
    head = ["성명", "주민등록번호", "읍면동", "급여명", "지급개시일"]
    rows = [
        head,
        ["김영수", "480301-1234567", "장위1동", "기초연금", "20140701"],
        ["김영수", "480301-1234567", "장위1동", "기초연금", "2014-07-01"],
        ["이순자", "460707-2234567", "장위동", "한부모", "2014-13-01"],
    ]
    expected = {1: (SKIP, "HEADER_ROW"), 2: (KEEP, ""), 3: (NO, "DUP_EXACT"), 4: (NO, "BAD_DATE")}
    return DirtyList(
        "급여.csv", dirt.csv(rows, encoding="cp949"), "benefits", expected, {2: {"birth_date": "1948-03-01"}}
    )


@file
def births_with_a_two_row_header() -> DirtyList:
    rows = [
        ["모자보건실 임산부 등록대장", "", "", "", "", "", ""],
        ["연번", "임산부 인적사항", "", "", "임신", "", "고위험\n여부"],
        ["", "성명", "생년월일", "연락처", "분만 예정일", "임신 주수", ""],
        [1, "최은정", "1985.4.2", "010-1111-2222", "2015. 5. 20", "20주", "○"],
        [2, "최은정", "1985.4.2", "010-1111-2222", "", "", ""],
        [3, "모르는이", "1990.1.1", "", "2015-03-01", "", "해당없음"],
        ["합계", "3명", "", "", "", "", ""],
    ]
    merges = [(1, 0, 2, 0), (1, 1, 1, 3), (1, 4, 1, 5), (1, 6, 2, 6), (0, 0, 0, 6)]
    return DirtyList(
        "모자보건.xlsx",
        dirt.xlsx({"대장": rows}, merges={"대장": merges}),
        "births",
        {
            1: (SKIP, "TITLE_ROW"), 2: (SKIP, "HEADER_ROW"), 3: (SKIP, "HEADER_ROW"), 4: (KEEP, ""), 5: (NO, "REQUIRED"),
            6: (NO, "UNKNOWN_PERSON"), 7: (SKIP, "TOTAL_ROW"),
        },
        {4: {"expected_on": "2015-05-20", "risk_groups": ["고위험"]}},
    )  # fmt: skip


@file
def changes_as_an_html_table() -> DirtyList:
    rows = [
        ["순번", "변동사유", "변동일자", "성명", "주민등록번호", "주소", "전출지"],
        [
            1,
            "전출(관외)",
            "2015.01.05",
            "김영수",
            "480301-1234567",
            "서울특별시 성북구 장위1동 돌곶이로 40길 8",
            "부산광역시",
        ],
        [2, "사망말소", "2015-01-07", "이순자", "460707-2******", "서울특별시 성북구 장위1동 장위로 3", ""],
        [3, "세대주변경", "2015-01-07", "이순자", "460707-2******", "서울특별시 성북구 장위1동 장위로 3", ""],
        [4, "전입", "2015-01-32", "박새롬", "910203-2234567", "서울특별시 성북구 장위1동 장위로 9", ""],
        [5, "전입신고", "15.1.9", "박새롬", "910203-2234567", "서울특별시 성북구 장위1동 장위로 9", ""],
    ]
    return DirtyList(
        "변동.xls",
        dirt.html(rows),
        "changes",
        {
            1: (SKIP, "HEADER_ROW"),
            2: (KEEP, ""),
            3: (KEEP, "RRN_MASKED"),
            4: (NO, "UNKNOWN_WORD"),
            5: (NO, "BAD_DATE"),
            6: (KEEP, ""),
        },
        {
            2: {"change": "out", "changed_on": "2015-01-05", "where": "부산광역시"},
            6: {"change": "in", "changed_on": "2015-01-09"},
        },
    )


@file
def benefits_with_a_column_of_marks_each() -> DirtyList:
    """Two heading rows over merged groups, marks of every sort, a row that counts them, a number to drop."""
    rows = [
        ["2015년 1월 복지급여 대상자 현황(단위: 명)"],
        ["연번", "인적사항", "", "", "기초생활보장", "", "차상위", "", "기초연금", "", "비고"],
        ["", "성명", "주민등록번호", "행정동", "생계급여", "의료급여", "자활", "우선돌봄", "여부", "개시일", ""],
        [1, "김 영 수", "480301-1234567", "장위1동", "O", "×", "", "", "√", (41821,), ""],
        [2, "이순자", "460707-2234567", "장위1동", "", "", "ㅇ", "N", "X", "", "확인함"],
        [3, "박말자", "450505-2234567", "월곡1동", "", "", "", "?", "O", "", ""],
        [4, "박말자", "450505-2234567", "월곡1동", "", "", "", "", "2014.13.1", "", ""],
        [5, "박말자", "450505-2234567", "월곡1동", "", "", "", "", "기초연금", "2014-07-01", ""],
        ["", "계", "", "", "1명", "0", "1", "", "3", "", ""],
        ["※ 해당하는 급여에 O표"],
    ]
    merges = [(1, 0, 2, 0), (1, 1, 1, 3), (1, 4, 1, 5), (1, 6, 1, 7), (1, 8, 1, 9), (1, 10, 2, 10), (0, 0, 0, 10)]
    return DirtyList(
        "대상자.xlsx",
        dirt.xlsx({"현황": rows}, merges={"현황": merges}),
        "benefits",
        {
            1: (SKIP, "TITLE_ROW"), 2: (SKIP, "HEADER_ROW"), 3: (SKIP, "HEADER_ROW"), 4: (KEEP, ""), 5: (KEEP, ""),
            6: (NO, "BAD_MARK"), 7: (NO, "BAD_DATE"), 8: (KEEP, ""), 9: (SKIP, "TOTAL_ROW"), 10: (SKIP, "NOTE_ROW"),
        },
        {
            4: {"categories": ["basic_livelihood", "basic_pension"], "since": {"basic_pension": "2014-07-01"}},
            5: {"categories": ["near_poor_self_support"], "denied": ["basic_pension", "near_poor_priority_care"]},
            8: {"categories": ["basic_pension"], "since": {"basic_pension": "2014-07-01"}},
        },
    )  # fmt: skip


@file
def budget_in_won_with_merged_categories() -> DirtyList:
    """A budget as it is printed: merged categories, bullets, sums of both kinds, one calculation that is wrong."""
    rows = [
        ["붙임 2. 2015년도 장위1동 마을복지센터 소요예산"],
        ["", "", "", "", "(단위: 원)"],
        ["예산과목", "내 용", "산 출 기 초", "예산액", "비 고"],
        ["총 계", "", "", "6,500,000", ""],
        ["사무관리비", "○ 강사료", "200,000원 × 10회", "2,000,000원", ""],
        ["", "○ 다과", "@5,000 × 20명 × 5회", 500000.0, ""],
        ["", "소 계", "", 2500000.0, ""],
        ["행사운영비", "○ 워크숍(1박2일)", "50,000원×40명×2일=4,000,000원", "4,000,000", "하반기"],
        ["행사운영비", "○ 현수막", "50,000원×3개", "100,000", ""],
        ["", "", "", "", ""],
        ["※ 집행 잔액은 반납"],
    ]
    merges = [(4, 0, 6, 0), (0, 0, 0, 4)]
    return DirtyList(
        "예산(안).xlsx",
        dirt.xlsx({"Sheet1": rows}, merges={"Sheet1": merges}),
        "budgets",
        {
            1: (SKIP, "TITLE_ROW"), 2: (SKIP, "TITLE_ROW"), 3: (SKIP, "HEADER_ROW"), 4: (NO, "BAD_TOTAL"), 5: (KEEP, ""),
            6: (KEEP, ""), 7: (SKIP, "TOTAL_ROW"), 8: (KEEP, ""), 9: (NO, "BAD_CALCULATION"), 10: (SKIP, "BLANK_ROW"),
            11: (SKIP, "NOTE_ROW"),
        },
        {
            5: {"title": "장위1동 마을복지센터 소요예산", "year": 2015, "dong": "장위1동", "category": "사무관리비", "item": "강사료",
                "calculation": "200,000원 × 10회", "amount": "2000"},
            6: {"item": "다과", "amount": "500"},
            8: {"item": "워크숍(1박2일)", "amount": "4000", "note": "하반기"},
        },
    )  # fmt: skip
