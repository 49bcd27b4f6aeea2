"""The month problem of one planning unit, built from what the office knows.

The resource is a person's half-day: whoever goes out with two pairs, or with both programmes, goes out once.
Prices are whole minutes and ordered by size (see `Prices`); the solver turns them into a plan.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace

import numpy as np
from django.db.models import Avg

from centers.models import Dong
from common.months import SEOUL, Month
from planners.capacity import outing_halves
from planners.models import Consent, Household, Pair, Placement, Schedule, Visit, VisitStaff
from planners.months import planning_settings, promises, travel, visit_turns
from planners.months.planning_settings import Prices, Settings
from planners.months.planning_units import PAIR_KIND_OF, Unit, goes
from planners.months.promises import Broken
from planners.solver import problem as solver
from staffing.calendars import OUTINGS, working_days

FROZEN_DAYS = 2


@dataclass
class MonthProblem:
    """The solver's problem with the way back to our rows."""

    unit: Unit
    month: Month
    settings: Settings
    problem: solver.Problem
    visits: list[Visit]
    pairs: list[Pair]
    session_of: dict[str, tuple[Pair, dt.date, str, Dong]]
    without_consent: list[Visit] = field(default_factory=list)
    first_on: dt.date | None = None  # the first day that may be planned
    previous_pair: dict[int, int] = field(default_factory=dict)  # by person: the pair that saw them last
    broken: dict[int, Broken] = field(default_factory=dict)  # by visit: promises that are planned anew

    @property
    def prices(self) -> Prices:
        return self.settings.prices

    @property
    def input_hash(self) -> str:
        """Digest of everything the solver sees: equal input, equal plan."""
        p = self.problem
        digest = hashlib.sha256()
        for part in (p.travel, p.allowed, p.cost, p.earliest, p.latest):
            digest.update(np.ascontiguousarray(part).tobytes())
        digest.update(repr([s.id for s in p.sessions]).encode())
        digest.update(repr([(v.prize, v.duration, v.booked) for v in p.visits]).encode())
        digest.update(repr((asdict(self.prices), self.settings.daily_maximum)).encode())
        return digest.hexdigest()


def build(
    unit: Unit,
    month: Month,
    *,
    today: dt.date,
    prices: Prices | None = None,
    base: Schedule | Iterable[Schedule] | None = None,
    give_up: Mapping[int, str] | None = None,
) -> MonthProblem:
    """Everything that may be planned in the rest of the month, from the day after `today` on.

    Settings are those of the dong at the month's first day; `prices` takes the place of theirs. Visits
    locked in `base` (a draft or the live version) keep their place like bookings.
    """
    settings = planning_settings.in_force(unit.dong, month.first)
    settings = replace(settings, prices=prices or settings.prices)
    prices = settings.prices
    first = max(month.first, today + dt.timedelta(days=1))
    pairs = unit.pairs(month)
    dongs = unit.dongs(month.first)
    visits, without_consent = _visits(unit, month, first)
    sessions, session_of = _sessions(pairs, dongs, first, month.last, busy=_busy(unit, pairs, month))
    places = [center_of(dong) for dong in dongs] + [door_of(visit) for visit in visits]
    frozen_until = _frozen_until(today, month)
    columns = {s.id: n for n, s in enumerate(sessions)}
    promised = _promises(visits, base, frozen_until)
    broken = _broken(visits, promised, columns, give_up or {})
    kept = {visit: place for visit, place in promised.items() if visit not in broken and place[0] in columns}
    rows = [_row(visit, n + len(dongs), prices, kept.get(visit.pk), month) for n, visit in enumerate(visits)]
    rows = [_broken_row(row, prices) if row.id in broken else row for row in rows]
    if unit.is_whole:
        rows = [replace(row, needs=(*row.needs, _kind(visit))) for row, visit in zip(rows, visits, strict=True)]
    previous = _previous_pairs(visits)
    turns = visit_turns.turns(visits, working_days(first, month.last))
    priced = Priced(prices, previous, turns, broken)
    allowed, cost, earliest, latest = _tables(visits, rows, sessions, session_of, priced)
    problem = solver.Problem(
        name=f"{unit.name} {month}",
        year=month.year,
        month=month.number,
        outing_cost=prices.outing,
        travel=travel.matrix(places),
        depots={dong.name: n for n, dong in enumerate(dongs)},
        sessions=tuple(sessions),
        visits=tuple(rows),
        allowed=allowed,
        cost=cost,
        earliest=earliest,
        latest=latest,
        fairness_price=prices.fairness if len(pairs) > 1 and not unit.is_whole else 0.0,
        daily_maximum=settings.daily_maximum,
    )
    more = {"first_on": first, "previous_pair": previous, "broken": broken}
    return MonthProblem(unit, month, settings, problem, visits, pairs, session_of, without_consent, **more)


