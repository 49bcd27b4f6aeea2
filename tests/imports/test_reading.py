"""The reading child: what it lets through, what it costs, and how it ends."""

import csv
import io
import os
import subprocess
import sys
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.spreadsheets import Limits, Unreadable, reading
from common.spreadsheets.containers import inspect_zip
from common.spreadsheets.text_tables import DelimitedRows

from . import containers, dirt


def cells_of(path, limits=None):
    with reading(path, limits) as book:
        return [row for chunk in book.chunks(0) for row in chunk]


def test_keeps_the_type_of_each_cell(saved):
    data = dirt.xlsx({"명부": [["글", 7, 1.5, True, (18323,), "", "007"]]})
    [(number, cells)] = cells_of(saved(data))
    assert number == 1
    assert [type(cell).__name__ for cell in cells] == ["str", "float", "float", "bool", "date", "str", "str"]
    assert cells[6] == "007"


def test_reads_an_open_descriptor_that_has_no_name():
    fd = os.memfd_create("sheet")
    os.write(fd, dirt.csv([["가", "나"], ["1", "2"]]))
    with reading(fd) as book:
        assert [row for chunk in book.chunks(0) for row in chunk][1] == (2, ["1", "2"])
    os.close(fd)


def test_judges_a_bomb_by_its_directory_and_unpacks_nothing(monkeypatch):
    data = io.BytesIO(dirt.FILES["bomb"]().data)
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_, **__: pytest.fail("a part was unpacked"))
    with pytest.raises(Unreadable) as refusal:
        inspect_zip(data)
    assert refusal.value.code == "DECOMPRESSION_BOMB"


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(file_bytes=1000), "FILE_TOO_LARGE"),
        (Limits(rows=10), "TOO_MANY_ROWS"),
        (Limits(columns=5), "TOO_MANY_COLUMNS"),
        (Limits(wall_seconds=0), "TOO_SLOW"),
    ],
)
def test_stops_at_its_limits(limits, code, saved):
    rows = [dirt.HEAD, *(dirt.good(n) for n in range(1, 6_000))]
    path = saved(dirt.xlsx({"명부": rows}))
    with pytest.raises(Unreadable) as refusal:
        cells_of(path, limits)
    assert refusal.value.code == code


def test_survives_a_lone_cell_at_the_far_corner(saved):
    data = dirt.xlsx({"명부": [["성명"]]})
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        part = archive.read("xl/worksheets/sheet1.xml").replace(b"</sheetData>", far)
    path = saved(containers.rezipped(data, changed={"xl/worksheets/sheet1.xml": part}))
    with pytest.raises(Unreadable) as refusal:
        cells_of(path)
    assert refusal.value.code == "TOO_MUCH_MEMORY"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"<!-" * 1_000_000, "CORRUPT_FILE"),
        (b"<!--x>" * 10_000, "CORRUPT_FILE"),
        (b"<a " * 20_000, "CORRUPT_FILE"),
        (b"<tr><td rowspan=1000 colspan=1000>" * 100_000, "TOO_MANY_COLUMNS"),
    ],
)
def test_does_not_look_again_and_again_at_markup_that_never_ends(body, code, saved):
    with pytest.raises(Unreadable) as refusal:
        cells_of(saved(b"<html><table><tr><td>" + body))
    assert refusal.value.code == code, "TOO_SLOW would have come after the whole of the allowed time"


def test_reaches_no_network_and_writes_no_file():
    """Asked of the child itself, bound as it binds itself."""
    code = (
        "import socket; from common.spreadsheets.child import bind;"
        "bind({'memory_bytes': 1 << 30, 'cpu_seconds': 5})\n"
        "try: socket.create_connection(('127.0.0.1', 9), 1); print('open')\n"
        "except OSError as fault: print(fault.errno)\n"
        "import os, tempfile\n"
        "try: print('written' if os.write(tempfile.mkstemp()[0], b'x') else '')\n"
        "except OSError as fault: print(fault.errno)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    said = answer.stdout.split()
    assert "open" not in said
    assert "written" not in said


@pytest.mark.parametrize("encoding", ["cp949", "utf-8", "utf-16"])
def test_brings_every_syllable_back(encoding, saved):
    syllables = [chr(n) for n in range(0xAC00, 0xD7A4)]
    path = saved(dirt.csv([["성명", "생년월일"], *([s, "1950-03-01"] for s in syllables)], encoding=encoding))
    assert [cells[0] for _, cells in cells_of(path)][1:] == syllables


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.lists(st.text(alphabet='가나1,"\n ab', max_size=6), min_size=3, max_size=3), min_size=4, max_size=12)
)
def test_reads_what_a_csv_writer_wrote(rows):
    out = io.StringIO()
    csv.writer(out).writerows([["성명", "생년월일", "주소"]] * 6 + rows)
    read = [cells for _, cells in DelimitedRows(io.BytesIO(out.getvalue().encode()))]
    assert [[cell.replace("\r\n", "\n") for cell in row] for row in read[6:]] == rows


def test_keeps_other_lines_whole_after_any_one_bad_quote():
    lines = [f"김영{n},1950-03-{n:02d},돌곶이로 {n}" for n in range(1, 20)]
    for where in range(len(lines[9]) + 1):
        broken = [*lines]
        broken[9] = lines[9][:where] + '"' + lines[9][where:]
        text = "성명,생년월일,주소\n" + "\n".join(broken) + "\n"
        read = [cells for _, cells in DelimitedRows(io.BytesIO(text.encode()))]
        assert len(read) == 20
        assert [",".join(cells) for n, cells in enumerate(read[1:]) if n != 9] == [
            line for n, line in enumerate(lines) if n != 9
        ]
