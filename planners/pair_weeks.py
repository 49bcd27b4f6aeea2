"""How full the week of a pair is: minutes outside that both have, and minutes its visits take with the way."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from planners.capacity import USUAL_WAY, outing_halves
from planners.models import Pair, Visit
from planners.models.schedules import Pair as PairModel
from staffing.calendars import OUTINGS, SATURDAY, absences, days_between

ABOUT_ONE_VISIT = 70


@dataclass(frozen=True)
class PairWeek:
    """A pair's week: minutes it has and minutes taken, and who is away.

    `room` and `places` are what is still free from the day on that was asked for: minutes, and visits.
    """

    pair: PairModel
    available: int
    used: int
    visits: int
    room: int
    places: int
    away: tuple[str, ...]

    @property
    def left(self) -> int:
        return self.available - self.used

    @property
    def is_over(self) -> bool:
        return self.left < 0

    @property
    def over(self) -> int:
        return max(0, -self.left)

    @property
    def scale(self) -> int:
        """Minutes of the whole bar, so that the limit stands at nine tenths of it, or where it is overrun."""
        return max(self.available * 10 // 9, self.used)

    @property
    def limit(self) -> float:
        """Where the limit stands, in percent of the bar."""
        return self.available * 100 / self.scale if self.scale else 0

    @property
    def more(self) -> int:
        """Visits that still fit: by the usual length of one with its way, and by the places of the half-days."""
        return max(0, min(self.room // ABOUT_ONE_VISIT, self.places))


def week_of(day: dt.date) -> tuple[dt.date, dt.date]:
    """Monday and Friday of the week a day is in; of a Saturday or Sunday, of the week that comes."""
    monday = (
        day + dt.timedelta(days=7 - day.weekday())
        if day.weekday() >= SATURDAY
        else day - dt.timedelta(days=day.weekday())
    )
    return monday, monday + dt.timedelta(days=4)


def week_words(day: dt.date) -> str:
    """What the week of a day is called on that day."""
    return "다음 주" if day.weekday() >= SATURDAY else "이번 주"


def pair_weeks(pairs: Iterable[Pair], day: dt.date) -> list[PairWeek]:
    """The week of each pair; a half-day counts when both people can go out."""
    pairs = list(pairs)
    first, last = week_of(day)
    people = {user for pair in pairs for user in (pair.nurse_id, pair.social_id) if user}
    free, away = outing_halves(pairs, first, last), absences(people, first, last)
    taken: dict[int, list[Visit]] = defaultdict(list)
    expected = (*Visit.STANDING, Visit.State.DONE, Visit.State.CLOSED)
    for visit in Visit.objects.filter(pair__in=pairs, on__range=(first, last), state__in=expected):
        taken[visit.pair_id].append(visit)
    return [_week(pair, free, away, taken[pair.pk], days_between(first, last), day) for pair in pairs]


def _minutes(visits: Iterable[Visit]) -> int:
    return sum(
        visit.minutes + (USUAL_WAY if visit.travel_minutes is None else visit.travel_minutes) for visit in visits
    )


def _week(pair: Pair, free: dict, away: dict, visits: list[Visit], days: list[dt.date], day: dt.date) -> PairWeek:
    people, halves = pair.members, free[pair.pk]
    available = sum(OUTINGS[half].minutes for _, half in halves)
    used = _minutes(visits)
    absent = tuple(
        f"{user.name} {why}" for user in people for why in dict.fromkeys(why for (on, _), why in away.get(user.pk, {}).items() if on in days)
    )  # fmt: skip
    coming, ahead = [half for on, half in halves if on >= day], [visit for visit in visits if visit.on >= day]
    room = min(available - used, sum(OUTINGS[half].minutes for half in coming) - _minutes(ahead))
    places = sum(OUTINGS[half].max_visits for half in coming) - len(ahead)
    return PairWeek(pair, available, used, len(visits), max(0, room), max(0, places), absent)
