"""How full the week of a pair is: minutes outside that both have, and minutes its visits take with the way."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from planners.capacity import USUAL_WAY, outing_halves
from planners.models import Pair, Visit
from planners.models.schedules import Pair as PairModel
from staffing.calendars import OUTINGS, absences, days_between

ABOUT_ONE_VISIT = 70


@dataclass(frozen=True)
class PairWeek:
    """A pair's week: minutes it has and minutes taken, visits in it and places for visits, and who is away."""

    pair: PairModel
    available: int
    used: int
    visits: int
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
        return max(0, min(self.left // ABOUT_ONE_VISIT, self.places - self.visits))


def week_of(day: dt.date) -> tuple[dt.date, dt.date]:
    """Monday and Friday of the week a day is in."""
    monday = day - dt.timedelta(days=day.weekday())
    return monday, monday + dt.timedelta(days=4)


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
    return [_week(pair, free, away, taken[pair.pk], days_between(first, last)) for pair in pairs]


def _week(pair: Pair, free: dict, away: dict, visits: list[Visit], days: list[dt.date]) -> PairWeek:
    people, halves = pair.members, free[pair.pk]
    available = sum(OUTINGS[half].minutes for _, half in halves)
    used = sum(
        visit.minutes + (USUAL_WAY if visit.travel_minutes is None else visit.travel_minutes) for visit in visits
    )
    absent = tuple(
        f"{user.name} {why}" for user in people for why in dict.fromkeys(why for (on, _), why in away.get(user.pk, {}).items() if on in days)
    )  # fmt: skip
    places = sum(OUTINGS[half].max_visits for _, half in halves)
    return PairWeek(pair, available, used, len(visits), places, absent)