def session_id(pair: Pair, on: dt.date, half: str, dong: Dong) -> str:
    return f"{on:%d}-{half}-{pair.pk}-{dong.pk}"


def minutes_of(clock: dt.time) -> int:
    return clock.hour * 60 + clock.minute


def _visits(unit: Unit, month: Month, first: dt.date) -> tuple[list[Visit], list[Visit]]:
    """Open visits of the unit that may be made this month: with consent, and those that wait for it."""
    rows = (
        unit.visits(month)
        .filter(release_on__lte=month.last)
        .filter(state__in=[Visit.State.POOL, Visit.State.ANNOUNCED, Visit.State.BOOKED])
        .exclude(state__in=[Visit.State.ANNOUNCED, Visit.State.BOOKED], on__gt=month.last)
        .exclude(state__in=[Visit.State.ANNOUNCED, Visit.State.BOOKED], on__lt=first)
        .select_related("person", "person__household", "programme", "dong", "pair__nurse", "pair__social")
        .order_by("pk")
    )
    rows = list(rows)
    willing = set(
        Consent.objects.filter(person__in={v.person_id for v in rows}, kind=Consent.Kind.VISIT)
        .standing_on(first)
        .filter(answer=Consent.Answer.GIVEN)
        .values_list("person_id", flat=True)
    )
    refused = _refused_last(rows, first)
    ready, waiting = [], []
    for visit in rows:
        if visit.person_id in refused:
            continue
        (ready if visit.person_id in willing or _needs_no_consent(visit) else waiting).append(visit)
    return ready, waiting


def _needs_no_consent(visit: Visit) -> bool:
    """A crisis report is followed up at once: the pair asks at the door (plan IV.5-1 ③)."""
    return visit.programme.key == "poverty_crisis"


def _refused_last(visits: list[Visit], on: dt.date) -> set[int]:
    newest = (
        Consent.objects.filter(person__in={v.person_id for v in visits}, kind=Consent.Kind.VISIT)
        .standing_on(on)
        .order_by("person_id", "-answered_on", "-pk")
        .distinct("person_id")
        .values_list("person_id", "answer")
    )
    return {person for person, answer in newest if answer == Consent.Answer.REFUSED}


def _busy(unit: Unit, pairs: list[Pair], month: Month) -> set[tuple[int, dt.date, str]]:
    """Half-days (person, day, half) in which somebody is expected by visits of another unit."""
    people = {user for pair in pairs for user in (pair.nurse_id, pair.social_id) if user}
    rows = VisitStaff.objects.filter(user__in=people, is_active=True, visit__state__in=Visit.STANDING)
    rows = rows.filter(visit__on__range=(month.first, month.last)).exclude(visit__in=unit.visits(month))
    return set(rows.values_list("user", "visit__on", "visit__half"))


def _sessions(pairs: list[Pair], dongs: list[Dong], first: dt.date, last: dt.date, *, busy):
    free = outing_halves(pairs, first, last)
    sessions, session_of = [], {}
    for day in working_days(first, last):
        for half, frame in OUTINGS.items():
            for pair in pairs:
                members = [user for user in (pair.nurse_id, pair.social_id) if user]
                if (day, half) not in free[pair.pk]:
                    continue
                if any((user, day, str(half)) in busy for user in members):
                    continue
                for dong in [pair.dong] if pair.dong else dongs:
                    name = session_id(pair, day, half, dong)
                    session_of[name] = (pair, day, str(half), dong)
                    sessions.append(
                        solver.Session(
                            id=name,
                            pair=f"{pair.name}-{pair.pk}",
                            day=day.day,
                            half=str(half),
                            start=minutes_of(frame.leaves),
                            end=minutes_of(frame.back),
                            max_visits=frame.max_visits,
                            dong=dong.name,
                            resources=tuple(f"{user}-{day:%d}-{half}" for user in members),
                            skills=(*pair.skills, pair.kind),
                        )
                    )
    return sessions, session_of


