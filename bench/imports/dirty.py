"""The dirty files of the tests and lists messy at random, counted: rows and fields that come out as expected."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import django

django.setup()  # the readers know the kinds of issues, which are models

from common.refusals import Refusal  # noqa: E402
from tests.imports.conftest import DONGS  # noqa: E402
from tests.imports.dirt import FILES, Dirt  # noqa: E402
from tests.imports.messy import messy  # noqa: E402
from tests.imports.test_dirty_files import codes_fit, read_all  # noqa: E402

MESSY = 100


def outcome() -> tuple[int, int, int, int]:
    """(rows, wrong rows, fields, wrong fields) over all files; a refused file counts as one row."""
    from planners.dong_names import DongNames

    dongs = DongNames(tuple(pair.split(" ")) for pair in DONGS.split(","))
    rows = wrong = fields = wrong_fields = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, dirt in _files():
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
                wrong += status != expected.status or not codes_fit(expected, codes)
                fields += len(expected.values)
                wrong_fields += sum(values.get(key) != value for key, value in expected.values.items())
    return rows, wrong, fields, wrong_fields


def _files() -> Iterator[tuple[str, Dirt]]:
    for name, make in FILES.items():
        yield name, make()
    for seed in range(1_000, 1_000 + MESSY):
        yield f"messy_{seed}", messy(seed)
