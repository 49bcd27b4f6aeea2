"""What the import pages show of a batch: the sum line, the columns, the problems in groups."""

from __future__ import annotations

import io
from collections import defaultdict
from typing import Any

import xlsxwriter

from planners.lists import list_kinds
from planners.lists.list_columns import IGNORED, RRN_FIELDS
from planners.lists.list_issues import SENTENCES
from planners.lists.list_kinds import ListKind
from planners.models import ImportBatch

PROBLEMS_SHOWN = 100
REMARKS_SHOWN = 40
STEPS = ("파일", "제목 줄", "미리보기", "넣기")
SUM = (
    ("added", "추가", "ok", "새 {noun}", "+"),
    ("changed", "변경", "warn", "값이 다름", "△"),
    ("unchanged", "동일", "plain", "그대로", "＝"),
    ("moved", "이동", "info", "다른 동에서 옴", "→"),
    ("skipped", "건너뜀", "plain", "{noun}이 아닌 줄", "↷"),
    ("rejected", "반려", "bad", "고쳐야 함", "✕"),
)
SKIPS = {
    "TITLE_ROW": "제목",
    "HEADER_ROW": "열 제목",
    "BLANK_ROW": "빈 줄",
    "TOTAL_ROW": "소계·합계",
    "NOTE_ROW": "설명",
}
HOW = {
    "same": ("ok", "같은 이름", ""),
    "alias": ("info", "같은 뜻", "≈"),
    "joined": ("info", "두 줄 제목", "≈"),
    "values": ("info", "값으로 알아봄", "≈"),
    "chosen": ("pri", "직접 고름", "✎"),
    "remembered": ("pri", "지난번처럼", "↺"),
}


def facts(batch: ImportBatch) -> dict[str, Any]:
    """The sum line and the columns; empty before the file has been read."""
    if not batch.counts:
        return {"steps": STEPS, "at": 1 if batch.state == ImportBatch.State.RECEIVED else 2}
    kind = list_kinds.kind_of(batch)
    columns = [_column(column, kind) for column in batch.report.get("columns", [])]
    return {
        "steps": STEPS,
        "at": {
            ImportBatch.State.STAGED: 3,
            ImportBatch.State.APPLYING: 4,
            ImportBatch.State.APPLIED: 5,
            ImportBatch.State.UNDONE: 5,
        }.get(batch.state, 2),
        "parts": [
            {
                "name": name,
                "value": batch.counts[key],
                "tone": tone,
                "text": kind.sum_words.get(key) or text.format(noun=kind.noun),
                "symbol": symbol,
            }
            for key, name, tone, text, symbol in SUM
            if key != "moved" or batch.counts[key] or kind.key == ImportBatch.Kind.RESIDENTS
        ],
        "extra_parts": [(name, batch.counts[key]) for key, name in kind.parts.items() if batch.counts[key]],
        "whole": {"name": "모두", "value": batch.counts["rows"], "text": "파일의 줄 수"},
        "columns": columns,
        "understood": sum(column["is_ours"] for column in columns),
        "writing": sum(batch.counts[key] for key in ("added", "changed", "moved", *kind.parts)),
        "skips": [(SKIPS[code], count) for code, count in batch.report.get("skipped", {}).items()],
        "header_words": " · ".join(f"{row}번째 줄" for row in batch.header_rows),
    }


def _column(column: dict[str, Any], kind: ListKind) -> dict[str, Any]:
    is_ours = column["field"] in kind.vocabulary.known
    is_number = column["field"] in RRN_FIELDS
    tone, words, symbol = HOW.get(column["how"], ("open", "모르는 열", ""))
    if is_number:
        tone, words, symbol = "bad", "읽고 버림", "✕"
    elif not is_ours and column["how"] not in ("chosen", "remembered"):
        tone, words, symbol = (
            ("plain", "가져오지 않음", "–") if column["field"] in IGNORED else ("warn", "모르는 열", "?")
        )
    label = kind.vocabulary.known.get(column["field"], "가져오지 않음")
    return column | {
        "is_ours": is_ours,
        "label": label,
        "tone": tone,
        "words": words,
        "symbol": symbol,
        "key": f"column_{column['index']}",
    }


