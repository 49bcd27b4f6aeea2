"""The user's own file back, with a comment in every wrong cell and the reasons in a last column.

An .xlsx of ordinary size is given back whole. Other formats, and lists too long to comment on, become
a sheet of the wrong rows only: same headings, same cells, ready to be mended and uploaded again.
Registration numbers are left out either way.
"""

from __future__ import annotations

import io
from collections import defaultdict
from typing import Any

import xlsxwriter

from common.refusals import Refusal
from common.spreadsheets import annotated, reading
from planners.lists import import_files, list_kinds
from planners.lists.list_columns import RRN_FIELDS
from planners.lists.list_reading import limits
from planners.lists.resident_cells import text_of
from planners.lists.resident_values import scrubbed
from planners.models import ImportBatch, ImportIssue

HEADING = "고칠 점"
WHOLE_FILE_BYTES, WHOLE_FILE_ROWS = 8 << 20, 20_000


class FileGone(Refusal):
    code = "FILE_GONE"


def workbook(batch: ImportBatch) -> bytes:
    """An .xlsx with the faults marked. Raises `FileGone` once the upload has been erased."""
    if not import_files.exists(batch.file):
        raise FileGone("올린 파일은 이미 지웠습니다. 고칠 줄이 남아 있으면 파일을 다시 올려 주세요.")
    issues = list(batch.issues.filter(level=ImportIssue.Level.REJECT).order_by("row", "pk"))
    if (
        batch.report["kind"] == "xlsx"
        and batch.file_size <= WHOLE_FILE_BYTES
        and batch.counts["rows"] <= WHOLE_FILE_ROWS
    ):
        with import_files.opened(batch.file) as fd:
            return annotated(fd, _orders(batch, issues), limits())
    return _wrong_rows(batch, issues)


def _orders(batch: ImportBatch, issues: list[ImportIssue]) -> dict[str, Any]:
    columns = batch.report["columns"]
    at = {column["field"]: column["index"] + 1 for column in columns if column["field"]}
    name_at = at[list_kinds.kind_of(batch).vocabulary.lead]
    return {
        "sheet": batch.sheet,
        "header_row": batch.header_rows[-1],
        "last_column": len(columns),
        "heading": HEADING,
        "cells": [[issue.row, at.get(issue.field, name_at), issue.message] for issue in issues],
        "reasons": _reasons(issues),
        "blanked": [column["index"] + 1 for column in columns if column["field"] in RRN_FIELDS],
    }


def _reasons(issues: list[ImportIssue]) -> dict[str, str]:
    found = defaultdict(list)
    for issue in issues:
        found[issue.row].append(f"{issue.column}: {issue.message}" if issue.column else issue.message)
    return {str(row): " / ".join(dict.fromkeys(messages)) for row, messages in found.items()}


def _wrong_rows(batch: ImportBatch, issues: list[ImportIssue]) -> bytes:
    columns = batch.report["columns"]
    hidden = {column["index"] for column in columns if column["field"] in RRN_FIELDS}
    at = {column["field"]: column["index"] for column in columns if column["field"]}
    by_row = defaultdict(list)
    for issue in issues:
        by_row[issue.row].append(issue)
    reasons = _reasons(issues)
    name_at = at[list_kinds.kind_of(batch).vocabulary.lead]
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("고칠 줄")
    bold, wrong = (
        book.add_format({"bold": True, "bottom": 1}),
        book.add_format({"font_color": "#B42318", "bg_color": "#FDE8E6", "bold": True}),
    )
    for column in columns:
        sheet.write_string(0, column["index"], column["header"], bold)
    sheet.write_string(0, len(columns), HEADING, bold)
    sheet.write_string(0, len(columns) + 1, "원래 줄", bold)
    sheet.set_column(len(columns), len(columns), 48)
    sheet.freeze_panes(1, 0)
    for line, (row, cells) in enumerate(_rows(batch, set(by_row)), 1):
        for index in range(len(columns)):
            text = "" if index in hidden or index >= len(cells) else scrubbed(text_of(cells[index]))
            sheet.write_string(line, index, text[:32_000])
        for issue in by_row[row]:
            index = at.get(issue.field, name_at)
            text = "" if index in hidden or index >= len(cells) else scrubbed(text_of(cells[index]))
            sheet.write_string(line, index, text[:32_000], wrong)
            sheet.write_comment(line, index, issue.message, {"width": 280, "height": 90})
        sheet.write_string(line, len(columns), reasons[str(row)], wrong)
        sheet.write_number(line, len(columns) + 1, row)
    book.close()
    return out.getvalue()


def _rows(batch: ImportBatch, wanted: set[int]):
    with import_files.opened(batch.file) as fd, reading(fd, limits()) as book:
        for chunk in book.chunks(batch.report["sheet_index"]):
            yield from ((row, cells) for row, cells in chunk if row in wanted)
