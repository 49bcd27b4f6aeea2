"""Tamper evidence of the access log: rows are sealed in runs, each seal chained to the one before."""

from __future__ import annotations

import datetime as dt
import hashlib

from django.db import connection, transaction

from centers.models import AccessSeal
from common.months import Month

DIGEST_BYTES = 32
RUN_ROWS = 20_000
LOCK = 0x5EA1
# One text per row, the same on every machine: what a change of any column would change.
ROW_TEXT = """
    id, concat_ws('|', id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), user_id, username, action,
        resource, outcome, subjects::text, reason, host(ip), device, route, request_id, detail::text)
"""


def open_months(*, from_day: dt.date, months: int) -> int:
    """Make the monthly partitions from the month of `from_day` on; returns how many were new."""
    made = 0
    with connection.cursor() as cursor:
        for step in range(months + 1):
            month = Month.of(from_day).plus(step)
            name = f"centers_accesslog_{month.year}_{month.number:02d}"
            cursor.execute("SELECT to_regclass(%s) IS NULL", [name])
            if cursor.fetchone()[0]:
                cursor.execute(
                    f"CREATE TABLE {name} PARTITION OF centers_accesslog FOR VALUES FROM (%s) TO (%s)",
                    [month.starts_at, month.ends_at],
                )
                made += 1
    return made


def seal(*, at: dt.datetime) -> int:
    """Seal rows that no running transaction can still add to; returns how many."""
    sealed = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            last = AccessSeal.objects.order_by("-pk").first()
            cursor.execute(
                f"""SELECT {ROW_TEXT} FROM centers_accesslog a
                    WHERE txid < pg_snapshot_xmin(pg_current_snapshot())
                      AND NOT EXISTS (SELECT 1 FROM centers_accesslog_sealed s WHERE s.row_id = a.id)
                    ORDER BY id LIMIT %s""",  # noqa: S608
                [RUN_ROWS],
            )
            rows = cursor.fetchall()
            if not rows:
                return sealed
            previous = bytes(last.digest) if last else b""
            digests = b"".join(hashlib.sha256(text.encode()).digest() for _, text in rows)
            ids = [row_id for row_id, _ in rows]
            AccessSeal.objects.create(
                sealed_at=at,
                rows=len(rows),
                row_ids=ids,
                row_digests=digests,
                previous=previous,
                digest=_digest(previous, ids, digests),
            )
            cursor.execute("INSERT INTO centers_accesslog_sealed (row_id) SELECT unnest(%s)", [ids])
            sealed += len(rows)


def verify(*, start: dt.datetime | None = None, end: dt.datetime | None = None) -> dict:
    """Recount the chain: ``{rows, ok, first_bad}``; `first_bad` names a row or a seal, or is None.

    `start` and `end` bound the seals by the time they were made.
    """
    seals = AccessSeal.objects.order_by("pk")
    if start:
        seals = seals.filter(sealed_at__gte=start)
    if end:
        seals = seals.filter(sealed_at__lt=end)
    previous, rows = None, 0
    for one in seals.iterator(chunk_size=20):
        digests = bytes(one.row_digests)
        chained = previous is None or bytes(one.previous) == previous
        if not chained or bytes(one.digest) != _digest(bytes(one.previous), one.row_ids, digests):
            return {"rows": rows, "ok": False, "first_bad": {"seal": one.pk}}
        if bad := _first_bad_row(one.row_ids, digests):
            return {"rows": rows, "ok": False, "first_bad": {"row": bad}}
        previous, rows = bytes(one.digest), rows + one.rows
    return {"rows": rows, "ok": True, "first_bad": None}


def _first_bad_row(ids: list[int], digests: bytes) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {ROW_TEXT} FROM centers_accesslog WHERE id = ANY(%s)", [ids])  # noqa: S608
        found = {row_id: hashlib.sha256(text.encode()).digest() for row_id, text in cursor.fetchall()}
    for place, row_id in enumerate(ids):
        if found.get(row_id) != digests[place * DIGEST_BYTES : (place + 1) * DIGEST_BYTES]:
            return row_id
    return None


def _digest(previous: bytes, ids: list[int], digests: bytes) -> bytes:
    return hashlib.sha256(previous + ",".join(map(str, ids)).encode() + digests).digest()
