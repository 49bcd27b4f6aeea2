"""Takes an applied list back as long as nothing that came later stands on it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from centers.models import User
from common.refusals import Refusal
from planners.lists import list_kinds
from planners.lists.list_import import State, locked, take_turns, write_down
from planners.lists.list_kinds import CannotUndo
from planners.models import ImportBatch


class ReasonMissing(Refusal):
    code = "REASON_MISSING"


@transaction.atomic
def undo(batch: ImportBatch, *, by: User, reason: str, on: dt.date, at: dt.datetime) -> tuple[ImportBatch, int]:
    """applied -> undone: what was added goes, what changed gets its old values. Returns how many records.

    Raises `CannotUndo` with what stands in the way, `ReasonMissing`.
    """
    if not reason.strip():
        raise ReasonMissing("되돌리는 까닭을 적어 주세요.")
    take_turns(batch)
    batch = locked(batch, {State.APPLIED})
    kind = list_kinds.kind_of(batch)
    kind.refuse_undo(batch)
    reverted = kind.undo(batch, by=by, reason=reason.strip(), on=on, at=at)
    write_down(batch, state=State.UNDONE, undone_by=by, undone_at=at, undo_reason=reason.strip()[:200])
    return batch, reverted


def obstacles(batch: ImportBatch) -> str:
    """Why the batch cannot be taken back, in a sentence; empty when it can."""
    try:
        list_kinds.kind_of(batch).refuse_undo(batch)
    except CannotUndo as refusal:
        return refusal.message
    return ""
