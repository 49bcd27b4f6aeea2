"""Sheets as a tagged PDF (PDF/UA) that a screen reader can follow.

Words reach typst only as JSON data, never as markup, so nothing in a name or a memo is carried out.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import typst
from django.conf import settings

from . import Kind, Sheet, shown

TEMPLATE = Path(__file__).with_name("sheet.typ")
WIDE_FROM = 9  # columns from which the page lies on its side


def write(file: BinaryIO, sheets: Sequence[Sheet], *, at: dt.datetime) -> None:
    """Write the sheets one after the other, each on a page of its own; `at` becomes the creation time."""
    report = {"title": sheets[0].title, "owner": sheets[0].owner, "sheets": [_data(sheet) for sheet in sheets]}
    file.write(
        typst.compile(
            TEMPLATE.read_bytes(),
            font_paths=[settings.REPORT_FONTS],
            ignore_system_fonts=True,
            sys_inputs={"report": json.dumps(report, ensure_ascii=False)},
            pdf_standards=["ua-1"],
            timestamp=int(at.timestamp()),
        )
    )


def _data(sheet: Sheet) -> dict:
    head = sheet.head()
    rows, totals = [], []
    for number, (row, cells) in enumerate(sheet.lines()):
        if row.is_total:
            totals.append(len(head) + number)
        rows.append(
            [
                {
                    "words": shown(column, value),
                    "number": column.is_number,
                    "bold": row.is_total,
                    "tone": _tone(column, value),
                }
                for column, value in cells
            ]
        )
    return {
        "title": sheet.title,
        "about": sheet.as_of_words,
        "unit": f"(단위: {sheet.unit})" if sheet.unit else "",
        "owner": sheet.owner,
        "wide": len(sheet.columns) >= WIDE_FROM,
        "widths": [_share(sheet, place) for place in range(len(sheet.columns))],
        "head": [[{"title": c.title, "columns": c.columns, "rows": c.rows} for c in line] for line in head],
        "rows": rows,
        "totals": totals,
        "notes": list(sheet.notes),
    }


def _tone(column, value) -> str:
    if column.kind != Kind.DIFFERENCE or not value:
        return ""
    return "over" if value > 0 else "under"


def _share(sheet: Sheet, place: int) -> int:
    """Relative width: the longest words of the column, within limits."""
    column = sheet.columns[place]
    words = [column.title, *(shown(column, sheet.value(row, column)) for row in sheet.rows)]
    return column.width or max(6, min(40, max(sum(2 if c > "\u1100" else 1 for c in word) for word in words)))
