"""Budgets with their calculations: lines in, sums checked, differences named with both numbers, taken back."""

import datetime as dt
from decimal import Decimal

import pytest

from planners.lists import import_answers, import_files, import_undo, list_import
from planners.lists.budget_list import RowsRejected
from planners.lists.list_kinds import CannotUndo
from planners.lists.list_reading import drop_strays
from staffing.budgets import table
from staffing.models import Budget, BudgetLine
from tests import factories as f

from . import dirt

pytestmark = pytest.mark.django_db(transaction=True)
TITLE = ["2015년 월곡1동 마을복지센터 예산 집행 계획"]
UNIT = ["", "", "", "(단위: 천원)"]
HEAD = ["항목", "집행내용", "금액", "비고"]
PLAN = [
    ["계", "", "100,000", ""],
    ["시설비", "○ 동 주민센터 공간 재설계", 50000.0, ""],
    ["", "- 시설 개·보수비", "39,500", ""],
    ["", "- 사무기기 구매비", "10,500", ""],
    ["인건비", "○ 신규인력 채용", "", ""],
    ["", "- 사전시범동 신규인력 채용 2,000천원*3명*6개월", "36,000", "6월까지"],
    ["역량강화비", "○ 동 마을복지센터 인력 교육", "2,000", ""],
    ["", "- 마을공동체 전문가 교육 500천원*2회", "1,000", ""],
    ["", "- 복지전문가 교육 500천원*2회", "1,000", ""],
    ["", "○ 마을복지공동체 워크샵 및 심포지엄", "5,000", ""],
    ["", "○ 마을복지공동체 선진 자치단체 벤치마킹", "3,000", ""],
    ["", "○ 찾아가는 복지학교운영", "2,200", ""],
    ["회의운영비", "○ 동 통합사례관리위원회 회의 개최", "", ""],
    ["", "- 월1회*300천원*6회", "1,800", ""],
    ["※ 비고란은 비워 둠", "", "", ""],
]


@pytest.fixture(autouse=True)
def places(dong, other_dong, tmp_path, settings):
    settings.PRIVATE_FILES = tmp_path / "files"
    drop_strays(set())


def staged(rows, by, *, head=HEAD, above=(TITLE, UNIT), name="예산.xlsx", kind="budgets", data=None, **given):
    body = data or dirt.xlsx({"Sheet1": [*above, head, *rows]})
    kept = import_files.keep([body])
    batch = list_import.receive(kept, file_name=name, kind=kind, by=by, at=f.NOW, **given)
    return list_import.stage(batch, on=f.TODAY)


def applied(rows, by, **given):
    batch = list_import.begin_applying(staged(rows, by, **given), by=by)
    return list_import.apply(batch, by=by, on=f.TODAY, at=f.NOW)


def parts(batch):
    return {name: batch.counts[name] for name in (*import_answers.PARTS, "closed") if batch.counts[name]}


def problems(batch):
    return {issue.row: (issue.code, issue.message) for issue in batch.issues.filter(level="reject")}


def changed(at, **cells):
    rows = [list(row) for row in PLAN]
    for heading, value in cells.items():
        rows[at][HEAD.index(heading)] = value
    return rows


def test_reproduces_the_budget_of_the_plan(officer, other_dong):
    batch = applied(PLAN, officer, kind="")
    assert (batch.kind, parts(batch)) == ("budgets", {"added": 13, "skipped": 5})
    budget = Budget.objects.get()
    assert (budget.title, budget.year, budget.dong) == ("월곡1동 마을복지센터 예산 집행 계획", 2015, other_dong)
    found = table(budget)
    assert found.amount_kkrw == 100_000
    assert {c.name: c.amount_kkrw for c in found.categories} == {
        "시설비": 50_000, "인건비": 36_000, "역량강화비": 12_200, "회의운영비": 1_800,
    }  # fmt: skip
    lines = dict(BudgetLine.objects.exclude(calculation="").values_list("item", "calculation"))
    assert lines["사전시범동 신규인력 채용"] == "2,000천원*3명*6개월"
    assert lines["복지전문가 교육"] == "500천원*2회"
    assert "월1회*300천원*6회" in lines.values()


def test_changes_nothing_the_second_time(officer):
    applied(PLAN, officer)
    before = list(BudgetLine.objects.order_by("pk").values())
    batch = applied(PLAN, officer)
    assert parts(batch) == {"unchanged": 13, "skipped": 5}
    assert list(BudgetLine.objects.order_by("pk").values()) == before


