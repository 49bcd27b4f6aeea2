"""One sheet in five forms: the same numbers, live sums, and text that stays text."""

import csv
import datetime as dt
import io
import re
import zipfile
from decimal import Decimal

import openpyxl
import pytest
from django.template import Context, Template

from common import sheets
from common.sheets import Column, Row, Sheet, delimited, difference, hwpx, pdf, percent, text, xlsx

AT = dt.datetime(2014, 12, 1, 9, 0, tzinfo=dt.UTC)
NASTY = [
    "=1+1",
    "+82 10",
    "-2",
    "@SUM(A1)",
    '=HYPERLINK("http://x","y")',
    "\t=1",
    "https://example.org",
    "007",
    "#read(1) $x$ <b>",
]


def staff(rows=None) -> Sheet:
    lines = rows or [
        Row({"dong": "장위1동", "authorised": 18, "actual": 19}),
        Row({"dong": "월곡1동", "authorised": 16, "actual": 14}),
        Row({"dong": "보건소", "authorised": 5, "actual": 5}, kind="office"),
    ]
    return Sheet(
        name="staff",
        title="정원과 현원",
        columns=(
            text("dong", "동"),
            Column("authorised", "정원", group="총원"),
            Column("actual", "현원", group="총원"),
            difference("gap", "차이", of="actual", less="authorised", group="총원"),
            percent("share", "채움", part="actual", whole="authorised"),
        ),
        rows=(
            sheets.total("dong", "합계", over=("sub", "office")),
            sheets.total("dong", "소계", kind="sub"),
            *lines,
        ),
        unit="명",
        as_of=dt.date(2014, 11, 30),
        notes=("보건소는 동이 아닙니다.",),
        owner="복지정책과",
    )


def names(words) -> Sheet:
    return Sheet(
        "names", "이름", (text("name", "이름"), Column("n", "수")), tuple(Row({"name": w, "n": 1}) for w in words)
    )


def written(sheet: Sheet) -> io.BytesIO:
    file = io.BytesIO()
    xlsx.write(file, [sheet], at=AT)
    file.seek(0)
    return file


def values(sheet: Sheet) -> list[list]:
    return [[value for _, value in cells] for _, cells in sheet.lines()]


def test_adds_up_totals_of_totals_and_derives_columns():
    assert values(staff())[:2] == [
        ["합계", 39, 38, -1, Decimal("97.4")],
        ["소계", 34, 33, -1, Decimal("97.0")],
    ]


def test_puts_a_shared_head_over_its_columns():
    upper, lower = staff().head()
    assert [(c.title, c.columns, c.rows) for c in upper] == [("동", 1, 2), ("총원", 3, 1), ("채움", 1, 2)]
    assert [c.title for c in lower] == ["정원", "현원", "차이"]


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(11, 400, "2.7"), (267, 1183, "22.5"), (29, 100, "29.0"), (3, 3, "100.0"), (1, 0, None), (None, 5, "0.0")],
)
def test_cuts_a_share_in_the_sheet(part, whole, said):
    columns = (Column("a", "a"), Column("b", "b"), percent("p", "진도율", part="a", whole="b"))
    sheet = Sheet("s", "s", columns, (Row({"a": part, "b": whole}),))
    assert values(sheet)[0][2] == (Decimal(said) if said else None)


