"""Sheets as CSV that Excel opens with Hangul intact and without running anything.

Excel takes a cell that begins with one of `= + - @` for a formula; an apostrophe before it keeps it text.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from typing import BinaryIO

from . import Column, Sheet, Value

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def write(file: BinaryIO, sheets: Sequence[Sheet]) -> None:
    """Write the sheets below each other, each with its heads; UTF-8 with the mark Excel needs."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    rows = csv.writer(text)
    for place, sheet in enumerate(sheets):
        if place:
            rows.writerow([])
        if len(sheets) > 1:
            rows.writerow([guarded(sheet.title)])
        rows.writerow([guarded(column.label) for column in sheet.columns])
        for _, cells in sheet.lines():
            rows.writerow([_cell(column, value) for column, value in cells])
    text.detach()


def guarded(words: str) -> str:
    """Text that a spreadsheet shows and never calculates."""
    return f"'{words}" if words.startswith(RISKY) else words


def _cell(column: Column, value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if column.is_number else guarded(str(value))
