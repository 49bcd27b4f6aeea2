"""Reading a row never fails, and what it gives reads the same again."""

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from planners.lists.list_columns import Column, Layout
from planners.lists.list_issues import SENTENCES
from planners.lists.list_rows import Sorter
from planners.lists.resident_columns import RESIDENTS
from planners.lists.resident_values import Reader, address_key

from .conftest import ON

FIELDS = ["name", "rrn", "birth_date", "sex", "dong", "tong_ban", "address", "mobile", "phone", "benefit"]
LAYOUT = Layout(
    sheet=0,
    sheet_name="명부",
    header_rows=(1,),
    columns=tuple(Column(n, name, name, "same") for n, name in enumerate(FIELDS)),
    ragged_is_wrong=True,
    vocabulary=RESIDENTS,
)
CELLS = st.one_of(
    st.text(max_size=40),
    st.text("¹²①٣५0123456789.-/", min_size=1, max_size=14),  # digits that are no numbers, and numbers in other scripts
    st.from_regex(r"[0-9.\-/ ()음년월일+]{1,16}", fullmatch=True),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.just(""),
)


@settings(max_examples=1500, deadline=None)
@given(st.lists(CELLS, min_size=0, max_size=12))
def test_reads_any_row_without_failing(dong_names, cells):
    reader, sorter = Reader(LAYOUT, dong_names, on=ON), Sorter(LAYOUT)
    if sorter.skip_code(2, cells):
        return
    resident = reader.read(2, sorter.filled_down(2, cells))
    assert all((issue.code, issue.field) in SENTENCES or (issue.code, "") in SENTENCES for issue in resident.issues)
    if not resident.is_rejected:
        assert len(resident.name) >= 2
        assert dt.date(1900, 1, 1) <= resident.birth_on <= ON
        assert resident.dong in dong_names.official


@settings(max_examples=300, deadline=None)
@given(
    st.dates(dt.date(1927, 6, 1), dt.date(2026, 1, 1)),
    st.sampled_from(["남", "여"]),
    st.integers(1, 99),
    st.integers(0, 99_999_999),
)
def test_gives_values_that_read_the_same_again(dong_names, birth, sex, tong, number):
    reader = Reader(LAYOUT, dong_names, on=ON)
    mobile = f"010{number:08d}"
    first = reader.read(2, ["김 영수", "", birth, sex, "장위 1동", f"{tong}/3", "돌곶이로  8", mobile, "", ""])
    values = first.normalised()
    again = reader.read(
        2,
        [
            values["name"],
            "",
            values["birth_date"],
            values["sex"],
            values["dong"],
            f"{values['tong']}통 {values['ban']}반",
            values["address"],
            values["mobile"],
            "",
            "",
        ],
    )
    assert again.normalised() == values
    assert again.facts == first.facts


def test_tells_people_apart_by_number_only_within_one_import(dong_names):
    row = ["김영수", "500301-1234567", "1950-03-01", "남", "장위1동", "1/1", "돌곶이로 8", "", "", ""]
    one, other = Reader(LAYOUT, dong_names, on=ON), Reader(LAYOUT, dong_names, on=ON)
    assert one.read(2, row).number_key == one.read(3, row).number_key
    assert one.read(2, row).number_key != other.read(2, row).number_key


def test_compares_addresses_as_a_clerk_does():
    assert address_key("서울특별시 성북구 돌곶이로 40길 8, 102호 (장위동)") == address_key(
        "성북구 돌곶이로40길 8 102호"
    )
    assert address_key("돌곶이로 40길 8") != address_key("돌곶이로 40길 9")
