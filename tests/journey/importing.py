"""Chapter 1: the data officer signs in, uploads a list, reads the preview, and confirms."""

import re
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from planners.models import ImportBatch, Person
from tests.journey.sheets import Resident

PASSWORD = "a long enough password"
READ_BY = 30_000  # milliseconds until the worker has read a small list


def sign_in_by_page(page: Page, look, username: str) -> None:
    """The way everybody comes in."""
    page.goto("/")
    look(page, "01-sign-in")
    page.get_by_label("아이디").fill(username)
    page.get_by_label("비밀번호").fill("wrong")
    page.get_by_role("button", name="로그인").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    look(page)
    page.get_by_label("아이디").fill(username)
    page.get_by_label("비밀번호").fill(PASSWORD)
    page.get_by_role("button", name="로그인").click()


def upload(page: Page, path: Path, *, purpose: str = "") -> ImportBatch:
    """Upload and wait until the worker has read it, or said why it cannot; the page turns by itself."""
    page.goto("/imports/")
    page.get_by_label("파일", exact=False).first.set_input_files(path)
    page.get_by_label(re.compile("쓰는 목적")).fill(purpose)
    page.get_by_role("button", name="올리고 미리보기").click()
    said = page.get_by_role("heading", level=1, name=re.compile("넣기 전에 확인|받을 수 없는"))
    said.or_(page.locator(".job a.btn.pri")).or_(page.get_by_role("link", name="결과 보기")).first.wait_for(
        timeout=READ_BY
    )
    if not said.count():
        page.get_by_role("link", name="결과 보기").click()
        said.wait_for()
    return ImportBatch.objects.get(uid=page.url.rstrip("/").rpartition("/")[2].split("#")[0])


def confirm(page: Page, batch: ImportBatch) -> ImportBatch:
    """Press the button with the number on it and wait until the list is in the register."""
    page.get_by_role("button", name=re.compile("명 넣기|확인하고 마치기")).click()
    done = page.get_by_role("heading", level=1, name="명부를 넣었습니다")
    done.or_(page.get_by_role("link", name="결과 보기")).first.wait_for(timeout=READ_BY)
    if not done.count():
        page.get_by_role("link", name="결과 보기").click()
        done.wait_for()
    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.APPLIED
    return batch


def import_residents(page: Page, look, path: Path, residents: list[Resident], tmp_path: Path) -> None:
    """A workbook with titles, two heading rows and two wrong rows becomes the register."""
    page.goto("/imports/")
    look(page, "02-import")
    batch = upload(page, path, purpose="이달 65세 방문")
    counts = batch.counts
    parts = ("added", "changed", "unchanged", "moved", "skipped", "rejected")
    assert counts["rows"] == sum(counts[part] for part in parts)
    assert (counts["added"], counts["rejected"]) == (len(residents), 2)
    assert batch.header_rows == [3, 4]

    shown = page.locator("main")
    expect(shown).to_contain_text("두 줄 제목")
    expect(shown).to_contain_text("읽고 버림")
    for reason in ("없는 날짜이거나", "성북구에 없는 동입니다"):
        expect(shown).to_contain_text(reason)
    look(page, "03-import-preview")
    assert not Person.objects.exists()

    _download_faults(page, tmp_path)
    page.goto(f"/imports/{batch.uid}/")
    confirm(page, batch)
    look(page, "03-import-done")
    assert not batch.file
    _is_in_register(residents)
    page.goto("/residents/")
    look(page, "03-residents")


def _download_faults(page: Page, tmp_path: Path) -> None:
    """The wrong rows come back in a workbook that says what is wrong with which cell."""
    with page.expect_download() as coming:
        page.get_by_role("link", name=re.compile("고칠|오류|반려")).first.click()
    path = tmp_path / "faults.xlsx"
    coming.value.save_as(path)
    sheet = load_workbook(path).worksheets[0]
    remarks = {str(cell.value): cell.comment.text for row in sheet.iter_rows() for cell in row if cell.comment}
    assert "없는 날짜" in remarks["1961-02-30"]
    assert "성북구에 없는 동" in remarks["수유1동"]


def _is_in_register(residents: list[Resident]) -> None:
    people = {person.name: person for person in Person.objects.select_related("dong")}
    assert set(people) == {resident.name for resident in residents}
    for resident in residents:
        person = people[resident.name]
        assert (person.birth_on, person.tong, person.mobile) == (resident.birth_on, resident.tong, resident.mobile)
        assert (person.dong.name, person.sex) == ("장위1동", "F" if resident.sex == "여" else "M")
