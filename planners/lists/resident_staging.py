"""A resident list into its staging table: one normaliser, typed columns, digests instead of numbers.

Registration numbers reach the table only as keyed digests that die with the run.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from centers.models import Dong
from common.hangul import choseong, mask_name
from common.spreadsheets import Book
from planners.lists.list_columns import Column, Layout
from planners.lists.list_issues import Issue
from planners.lists.list_reading import Progress, Reading, Rows, Stage, analyse, copy_in, dong_names, rejects_of
from planners.lists.resident_values import Reader, Resident, scrubbed
from planners.residents import match_key

COLUMNS = (
    ("row", "int4"),
    ("status", "text"),
    ("codes", "text[]"),
    ("warnings", "text[]"),
    ("name", "text"),
    ("birth_on", "date"),
    ("sex", "text"),
    ("dong_id", "int8"),
    ("tong", "int2"),
    ("ban", "int2"),
    ("address", "text"),
    ("address_main", "text"),
    ("address_detail", "text"),
    ("phone", "text"),
    ("mobile", "text"),
    ("relation", "text"),
    ("benefit", "text"),
    ("is_foreigner", "bool"),
    ("match_key", "text"),
    ("choseong", "text"),
    ("row_hash", "bytea"),
    ("number_key", "int8"),
    ("person_key", "int8"),
)


def fill(
    stage: Stage,
    book: Book,
    layout: Layout,
    *,
    on: dt.date,
    own_dong: str = "",
    allowed_dongs: set[int] | None = None,
    report: Progress = lambda done, total, note: None,
) -> Reading:
    """Read the file into the staging table. Raises `Unreadable`."""
    found = Reading(layout, book.kind, stage)
    rows = _Residents(book, found, Reader(layout, dong_names(), on=on, own_dong=own_dong), allowed_dongs)
    copy_in(rows, COLUMNS, report=report)
    analyse(stage, "status", "match_key", "person_key", "number_key", "dong_id", "birth_on")
    return found


class _Residents(Rows):
    """Rows as residents of the district."""

    empty = (None,) * (len(COLUMNS) - 4)

    def __init__(self, book: Book, found: Reading, reader: Reader, allowed: set[int] | None) -> None:
        super().__init__(book, found)
        self.dongs = {name: pk for pk, name in Dong.objects.values_list("pk", "name")}
        self.reader, self.allowed = reader, allowed

    def record(self, row: int, cells: list[Any]) -> Resident:
        resident = self.reader.read(row, cells)
        if self.allowed is not None and resident.dong and self.dongs.get(resident.dong) not in self.allowed:
            return resident._replace(issues=(*resident.issues, Issue("OTHER_DONG", "dong")))
        return resident

    def encode(self, resident: Resident) -> tuple:
        issues = resident.issues
        rejects = rejects_of(issues) if issues else []
        is_fit = not rejects
        return (
            resident.row,
            "accepted" if is_fit else "rejected",
            rejects,
            resident.warnings if issues else [],
            resident.name,
            resident.birth_on,
            resident.sex,
            self.dongs.get(resident.dong),
            resident.tong,
            resident.ban,
            resident.address,
            resident.address_main,
            resident.address_detail,
            resident.phone,
            resident.mobile,
            resident.relation,
            resident.benefit,
            resident.is_foreigner,
            match_key(resident.name, resident.birth_on, resident.sex) if is_fit else None,
            choseong(resident.name) if is_fit else None,
            resident.facts,
            resident.number_key,
            resident.person_key,
        )

    def example(self, column: Column, written: str, resident: Resident) -> str:
        return example_of(column.field, written, resident.normalised())


def example_of(name: str, written: str, values: dict[str, Any]) -> str:
    """A written value of a person's column as the clerk may see it: masked, with what we read in it."""
    if name == "name":
        return mask_name(values["name"])
    if name in ("phone", "mobile"):
        return masked_phone(values["mobile"] or values["phone"])
    if name == "birth_date":
        value = values["birth_date"]
        return written if written == value else f"{scrubbed(written)[:20]} → {value}"
    if name in ("dong", "sex"):
        value = {"M": "남", "F": "여"}.get(values[name], values[name])
        return value if value == written else f"{written[:20]} → {value}"
    if name == "tong_ban":
        return f"{written[:20]} → {values['tong'] or '–'}통 {values['ban'] or '–'}반"
    return scrubbed(written)[:30] if name else ""


def masked_phone(number: str) -> str:
    """010-1234-5678 → 010-****-5678."""
    head, _, tail = number.rpartition("-")
    return f"{head.split('-')[0]}-****-{tail}" if head else number
