"""Entering leave and duties: nothing stands twice, and leave pushes duties aside.

An absence may be entered over visits that were promised: illness does not ask. Whoever enters it is
shown those visits and what to do about them.
"""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction

from centers.models import User
from common.refusals import Refusal
from staffing.commitments import Commitment, commitments
from staffing.models import StaffTime
from staffing.models.calendars import Half

LONGEST_DAYS = 366


class WrongDays(Refusal):
    code = "WRONG_DAYS"


class AlreadyTaken(Refusal):
    code = "ALREADY_TAKEN"


@transaction.atomic
def enter(
    user: User, kind: str, *, first_on: dt.date, last_on: dt.date, half: str = "", note: str = "", by: User
) -> StaffTime:
    """Write down leave or a duty. Leave and illness cut duties that stand in their way; the same entry
    twice is one entry.

    Raises `WrongDays`, `AlreadyTaken` with what stands there.
    """
    if last_on < first_on:
        raise WrongDays("마지막 날은 첫날과 같거나 뒤여야 합니다.")
    if (last_on - first_on).days >= LONGEST_DAYS:
        raise WrongDays("한 번에 한 해까지만 적을 수 있습니다. 기간을 나누어 적어 주세요.")
    User.objects.select_for_update().get(pk=user.pk)
    facts = {"user": user, "kind": kind, "first_on": first_on, "last_on": last_on, "half": half}
    if same := StaffTime.objects.filter(**facts).first():
        return same
    there = list(StaffTime.objects.filter(user=user).between(first_on, last_on).touching(half))
    if kind in StaffTime.AWAY:
        for row in [row for row in there if not row.is_away]:
            _cut(row, first_on, last_on, half)
            there.remove(row)
    if there:
        raise AlreadyTaken(_taken(user, there))
    try:
        with transaction.atomic():
            return StaffTime.objects.create(**facts, note=note, by=by)
    except IntegrityError as fault:  # somebody writes past this function
        raise AlreadyTaken(f"{user.name} 님의 그 반일에는 이미 일정이 있습니다. 화면을 새로 고쳐 주세요.") from fault


@transaction.atomic
def remove(row: StaffTime) -> None:
    """Take an entry out: the half-days are free again. Taking it out twice is no fault."""
    StaffTime.objects.filter(pk=row.pk).delete()


def promised_during(row: StaffTime) -> list[Commitment]:
    """Promises that fall into an absence, in order of time."""
    found = commitments([row.user_id], row.first_on, row.last_on)
    return [one for one in found if not row.half or one.half == row.half]


def span(row: StaffTime) -> str:
    """1월 5일 오전, 1월 5일부터 1월 7일까지."""
    first, last = _day(row.first_on), _day(row.last_on)
    days = first if row.first_on == row.last_on else f"{first}부터 {last}까지"
    return f"{days} {row.get_half_display()}".strip()


def _day(day: dt.date) -> str:
    return f"{day.month}월 {day.day}일"


def _taken(user: User, there: list[StaffTime]) -> str:
    words = ", ".join(f"{span(row)} {row.get_kind_display()}" for row in there[:3])
    more = f" 밖에 {len(there) - 3}건" if len(there) > 3 else ""
    return (
        f"{user.name} 님에게 이미 적힌 일정이 있습니다({words}{more}). 그 일정을 먼저 지우거나 다른 날을 골라 주세요."
    )


def _cut(row: StaffTime, first_on: dt.date, last_on: dt.date, half: str) -> None:
    """Leave of a duty only what lies outside the days (and the half) given."""
    pieces = []
    if row.first_on < first_on:
        pieces.append((row.first_on, first_on - dt.timedelta(1), row.half))
    if row.last_on > last_on:
        pieces.append((last_on + dt.timedelta(1), row.last_on, row.half))
    if half and not row.half:
        other = Half.PM if half == Half.AM else Half.AM
        pieces.append((max(row.first_on, first_on), min(row.last_on, last_on), other))
    row.delete()
    StaffTime.objects.bulk_create(
        StaffTime(
            user=row.user,
            kind=row.kind,
            first_on=first,
            last_on=last,
            half=part,
            note=row.note,
            rota=row.rota,
            by=row.by,
        )
        for first, last, part in pieces
    )
