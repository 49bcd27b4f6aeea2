"""Every dirty file comes out as a careful clerk would sort it, row by row."""

import pytest

from common.refusals import Refusal
from common.spreadsheets import reading
from planners.lists.list_rows import Sorter
from planners.lists.resident_columns import recognise
from planners.lists.resident_values import Reader

from .conftest import ON
from .dirt import FILES
from .messy import messy


def read_all(path, dong_names):
    """Layout and {row: (status, codes, values)} of a file, as the importer sorts it before looking for duplicates."""
    with reading(path) as book:
        layout = recognise(book.sheets, kind=book.kind, is_1904=book.is_1904)
        sorter, reader = Sorter(layout), Reader(layout, dong_names, on=ON)
        found, last = {}, 0
        for chunk in book.chunks(layout.sheet):
            for row, cells in chunk:
                code = sorter.skip_code(row, cells)
                cells = sorter.filled_down(row, cells)
                for blank in range(last + 1, row):
                    found[blank] = ("skipped", ["BLANK_ROW"], {})
                last = row
                if code:
                    found[row] = ("skipped", [code], {})
                    continue
                resident = reader.read(row, cells)
                status = "rejected" if resident.is_rejected else "accepted"
                found[row] = (status, [issue.code for issue in resident.issues], resident.normalised())
    return layout, found


@pytest.mark.parametrize("name", FILES)
def test_sorts_the_file_to_the_row(name, saved, dong_names):
    dirt = FILES[name]()
    path = saved(dirt.data, dirt.name)
    if dirt.refused:
        with pytest.raises(Refusal) as refusal:
            read_all(path, dong_names)
        assert refusal.value.code == dirt.refused
        assert refusal.value.message.endswith(("요.", "다.")), "a polite sentence that says what to do"
        return
    layout, found = read_all(path, dong_names)
    if dirt.header_rows:
        assert layout.header_rows == dirt.header_rows
    if dirt.sheet:
        assert layout.sheet_name == dirt.sheet
    assert set(dirt.dropped) <= set(layout.dropped)
    assert not wrong_rows(dirt, found)


@pytest.mark.parametrize("seed", range(12))
def test_sorts_a_list_messy_at_random_to_the_row(seed, saved, dong_names):
    dirt = messy(seed)
    layout, found = read_all(saved(dirt.data, dirt.name), dong_names)
    assert (layout.sheet_name or "명부", layout.header_rows) == ("명부", dirt.header_rows)
    assert not wrong_rows(dirt, found)


def wrong_rows(dirt, found):
    """Rows of the file that came out otherwise than expected, and how."""
    wrong = {}
    for row, expected in dirt.rows.items():
        status, codes, values = found[row]
        differing = {key: values.get(key) for key, value in expected.values.items() if values.get(key) != value}
        if status != expected.status or not codes_fit(expected, codes) or differing:
            wrong[row] = (status, codes, differing, "expected", expected)
    return wrong


def codes_fit(expected, codes):
    """A rejected row may have more faults than the one meant; an accepted one is warned of exactly what it has."""
    return set(codes) == set(expected.codes) if expected.status == "accepted" else set(expected.codes) <= set(codes)
