"""The lists of the office in a real browser: upload, preview, confirm, take back, on a desk and on a phone."""

import re

import openpyxl
import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from centers.models import Facility, Figure, User
from planners.models import ImportBatch
from staffing.models import BudgetLine

from . import dirt
from .test_budgets import HEAD as BUDGET_HEAD
from .test_budgets import PLAN, TITLE, UNIT
from .test_figure_list import printed

pytestmark = pytest.mark.django_db(transaction=True)
READ_BY = 60_000  # milliseconds until the worker has read or written a small list
PHONE = {"width": 390, "height": 844}


@pytest.fixture(autouse=True)
def private_files(tmp_path, settings):
    settings.PRIVATE_FILES = tmp_path / "files"


def orders():
    head = ["사번", "성명", "직급", "직렬", "발령일", "발령내용", "소속", "직위", "역할", "비고"]
    new = ["S2015001", "민서연", "8급", "간호", "2015-02-01", "신규임용", "장위1동", "간호사", "", ""]
    wrong = ["S2015002", "조하린", "8급", "간호", "2015-02-01", "신규임용", "종로동", "간호사", "", ""]
    return dirt.xlsx({"발령": [["2015년 상반기 인사발령"], head, new, wrong]})


def facilities():
    head = ["시설명", "종류", "행정동", "주소", "전화"]
    return dirt.xlsx({"시설": [head, ["장위경로당", "경로당", "장위1동", "장위로 21길 14", "02-923-4567"],
                              ["어디경로당", "경로당", "없는동", "", ""]]})  # fmt: skip


def figures():
    head, rows = printed("population")
    return dirt.xlsx({"인구": [["동별 인구와 면적 (2015. 1. 31. 현재)"], head, *rows]})


def budgets():
    return dirt.xlsx({"예산": [TITLE, UNIT, BUDGET_HEAD, *PLAN]})


def turn_to(page: Page, heading: str) -> None:
    """Wait until the worker is done; the page turns by itself or shows the way."""
    done = page.get_by_role("heading", level=1, name=heading)
    result = page.get_by_role("link", name="결과 보기")
    done.or_(result).first.wait_for(timeout=READ_BY)
    if not done.count():
        result.click()
    expect(done).to_be_visible(timeout=READ_BY)


def upload(page: Page, data: bytes, name: str) -> ImportBatch:
    page.goto("/imports/")
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    page.get_by_label("파일", exact=False).first.set_input_files(file)
    page.get_by_role("button", name="올리고 미리보기").click()
    turn_to(page, "넣기 전에 확인해 주세요")
    return ImportBatch.objects.get()


def confirm(page: Page) -> None:
    page.get_by_role("button", name=re.compile(r"\d 넣기|넣기$")).click()
    turn_to(page, "명부를 넣었습니다")


def take_back(page: Page) -> None:
    page.get_by_label(re.compile("까닭|사유")).fill("잘못된 파일")
    page.get_by_role("button", name="한꺼번에 되돌리기").click()
    page.get_by_role("dialog").get_by_role("button", name="되돌리기").click()
    expect(page.get_by_role("heading", level=1, name="되돌린 명부입니다")).to_be_visible()


def accounts():
    return User.objects.filter(employee_number="S2015001", is_active=True).count()


OFFICE = {
    "orders": (orders, "발령.xlsx", "staff", 1, accounts),
    "facilities": (facilities, "시설.xlsx", "facilities", 1, Facility.objects.count),
    "budgets": (budgets, "예산.xlsx", "budgets", 0, BudgetLine.objects.count),
}


@pytest.mark.parametrize("kind", OFFICE)
def test_leads_a_list_of_the_office_in_and_back_out(
    kind, page, sign_in, officer, dong, other_dong, worker, axe, tmp_path
):
    data, name, key, rejected, count = OFFICE[kind]
    sign_in(page, officer)
    batch = upload(page, data(), name)
    assert (batch.kind, batch.counts["rejected"]) == (key, rejected)
    axe(page)
    if rejected:
        with page.expect_download() as download:
            page.get_by_role("link", name="오류 설명을 단 파일 받기").click()
        path = tmp_path / "errors.xlsx"
        download.value.save_as(path)
        assert any(cell.comment for row in openpyxl.load_workbook(path).active for cell in row)
    confirm(page)
    assert count() == (13 if kind == "budgets" else 1)
    axe(page)
    take_back(page)
    assert count() == 0


def test_takes_figures_in_after_somebody_gave_the_reason_and_back_out(page, sign_in, officer, worker, axe):
    call_command("load_reference")
    before = Figure.objects.count()
    sign_in(page, officer)
    batch = upload(page, figures(), "인구.xlsx")
    assert batch.kind == "figures"
    if batch.report["decisions"]:
        page.get_by_role("link", name="맞지 않는 곳 보기").click()
        axe(page)
        page.get_by_label(re.compile("까닭")).first.fill("원본 표에 그렇게 적혀 있음")
        page.get_by_role("button", name=re.compile("받아들")).first.click()
        page.goto(f"/imports/{batch.uid}/")
    confirm(page)
    assert Figure.objects.count() > before
    take_back(page)
    assert Figure.objects.count() == before


def test_is_a_calm_summary_on_a_phone_whose_parts_open(page, sign_in, officer, dong, other_dong, worker, axe):
    page.set_viewport_size(PHONE)
    sign_in(page, officer)
    upload(page, budgets(), "예산.xlsx")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert page.evaluate("document.documentElement.scrollHeight") < 3 * PHONE["height"]
    rows = page.get_by_role("row").filter(has_text="복지전문가 교육")
    expect(rows).to_have_count(0)
    page.get_by_text("추가되는 줄 13줄 보기").click()
    expect(page.get_by_text("복지전문가 교육").first).to_be_visible()
    axe(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(page.get_by_text("추가되는 줄 13줄 보기")).to_be_hidden()
    expect(page.get_by_text("집행내용", exact=True).first).to_be_visible()