@pytest.mark.parametrize(
    ("at", "cells", "code", "numbers"),
    [
        (0, {"금액": "99,000"}, "BAD_TOTAL", ("100,000천원", "99,000천원")),
        (1, {"금액": "51,000"}, "BAD_PARTS", ("50,000천원", "51,000천원")),
        (5, {"금액": "30,000"}, "BAD_CALCULATION", ("36,000천원", "30,000천원")),
        (7, {"집행내용": "- 교육 500천원*2회=900천원"}, "BAD_CALCULATION", ("1,000천원", "900천원")),
    ],
)
def test_rejects_what_does_not_come_out_with_both_numbers(officer, at, cells, code, numbers):
    batch = staged(changed(at, **cells), officer)
    said, message = problems(batch)[at + 4]
    assert said == code
    assert all(number in message for number in numbers)
    assert sum(batch.counts[name] for name in import_answers.PARTS) == batch.counts["rows"]
    with pytest.raises(RowsRejected):
        list_import.begin_applying(batch, by=officer)


def test_counts_what_only_a_calculation_tells(officer):
    batch = staged(changed(5, 금액=""), officer)
    assert batch.report["warnings"]["AMOUNT_FROM_CALCULATION"] == 1
    assert not problems(batch)


def test_says_when_nobody_tells_the_unit(officer):
    batch = staged(PLAN, officer, above=(TITLE,))
    assert {code for code, _ in problems(batch).values()} == {"UNIT_MISSING"}
    told = staged([["교육비", "강사 수당", "1,000,000원", ""]], officer, above=(TITLE,))
    assert parts(told) == {"added": 1, "skipped": 2}


def test_reads_won_to_the_won(officer):
    rows = [["인건비", "강사 수당 33,333원×3명", "99,999", ""], ["합계", "", "99,999", ""]]
    applied(rows, officer, head=["항목", "집행내용", "금액(원)", "비고"], above=(TITLE,))
    assert BudgetLine.objects.get().amount_kkrw == Decimal("99.999")


def test_reads_subtotals_and_columns_of_unit_cost_and_quantity(officer):
    head = ["연번", "과목", "항목", "단가", "수량", "금액(천원)"]
    rows = [
        [1, "사무관리비", "강사료", "500천원", "2회", 1000.0],
        [2, "사무관리비", "재료비", 100.0, 3.0, 300.0],
        ["", "사무관리비 소계", "", "", "", 1300.0],
        [3, "시설비", "도색", "", "", 2000.0],
        ["", "시설비 소계", "", "", "", 2000.0],
        ["", "합계", "", "", "", 3300.0],
    ]
    batch = applied(rows, officer, head=head)
    assert parts(batch) == {"added": 3, "skipped": 6}
    wrong = [[*row[:5], 1400.0] if "소계" in row[1] and row[5] == 1300.0 else row for row in rows]
    assert [code for code, _ in problems(staged(wrong, officer, head=head)).values()] == ["BAD_TOTAL"]
    wrong = [[*row[:5], 400.0] if row[2] == "재료비" else row for row in rows]
    assert problems(staged(wrong, officer, head=head))[5][0] == "BAD_CALCULATION"


def test_finds_parts_by_their_amounts_where_no_bullet_tells(officer):
    head = ["구분", "내용", "금액(천원)"]
    rows = [
        ["시설비", "공간 재설계", 50000.0], ["시설비", "개보수", 39500.0], ["시설비", "사무기기", 10500.0],
        ["교육비", "교육", 2000.0], ["합계", "", 52000.0],
    ]  # fmt: skip
    batch = applied(rows, officer, head=head)
    assert not problems(batch)
    assert table(Budget.objects.get()).amount_kkrw == 52_000
    assert BudgetLine.objects.exclude(part_of=None).count() == 2


def test_reads_three_kinds_of_bullets_as_headings_items_and_parts(officer):
    rows = [
        ["일반운영비", "□ 교육", 3000.0, ""],
        ["", "○ 강사료 200천원×10회", 2000.0, ""],
        ["", "○ 교재", 1000.0, ""],
        ["", "- 인쇄 10천원×50부", 500.0, ""],
        ["", "- 제본 10천원×50부", 500.0, ""],
        ["계", "", 3000.0, ""],
    ]
    batch = applied(rows, officer)
    assert parts(batch) == {"added": 4, "skipped": 5}
    assert {one.name for one in table(Budget.objects.get()).categories} == {"일반운영비 · 교육"}
    rows[0][2] = 4000.0
    assert [code for code, _ in problems(staged(rows, officer)).values()] == ["BAD_TOTAL"]


