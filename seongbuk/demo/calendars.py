"""Calendars of the demo world: some leave and duties of the coming weeks, a counter rota, one part-time week."""

from __future__ import annotations

import datetime as dt

from centers.models import Dong, User
from common.months import Month
from planners import companions
from planners.models import Companion
from seongbuk.demo.accounts import MAIN_DONG, username
from staffing import counter_rota, staff_times, work_weeks
from staffing.calendars import working_days
from staffing.models import CounterRota, StaffTime

#: who, what, which working day from today on, which half
ENTRIES = (
    ("case", StaffTime.Kind.COMMITTEE, 1, "PM"),
    ("social", StaffTime.Kind.TRAINING, 4, "PM"),
    ("nurse", StaffTime.Kind.LEAVE, 7, ""),
    ("counsel", StaffTime.Kind.LEAVE, 3, "AM"),
    ("social", StaffTime.Kind.PATROL, 9, "AM"),
    ("nurse2", StaffTime.Kind.TRAINING, 5, "AM"),
    ("social2", StaffTime.Kind.LEAVE, 12, ""),
)


def enter(dong: Dong, *, today: dt.date) -> None:
    """Write them down before the month is planned; a dong that has some is left alone."""
    lead = User.objects.get(username=username(dong, "lead"))
    if CounterRota.objects.filter(dong=dong).exists():
        return
    days = working_days(today + dt.timedelta(1), today + dt.timedelta(40))
    for key, kind, number, half in ENTRIES:
        user = User.objects.filter(username=username(dong, key)).first()
        if user:
            staff_times.enter(user, kind, first_on=days[number], last_on=days[number], half=half, by=lead)
    if dong.name == MAIN_DONG:
        week = {"since": Month.of(today).first, "by": lead}
        companions.enlist(dong, Companion.Kind.TONGJANG, "황옥분", slots=["1AM", "2AM", "3AM", "3PM"], **week)
        companions.enlist(dong, Companion.Kind.TALENT, "정해윤", slots=["2PM"], field="법률 상담", **week)
    counter = [User.objects.get(username=username(dong, key)) for key in ("counsel", "case")]
    if dong.name == MAIN_DONG:
        halves = [f"{n}{half}" for n in range(4) for half in ("AM", "PM")]
        work_weeks.set_pattern(counter[1], halves, since=Month.of(today).first, note="시간선택제 주 32시간", by=lead)
    rota = {"cycle": CounterRota.Cycle.DAY, "seats": 1, "halves": ["AM", "PM"], "streak_limit": 3}
    counter_rota.set_rota(dong, **rota, people=counter, since=Month.of(today).first, by=lead)
    for month in (Month.of(today), Month.of(today).next):
        counter_rota.generate(dong, month, by=lead, today=today)
