"""An import batch as data: the answer of the commands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from planners.lists import list_kinds
from planners.models import ImportBatch

_BLANK_CODES, _NO_WARNINGS = ["BLANK_ROW"], []  # shared: a sheet may have a million empty rows
PARTS = ("added", "changed", "unchanged", "moved", "skipped", "rejected")


def as_json(batch: ImportBatch) -> dict[str, Any]:
    """Counts that add up to the rows of the sheet, the header as understood, and every issue."""
    counts = batch.counts
    issues = batch.issues.order_by("row", "pk").values("row", "column", "field", "level", "code", "message")
    return {
        "batch": str(batch.uid),
        "state": batch.state,
        "rows": counts["rows"],
        **{name: counts[name] for name in PARTS},
        **{name: counts[name] for name in list_kinds.kind_of(batch).parts},
        "warnings": counts["warnings"],
        "dropped_columns": batch.report["dropped"],
        "sheet": batch.sheet,
        "header_rows": batch.header_rows,
        "mapping": batch.mapping,
        "issues": list(issues),
    }


def records(batch: ImportBatch) -> Iterator[dict[str, Any]]:
    """Each row of the sheet with its normal form, one by one; only while the batch is staged."""
    kind, last = list_kinds.kind_of(batch), 0
    for record in kind.records(kind.stage_of(batch)):
        yield from map(_blank, range(last + 1, record["row"]))
        last = record["row"]
        yield record


def _blank(row: int) -> dict[str, Any]:
    return {"row": row, "status": "skipped", "codes": _BLANK_CODES, "warnings": _NO_WARNINGS}
