"""Tables of figures: known by their header, checked, accepted by a named person, kept by their day."""

import csv
import datetime as dt
from decimal import Decimal

import pytest
from django.conf import settings
from django.urls import reverse

import centers.reference
import staffing.reference
from centers import figures
from centers.models import Figure, FigureAcceptance
from centers.reference import AS_OF
from planners.lists import import_answers, import_errors, import_files, import_undo, list_import
from planners.lists.list_columns import HeaderNotFound
from planners.lists.list_kinds import CannotUndo
from planners.resources import StagedFile
from seongbuk import figure_decisions, figure_list
from seongbuk.figure_resources import FigureResource
from seongbuk.figure_sheets import SHEETS
from staffing.headcount import headcount
from staffing.models import HeadcountCell
from tests import factories as f

from . import dirt

ON, AT = f.TODAY, f.NOW
FIRST, LATER = dt.date(2014, 11, 30), dt.date(2014, 12, 31)
FOLDER = settings.BASE_DIR / "fixtures" / "reference"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def private_files(tmp_path, settings):
    settings.PRIVATE_FILES = tmp_path / "files"


@pytest.fixture
def reference(db):
    centers.reference.load(FOLDER)
    staffing.reference.load(FOLDER)


def printed(key):
    """A reference table as an office would send it: Korean headings, commas, dashes for nothing."""
    path = FOLDER / "figures" / f"{key}.csv"
    path = path if path.exists() else FOLDER / f"{key}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = SHEETS[key].columns
    head = [
        "동 별" if SHEETS[key].kind == "dong" else "구 분",
        *(label.replace(" ", "\n") for label, _ in columns.values()),
    ]
    return head, [[row["row"], *(_shown(row[name]) for name in columns)] for row in rows]


def _shown(value):
    return f"{Decimal(value):,}" if value else "-"


def staged(head, rows, by, *, day=None, title="현황 (2014. 12. 31. 현재)", kind=""):
    kept = import_files.keep([dirt.xlsx({"현황": [[title], ["(단위: 명)"], head, *rows, ["※ 자료: 복지정책과"]]})])
    batch = list_import.receive(kept, file_name="현황.xlsx", kind=kind, by=by, at=AT, extracted_on=day)
    return list_import.stage(batch, on=ON)


def apply(batch, by):
    return list_import.apply(list_import.begin_applying(batch, by=by), by=by, on=ON, at=AT)


def accept_all(batch, by):
    found = figure_list.differences_of(batch)
    figure_decisions.accept(found, as_of=figure_list.day_of(batch), reason="원본에 그렇게 적힘", by=by, at=AT)


def parts(batch):
    assert sum(batch.counts[name] for name in import_answers.PARTS) == batch.counts["rows"]
    return {name: batch.counts[name] for name in import_answers.PARTS if batch.counts[name] and name != "skipped"}


def wrong(batch):
    return {(d.table, d.row, d.column, d.printed, d.computed) for d in figure_list.differences_of(batch)}


@pytest.mark.parametrize("key", [k for k in SHEETS if k != "infrastructure_welfare"])
def test_knows_every_table_by_its_header(reference, officer, key):
    batch = staged(*printed(key), officer, day=FIRST)
    assert (batch.kind, batch.report["figure_table"]) == ("figures", key)
    assert not batch.counts["rejected"]
    assert parts(batch) == {"unchanged": len(printed(key)[1])}


def test_takes_the_day_from_the_title(reference, officer):
    batch = staged(*printed("recipients"), officer)
    assert figure_list.day_of(batch) == LATER
    assert parts(batch) == {"added": 21}


def test_asks_for_a_day_when_nothing_tells_it(reference, officer):
    with pytest.raises(figure_list.DayMissing):
        staged(*printed("recipients"), officer, title="복지대상자 현황")


def test_refuses_a_wrong_total_until_a_named_person_accepts_it(reference, officer):
    head, rows = printed("recipients")
    rows[5][1] = "9,999"
    batch = staged(head, rows, officer)
    assert ("recipients", rows[5][0], "total", "9,999", "2,820") in wrong(batch)
    with pytest.raises(figure_decisions.FiguresDiffer):
        list_import.begin_applying(batch, by=officer)
    assert not Figure.objects.filter(as_of=LATER).exists()
    with pytest.raises(figure_decisions.ReasonMissing):
        figure_decisions.accept(figure_list.differences_of(batch), as_of=LATER, reason=" ", by=officer, at=AT)
    accept_all(batch, officer)
    apply(batch, officer)
    assert figures.grid("recipients").as_of == LATER
    row = FigureAcceptance.objects.get(row=rows[5][0], column="total")
    assert (row.printed, row.by, row.reason) == ("9,999", officer, "원본에 그렇게 적힘")


def test_accepts_one_wrong_number_and_not_another(reference, officer):
    head, rows = printed("recipients")
    rows[5][1] = "9,999"
    batch = staged(head, rows, officer)
    accept_all(batch, officer)
    rows[5][1] = "8,888"
    again = staged(head, rows, officer)
    with pytest.raises(figure_decisions.FiguresDiffer):
        list_import.begin_applying(again, by=officer)


def test_flags_the_dong_whose_men_and_women_are_not_its_people(reference, officer):
    batch = staged(*printed("population"), officer)
    assert ("population", "장위3동", "population", "17,468", "17,198") in wrong(batch)


def test_flags_a_dong_without_a_total_and_what_another_table_says(reference, officer):
    found = wrong(staged(*printed("facilities"), officer))
    assert ("facilities", "장위2동", "total", "", "22") in found
    assert any(table == "infrastructure_welfare" for table, *_ in found)