def _frozen_until(today: dt.date, month: Month) -> dt.date:
    days = working_days(today + dt.timedelta(days=1), today + dt.timedelta(days=14))[:FROZEN_DAYS]
    return days[-1] if days else today


def _promises(visits, base, frozen_until) -> dict[int, tuple[str, int]]:
    """Visits that keep slot and clock: booked ones, those of the next two working days, locked ones."""
    found = {}
    for visit in visits:
        if visit.state == Visit.State.BOOKED or (visit.state == Visit.State.ANNOUNCED and visit.on <= frozen_until):
            found[visit.pk] = (session_id(visit.pair, visit.on, visit.half, visit.dong), _clock(visit.starts_at))
    dongs = {visit.pk: visit.dong for visit in visits}
    bases = [base] if isinstance(base, Schedule) else list(base or ())
    for row in Placement.objects.filter(schedule__in=bases, is_locked=True).select_related("pair"):
        if row.visit_id in dongs and row.visit_id not in found:
            name = session_id(row.pair, row.on, row.half, dongs[row.visit_id])
            found[row.visit_id] = (name, _clock(row.starts_at))
    return found


def _broken(visits, promised, columns, give_up: Mapping[int, str]) -> dict[int, Broken]:
    """Booked visits whose promise has no half-day any more, or is given up for another one."""
    lost = [v for v in visits if v.state == Visit.State.BOOKED]
    lost = [v for v in lost if v.pk in give_up or promised[v.pk][0] not in columns]
    found = promises.broken(lost)
    for visit in lost:
        why = give_up.get(visit.pk) or "그 반일에는 다른 방문이 있습니다."
        found.setdefault(visit.pk, Broken(visit.pair_id, visit.half, visit.starts_at, why))
    return found


def _broken_row(row: solver.Visit, prices: Prices) -> solver.Visit:
    return replace(row, tier=1, prize=prices.prize(1))


def _kind(visit: Visit) -> str:
    return PAIR_KIND_OF.get(visit.programme.key, Pair.Kind.ELDER)


def _clock(moment: dt.datetime) -> int:
    return minutes_of(moment.astimezone(SEOUL).time())


def _row(visit: Visit, location: int, prices: Prices, booked: tuple[str, int] | None, month: Month) -> solver.Visit:
    return solver.Visit(
        id=visit.pk,
        location=location,
        duration=visit.minutes,
        prize=prices.booking if booked else prices.prize(visit.tier),
        booked=booked,
        tier=visit.tier,
        program=visit.programme.key,
        dong=visit.dong.name,
        release=_day_in(month, visit.release_on),
        due=_day_in(month, visit.due_on),
        needs=tuple(visit.needs),
        halves=tuple(visit.halves) or None,
        weekdays=tuple(visit.weekdays) or None,
        window=(minutes_of(visit.window_from), minutes_of(visit.window_to)) if visit.window_from else None,
    )


def _day_in(month: Month, day: dt.date) -> int:
    """Day of the month; 0 for what lies before it, the day after the last for what lies behind."""
    if day < month.first:
        return 0
    return day.day if day <= month.last else month.last.day + 1


