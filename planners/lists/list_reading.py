"""Rows of an uploaded list into a staging table of its own: read by the child, judged once, copied in binary.

A staging table belongs to one run of one batch. It is unlogged: a crash empties it, the run is then
simply made again. `Rows` sorts the rows of a file, counts them and keeps what people must hear about;
kinds of list say how a row is read and how it is staged.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

from centers.models import Dong
from common.spreadsheets import Book, Limits
from planners.dong_names import DongNames
from planners.lists.list_columns import RRN_FIELDS, Column, Layout
from planners.lists.list_issues import REJECT, WARN, Issue
from planners.lists.list_rows import Sorter
from planners.lists.resident_cells import text_of
from planners.lists.resident_values import scrubbed
from planners.models import ImportIssue

COPY_ROWS = 20_000
WARNINGS_KEPT = 200  # of each code; all of them are counted
REJECTS_KEPT = 20_000
EXAMPLE_ROWS = 20  # rows without remarks that give the mapping its examples
CREATE = "CREATE UNLOGGED TABLE {} (LIKE {} INCLUDING STORAGE) WITH (autovacuum_enabled = false)"
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Stage:
    """The two tables of one run, made after a pattern: rows of the file, and what becomes of them."""

    suffix: str
    rows_pattern: ClassVar[str] = "planners_importstage"
    matches_pattern: ClassVar[str] = "planners_importmatch"

    @classmethod
    def create(cls, batch_id: int) -> Stage:
        stage = cls(f"{batch_id}_{secrets.token_hex(4)}")
        with connection.cursor() as cursor:
            for pattern, name in ((cls.rows_pattern, stage.rows), (cls.matches_pattern, stage.matches)):
                statement = sql.SQL(CREATE).format(name, sql.Identifier(pattern))
                cursor.execute(statement.as_string())
        return stage

    @property
    def rows(self) -> sql.Identifier:
        return sql.Identifier(f"{self.rows_pattern}_{self.suffix}")

    @property
    def matches(self) -> sql.Identifier:
        return sql.Identifier(f"{self.matches_pattern}_{self.suffix}")

    def drop(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}, {}").format(self.rows, self.matches).as_string())

    def is_there(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"{self.rows_pattern}_{self.suffix}"])
            return cursor.fetchone()[0]

    def run(self, statement: str, /, **values: Any) -> list[tuple]:
        """Run a statement in which {rows} and {matches} stand for the tables; rows of its answer."""
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(rows=self.rows, matches=self.matches).as_string(), values)
            return cursor.fetchall() if cursor.description else []

    def walk(self, query: str, /) -> Iterator[tuple]:
        """The rows of a query as `run` takes it, some hundreds in memory at a time."""
        with connection.chunked_cursor() as cursor:
            cursor.execute(sql.SQL(query).format(rows=self.rows, matches=self.matches).as_string())
            yield from cursor


class ListStage(Stage):
    """The same for every kind of list but residents: values as one document, outcomes of a row one by one."""

    rows_pattern = "planners_liststage"
    matches_pattern = "planners_listoutcome"


def drop_strays(known: set[str]) -> int:
    """Staging tables that no batch knows: left by runs that were killed or overtaken."""
    dropped = 0
    for kind in (Stage, ListStage):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT relname FROM pg_class WHERE relname ~ %s AND relkind = 'r'",
                [rf"^{kind.rows_pattern}_\d+_[0-9a-f]+$"],
            )
            strays = {name.removeprefix(f"{kind.rows_pattern}_") for (name,) in cursor.fetchall()} - known
        for suffix in strays:
            kind(suffix).drop()
        dropped += len(strays)
    return dropped


@dataclass
class Reading:
    """What reading found out, besides the rows it staged."""

    layout: Layout
    kind: str  # of the file: xlsx, xls, csv, html, xml
    stage: Stage
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


class Rows:
    """Staging rows of a file. Subclasses read a row into a record and encode it for the table.

    A record carries `row`, `issues` and `is_rejected`. `empty` is how a skipped row fills the columns
    behind row, status, codes and warnings.
    """

    empty: tuple = ()

    def __init__(self, book: Book, found: Reading) -> None:
        self.book, self.found = book, found
        self.sorter = Sorter(found.layout)
        self.columns = {column.field: column for column in found.layout.columns if column.field}
        self.looked_at = 0

    def record(self, row: int, cells: list[Any]) -> Any:
        raise NotImplementedError

    def encode(self, record: Any) -> tuple:
        raise NotImplementedError

    def skip_code(self, row: int, cells: list[Any]) -> str:
        """Why the row is no record; empty when it is one."""
        return self.sorter.skip_code(row, cells)

    def example(self, column: Column, written: str, record: Any) -> str:
        """A value of the column that may be shown, masked where it could name somebody."""
        return scrubbed(written)[:30] if column.field else ""

    def __iter__(self) -> Iterator[tuple]:
        found, sorter = self.found, self.sorter
        for chunk in self.book.chunks(found.layout.sheet):
            for row, cells in chunk:
                if row > found.rows + 1:
                    found.skipped["BLANK_ROW"] += row - found.rows - 1
                found.rows = row
                skip = self.skip_code(row, cells)
                cells = sorter.filled_down(row, cells)
                if skip:
                    found.skipped[skip] += 1
                    yield (row, "skipped", [skip], [], *self.empty)
                    continue
                record = self.record(row, cells)
                if record.issues:
                    self._keep(record, cells)
                elif self.looked_at < EXAMPLE_ROWS:
                    self.looked_at += 1
                    self._remember_examples(record, cells)
                yield self.encode(record)

    def _keep(self, record: Any, cells: list[Any]) -> None:
        found = self.found
        found.rejected += record.is_rejected
        for issue in record.issues:
            if issue.level == WARN:
                found.warnings[issue.code] += 1
                if found.warnings[issue.code] > WARNINGS_KEPT:
                    continue
            elif found.rejected > REJECTS_KEPT:
                continue
            column = self.columns.get(issue.field)
            found.issues.append(
                ImportIssue(
                    row=record.row,
                    column=column.header[:60] if column else "",
                    field=issue.field,
                    level=issue.level,
                    code=issue.code,
                    message=issue.message,
                    raw=_raw(issue, cells[column.index] if column and column.index < len(cells) else ""),
                )
            )

    def _remember_examples(self, record: Any, cells: list[Any]) -> None:
        """One value for each column, from the first rows without remarks."""
        for column in self.found.layout.columns:
            written = text_of(cells[column.index]) if column.index < len(cells) else ""
            if not written or self.found.examples.get(column.index):
                continue
            shown = "버림" if column.field in RRN_FIELDS else self.example(column, written, record)
            self.found.examples[column.index] = shown


def rejects_of(issues: Sequence[Issue]) -> list[str]:
    return [issue.code for issue in issues if issue.level == REJECT]


def _raw(issue: Issue, cell: Any) -> str:
    """The written value for the person who mends it; of a registration number nothing is kept."""
    if issue.field in RRN_FIELDS:
        return ""
    return scrubbed(text_of(cell) if type(cell) is str else str(cell))[:200]


def copy_in(rows: Rows, columns: Sequence[tuple[str, str]], *, report: Progress) -> None:
    """Copy every row of the file into the staging table; columns are (name, type) in the order of `encode`."""
    found = rows.found
    total = rows.book.sheets[found.layout.sheet].last_row
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        found.stage.rows, sql.SQL(", ").join(sql.Identifier(name) for name, _ in columns)
    )
    staged, is_open = iter(rows), True
    while is_open:
        with transaction.atomic(), connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types([kind for _, kind in columns])
            is_open = _write(copy, staged, COPY_ROWS)
        report(found.rows, max(total, found.rows), "명부를 읽는 중")


def _write(copy: Any, rows: Iterator[tuple], count: int) -> bool:
    for _ in range(count):
        row = next(rows, None)
        if row is None:
            return False
        copy.write_row(row)
    return True


def analyse(stage: Stage, *columns: str) -> None:
    """Fresh tables have no statistics; joins need them."""
    with connection.cursor() as cursor:
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        cursor.execute(sql.SQL("ANALYZE {} ({})").format(stage.rows, names).as_string())