class TestXlsx:
    def test_keeps_every_value_for_viewers_that_do_not_calculate(self):
        page = openpyxl.load_workbook(written(staff()), data_only=True).active
        body = [[cell.value for cell in row] for row in page.iter_rows(min_row=5, max_row=9)]
        assert body[0] == ["합계", 39, 38, -1, 97.4]
        assert body[2] == ["장위1동", 18, 19, 1, 105.5]

    def test_writes_sums_that_give_the_same_values(self):
        live = openpyxl.load_workbook(written(staff())).active
        ready = openpyxl.load_workbook(written(staff()), data_only=True).active
        formulas = 0
        for row in live.iter_rows(min_row=5, max_row=9):
            for cell in row:
                if isinstance(cell.value, str) and cell.value.startswith("="):
                    formulas += 1
                    assert calculated(cell.value, ready) == pytest.approx(ready[cell.coordinate].value), cell.coordinate
        assert formulas == 4 + 10  # two totals in two columns, two derived columns in five rows

    def test_never_turns_text_into_a_formula_or_a_link(self):
        page = openpyxl.load_workbook(written(names(NASTY))).active
        cells = [page.cell(row=4 + n, column=1) for n in range(len(NASTY))]
        assert [cell.value for cell in cells] == NASTY
        assert {cell.data_type for cell in cells} == {"s"}
        assert all(cell.hyperlink is None for cell in cells)
        with zipfile.ZipFile(written(names(NASTY))) as archive:
            assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")

    def test_prints_on_one_a4_across_with_heads_on_every_page(self):
        page = openpyxl.load_workbook(written(staff())).active
        assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)
        assert page.print_title_rows == "$3:$4"
        assert page.freeze_panes == "B5"
        assert "&P / &N" in page.oddFooter.center.text
        assert page.oddFooter.right.text == "복지정책과"
        assert {str(area) for area in page.merged_cells.ranges} >= {"A3:A4", "B3:D3", "E3:E4"}
        assert page["A3"].font.name == "맑은 고딕"
        assert page["A3"].fill.fgColor.rgb == "FFD8E5FD"

    @pytest.mark.parametrize(("lines", "pages_high"), [(20, None), (60, 0)])
    def test_keeps_a_short_table_on_one_page_and_lets_a_long_one_run_on(self, lines, pages_high):
        """One page is what a sheet without the mark means; 0 lets the height run on."""
        page = openpyxl.load_workbook(written(names([f"{n}번" for n in range(lines)]))).active
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert page.page_setup.fitToHeight == pages_high

    def test_gives_the_same_bytes_for_the_same_sheet(self):
        assert written(staff()).getvalue() == written(staff()).getvalue()

    def test_names_tabs_apart_and_within_the_limit(self):
        file = io.BytesIO()
        long = Sheet("a", "동주민센터 정원 및 현원: 직급별/직렬별 [전체] 그리고 나머지", staff().columns, staff().rows)
        xlsx.write(file, [long, long], at=AT)
        titles = openpyxl.load_workbook(file).sheetnames
        assert len(set(titles)) == 2
        assert max(map(len, titles)) <= 31


def calculated(formula: str, page) -> float:
    """The value of one of our three kinds of formula, by other means than the writer's."""

    def number(name: str) -> float:
        return page[name].value or 0

    if found := re.fullmatch(r"=([A-Z]+\d+)-([A-Z]+\d+)", formula):
        return number(found[1]) - number(found[2])
    if found := re.fullmatch(r'=IF\(N\(([A-Z]+\d+)\)=0,"",ROUNDDOWN\(([A-Z]+\d+)\*100/\1,1\)\)', formula):
        return int(number(found[2]) * 1000 // number(found[1])) / 10
    found = re.fullmatch(r"=SUM\((.+)\)", formula)
    return sum(cell.value or 0 for area in found[1].split(",") for (cell,) in page[area])


class TestCsv:
    def read(self, *given) -> list[list[str]]:
        file = io.BytesIO()
        delimited.write(file, given)
        data = file.getvalue()
        assert data.startswith(b"\xef\xbb\xbf")
        return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))

    def test_says_each_head_in_one_line_and_the_numbers_plainly(self):
        rows = self.read(staff())
        assert rows[0] == ["동", "총원 정원", "총원 현원", "총원 차이", "채움"]
        assert rows[4] == ["월곡1동", "16", "14", "-2", "87.5"]

    def test_guards_text_that_a_spreadsheet_would_calculate(self):
        said = [row[0] for row in self.read(names(NASTY))[1:]]
        assert said == [f"'{w}" if w[0] in "=+-@\t" else w for w in NASTY]


def test_shows_the_same_words_on_the_page():
    page = Template('{% include "components/sheet.html" %}').render(Context({"sheet": staff()}))
    assert "▽1" in page
    assert "97.4" in page
    assert '<th scope="colgroup" colspan="3" rowspan="1" class="over grp">총원</th>' in page
    assert "보건소는 동이 아닙니다." in page
    hostile = Template('{% include "components/sheet.html" %}').render(Context({"sheet": names(["<script>"])}))
    assert "<script>" not in hostile


def test_writes_a_tagged_pdf_from_hostile_words():
    file = io.BytesIO()
    pdf.write(file, [staff(), names(NASTY)], at=AT)
    data = file.getvalue()
    assert data.startswith(b"%PDF")
    assert b"/StructTreeRoot" in data
    assert b"pdfuaid" in data


def test_writes_a_valid_hwpx_with_the_same_cells():
    from hwpx import HwpxDocument

    file = io.BytesIO()
    hwpx.write(file, [staff()])
    with zipfile.ZipFile(file) as archive:
        assert archive.namelist()[0] == "mimetype"
    file.seek(0)
    document = HwpxDocument.open(file)
    assert document.validate().ok
    (table,) = document.tables
    assert [cell.text for cell in table.rows[4].cells] == ["장위1동", "18", "19", "▲1", "105.5"]