def problems(batch: ImportBatch) -> list:
    """The first rejected cells, in the order of the sheet."""
    return list(batch.issues.filter(level="reject").order_by("row", "pk")[:PROBLEMS_SHOWN])


def name_rows(issues: list, batch: ImportBatch) -> bool:
    """Give each problem the name its row has, for people who may see it."""
    kind = list_kinds.kind_of(batch)
    found = kind.names(kind.stage_of(batch), [issue.row for issue in issues])
    for issue in issues:
        issue.name = found.get(issue.row) or ""
    return True


def choices(batch: ImportBatch) -> list[dict[str, Any]]:
    """The kind's questions about the whole list, with the answer given."""
    given = batch.report.get("wanted", {}).get("answers", {})
    return [
        {"choice": choice, "answers": [(key, words, key == given.get(choice.name, next(iter(choice.answers))))
                                       for key, words in choice.answers.items()]}
        for choice in list_kinds.kind_of(batch).choices
        if not batch.repairs_id
    ]  # fmt: skip


def remarks(batch: ImportBatch) -> list[tuple[str, int, list[int]]]:
    """(sentence, how many rows, the first rows) of each kind of remark, most frequent first.

    Remarks that say more than the sentence of their code, such as a name, stand by themselves.
    """
    known = set(SENTENCES.values())
    plain: dict[str, list[int]] = defaultdict(list)
    special: dict[str, list[int]] = defaultdict(list)
    told = set()
    for code, message, row in batch.issues.filter(level="warn").order_by("row").values_list("code", "message", "row"):
        if message in known:
            plain[code].append(row)
        else:
            special[message].append(row)
            told.add(code)
    counted = sorted(batch.report.get("warnings", {}).items(), key=lambda pair: -pair[1])
    return [(message, len(rows), rows[:5]) for message, rows in list(special.items())[:REMARKS_SHOWN]] + [
        (SENTENCES[code, ""], count, plain[code][:5])
        for code, count in counted
        if count and (code not in told or plain[code])
    ]


def sheet_index(batch: ImportBatch, name: str) -> int | None:
    """The index of another sheet that also looks like a list; None for an unknown one."""
    return next((other["index"] for other in batch.report.get("other_sheets", []) if other["name"] == name), None)


def empty_form(kind: ListKind) -> bytes:
    """An .xlsx with our headings and one example row, which the importer skips."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet(kind.title[:31])
    head = book.add_format({"bold": True, "bg_color": "#ECF2FE", "border": 1})
    text, pale = book.add_format({"num_format": "@"}), book.add_format({"font_color": "#6D7882", "italic": True})
    for at, heading in enumerate(kind.form_headings):
        sheet.set_column(at, at, 36 if "주소" in heading else 16, text)
    sheet.write_row(0, 0, kind.form_headings, head)
    sheet.write_row(1, 0, kind.form_example, pale)
    sheet.freeze_panes(1, 1)
    if "성별" in kind.form_headings:
        at = kind.form_headings.index("성별")
        sheet.data_validation(1, at, 5000, at, {"validate": "list", "source": ["남", "여"]})
    book.close()
    return out.getvalue()


def known_sheet(kind: ListKind, table: Any) -> bytes:
    """An .xlsx of records that are there (what a resource exports), all cells as text: nothing in them is ever a formula."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet(kind.title[:31])
    head = book.add_format({"bold": True, "bg_color": "#ECF2FE", "border": 1})
    for at, heading in enumerate(table.headers):
        sheet.set_column(at, at, 36 if heading in ("주소", "산출내역", "세부항목") else 16)
        sheet.write_string(0, at, heading, head)
    for row, cells in enumerate(table, 1):
        for at, cell in enumerate(cells):
            sheet.write_string(row, at, "" if cell is None else str(cell))
    sheet.freeze_panes(1, 1)
    book.close()
    return out.getvalue()
