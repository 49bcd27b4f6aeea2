"""When a body meets: regular meetings laid on its weekday, shifted by holidays; missed weeks stay visible."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max

from centers.models import User
from common.months import at_seoul, seoul_date
from common.refusals import Refusal
from governance import bodies
from governance.models import Body, Meeting
from staffing.models import Holiday

AHEAD_DAYS = 56
State = Meeting.State


class NotConstituted(Refusal):
    code = "NOT_CONSTITUTED"


class InThePast(Refusal):
    code = "IN_THE_PAST"


class NoNextMeeting(Refusal):
    code = "NO_NEXT_MEETING"


@dataclass(frozen=True)
class Slot:
    """A day on which a body should meet, and what became of it."""

    on: dt.date
    meeting: Meeting | None
    state: str  # held, open, planned, cancelled or missed

    @property
    def is_shifted(self) -> bool:
        """Whether the meeting stands on another day than the rhythm says."""
        return self.meeting is not None and self.meeting.slot_on not in (None, seoul_date(self.meeting.starts_at))


def slots(body: Body, *, first: dt.date, last: dt.date) -> list[dt.date]:
    """The days of a body's rhythm from `first` to `last`, both included; holidays are not looked at."""
    if body.weekday is None:
        return []
    anchor = body.counts_rhythm_from
    anchor += dt.timedelta((body.weekday - anchor.weekday()) % 7)
    step = dt.timedelta(weeks=body.interval_weeks)
    if first > anchor:
        anchor += step * -(-(first - anchor).days // step.days)
    days = []
    while anchor <= last:
        days.append(anchor)
        anchor += step
    return days


def working_day_near(day: dt.date, holidays: set[dt.date]) -> dt.date | None:
    """The day itself, the next working day of its week, or the one before; None when the week has none."""
    monday = day - dt.timedelta(day.weekday())
    week = [monday + dt.timedelta(n) for n in range(5)]
    after = [d for d in week if d >= day and d not in holidays]
    before = [d for d in week if d < day and d not in holidays]
    return after[0] if after else before[-1] if before else None


@transaction.atomic
def plan_meetings(body: Body, *, until: dt.date, by: User | None, at: dt.datetime) -> list[Meeting]:
    """Lay the regular meetings from today to `until`; those already laid stay. Holidays shift within the week.

    Raises `NotConstituted` with what is still missing (plan IV.5-2 ⑤).
    """
    body = Body.objects.select_for_update().get(pk=body.pk)
    today = seoul_date(at)
    lacking = bodies.missing(body, on=today)
    if lacking:
        raise NotConstituted(f"먼저 갖춰 주세요: {', '.join(lacking)}. 그다음에 정기 회의를 만들 수 있습니다.")
    days = slots(body, first=max(today, body.counts_rhythm_from), last=until)
    laid = set(body.meetings.filter(slot_on__in=days).values_list("slot_on", flat=True))
    holidays = _holidays(days)
    number = body.meetings.aggregate(last=Max("number"))["last"] or 0
    made = []
    for day in days:
        if day in laid:
            continue
        number += 1
        on = working_day_near(day, holidays)
        made.append(
            Meeting(
                body=body,
                number=number,
                slot_on=day,
                starts_at=at_seoul(on or day, body.starts_at),
                place=body.place,
                state=State.PLANNED if on else State.CANCELLED,
                cancel_reason="" if on else "한 주가 모두 휴일",
            )
        )
    Meeting.objects.bulk_create(made)
    if made:
        bodies.note(body, "planned", f"정기 회의 {len(made)}번, {bodies.on_day(until)}까지", by=by, at=at)
    return made


@transaction.atomic
def add_meeting(body: Body, *, starts_at: dt.datetime, place: str, by: User, at: dt.datetime) -> Meeting:
    """A meeting outside the rhythm."""
    body = Body.objects.select_for_update().get(pk=body.pk)
    if same := body.meetings.filter(starts_at=starts_at, state=State.PLANNED).first():
        return same
    if starts_at <= at:
        raise InThePast("지난 시각에는 회의를 만들 수 없습니다. 앞으로의 날짜를 골라 주세요.")
    number = (body.meetings.aggregate(last=Max("number"))["last"] or 0) + 1
    meeting = Meeting.objects.create(body=body, number=number, starts_at=starts_at, place=place or body.place)
    bodies.note(body, "added", f"임시 회의 {meeting.when}", by=by, at=at, meeting=meeting)
    return meeting


def next_meeting(body: Body, *, at: dt.datetime, after: Meeting | None = None) -> Meeting | None:
    """The meeting that is open now, or the next planned one; `after` asks for the one behind it."""
    rows = body.meetings.order_by("starts_at", "pk")
    if after is not None:
        return rows.filter(state=State.PLANNED, starts_at__gt=after.starts_at).first()
    day = at_seoul(seoul_date(at), dt.time())
    return rows.filter(state=State.OPEN).first() or rows.filter(state=State.PLANNED, starts_at__gte=day).first()


@transaction.atomic
def next_or_laid(body: Body, *, at: dt.datetime, by: User, after: Meeting | None = None) -> Meeting:
    """`next_meeting`, laying the calendar further when it has run out. Raises `NoNextMeeting`."""
    found = next_meeting(body, at=at, after=after)
    if found is None and body.weekday is not None:
        start = max(at, after.starts_at) if after else at
        span = dt.timedelta(weeks=body.interval_weeks + 1, days=AHEAD_DAYS)
        plan_meetings(body, until=seoul_date(start) + span, by=by, at=at)
        found = next_meeting(body, at=at, after=after)
    if found is None:
        raise NoNextMeeting("다음 회의가 없습니다. 위원회 화면에서 다음 회의를 먼저 만들어 주세요.")
    return found


def calendar(
    body: Body, *, first: dt.date, last: dt.date, today: dt.date, meetings: list[Meeting] | None = None
) -> list[Slot]:
    """Every week of the rhythm with its meeting, and the weeks without one (주1회 원칙).

    `meetings` are those of the body around these days, for callers with many bodies.
    """
    if meetings is None:
        week = dt.timedelta(7)
        meetings = list(body.meetings.filter(starts_at__range=_span(first - week, last + week)))
    shown = [m for m in meetings if first <= seoul_date(m.starts_at) <= last]
    rows = [Slot(m.slot_on or seoul_date(m.starts_at), m, slot_state(m, today)) for m in shown]
    laid = {m.slot_on for m in meetings}
    for day in slots(body, first=first, last=min(last, today - dt.timedelta(1))):
        if day not in laid:
            rows.append(Slot(day, None, "missed"))
    return sorted(rows, key=lambda slot: (slot.on, slot.meeting.pk if slot.meeting else 0))


def shown(rows: list[Slot], today: dt.date) -> dict:
    """The calendar as pages show it: what is to come, the next first, and what was, the newest first."""
    ahead = [row for row in rows if row.on >= today or row.state == "open"]
    past = [row for row in reversed(rows) if row not in ahead]
    return {"has_slots": bool(rows), "slot_groups": [(ahead, "앞으로", 4), (past, "지난 회의", 8)]}


def slot_state(meeting: Meeting, today: dt.date) -> str:
    if meeting.state == State.CLOSED:
        return "held"
    if meeting.state == State.PLANNED and seoul_date(meeting.starts_at) < today:
        return "missed"
    return str(meeting.state)


def _holidays(days: Iterable[dt.date]) -> set[dt.date]:
    days = list(days)
    if not days:
        return set()
    week = dt.timedelta(7)
    return set(Holiday.objects.filter(on__range=(min(days) - week, max(days) + week)).values_list("on", flat=True))


def _span(first: dt.date, last: dt.date) -> tuple[dt.datetime, dt.datetime]:
    return at_seoul(first, dt.time()), at_seoul(last + dt.timedelta(1), dt.time())