def _tables(visits, rows, sessions, session_of, priced: Priced):
    """allowed, cost, earliest and latest start, visit by session, as the solver wants them."""
    shape = (len(visits), len(sessions))
    allowed = np.zeros(shape, bool)
    cost = np.zeros(shape)
    earliest = np.zeros(shape, np.int64)
    latest = np.zeros(shape, np.int64)
    for v, (visit, row) in enumerate(zip(visits, rows, strict=True)):
        for s, session in enumerate(sessions):
            pair, day, half, dong = session_of[session.id]
            if row.booked and row.booked[0] != session.id:
                continue
            if dong.pk != visit.dong_id or not goes(visit, pair):
                continue
            if not fits(visit, pair, day, half, is_booked=bool(row.booked)):
                continue
            low, high = session.start, session.end - visit.minutes
            if row.booked:
                low = high = row.booked[1]
            elif visit.window_from:
                low, high = max(low, minutes_of(visit.window_from)), min(high, minutes_of(visit.window_to))
            if low > high:
                continue
            allowed[v, s], earliest[v, s], latest[v, s] = True, low, high
            if row.booked:
                continue
            cost[v, s] = priced.cost(visit, pair, day, half)
    return allowed, cost, earliest, latest


def fits(visit: Visit, pair: Pair, day: dt.date, half: str, *, is_booked: bool = False) -> bool:
    """The wishes and needs of a visit; a promise that was made stands even against them."""
    if is_booked:
        return True
    return (
        day >= visit.release_on
        and (not visit.halves or half in visit.halves)
        and (not visit.weekdays or day.weekday() in visit.weekdays)
        and set(visit.needs) <= set(pair.skills)
    )


@dataclass(frozen=True)
class Priced:
    """What a visit costs in a half-day, apart from the way there; `previous` pairs are by person, the rest by visit."""

    prices: Prices
    previous: Mapping[int, int]
    turns: Mapping[int, dt.date]
    broken: Mapping[int, Broken]

    def cost(self, visit: Visit, pair: Pair, day: dt.date, half: str) -> int:
        """Price in minutes."""
        price = self._waiting(visit, day)
        if visit.state == Visit.State.ANNOUNCED and (visit.pair_id, visit.on, visit.half) != (pair.pk, day, half):
            price += self.prices.change
        if self.previous.get(visit.person_id, pair.pk) != pair.pk:
            price += self.prices.other_pair
        if visit.pk in self.broken:
            price += self._as_promised(self.broken[visit.pk], pair, half)
        return price

    def _waiting(self, visit: Visit, day: dt.date) -> int:
        """Urgent and overdue visits are pushed to the front; all others keep to their turn until they are due."""
        prices, price = self.prices, self.prices.later_day * day.day
        if visit.tier == 1:
            price += prices.crisis_day * max(0, (day - visit.release_on).days)
        if visit.due_on < day.replace(day=1):
            return price + prices.overdue_day * day.day
        if day > visit.due_on:
            price += prices.late + prices.late_day * (day - visit.due_on).days
        elif visit.pk in self.turns:
            price += prices.turn_day * abs((day - self.turns[visit.pk]).days)
        return price

    def _as_promised(self, promise: Broken, pair: Pair, half: str) -> int:
        """A broken promise is made good near to what it was: same pair, same half of the day."""
        price = 0 if pair.pk == promise.pair_id else self.prices.other_pair
        return price + (0 if half == promise.half else self.prices.other_half)


def _previous_pairs(visits: list[Visit]) -> dict[int, int]:
    """The pair that saw each person last."""
    rows = (
        Visit.objects.filter(person__in={v.person_id for v in visits}, pair__isnull=False)
        .filter(state__in=[Visit.State.DONE, Visit.State.CLOSED])
        .order_by("person_id", "-on", "-pk")
        .distinct("person_id")
        .values_list("person_id", "pair_id")
    )
    return dict(rows)


def center_of(dong: Dong) -> travel.Place:
    """Where a dong's outings start: its center; without an address of its own, the middle of its homes."""
    middle = Household.objects.filter(dong=dong, longitude__isnull=False).aggregate(
        x=Avg("longitude"), y=Avg("latitude")
    )
    return travel.Place(middle["x"], middle["y"], dong=dong.name)


def door_of(visit: Visit) -> travel.Place:
    home = visit.person.household
    if home is None:
        return travel.Place(None, None, dong=visit.dong.name, tong=visit.person.tong, address=visit.person.address)
    return travel.Place(home.longitude, home.latitude, dong=visit.dong.name, tong=home.tong, address=home.address)
