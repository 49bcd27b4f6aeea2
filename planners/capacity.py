"""Capacity of a center and a month: half-days the pairs can go out, what the visits due need, and the pace.

`outing_halves` is the one answer to "when can this pair go out": the month's schedule, the week beside
the phone and the figures here all ask it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import Count, OuterRef, Q, Subquery, Sum
from django.db.models.functions import TruncMonth

from centers.models import Dong, User, Zone, ZoneDong
from common.months import SEOUL, Month
from planners.models import Consent, Pair, Visit
from planners.months import planning_settings
from staffing.calendars import OUTINGS, HalfDay, absences, working_halves

USUAL_WAY = 10  # minutes to a visit whose way is not known yet
CRISIS = "poverty_crisis"
OPEN = (Visit.State.POOL, Visit.State.ANNOUNCED, Visit.State.BOOKED)


def outing_halves(pairs: Iterable[Pair], first: dt.date, last: dt.date) -> dict[int, set[HalfDay]]:
    """Half-days on which each pair can go out, by its id: it holds that day and both people are free."""
    pairs = list(pairs)
    people = {user for pair in pairs for user in (pair.nurse_id, pair.social_id) if user}
    free = working_halves(people, first, last)
    return {
        pair.pk: {
            half_day
            for half_day in set.intersection(*(free[user] for user in (pair.nurse_id, pair.social_id) if user))
            if pair.valid_from <= half_day[0] and (pair.valid_to is None or half_day[0] < pair.valid_to)
        }
        for pair in pairs
    }


@dataclass(frozen=True)
class Person:
    """One person's month: half-days they can go out, and what takes the others, in half-days by name."""

    user: User
    halves: int
    taken: dict[str, int]


@dataclass(frozen=True)
class PairMonth:
    """What a pair has: half-days, places for visits and minutes outside; what is promised of it."""

    pair: Pair
    halves: int
    places: int
    minutes: int
    promised: int


