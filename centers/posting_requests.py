"""Rights over the whole district: asked for by one person, given by another."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from centers import personnel
from centers.models import Posting, PostingRequest, User
from common.refusals import Refusal


class SamePerson(Refusal):
    code = "SAME_PERSON"


class AlreadyDecided(Refusal):
    code = "ALREADY_DECIDED"


@transaction.atomic
def give(request: PostingRequest, *, by: User, on: dt.date, at: dt.datetime) -> Posting:
    """Open the posting from its day, or from today when that day is past. Raises `SamePerson`, `AlreadyDecided`."""
    row = _open(request, by=by)
    order = personnel.Order(
        row.user.employee_number or "",
        row.user.name,
        max(row.valid_from, on),
        personnel.Act.ADD,
        team=row.team,
        reason=row.reason,
    )
    row.posting = personnel.open_posting(row.user, row.role, order, by=by, at=at)
    _close(row, PostingRequest.State.GIVEN, "", by=by, at=at)
    return row.posting


@transaction.atomic
def refuse(request: PostingRequest, *, by: User, reason: str, at: dt.datetime) -> None:
    """Close the request without giving anything."""
    _close(_open(request, by=by), PostingRequest.State.REFUSED, reason[:200], by=by, at=at)


def _open(request: PostingRequest, *, by: User) -> PostingRequest:
    row = PostingRequest.objects.select_for_update(of=("self",)).select_related("user", "team").get(pk=request.pk)
    if row.state != PostingRequest.State.OPEN:
        raise AlreadyDecided("이미 정한 요청입니다. 화면을 새로 고쳐 확인해 주세요.")
    if by.pk in (row.asked_by_id, row.user_id):
        raise SamePerson("올린 사람이나 받을 사람은 스스로 확인할 수 없습니다. 다른 담당자에게 부탁해 주세요.")
    return row


def _close(row: PostingRequest, state: str, decision: str, *, by: User, at: dt.datetime) -> None:
    row.state, row.decision, row.decided_by, row.decided_at = state, decision, by, at
    row.save(update_fields=["state", "decision", "decided_by", "decided_at", "posting"])
