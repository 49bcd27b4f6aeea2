"""Telling people what changed in the register: the pair whose appointment it was, the dongs, and other floors.

A floor above that looks after the same people (cases, referrals) says so once with `watch`; the acts of the
register then call it in their own transaction, without knowing it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from centers.models import User
from common.months import SEOUL, at_seoul, seoul_date
from planners.models import ChangeNotice, Person, RegisterEvent, Visit, VisitStaff

Kind = RegisterEvent.Kind
#: what a notice says happened, as a sentence about the resident
HAPPENED = {
    Kind.MOVED_OUT: "전출하셨습니다.",
    Kind.DIED: "사망하셨습니다.",
    Kind.MOVED_IN: "다시 전입하셨습니다.",
    Kind.MOVED_WITHIN: "다른 동으로 이사하셨습니다.",
    Kind.RESTORED: "전출·사망이 잘못된 기록이어서 되돌렸습니다.",
}
SHOWN_DAYS = 14


@dataclass(frozen=True)
class Change:
    """The same thing that happened to some people at once."""

    people: tuple[int, ...]
    kind: str
    on: dt.date
    by: User | None
    at: dt.datetime

    @property
    def sentence(self) -> str:
        return HAPPENED[Kind(self.kind)]


_watchers: list[Callable[[Change], None]] = []


def watch(tell: Callable[[Change], None]) -> Callable[[Change], None]:
    """Have a floor above told of every change; called once, when the application starts."""
    if tell not in _watchers:
        _watchers.append(tell)
    return tell


def announce(people: Iterable[int], kind: str, *, on: dt.date, by: User | None, at: dt.datetime) -> None:
    """Tell the floors above, inside the transaction of the act."""
    change = Change(tuple(people), kind, on, by, at)
    if change.people:
        for tell in _watchers:
            tell(change)


def tell_staff(visits: Iterable[Visit], kind: str, *, what: str, at: dt.datetime) -> list[ChangeNotice]:
    """Tell everybody who was to make one of these visits that it will not take place. Call before places are freed."""
    today = seoul_date(at)
    coming = [visit for visit in visits if visit.is_standing and visit.on and visit.on >= today]
    staff = VisitStaff.objects.filter(visit__in=coming, is_active=True).select_related("user").order_by("pk")
    by_pk = {visit.pk: visit for visit in coming}
    notices = [_to_staff(by_pk[row.visit_id], row.user, kind, what, at) for row in staff]
    return ChangeNotice.objects.bulk_create(notices, batch_size=1000)


def _to_staff(visit: Visit, user: User, kind: str, what: str, at: dt.datetime) -> ChangeNotice:
    when = visit.starts_at.astimezone(SEOUL)
    text = f"{when.month}월 {when.day}일 {when:%H:%M} 약속이 취소되었습니다. {what}"
    return ChangeNotice(
        person_id=visit.person_id,
        kind=kind,
        text=text[:300],
        dong_id=visit.dong_id,
        user=user,
        visit=visit,
        url_name="visit",
        url_uid=visit.uid,
        at=at,
    )


def tell_dong(person: Person, dong_id: int, kind: str, text: str, *, at: dt.datetime) -> ChangeNotice:
    """Put a line on the board of a dong."""
    return ChangeNotice.objects.create(
        person=person, kind=kind, text=text[:300], dong_id=dong_id, url_name="person", url_uid=person.uid, at=at
    )


def waiting(user: User, *, on: dt.date) -> list[ChangeNotice]:
    """Notices to somebody that they have not put aside, the newest first."""
    rows = ChangeNotice.objects.unseen().filter(
        user=user, at__gte=at_seoul(on - dt.timedelta(days=SHOWN_DAYS), dt.time())
    )
    return list(rows.select_related("person", "dong").order_by("-at", "-pk")[:20])


def put_aside(notice: ChangeNotice, *, by: User, at: dt.datetime) -> bool:
    """Somebody has read it; the first reader counts. Returns whether this was the first time."""
    return bool(ChangeNotice.objects.unseen().filter(pk=notice.pk).update(seen_at=at, seen_by=by))
