"""Chapters 7 and 8: what was done becomes figures; every figure opens its list; tables leave as workbooks."""

import re
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from centers import rollups
from centers.models import AccessLog
from common.months import Month
from seongbuk.tasks import roll_up_changed_months


def roll_up(eventually) -> None:
    """What beat asks for every half minute, done by the worker."""
    assert rollups.changed_months()
    roll_up_changed_months.delay()
    eventually(lambda: not rollups.changed_months())


def open_every_number(page: Page, look, *, name: str, dong: str = "") -> None:
    """Each number on the dashboard is a link, and its list has exactly that many rows."""
    address = f"/dashboard/?dong={dong}" if dong else "/dashboard/"
    page.goto(address)
    expect(page.locator("main")).to_contain_text("지금 자료와 같음")
    look(page, name)
    links = page.locator("a[href*='/dashboard/list/']").evaluate_all(
        "all => all.map(one => [one.getAttribute('href'), one.innerText.trim()])"
    )
    numbers = {href: int(re.sub(r"[^0-9]", "", text)) for href, text in links if re.search("[0-9]", text)}
    assert sum(value > 0 for value in numbers.values()) >= 6, "the story left figures"
    for href, value in [pair for pair in numbers.items() if pair[1] > 0]:
        page.goto(href)
        expect(page.get_by_role("heading", level=1)).to_contain_text(str(value))
        rows = page.locator("main table tbody tr").count()
        heading = page.get_by_role("heading", level=1).inner_text()
        assert rows == value or "일" in heading[-2:], f"{href}: {value} on the dashboard, {rows} in the list"
    look(page, f"{name}-list")


def told_by_the_dashboard(page: Page, month: Month) -> None:
    """The programme's line says what happened: two visits, one normal, one managed."""
    page.goto("/dashboard/")
    line = page.locator("tr", has=page.get_by_role("rowheader", name=re.compile("어르신|65세"))).first
    expect(line).to_contain_text("정상군 1")
    expect(line).to_contain_text("관리대상군 1")


def export_staffing(page: Page, look, tmp_path: Path) -> None:
    """정원·현원 as a workbook with the plan's totals."""
    page.goto("/staffing/")
    look(page, "33-staffing")
    book = _download(page, "button:has-text('XLSX')", tmp_path / "staffing.xlsx")
    cells = [cell.value for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert 313 in cells and 321 in cells
    assert any("장위1동" in str(cell) for cell in cells)


def export_result(page: Page, look, tmp_path: Path) -> None:
    """The month's result with the figures of the story."""
    page.goto("/reports/")
    look(page, "34-reports")
    page.goto("/reports/monthly_result/")
    look(page, "35-monthly-result")
    book = _download(page, "button[name=form][value=xlsx]", tmp_path / "result.xlsx")
    text = "\n".join(str(cell.value) for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)
    assert "장위1동" in text or "어르신" in text
    assert AccessLog.objects.filter(action="report.export", username="office").count() == 2


def _download(page: Page, button: str, path: Path):
    with page.expect_download() as coming:
        page.locator(button).first.click()
    coming.value.save_as(path)
    return load_workbook(path, data_only=True)
