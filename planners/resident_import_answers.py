"""An import batch as data: the answer of the commands, and what the page shows of it."""

from __future__ import annotations

from typing import Any

from centers.models import Dong
from planners.models import ImportBatch
from planners.resident_staging import Stage

PARTS = ("added", "changed", "unchanged", "moved", "skipped", "rejected")
_BLANK_CODES, _NO_WARNINGS = ["BLANK_ROW"], []  # shared: a sheet may have a million empty rows
DETAIL = """
    SELECT s.row, s.status, s.codes || s.warnings, s.warnings, s.name, s.birth_on, s.sex, s.dong_id, s.tong, s.ban, s.address, s.phone, s.mobile,
        s.relation, s.benefit, m.act
    FROM {rows} s LEFT JOIN {matches} m ON m.row = s.row ORDER BY s.row
"""


def as_json(batch: ImportBatch) -> dict[str, Any]:
    """Counts that add up to the rows of the sheet, the header as understood, and every issue."""
    counts = batch.counts
    issues = batch.issues.order_by("row", "pk").values("row", "column", "field", "level", "code", "message")
    return {
        "batch": str(batch.uid),
        "state": batch.state,
        "rows": counts["rows"],
        **{name: counts[name] for name in PARTS},
        "warnings": counts["warnings"],
        "dropped_columns": batch.report["dropped"],
        "sheet": batch.sheet,
        "header_rows": batch.header_rows,
        "mapping": batch.mapping,
        "issues": list(issues),
    }


def records(batch: ImportBatch) -> list[dict[str, Any]]:
    """Each row of the sheet with its normal form; only while the batch is staged."""
    dongs = dict(Dong.objects.values_list("pk", "name"))
    found, last = [], 0
    for row, status, codes, warnings, *values, act in Stage(batch.report["stage"]).run(DETAIL):
        found += [_blank(number) for number in range(last + 1, row)]
        last = row
        record = {"row": row, "status": status, "codes": codes, "warnings": warnings}
        if status != "skipped":
            name, birth_on, sex, dong_id, tong, ban, address, phone, mobile, relation, benefit = values
            record["act"] = (act or "added") if status == "accepted" else None
            record["normalised"] = {
                "name": name,
                "birth_date": birth_on.isoformat() if birth_on else None,
                "sex": sex,
                "dong": dongs.get(dong_id, ""),
                "tong": tong,
                "ban": ban,
                "address": address,
                "phone": phone,
                "mobile": mobile,
                "relation": relation,
                "benefit": benefit,
            }
        found.append(record)
    return found


def _blank(row: int) -> dict[str, Any]:
    return {"row": row, "status": "skipped", "codes": _BLANK_CODES, "warnings": _NO_WARNINGS}
