"""Companions of a visit: who could come along, asking them, and what they may see (plan IV.5-1 ⑤, V-4).

A companion sees the name and the time, nothing of the visit itself. A companion is optional: a visit
never waits for one, and when it moves, the promise lapses and the companion is asked anew.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from centers.models import Dong, Posting, User
from common.months import SEOUL
from common.refusals import Refusal
from planners import visit_states
from planners.models import Accompaniment, Companion, Visit
from staffing.models.calendars import WEEK_HALVES, week_half


class NoTimeYet(Refusal):
    code = "NO_TIME_YET"


class NotThatDay(Refusal):
    code = "NOT_THAT_DAY"


class CompanionBusy(Refusal):
    code = "COMPANION_BUSY"


class NoSlots(Refusal):
    code = "NO_SLOTS"


@dataclass(frozen=True)
class Offer:
    """Somebody who might come along, or why not."""

    companion: Companion
    obstacle: str = ""

    @property
    def is_free(self) -> bool:
        return not self.obstacle


@transaction.atomic
def enlist(
    dong: Dong,
    kind: str,
    name: str,
    *,
    slots: Iterable[str],
    field: str = "",
    phone: str = "",
    since: dt.date,
    by: User,
) -> Companion:
    """Add a companion of a dong. A tongjang with an account is found by name. Raises `NoSlots`."""
    wanted = [slot for slot in WEEK_HALVES if slot in set(slots)]
    if not wanted:
        raise NoSlots("함께 갈 수 있는 반일을 하나는 골라 주세요.")
    Dong.objects.select_for_update().get(pk=dong.pk)
    name = name.strip()
    row = Companion.objects.filter(dong=dong, kind=kind, name=name, valid_to=None).first() or Companion(
        dong=dong, kind=kind, name=name, valid_from=since, by=by
    )
    row.slots, row.field, row.phone = wanted, field.strip(), phone.strip()
    if kind == Companion.Kind.TONGJANG:
        posting = Posting.objects.on(since).filter(dong=dong, role="TJ", user__name=name).first()
        row.user = posting.user if posting else None
    row.save()
    return row


@transaction.atomic
def dismiss(companion: Companion, *, on: dt.date) -> Companion:
    """End a companion's offer; promises on that day or later lapse."""
    row = Companion.objects.select_for_update().get(pk=companion.pk)
    if row.valid_to is None:
        row.valid_to = max(on, row.valid_from)
        row.save(update_fields=["valid_to"])
        later = Accompaniment.objects.filter(companion=row, is_active=True, visit__on__gte=on)
        later.filter(visit__state__in=Visit.STANDING).update(is_active=False)
    return row


def offers(visit: Visit) -> list[Offer]:
    """Companions of the dong on the day of the visit, those who are free first."""
    if not visit.starts_at or not visit.is_standing:
        return []
    rows = list(Companion.objects.on(visit.on).filter(dong=visit.dong_id).order_by("kind", "name", "pk"))
    busy = set(
        Accompaniment.objects.filter(companion__in=rows, is_active=True, during__overlap=_during(visit)).values_list(
            "companion_id", flat=True
        )
    )
    found = [Offer(row, _obstacle(row, visit, row.pk in busy)) for row in rows]
    return sorted(found, key=lambda offer: not offer.is_free)


@transaction.atomic
def ask(visit: Visit, companion: Companion, *, by: User, at: dt.datetime) -> Accompaniment:
    """Let a companion join a promised visit; asking twice is asking once.

    Raises `NoTimeYet`, `NotThatDay`, `CompanionBusy`.
    """
    row = Visit.objects.select_for_update(of=("self",)).get(pk=visit.pk)
    if not row.starts_at or row.state not in (Visit.State.ANNOUNCED, Visit.State.BOOKED):
        raise NoTimeYet("날짜와 시각을 정한 방문에만 동행을 부탁할 수 있습니다. 먼저 약속을 잡아 주세요.")
    if there := Accompaniment.objects.filter(visit=row, companion=companion, is_active=True).first():
        return there
    if companion.dong_id != row.dong_id or (obstacle := _obstacle(companion, row, False)):
        raise NotThatDay(
            obstacle if companion.dong_id == row.dong_id else "다른 동의 동행입니다. 이 동에서 골라 주세요."
        )
    try:
        with transaction.atomic():
            made = Accompaniment.objects.create(visit=row, companion=companion, during=_during(row), by=by, at=at)
    except IntegrityError as fault:
        raise CompanionBusy(
            f"{companion.name} 님은 그 시간에 다른 방문에 함께 갑니다. 다른 분을 골라 주세요."
        ) from fault
    visit_states.tell(row, "accompanied", f"{companion.get_kind_display()}에게 동행을 부탁함", by=by, at=at)
    return made


@transaction.atomic
def release(accompaniment: Accompaniment, *, by: User, at: dt.datetime) -> None:
    """The companion does not come after all."""
    row = Accompaniment.objects.select_for_update(of=("self",)).select_related("visit").get(pk=accompaniment.pk)
    if row.is_active:
        row.is_active = False
        row.save(update_fields=["is_active"])
        visit_states.tell(row.visit, "unaccompanied", "동행을 취소함", by=by, at=at)


def coming(user: User, *, since: dt.date) -> list[Accompaniment]:
    """What somebody who comes along has ahead: visits that stand, in order of time."""
    rows = Accompaniment.objects.filter(
        companion__user=user, is_active=True, visit__on__gte=since, visit__state__in=Visit.STANDING
    )
    return list(
        rows.select_related("visit__person", "visit__pair__nurse", "visit__pair__social", "visit__dong").order_by(
            "during", "pk"
        )
    )


def _during(visit: Visit) -> tuple[dt.datetime, dt.datetime]:
    return visit.starts_at, visit.starts_at + dt.timedelta(minutes=visit.minutes)


def _obstacle(companion: Companion, visit: Visit, is_busy: bool) -> str:
    on = visit.starts_at.astimezone(SEOUL).date()
    if companion.valid_from > on or (companion.valid_to and companion.valid_to <= on):
        return f"{companion.name} 님은 그날 활동하지 않습니다."
    if week_half(on.weekday(), visit.half) not in companion.slots:
        return f"{companion.name} 님이 함께 갈 수 있는 반일이 아닙니다."
    return "그 시간에는 다른 방문에 함께 갑니다." if is_busy else ""