def test_flags_a_dong_that_is_missing_from_the_table(reference, officer):
    head, rows = printed("recipients")
    gone = rows.pop(7)
    assert ("recipients", gone[0], "row", "", gone[0]) in wrong(staged(head, rows, officer))


def test_counts_an_of_which_column_once_and_flags_one_that_is_too_large(reference, officer):
    head, rows = printed("headcount_grade")
    clean = staged(head, rows, officer)
    assert wrong(clean) == set()
    at = list(SHEETS["headcount_grade"].columns).index("health_nursing_authorised") + 1
    grade = next(row for row in rows if row[0] == "7급")
    grade[at] = "999"
    found = wrong(staged(head, rows, officer))
    assert any(column == "health_nursing_authorised" and row == "7급" for _, row, column, *_ in found)
    assert not any(column.startswith("total") for _, _, column, *_ in found)


def test_stores_headcount_as_cells_whose_sums_are_counted(reference, officer):
    head, rows = printed("headcount_center")
    batch = staged(head, rows, officer)
    accept_all(batch, officer)
    apply(batch, officer)
    counts = headcount(HeadcountCell.Table.CENTER)
    assert (counts.as_of, counts.sum().authorised, counts.sum().actual) == (LATER, 313, 321)
    import_undo.undo(batch, by=officer, reason="잘못", on=ON, at=AT)
    assert headcount(HeadcountCell.Table.CENTER).as_of == FIRST


def test_keeps_older_days_and_changes_only_what_differs(reference, officer):
    head, rows = printed("recipients")
    first = staged(head, rows, officer)
    accept_all(first, officer)
    apply(first, officer)
    assert parts(staged(head, rows, officer)) == {"unchanged": 21}
    rows[3][1], rows[3][2] = "2,276", "276"
    rows[0][1], rows[0][2] = "80,636", "9,844"
    second = staged(head, rows, officer)
    assert parts(second) == {"changed": 2, "unchanged": 19}
    accept_all(second, officer)
    apply(second, officer)
    days = Figure.objects.filter(table="recipients", row_key=rows[3][0], column="total").order_by("as_of")
    assert [int(cell.value) for cell in days] == [2275, 2276]
    with pytest.raises(CannotUndo):
        import_undo.undo(first, by=officer, reason="잘못", on=ON, at=AT)
    import_undo.undo(second, by=officer, reason="잘못", on=ON, at=AT)
    import_undo.undo(first, by=officer, reason="잘못", on=ON, at=AT)
    assert figures.grid("recipients").as_of == FIRST


def test_does_not_take_in_half_a_table(reference, officer):
    head, rows = printed("recipients")
    rows[4][3] = "많음"
    batch = staged(head, rows, officer)
    assert list(batch.issues.filter(level="reject").values_list("code", flat=True)) == ["BAD_NUMBER"]
    with pytest.raises(figure_list.RowsRejected):
        list_import.begin_applying(batch, by=officer)


def test_says_which_rows_are_not_of_the_table(reference, officer):
    head, rows = printed("recipients")
    rows.append(["종로동", *["1"] * 15])
    batch = staged(head, rows, officer)
    assert list(batch.issues.filter(level="reject").values_list("code", flat=True)) == ["UNKNOWN_LINE"]
    assert import_errors.workbook(batch).startswith(b"PK")


def test_refuses_a_table_it_does_not_know(reference, officer):
    with pytest.raises(HeaderNotFound):
        staged(["구분", "사과", "배"], [["장위1동", 1, 2]], officer, kind="figures")


def test_shows_the_differences_and_takes_a_reason_on_the_page(client, reference, officer, lead):
    head, rows = printed("recipients")
    rows[5][1] = "9,999"
    batch = staged(head, rows, officer)
    page = reverse("figure_decisions", args=[batch.uid])
    client.force_login(lead)
    assert client.get(page).status_code == 403
    client.force_login(officer)
    text = client.get(page).content.decode()
    assert "9,999" in text
    count = len(figure_list.differences_of(batch))
    assert "맞지 않는 곳 보기" in client.get(reverse("import", args=[batch.uid])).content.decode()
    client.post(page, {"difference": [str(n) for n in range(count)], "reason": ""})
    assert FigureAcceptance.objects.count() == 0
    for _ in range(2):
        client.post(page, {"difference": [str(n) for n in range(count)], "reason": "원본이 그러함"})
    assert FigureAcceptance.objects.count() == count
    apply(batch, officer)


def test_does_not_take_in_a_difference_that_arose_after_the_preview(reference, officer):
    head, rows = printed("facilities")
    batch = staged(head, rows, officer)
    accept_all(batch, officer)
    batch = list_import.begin_applying(batch, by=officer)
    Figure.objects.filter(table="infrastructure_welfare", row_key="보육시설").update(value=1)
    with pytest.raises(figure_decisions.FiguresDiffer):
        list_import.apply(batch, by=officer, on=ON, at=AT)


def test_gives_a_table_out_that_comes_back_unchanged(officer, reference):
    table = FigureResource("recipients", AS_OF).export()
    file = StagedFile(import_files.keep([table.csv.encode()]), "복지대상자.csv")
    counts = FigureResource().import_data(file, dry_run=True, user=officer, extracted_on=AS_OF).batch.counts
    assert (counts["unchanged"], counts["changed"], counts["added"], counts["rejected"]) == (21, 0, 0, 0)
