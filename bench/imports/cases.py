"""One case in a process of its own: `python -m bench.imports.cases CASE FILE [FILE2]` prints one JSON line.

The database named by DATABASE_URL is the benchmark's own and is emptied.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import django

TABLES = ("planners_household", "planners_person", "planners_membership", "planners_benefit")


def main() -> None:
    case, *files = sys.argv[1:]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seongbuk.settings")
    if case.startswith("read_"):
        answer = globals()[case](*map(Path, files))
    else:
        django.setup()
        _calm()
        answer = globals()[case](*map(Path, files))
    print(json.dumps(answer))


def _calm() -> None:
    """One backend for everything: its CPU is the database's CPU of the case."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0; SET max_parallel_maintenance_workers = 0")


def _backend() -> int:
    from django.db import connection

    connection.ensure_connection()
    return connection.connection.info.backend_pid


def _emptied() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(TABLES)}, planners_importchange CASCADE")


def _cost(cost, **more) -> dict:
    from bench.measure import as_line

    return as_line(cost) | more


# ---------------------------------------------------------------- reading
def read_ours(path: Path) -> dict:
    from bench.measure import measured
    from common.spreadsheets import reading

    rows = 0
    with measured() as cost, reading(path) as book:
        for chunk in book.chunks(0):
            rows += len(chunk)
    return _cost(cost, rows=rows)


def read_openpyxl(path: Path) -> dict:
    from openpyxl import load_workbook

    from bench.measure import measured

    with measured() as cost:
        rows = sum(1 for _ in load_workbook(path, read_only=True).active.iter_rows(values_only=True))
    return _cost(cost, rows=rows)


def read_refused(path: Path) -> dict:
    """A hostile or broken file: which code, how long, how much more memory than an honest one."""
    from bench.measure import measured
    from common.spreadsheets import Unreadable, reading

    code = ""
    with measured() as cost:
        try:
            with reading(path):
                pass
        except Unreadable as refusal:
            code = refusal.code
    return _cost(cost, code=code)


# ---------------------------------------------------------------- loading
def staged(path: Path) -> dict:
    """Upload, preview and confirm, as the pages and the command do."""
    from django.utils import timezone

    from bench.measure import measured
    from common.months import seoul_date
    from planners.lists import import_files, list_import

    now = timezone.now()
    with measured(_backend()) as cost:
        batch = list_import.receive(
            import_files.keep(import_files.upload_blocks(path)), file_name=path.name, by=None, at=now
        )
        batch = list_import.stage(batch, on=seoul_date(now))
        batch = list_import.begin_applying(batch, by=None)
        batch = list_import.apply(batch, by=None, on=seoul_date(now), at=now)
    return _cost(cost, **batch.counts)


def staged_fresh(path: Path) -> dict:
    _emptied()
    return staged(path)


def keep_tables(folder: Path) -> dict:
    """Write what the register holds now to files, for the raw copy."""
    from django.db import connection

    rows = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            with (
                (folder / table).open("wb") as file,
                cursor.copy(f"COPY (SELECT * FROM {table} ORDER BY id) TO STDOUT (FORMAT BINARY)") as copy,
            ):
                for block in copy:
                    file.write(block)
            cursor.execute(f"SELECT count(*) FROM {table}")
            rows[table] = cursor.fetchone()[0]
    return rows


def raw_copy(folder: Path) -> dict:
    """The limit: the same rows, ready made, by COPY into the same tables with their indexes.

    A table without statistics would make the checks of foreign keys at the end read whole tables: it is analysed first.
    """
    from django.db import connection, transaction

    from bench.measure import measured

    _emptied()
    with measured(_backend()) as cost, transaction.atomic(), connection.cursor() as cursor:
        for table in TABLES:
            with (folder / table).open("rb") as file, cursor.copy(f"COPY {table} FROM STDIN (FORMAT BINARY)") as copy:
                while block := file.read(1 << 16):
                    copy.write(block)
            cursor.execute(f"ANALYZE {table}")
    _emptied()
    return _cost(cost)


def die_bulk(path: Path) -> dict:
    """django-import-export with use_bulk and skip_diff, one step; the same normaliser for every row."""
    return _die(path, is_bulk=True)


def die_default(path: Path) -> dict:
    """django-import-export as its admin does it: dry run, then confirm, each reading the file anew."""
    return _die(path, is_bulk=False)


def _die(path: Path, *, is_bulk: bool) -> dict:
    from bench.imports.peers import peer_dataset, peer_resource
    from bench.measure import measured

    _emptied()
    with measured(_backend()) as cost:
        if not is_bulk:
            peer_resource(is_bulk=False).import_data(peer_dataset(path), dry_run=True, raise_errors=False)
        result = peer_resource(is_bulk=is_bulk).import_data(peer_dataset(path), dry_run=False, raise_errors=False)
    totals = dict(result.totals)
    _emptied()
    return _cost(cost, **totals)


if __name__ == "__main__":
    main()
