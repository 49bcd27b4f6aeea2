"""A second child: puts comments into wrong cells of a workbook, and the reasons beside each row.

Started as `python -m common.spreadsheets.annotate FD LIMITS`; the orders come as JSON on standard
input: `sheet` (name), `header_row`, `last_column`, `heading`, `cells` ([row, column, text]), `reasons`
({row: text}), `blanked` (columns whose cells are emptied). The workbook goes to standard output.
"""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile

from .child import bind
from .containers import inspect_zip

SCRATCH, MEMORY = 512 << 20, "/dev/shm"  # noqa: S108
RED, PALE = "B42318", "FDE8E6"


def annotate(source: io.BufferedIOBase, orders: dict) -> bytes:
    """The .xlsx with its marks. Formulas, formats, merged cells and other sheets stay."""
    from openpyxl import load_workbook
    from openpyxl.comments import Comment
    from openpyxl.styles import Font, PatternFill

    book = load_workbook(source)
    sheet = book[orders["sheet"]]
    fill, ink = PatternFill("solid", fgColor=PALE), Font(color=RED, bold=True)
    for column in orders["blanked"]:
        for (cell,) in sheet.iter_rows(min_row=orders["header_row"] + 1, min_col=column, max_col=column):
            if cell.value is not None and type(cell).__name__ != "MergedCell":
                cell.value = None
    for row, column, text in orders["cells"]:
        cell = sheet.cell(row, column)
        if type(cell).__name__ == "MergedCell":
            continue
        earlier = f"{cell.comment.text}\n" if cell.comment else ""
        cell.comment = Comment(earlier + text, "가져오기", height=90, width=280)
        cell.fill = fill
        cell.font = ink
    last = orders["last_column"] + 1
    heading = sheet.cell(orders["header_row"], last)
    if type(heading).__name__ != "MergedCell":
        heading.value, heading.font = orders["heading"], ink
    for row, text in orders["reasons"].items():
        cell = sheet.cell(int(row), last)
        if type(cell).__name__ != "MergedCell":
            cell.value, cell.data_type, cell.font = text, "s", ink
    sheet.column_dimensions[sheet.cell(1, last).column_letter].width = 48
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def main() -> None:
    fd, limits = int(sys.argv[1]), json.loads(sys.argv[2])
    bind(limits, scratch_bytes=SCRATCH)
    if os.path.isdir(MEMORY):  # openpyxl writes sheets to temporary files first: they never reach a disk
        tempfile.tempdir = MEMORY
    orders = json.load(sys.stdin)
    source = os.fdopen(os.dup(fd), "rb")
    inspect_zip(source)
    source.seek(0)
    sys.stdout.buffer.write(annotate(source, orders))


if __name__ == "__main__":
    main()
