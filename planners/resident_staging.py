"""A sealed file into a staging table: read by the child, normalised once, copied in as binary rows.

The staging table belongs to one run of one batch. It is unlogged: a crash empties it, the run is then
simply made again. Registration numbers reach it only as keyed digests that die with the run.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection
from psycopg import sql

from centers.models import Dong
from common.hangul import choseong, mask_name
from common.spreadsheets import Book, Limits, reading
from planners.dong_names import DongNames
from planners.models import ImportIssue
from planners.resident_cells import text_of
from planners.resident_columns import RRN_FIELDS, Layout, recognise
from planners.resident_issues import REJECT, WARN, Issue
from planners.resident_rows import Sorter
from planners.resident_values import Reader, Resident, scrubbed
from planners.residents import match_key

COPY_ROWS = 20_000
WARNINGS_KEPT = 200  # of each code; all of them are counted
REJECTS_KEPT = 20_000
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
CREATE = "CREATE UNLOGGED TABLE {} (LIKE {} INCLUDING STORAGE) WITH (autovacuum_enabled = false)"
PATTERN, MATCH_PATTERN = "planners_importstage", "planners_importmatch"


@dataclass(frozen=True)
class Stage:
    """The two tables of one run: rows of the file, and which of them are known people."""

    suffix: str

    @classmethod
    def create(cls, batch_id: int) -> Stage:
        stage = cls(f"{batch_id}_{secrets.token_hex(4)}")
        with connection.cursor() as cursor:
            for pattern, name in ((PATTERN, stage.rows), (MATCH_PATTERN, stage.matches)):
                statement = sql.SQL(CREATE).format(name, sql.Identifier(pattern))
                cursor.execute(statement.as_string())
        return stage

    @property
    def rows(self) -> sql.Identifier:
        return sql.Identifier(f"{PATTERN}_{self.suffix}")

    @property
    def matches(self) -> sql.Identifier:
        return sql.Identifier(f"{MATCH_PATTERN}_{self.suffix}")

    def drop(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}, {}").format(self.rows, self.matches).as_string())

    def is_there(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"{PATTERN}_{self.suffix}"])
            return cursor.fetchone()[0]

    def run(self, statement: str, /, **values: Any) -> list[tuple]:
        """Run a statement in which {rows} and {matches} stand for the tables; rows of its answer."""
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(rows=self.rows, matches=self.matches).as_string(), values)
            return cursor.fetchall() if cursor.description else []


def drop_strays(known: set[str]) -> int:
    """Staging tables that no batch knows: left by runs that were killed or overtaken."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname ~ %s AND relkind = 'r'", [rf"^{PATTERN}_\d+_[0-9a-f]+$"]
        )
        strays = {name.removeprefix(f"{PATTERN}_") for (name,) in cursor.fetchall()} - known
    for suffix in strays:
        Stage(suffix).drop()
    return len(strays)


@dataclass
class Reading:
    """What staging found out, besides the rows."""

    layout: Layout
    kind: str
    rows: int = 0
    skipped: Counter = field(default_factory=Counter)
    warnings: Counter = field(default_factory=Counter)
    rejected: int = 0
    issues: list[ImportIssue] = field(default_factory=list)
    examples: dict[int, str] = field(default_factory=dict)


def limits() -> Limits:
    return Limits(
        file_bytes=settings.IMPORT_MAX_BYTES, rows=settings.IMPORT_MAX_ROWS, columns=settings.IMPORT_MAX_COLUMNS
    )


def dong_names() -> DongNames:
    return DongNames(Dong.objects.values_list("name", "slug"))


def fill(
    stage: Stage,
    source: int | str,
    *,
    on: dt.date,
    own_dong: str = "",
    allowed_dongs: set[int] | None = None,
    sheet: int | None = None,
    chosen: Mapping[int, str] | None = None,
    remembered: Callable[[str], Mapping[int, str] | None] = lambda fingerprint: None,
    report: Callable[[int, int, str], None] = lambda done, total, note: None,
) -> Reading:
    """Read the file into the staging table. Raises `Unreadable`, `HeaderNotFound`."""
    with reading(source, limits()) as book:
        layout = recognise(
            book.sheets,
            kind=book.kind,
            is_1904=book.is_1904,
            remembered=(lambda _: None) if chosen else remembered,
            sheet=sheet,
        )
        if chosen:
            layout = layout.remapped(chosen)
        found = Reading(layout, book.kind)
        dongs = {name: pk for pk, name in Dong.objects.values_list("pk", "name")}
        copied = _Rows(book, found, dongs, Reader(layout, dong_names(), on=on, own_dong=own_dong), allowed_dongs)
        total = book.sheets[layout.sheet].last_row
        statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
            stage.rows, sql.SQL(", ").join(sql.Identifier(n) for n, _ in COLUMNS)
        )
        rows, is_open = iter(copied), True
        while is_open:
            with connection.cursor() as cursor, cursor.copy(statement) as copy:
                copy.set_types([kind for _, kind in COLUMNS])
                is_open = _write(copy, rows, COPY_ROWS)
            report(found.rows, max(total, found.rows), "명부를 읽는 중")
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("ANALYZE {} (status, match_key, person_key, number_key, dong_id, birth_on)")
            .format(stage.rows)
            .as_string()
        )
    return found