def test_reads_numbers_and_letters_as_bullets(officer):
    rows = [["", "1. 인건비", 36000.0, ""], ["", "가. 신규인력 2,000천원*3명*6개월", 36000.0, ""], ["", "2. 시설비", 50000.0, ""],
            ["합 계", "", 86000.0, ""]]  # fmt: skip
    applied(rows, officer)
    assert table(Budget.objects.get()).amount_kkrw == 86_000
    assert BudgetLine.objects.get(item="신규인력").part_of.item == "인건비"


@pytest.mark.parametrize("name", ["계산서.csv", "빈 줄.xlsx"])
def test_survives_cells_nobody_expects(officer, name):
    rows = [
        ["시설비", "○" * 300, "=1+1", "\u200b"],
        ["", "×" * 200, "1e9", ""],
        ["", "(" * 90 + "1×" * 60, "", ""],
        ["계", "", "#REF!", ""],
    ]
    data = "\n".join(",".join(row) for row in [HEAD, *rows]).encode() if name.endswith("csv") else None
    batch = staged(rows, officer, data=data, name=name)
    assert sum(batch.counts[part] for part in import_answers.PARTS) == batch.counts["rows"]
    assert batch.counts["rejected"]


def test_takes_the_printed_table_as_csv(officer):
    text = "seq,category_ko,item_ko,row_type,level,item_key,amount_kkrw,unit_cost_kkrw,quantity_1,quantity_2\n"
    text += "1,계,,total,0,,37000,,,\n2,인건비,신규인력 채용,item,1,new,,,,\n"
    text += '3,인건비,"신규인력 채용 2,000천원*3명*6개월",part,2,newp,36000,2000,3,6\n4,교육비,교육,item,1,edu,1000,500,2,\n'
    batch = applied(None, officer, data=text.encode(), name="pilot_budget.csv")
    assert parts(batch) == {"added": 3, "skipped": 2}
    assert table(Budget.objects.get()).amount_kkrw == 37_000


def test_replaces_lines_and_drops_those_the_newer_table_has_no_more(officer):
    applied(PLAN, officer)
    newer = changed(10, 금액="4,000")
    newer[0][2] = "98,800"
    del newer[11]
    batch = applied(newer, officer)
    assert parts(batch) == {"changed": 1, "unchanged": 11, "closed": 1, "skipped": 5}
    assert table(Budget.objects.get()).amount_kkrw == 98_800
    import_undo.undo(batch, by=officer, reason="추경 취소", on=f.TODAY, at=f.NOW)
    assert table(Budget.objects.get()).amount_kkrw == 100_000


def test_goes_back_while_no_newer_table_came(officer):
    first = applied(PLAN, officer)
    newer = changed(10, 금액="4,000")
    newer[0][2] = "101,000"
    second = applied(newer, officer)
    with pytest.raises(CannotUndo):
        import_undo.undo(first, by=officer, reason="잘못", on=f.TODAY, at=f.NOW)
    import_undo.undo(second, by=officer, reason="잘못", on=f.TODAY, at=f.NOW)
    import_undo.undo(first, by=officer, reason="잘못", on=f.TODAY, at=f.NOW)
    assert not Budget.objects.exists()


def test_keeps_budgets_of_other_years_and_dongs_apart(officer):
    applied(PLAN, officer)
    batch = applied(PLAN, officer, above=(["2016년 월곡1동 마을복지센터 예산 집행 계획"], UNIT))
    assert parts(batch)["added"] == 13
    assert sorted(Budget.objects.values_list("year", flat=True)) == [2015, 2016]


def test_leaves_plain_tables_of_figures_to_the_figures(officer):
    rows = [["일반회계", 418400.0, 94.7], ["특별회계", 23500.0, 5.3], ["계", 441900.0, 100.0]]
    batch = staged(rows, officer, head=["구분", "금액", "비율"], above=(["재정현황"], ["(단위: 백만원)"]), kind="",
                   extracted_on=dt.date(2014, 12, 31))  # fmt: skip
    assert batch.kind == "figures"
