"""Booking a visit by phone: the promise of a day and time, and taking it back.

A visit is booked only with a consent that stands on its day (crisis reports excepted). The promise takes
the time of both people; the database refuses a second one for either of them.
"""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction

from centers.models import User
from common.months import SEOUL, WEEKDAYS, at_seoul, seoul_date
from common.refusals import Refusal
from planners import consent, target_endings
from planners.booking_slots import members, pairs_for, visits_of
from planners.models import Consent, Pair, Target, Visit, VisitStaff
from planners.months.scheduling import staff_of
from planners.target_endings import ReasonMissing
from planners.visit_states import tell
from staffing.calendars import OUTINGS, absences, closed_halves, working_halves
from staffing.models.calendars import Half

BOOKABLE = (Visit.State.POOL, Visit.State.ANNOUNCED, Visit.State.BOOKED)


class NotBookable(Refusal):
    code = "NOT_BOOKABLE"


class NoConsent(Refusal):
    code = "NO_CONSENT"


class WrongPair(Refusal):
    code = "WRONG_PAIR"


class NotFree(Refusal):
    code = "NOT_FREE"


class SlotTaken(Refusal):
    code = "SLOT_TAKEN"


@transaction.atomic
def book(visit: Visit, *, pair: Pair, starts_at: dt.datetime, by: User, at: dt.datetime) -> Visit:
    """Promise a day and time; both calendars are blocked from then on. An earlier promise is replaced.

    Raises `NotBookable`, `NoConsent`, `WrongPair`, `NotFree`, `SlotTaken`.
    """
    row = Visit.objects.select_for_update(of=("self",)).select_related("person", "programme", "target__rule", "dong")
    row = row.get(pk=visit.pk)
    day, half = seoul_date(starts_at), _half_of(starts_at)
    _check_visit(row, starts_at, day, at)
    _check_pair(row, pair, day)
    _check_hours(row, pair, starts_at, day, half)
    before = row.starts_at if row.state == Visit.State.BOOKED else None
    row.state, row.pair, row.on, row.half, row.starts_at = Visit.State.BOOKED, pair, day, half, starts_at
    row.booked_at, row.booked_by, row.travel_minutes = at, by, None
    row.version += 1
    VisitStaff.objects.filter(visit=row).exclude(function=VisitStaff.Function.COMPANION).delete()
    try:
        with transaction.atomic():
            VisitStaff.objects.bulk_create(staff_of(row, pair))
    except IntegrityError as fault:
        raise SlotTaken(
            f"{spoken(starts_at)}에는 두 사람 가운데 한 사람에게 이미 다른 방문이 있습니다. 다른 시간을 골라 주세요."
        ) from fault
    row.save()
    _number(pair, day, half)
    row.refresh_from_db(fields=["order"])
    said = f"{spoken(starts_at)} 방문 약속" + (f" ({spoken(before)}에서 바꿈)" if before else "")
    tell(row, "booked", said, by=by, at=at)
    return row


@transaction.atomic
def cancel_booking(visit: Visit, *, reason: str, by: User, at: dt.datetime) -> Visit:
    """Give the time back: the visit waits for a new place. Raises `NotBookable`, `ReasonMissing`."""
    row = Visit.objects.select_for_update().get(pk=visit.pk)
    if row.state not in (Visit.State.BOOKED, Visit.State.ANNOUNCED):
        raise NotBookable(f"{row.get_state_display()} 방문은 취소할 약속이 없습니다.")
    if not reason.strip():
        raise ReasonMissing("약속을 취소하는 까닭을 적어 주세요.")
    target_endings.empty_places([row], reason.strip(), by=by, at=at)
    row.refresh_from_db()
    return row


def spoken(moment: dt.datetime) -> str:
    """1월 14일 수요일 오전 10:30."""
    local = moment.astimezone(SEOUL)
    part, hour = ("오전", local.hour) if local.hour < 12 else ("오후", local.hour - 12 or 12)
    return f"{local.month}월 {local.day}일 {WEEKDAYS[local.weekday()]}요일 {part} {hour}:{local:%M}"


def _half_of(starts_at: dt.datetime) -> str:
    return Half.AM if starts_at.astimezone(SEOUL).hour < 12 else Half.PM


def _check_visit(visit: Visit, starts_at: dt.datetime, day: dt.date, at: dt.datetime) -> None:
    if visit.state not in BOOKABLE or visit.target.state != Target.State.OPEN:
        raise NotBookable(f"{visit.get_state_display()} 방문은 예약할 수 없습니다. 목록을 새로 고쳐 주세요.")
    if starts_at <= at:
        raise NotFree("지난 시간으로는 약속할 수 없습니다. 뒤의 시간을 골라 주세요.")
    if day < visit.release_on:
        raise NotFree(f"{visit.release_on.month}월 {visit.release_on.day}일부터 방문할 수 있습니다.")
    asks_first = visit.target.rule.kind not in consent.WITHOUT_CONSENT
    if asks_first and not consent.is_given(visit.person, Consent.Kind.VISIT, day):
        raise NoConsent("그날 유효한 방문 동의가 없는 분입니다. 먼저 동의를 여쭙고 기록해 주세요.")


def _check_pair(visit: Visit, pair: Pair, day: dt.date) -> None:
    if pair not in pairs_for(visit, day):
        raise WrongPair(f"{pair.name}는 이 방문을 할 수 없습니다. 이 동과 사업을 맡은 조를 골라 주세요.")
    if visit.programme.needs_social_worker and not (pair.nurse_id and pair.social_id):
        raise WrongPair("이 방문은 간호사와 사회복지사가 함께 가야 합니다.")


def _check_hours(visit: Visit, pair: Pair, starts_at: dt.datetime, day: dt.date, half: str) -> None:
    frame = OUTINGS[half]
    ends_at = starts_at + dt.timedelta(minutes=visit.minutes)
    if starts_at < at_seoul(day, frame.leaves) or ends_at > at_seoul(day, frame.back):
        raise NotFree(
            f"{Half(half).label} 방문은 {frame.leaves:%H:%M}부터 {frame.back:%H:%M} 사이여야 합니다. 다른 시간을 골라 주세요."
        )
    free = working_halves(members(pair), day, day)
    for user in members(pair):
        if (day, half) not in free[user.pk]:
            why = closed_halves(day, day, visit.dong).get((day, half)) or absences([user], day, day).get(
                user.pk, {}
            ).get((day, half))
            raise NotFree(f"{user.name} 님은 그 시간에 나갈 수 없습니다({why or '쉬는 날'}). 다른 시간을 골라 주세요.")
        there = visits_of({user.pk}, day, day, without=visit).get((user.pk, day, str(half)), [])
        if len(there) >= frame.max_visits:
            raise NotFree(
                f"{user.name} 님의 그 반일은 방문 {frame.max_visits}건으로 찼습니다. 다른 시간을 골라 주세요."
            )


def _number(pair: Pair, day: dt.date, half: str) -> None:
    """The order of stops follows the clock."""
    rows = list(Visit.objects.filter(pair=pair, on=day, half=half).standing().order_by("starts_at", "pk"))
    for order, row in enumerate(rows, start=1):
        row.order = order
    Visit.objects.bulk_update(rows, ["order"])