@dataclass
class CenterMonth:
    """The month of a center, or of a zone's child nurses. Needs are in visits and minutes with the way;
    `waiting` have not been asked yet."""

    place: Dong | Zone
    month: Month
    first: dt.date
    pairs: list[PairMonth] = field(default_factory=list)
    agreed: int = 0
    waiting: int = 0
    expected: int = 0  # of those waiting, how many will agree by the settings
    overdue: int = 0
    minutes_needed: int = 0
    people: list[Person] = field(default_factory=list)

    @property
    def needed(self) -> int:
        return self.agreed + self.expected

    @property
    def halves(self) -> int:
        return sum(pair.halves for pair in self.pairs)

    @property
    def places(self) -> int:
        return sum(pair.places for pair in self.pairs)

    @property
    def minutes(self) -> int:
        return sum(pair.minutes for pair in self.pairs)

    @property
    def left(self) -> int:
        """Visits that still fit, or, below nothing, how many are too many: by places and by minutes."""
        by_places = self.places - self.needed
        if not self.needed:
            return by_places
        each = self.minutes_needed / self.needed
        return min(by_places, int((self.minutes - self.minutes_needed) // each))

    @property
    def is_short(self) -> bool:
        return self.left < 0

    @property
    def scale(self) -> int:
        """Minutes of the whole bar."""
        return max(self.minutes * 10 // 9, self.minutes_needed)

    @property
    def limit(self) -> float:
        return self.minutes * 100 / self.scale if self.scale else 0

    @property
    def sentence(self) -> str:
        """Shortage or surplus, and what would mend it."""
        month = self.month.korean
        if not self.pairs:
            return f"{month}에 다니는 조가 없습니다. 방문 조를 먼저 만들어 주세요."
        if not self.needed:
            return f"{month}까지 마쳐야 할 방문이 없습니다. 반일 {self.halves}번을 낼 수 있습니다."
        said = (
            f"{month}까지 방문 {self.needed}건이 필요하고, 반일 {self.halves}번으로 {self.places}건까지 갈 수 있습니다."
        )
        if self.is_short:
            more = -(self.left * 2 // 5)  # five visits in two half-days
            return f"{said} {-self.left}건이 모자랍니다. 반일을 {more}번 더 내거나 급하지 않은 방문을 미뤄야 합니다."
        return f"{said} {self.left}건을 더 할 수 있습니다."


@dataclass(frozen=True)
class Pace:
    """A month's pace of a dong: visits due, what each pair would have to do, and what each did (plan III.7 ①)."""

    month: Month
    due: int
    each: float
    done: dict[int, int]

    @property
    def total(self) -> int:
        return sum(self.done.values())


def center_months(dongs: Iterable[Dong], month: Month, *, today: dt.date) -> list[CenterMonth]:
    """The month of each dong's elder pairs from the day after `today` on, in a fixed number of queries."""
    dongs = list(dongs)
    first = max(month.first, today + dt.timedelta(1))
    found = {dong.pk: CenterMonth(dong, month, first) for dong in dongs}
    if first <= month.last:
        pairs = Pair.objects.filter(kind=Pair.Kind.ELDER, dong__in=found)
        _add_pairs(found, pairs, lambda pair: pair.dong_id, first, month.last)
    settings = planning_settings.by_dong(dongs, month.first)
    visits = Visit.objects.filter(dong__in=dongs).exclude(programme__key="child")
    _add_needs(found, visits, {dong.pk: dong.pk for dong in dongs}, settings.__getitem__, month, first)
    return list(found.values())


def zone_months(zones: Iterable[Zone], month: Month, *, today: dt.date) -> list[CenterMonth]:
    """The same for the child nurses of zones, planned by the district's settings (plan IV.5-1 ②)."""
    zones = list(zones)
    first = max(month.first, today + dt.timedelta(1))
    found = {zone.pk: CenterMonth(zone, month, first) for zone in zones}
    if first <= month.last:
        pairs = Pair.objects.filter(kind=Pair.Kind.CHILD, zone__in=found)
        _add_pairs(found, pairs, lambda pair: pair.zone_id, first, month.last)
    holds = Q(valid_to=None) | Q(valid_to__gt=month.first)
    places = ZoneDong.objects.filter(holds, zone__in=zones, valid_from__lte=month.last)
    zone_of = dict(places.values_list("dong", "zone"))
    settings = planning_settings.in_force(None, month.first)
    visits = Visit.objects.filter(dong__in=zone_of, programme__key="child")
    _add_needs(found, visits, zone_of, lambda key: settings, month, first)
    return list(found.values())


def child_needs(dongs: Iterable[Dong], month: Month, *, today: dt.date) -> list[CenterMonth]:
    """What the families of each dong need of the child nurses, without anybody's half-days."""
    dongs = list(dongs)
    first = max(month.first, today + dt.timedelta(1))
    found = {dong.pk: CenterMonth(dong, month, first) for dong in dongs}
    settings = planning_settings.in_force(None, month.first)
    visits = Visit.objects.filter(dong__in=dongs, programme__key="child")
    _add_needs(found, visits, {dong.pk: dong.pk for dong in dongs}, lambda key: settings, month, first)
    return list(found.values())


def _add_pairs(found: dict[int, CenterMonth], rows, place_of: Callable, first: dt.date, last: dt.date) -> None:
    pairs = list(rows.lasting(first, last).select_related("nurse", "social", "dong").order_by("name", "pk"))
    free = outing_halves(pairs, first, last)
    standing = Visit.objects.filter(pair__in=pairs, on__range=(first, last)).standing()
    promised = dict(standing.values_list("pair").annotate(n=Count("pk")).order_by())
    for pair in pairs:
        halves = free[pair.pk]
        places = sum(OUTINGS[half].max_visits for _, half in halves)
        minutes = sum(OUTINGS[half].minutes for _, half in halves)
        found[place_of(pair)].pairs.append(PairMonth(pair, len(halves), places, minutes, promised.get(pair.pk, 0)))


def _add_needs(found, visits, place_of: Mapping[int, int], settings_of: Callable, month: Month, first: dt.date) -> None:
    """Open visits due by the end of the month; without an answer they count by the expected share."""
    newest = Consent.objects.filter(person=OuterRef("person"), kind=Consent.Kind.VISIT, answered_on__lte=first)
    newest = newest.standing_on(first).order_by("-answered_on", "-pk").values("answer")[:1]
    rows = (
        visits.filter(state__in=OPEN, due_on__lte=month.last)
        .annotate(answer=Subquery(newest))
        .values("dong", "programme__key", "answer")
        .annotate(n=Count("pk"), length=Sum("minutes"), late=Count("pk", filter=Q(due_on__lt=first)))
        .order_by("dong", "programme__key", "answer")
    )
    waiting: dict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
    for row in rows:
        place, key = place_of[row["dong"]], row["programme__key"]
        center = found[place]
        if row["answer"] == Consent.Answer.REFUSED and key != CRISIS:
            continue
        center.overdue += row["late"]
        if row["answer"] == Consent.Answer.GIVEN or key == CRISIS:
            center.agreed += row["n"]
            center.minutes_needed += row["length"] + USUAL_WAY * row["n"]
        else:
            count, length = waiting[place].get(key, (0, 0))
            waiting[place][key] = (count + row["n"], length + row["length"])
    for place, by_programme in waiting.items():
        center = found[place]
        counts = {key: n for key, (n, _) in by_programme.items()}
        center.waiting, center.expected = sum(counts.values()), settings_of(place).expected(counts)
        length = sum(minutes for _, minutes in by_programme.values()) / center.waiting
        center.minutes_needed += round(center.expected * (length + USUAL_WAY))


def people_of(center: CenterMonth) -> list[Person]:
    """Each person of the center's pairs, with what takes their half-days from the first day counted on."""
    users = {user.pk: user for row in center.pairs for user in row.pair.members}
    if center.first > center.month.last:
        return []
    free = working_halves(users, center.first, center.month.last)
    away = absences(users, center.first, center.month.last)
    found = []
    for pk, user in users.items():
        taken: dict[str, int] = defaultdict(int)
        for why in away.get(pk, {}).values():
            taken[why] += 1
        found.append(Person(user, len(free[pk]), dict(taken)))
    return sorted(found, key=lambda person: (person.user.name, person.user.pk))


def pace(dong: Dong, last: Month, *, months: int = 6) -> list[Pace]:
    """Visits due in each of the months up to `last`, each pair's share, and what each pair finished."""
    first = last.plus(1 - months)
    mine = Visit.objects.filter(dong=dong).exclude(programme__key="child")
    due = _by_month(mine.filter(due_on__range=(first.first, last.last), attempt=1).exclude(state="cancelled"), "due_on")
    met = mine.filter(outcome=Visit.Outcome.DONE, pair__isnull=False)
    met = met.filter(finished_at__gte=first.starts_at, finished_at__lt=last.ends_at)
    rows = met.annotate(of=TruncMonth("finished_at", tzinfo=SEOUL)).values_list("of", "pair").annotate(n=Count("pk"))
    done: dict[Month, dict[int, int]] = defaultdict(dict)
    for of, pair, count in rows.order_by():
        done[Month.of(of)][pair] = count
    pairs = list(Pair.objects.filter(dong=dong, kind=Pair.Kind.ELDER).lasting(first.first, last.last))
    found = []
    for number in range(months):
        month = first.plus(number)
        holding = sum(p.valid_from <= month.last and (p.valid_to is None or p.valid_to > month.first) for p in pairs)
        count = due.get(month, 0)
        found.append(Pace(month, count, count / holding if holding else 0.0, done.get(month, {})))
    return found


def _by_month(rows, name: str) -> dict[Month, int]:
    counted = rows.annotate(of=TruncMonth(name)).values_list("of").annotate(n=Count("pk")).order_by()
    return {Month.of(of): n for of, n in counted}