def _write(copy: Any, rows: Iterator[tuple], count: int) -> bool:
    for _ in range(count):
        row = next(rows, None)
        if row is None:
            return False
        copy.write_row(row)
    return True


class _Rows:
    """Staging rows of a file, while counting and keeping what people must hear about."""

    def __init__(
        self, book: Book, found: Reading, dongs: dict[str, int], reader: Reader, allowed: set[int] | None
    ) -> None:
        self.book, self.found, self.dongs, self.reader, self.allowed = book, found, dongs, reader, allowed
        self.sorter = Sorter(found.layout)
        self.columns = {column.field: column for column in found.layout.columns if column.field}

    def __iter__(self) -> Iterator[tuple]:
        found, sorter, reader = self.found, self.sorter, self.reader
        for chunk in self.book.chunks(found.layout.sheet):
            for row, cells in chunk:
                if row > found.rows + 1:
                    found.skipped["BLANK_ROW"] += row - found.rows - 1
                found.rows = row
                skip = sorter.skip_code(row, cells)
                cells = sorter.filled_down(row, cells)
                if skip:
                    found.skipped[skip] += 1
                    yield (row, "skipped", [skip], [], *_NO_VALUES)
                    continue
                resident = reader.read(row, cells)
                dong_id = self.dongs.get(resident.dong)
                if self.allowed is not None and dong_id and dong_id not in self.allowed:
                    resident = resident._replace(issues=(*resident.issues, Issue("OTHER_DONG", "dong")))
                if resident.issues:
                    self._keep(resident, cells)
                elif len(found.examples) < 3:
                    self._example(resident, cells)
                yield _staged(resident, dong_id)

    def _keep(self, resident: Resident, cells: list[Any]) -> None:
        found = self.found
        found.rejected += resident.is_rejected
        for issue in resident.issues:
            if issue.level == WARN:
                found.warnings[issue.code] += 1
                if found.warnings[issue.code] > WARNINGS_KEPT:
                    continue
            elif found.rejected > REJECTS_KEPT:
                continue
            column = self.columns.get(issue.field)
            found.issues.append(
                ImportIssue(
                    row=resident.row,
                    column=column.header[:60] if column else "",
                    field=issue.field,
                    level=issue.level,
                    code=issue.code,
                    message=issue.message,
                    raw=_raw(issue, cells[column.index] if column and column.index < len(cells) else ""),
                )
            )

    def _example(self, resident: Resident, cells: list[Any]) -> None:
        """One value for each column, masked, from the first rows without remarks."""
        values = resident.normalised()
        for column in self.found.layout.columns:
            written = text_of(cells[column.index]) if column.index < len(cells) else ""
            if not written or self.found.examples.get(column.index):
                continue
            self.found.examples[column.index] = _example_of(column.field, written, values)


_NO_VALUES = (None,) * (len(COLUMNS) - 4)


def _staged(resident: Resident, dong_id: int | None) -> tuple:
    rejects = [issue.code for issue in resident.issues if issue.level == REJECT]
    is_fit = not rejects
    return (
        resident.row,
        "accepted" if is_fit else "rejected",
        rejects,
        resident.warnings,
        resident.name,
        resident.birth_on,
        resident.sex,
        dong_id,
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


def _raw(issue: Issue, cell: Any) -> str:
    """The written value for the person who mends it; of a registration number nothing is kept."""
    if issue.field in RRN_FIELDS:
        return ""
    return scrubbed(text_of(cell) if type(cell) is str else str(cell))[:200]


def _example_of(name: str, written: str, values: dict[str, Any]) -> str:
    if name in RRN_FIELDS:
        return "버림"
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
