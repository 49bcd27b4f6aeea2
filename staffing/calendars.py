"""Working half-days: what is left of a month for visits after holidays, office rules and absences.

The district keeps Monday morning for the team meeting and Friday afternoon for records; both are
settings. This is the one place that answers "can this person go out on that half-day".
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from staffing.models import Holiday, StaffTime
from staffing.models.calendars import Half

HalfDay = tuple[dt.date, str]

MONDAY, FRIDAY, SATURDAY = 0, 4, 5
#: half-days of the week without outings: (weekday, half) -> why
OFFICE_HALVES: dict[tuple[int, str], str] = {
    (MONDAY, Half.AM): "팀 회의",
    (FRIDAY, Half.PM): "기록 정리",
}


@dataclass(frozen=True)
class Outing:
    """The frame of one half-day outside: leaving the center, being back, visits at most."""

    leaves: dt.time
    back: dt.time
    max_visits: int


OUTINGS = {
    Half.AM: Outing(dt.time(9, 30), dt.time(12, 0), 2),
    Half.PM: Outing(dt.time(13, 30), dt.time(17, 30), 3),
}


def days_between(first: dt.date, last: dt.date) -> list[dt.date]:
    """All days, both ends included."""
    return [first + dt.timedelta(n) for n in range((last - first).days + 1)]


def holidays(first: dt.date, last: dt.date) -> dict[dt.date, str]:
    """Public holidays by day."""
    return dict(Holiday.objects.filter(on__range=(first, last)).values_list("on", "name"))


def working_days(first: dt.date, last: dt.date) -> list[dt.date]:
    """Monday to Friday without public holidays."""
    closed = holidays(first, last)
    return [day for day in days_between(first, last) if day.weekday() < SATURDAY and day not in closed]


def closed_halves(first: dt.date, last: dt.date) -> dict[HalfDay, str]:
    """Half-days on which nobody goes out, and why; weekends are left out."""
    closed = holidays(first, last)
    found = {}
    for day in days_between(first, last):
        for half in Half.values:
            if day in closed:
                found[day, half] = closed[day]
            elif why := OFFICE_HALVES.get((day.weekday(), half)):
                found[day, half] = why
    return found


def absences(users: Iterable, first: dt.date, last: dt.date) -> dict[int, dict[HalfDay, str]]:
    """Half-days taken per user id: ``{user: {(day, half): "연가"}}``."""
    ids = [getattr(user, "pk", user) for user in users]
    found: dict[int, dict[HalfDay, str]] = defaultdict(dict)
    for row in StaffTime.objects.filter(user__in=ids).between(first, last):
        for day in days_between(max(row.first_on, first), min(row.last_on, last)):
            for half in [row.half] if row.half else Half.values:
                found[row.user_id][day, half] = row.get_kind_display()
    return found


def working_halves(users: Iterable, first: dt.date, last: dt.date) -> dict[int, set[HalfDay]]:
    """Half-days on which each person can go out, per user id, both days included."""
    ids = [getattr(user, "pk", user) for user in users]
    closed = closed_halves(first, last)
    away = absences(ids, first, last)
    open_halves = {
        (day, half) for day in working_days(first, last) for half in Half.values if (day, half) not in closed
    }
    return {user: open_halves - set(away.get(user, {})) for user in ids}
