"""The dirty files of the tests, counted: rows and fields that come out as expected."""

from __future__ import annotations

import tempfile
from pathlib import Path

from common.refusals import Refusal
from tests.imports.conftest import DONGS
from tests.imports.dirt import FILES
from tests.imports.test_dirty_files import read_all


def outcome() -> tuple[int, int, int, int]:
    """(rows, wrong rows, fields, wrong fields) over all files; a refused file counts as one row."""
    from planners.dong_names import DongNames

    dongs = DongNames(tuple(pair.split(" ")) for pair in DONGS.split(","))
    rows = wrong = fields = wrong_fields = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, make in FILES.items():
            dirt = make()
            path = Path(folder) / name
            path.write_bytes(dirt.data)
            try:
                _, found = read_all(path, dongs)
            except Refusal as refusal:
                rows += 1
                wrong += refusal.code != dirt.refused
                continue
            rows += max(1, len(dirt.rows))
            wrong += bool(dirt.refused)
            for row, expected in dirt.rows.items():
                status, codes, values = found[row]
                wrong += status != expected.status or not set(expected.codes) <= set(codes)
                fields += len(expected.values)
                wrong_fields += sum(values.get(key) != value for key, value in expected.values.items())
    return rows, wrong, fields, wrong_fields
