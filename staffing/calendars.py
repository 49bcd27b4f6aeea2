"""Working half-days: what is left of a month for visits after holidays, office rules, patterns and absences.

The district keeps Monday morning for the team meeting and Friday afternoon for records, until a dong
decides otherwise. This is the one place that answers "can this person go out on that half-day".
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from centers.models import Dong, Posting
from staffing.models import Holiday, OfficeWeek, StaffTime, WorkPattern
from staffing.models.calendars import Half, week_half

HalfDay = tuple[dt.date, str]

MONDAY, FRIDAY, SATURDAY = 0, 4, 5
#: half-days of the week without outings where nothing else was decided: (weekday, half) -> why
OFFICE_HALVES: dict[tuple[int, str], str] = {
    (MONDAY, Half.AM): "팀 회의",
    (FRIDAY, Half.PM): "기록 정리",
}
NOT_AT_WORK = "근무 안 함"


@dataclass(frozen=True)
class Outing:
    """The frame of one half-day outside: leaving the center, being back, visits at most."""

    leaves: dt.time
    back: dt.time
    max_visits: int

    @property
    def minutes(self) -> int:
        return (self.back.hour - self.leaves.hour) * 60 + self.back.minute - self.leaves.minute


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


# ------------------------------------------------------------------ the office


def closed_halves(first: dt.date, last: dt.date, dong: Dong | None = None) -> dict[HalfDay, str]:
    """Half-days on which nobody of a dong goes out, and why; weekends are left out."""
    key = getattr(dong, "pk", dong)
    return closed_halves_of([key], first, last)[key]


def closed_halves_of(
    dongs: Iterable[int | None], first: dt.date, last: dt.date
) -> dict[int | None, dict[HalfDay, str]]:
    """The same for several dongs (by id; None is the district's own week) in two queries."""
    wanted = set(dongs)
    weeks = office_weeks(wanted, first, last)
    closed = holidays(first, last)
    found: dict[int | None, dict[HalfDay, str]] = {key: {} for key in wanted}
    for key, halves in found.items():
        for day in days_between(first, last):
            week = week_on(weeks, key, day)
            for half in Half.values:
                if day in closed:
                    halves[day, half] = closed[day]
                elif why := week.get((day.weekday(), half)):
                    halves[day, half] = why
    return found


def office_weeks(dongs: Iterable[int | None], first: dt.date, last: dt.date) -> dict[int | None, list[OfficeWeek]]:
    """Dated office weeks that touch the days, by dong id; the district's own stand under None."""
    touching = Q(valid_to=None) | Q(valid_to__gt=first)
    rows = OfficeWeek.objects.filter(touching, valid_from__lte=last)
    found: dict[int | None, list[OfficeWeek]] = defaultdict(list)
    for row in rows.filter(Q(dong__in={d for d in dongs if d}) | Q(dong=None)):
        found[row.dong_id].append(row)
    return found


def week_on(weeks: dict[int | None, list[OfficeWeek]], dong: int | None, day: dt.date) -> dict[tuple[int, str], str]:
    """The dong's own week on a day, else the district's, else the usual one."""
    for key in dict.fromkeys((dong, None)):
        for row in weeks.get(key, ()):
            if _holds(row, day):
                return {(int(name[0]), name[1:]): why for name, why in row.closed.items()}
    return OFFICE_HALVES


def _holds(row, day: dt.date) -> bool:
    return row.valid_from <= day and (row.valid_to is None or day < row.valid_to)


# ------------------------------------------------------------------ people


def absences(users: Iterable, first: dt.date, last: dt.date) -> dict[int, dict[HalfDay, str]]:
    """Half-days a person cannot go out, per user id: ``{user: {(day, half): "연가"}}``.

    Leave and duties that were entered, and half-days of the week that are not part of their work.
    """
    ids = [getattr(user, "pk", user) for user in users]
    found: dict[int, dict[HalfDay, str]] = defaultdict(dict)
    touching = Q(valid_to=None) | Q(valid_to__gt=first)
    for row in WorkPattern.objects.filter(touching, user__in=ids, valid_from__lte=last):
        for day in days_between(max(row.valid_from, first), last):
            for half in Half.values:
                if day.weekday() < SATURDAY and _holds(row, day) and week_half(day.weekday(), half) not in row.halves:
                    found[row.user_id][day, half] = NOT_AT_WORK
    for row in StaffTime.objects.filter(user__in=ids).between(first, last):
        for day in days_between(max(row.first_on, first), min(row.last_on, last)):
            for half in [row.half] if row.half else Half.values:
                found[row.user_id][day, half] = row.get_kind_display()
    return found


def dongs_of(users: Iterable, first: dt.date, last: dt.date) -> dict[int, list[tuple[dt.date, dt.date | None, int]]]:
    """Per user id: (from, to, dong id) of postings that touch the days, the newest first."""
    ids = [getattr(user, "pk", user) for user in users]
    rows = Posting.objects.filter(Q(valid_to=None) | Q(valid_to__gt=first), user__in=ids, valid_from__lte=last)
    rows = rows.exclude(dong=None).order_by("-valid_from", "-pk")
    found: dict[int, list[tuple[dt.date, dt.date | None, int]]] = defaultdict(list)
    for user, since, until, dong in rows.values_list("user", "valid_from", "valid_to", "dong"):
        found[user].append((since, until, dong))
    return found


def working_halves(users: Iterable, first: dt.date, last: dt.date) -> dict[int, set[HalfDay]]:
    """Half-days on which each person can go out, per user id, both days included.

    The office rules are those of the dong where the person is posted on that day.
    """
    ids = [getattr(user, "pk", user) for user in users]
    posted = dongs_of(ids, first, last)
    places = {dong for rows in posted.values() for _, _, dong in rows} | {None}
    closed = closed_halves_of(places, first, last)
    away = absences(ids, first, last)
    days = [day for day in days_between(first, last) if day.weekday() < SATURDAY]
    found: dict[int, set[HalfDay]] = {}
    for user in ids:
        found[user] = {
            (day, half)
            for day in days
            for half in Half.values
            if (day, half) not in closed[_posted_on(posted.get(user, ()), day)]
            and (day, half) not in away.get(user, ())
        }
    return found


def _posted_on(rows: Iterable[tuple[dt.date, dt.date | None, int]], day: dt.date) -> int | None:
    return next((dong for since, until, dong in rows if since <= day and (until is None or day < until)), None)
