"""Free slots for a visit on the phone: what both people of a pair can keep, and why it is offered.

Both calendars, leave, holidays, the Monday meeting and Friday records are respected, as are travel to
the visits already there, the resident's wishes and the first day the visit may be made.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from centers.models import Dong, User, ZoneDong
from common.months import SEOUL, at_seoul, seoul_date
from planners.models import Pair, Visit, VisitStaff
from planners.months import travel
from planners.months.month_problem import center_of, door_of, fits
from planners.months.planning_units import PAIR_KIND_OF
from staffing.calendars import OUTINGS, absences, closed_halves, working_days, working_halves
from staffing.models.calendars import Half

STEP = 10
NOTICE = dt.timedelta(hours=1)
SLOTS = 5
#: what is read of a visit that stands in the way: its place in the day and its door
OF_VISIT = (
    *("on", "half", "starts_at", "minutes", "dong__name", "person__address", "person__tong"),
    *("person__household__longitude", "person__household__latitude"),
    *("person__household__tong", "person__household__address"),
)
CENTER_KEPT = dt.timedelta(hours=1)
_centers: dict[int, tuple[dt.datetime, travel.Place]] = {}
#: prices of a slot in minutes, as the month plan weighs them: waiting, lateness, another pair than last time
WAIT_DAY, WAIT_DAY_URGENT, LATE, LATE_DAY, OTHER_PAIR, NEW_OUTING = 1, 15, 400, 20, 40, 20


@dataclass(frozen=True)
class Slot:
    """A start that both people can keep, with the reason it is offered. `price` in minutes, small is good."""

    pair: Pair
    starts_at: dt.datetime
    half: str
    price: int
    why: str

    @property
    def key(self) -> str:
        return f"{self.pair.uid}|{self.starts_at.astimezone(SEOUL):%Y-%m-%dT%H:%M}"


@dataclass
class DayCell:
    """One half-day of one person in the calendar beside the phone."""

    state: str  # free, busy, full, away or closed
    text: str


@dataclass
class PairWeek:
    """The calendar of a pair: for each day, morning and afternoon with one cell per person."""

    pair: Pair
    people: list[User]
    days: list[tuple[dt.date, list[list[tuple[str, DayCell]]]]] = field(default_factory=list)


# ------------------------------------------------------------------ who may go


def pairs_for(visit: Visit, on: dt.date) -> list[Pair]:
    """Pairs that could make the visit on a day: of the dong for elders, of the nurse's zone for children."""
    kind = PAIR_KIND_OF.get(visit.programme.key, Pair.Kind.ELDER)
    rows = Pair.objects.on(on).filter(kind=kind).select_related("nurse", "social", "dong")
    if kind == Pair.Kind.CHILD:
        rows = rows.filter(zone__in=ZoneDong.objects.on(on).filter(dong=visit.dong_id).values("zone"))
    else:
        rows = rows.filter(dong=visit.dong_id)
    return [pair for pair in rows.order_by("name", "pk").distinct() if set(visit.needs) <= set(pair.skills)]


def members(pair: Pair) -> list[User]:
    return [user for user in (pair.nurse, pair.social) if user]


# ------------------------------------------------------------------ free slots


def free_slots(visit: Visit, first: dt.date, last: dt.date, *, at: dt.datetime, limit: int = SLOTS) -> list[Slot]:
    """The best free starts from `first` to `last`, in order of time; one for each half-day.

    Both calendars, leave, holidays, the Monday meeting and Friday records are respected, as are travel
    to the visits already there, the resident's wishes and the day the visit may be made from.
    """
    first = max(first, visit.release_on, seoul_date(at))
    pairs = pairs_for(visit, first)
    people = {user.pk for pair in pairs for user in members(pair)}
    free = working_halves(people, first, last)
    taken = visits_of(people, first, last, without=visit)
    seen_by = _last_pair(visit)
    way = Ways(visit, taken, center=_center(visit.dong, at))
    found = []
    for day in sorted({day for halves in free.values() for day, _ in halves}):
        for half in OUTINGS:
            for pair in pairs:
                if all((day, half) in free[user.pk] for user in members(pair)) and fits(visit, pair, day, half):
                    there = _both(taken, pair, day, half)
                    slot = _slot(visit, pair, day, half, there, way, seen_by, at)
                    if slot:
                        found.append(slot)
    best: dict[tuple[dt.date, str], Slot] = {}
    for slot in sorted(found, key=lambda slot: (slot.price, slot.starts_at, slot.pair.pk)):
        best.setdefault((seoul_date(slot.starts_at), slot.half), slot)
    return sorted(list(best.values())[:limit], key=lambda slot: slot.starts_at)


def visits_of(people: set[int], first: dt.date, last: dt.date, *, without: Visit | None = None):
    """(user, day, half) -> visits that stand there, with their doors."""
    staff = VisitStaff.objects.filter(
        user__in=people, is_active=True, visit__on__range=(first, last), visit__state__in=Visit.STANDING
    )
    going = list(staff.exclude(visit=without.pk if without else None).values_list("user", "visit"))
    rows = Visit.objects.filter(pk__in={visit for _, visit in going}).select_related("person__household", "dong")
    visits = rows.only(*OF_VISIT).in_bulk()
    found: dict[tuple[int, dt.date, str], list[Visit]] = defaultdict(list)
    for user, pk in sorted(going, key=lambda row: visits[row[1]].starts_at):
        found[user, visits[pk].on, visits[pk].half].append(visits[pk])
    return found


def _center(dong: Dong, at: dt.datetime) -> travel.Place:
    """Where outings start, kept for an hour: the middle of ten thousand homes hardly moves meanwhile."""
    since, place = _centers.get(dong.pk, (None, None))
    if since is None or not dt.timedelta(0) <= at - since < CENTER_KEPT:
        place = center_of(dong)
        _centers[dong.pk] = at, place
    return place


class Ways:
    """Minutes between the center (None), the home of a visit and those of the visits around it, worked out once."""

    def __init__(self, visit: Visit, taken, *, center: travel.Place) -> None:
        around = {v.pk: v for rows in taken.values() for v in rows if v.pk != visit.pk}
        self._place = {None: 0, visit.pk: 1} | {pk: n for n, pk in enumerate(around, start=2)}
        doors = [center, door_of(visit), *(door_of(v) for v in around.values())]
        self._minutes = travel.matrix(doors).tolist()

    def minutes(self, here: Visit | None, there: Visit | None) -> int:
        a, b = (self._place[visit.pk if visit else None] for visit in (here, there))
        return self._minutes[a][b]


def _both(taken, pair: Pair, day: dt.date, half: str) -> list[Visit]:
    """Visits either of the two has in a half-day, each once, by start."""
    rows = {v.pk: v for user in members(pair) for v in taken.get((user.pk, day, str(half)), ())}
    return sorted(rows.values(), key=lambda v: v.starts_at)


def _slot(visit, pair, day, half, there: list[Visit], way: Ways, seen_by, at) -> Slot | None:
    frame = OUTINGS[half]
    if len(there) >= frame.max_visits:
        return None
    best = None
    for place in range(len(there) + 1):
        before = there[place - 1] if place else None
        after = there[place] if place < len(there) else None
        low = _end(there[place - 1]) if place else at_seoul(day, frame.leaves)
        high = there[place].starts_at if place < len(there) else at_seoul(day, frame.back)
        start = _rounded_up(low + dt.timedelta(minutes=way.minutes(before, visit)))
        start = max(start, _rounded_up(at + NOTICE))
        if visit.window_from:
            start = max(start, at_seoul(day, visit.window_from))
        fits_before_next = start + dt.timedelta(minutes=visit.minutes + way.minutes(visit, after)) <= high
        if not fits_before_next or (visit.window_to and start > at_seoul(day, visit.window_to)):
            continue
        detour = way.minutes(before, visit) + way.minutes(visit, after) - way.minutes(before, after)
        if best is None or detour < best[0]:
            best = (detour, start)
    if best is None:
        return None
    detour, start = best
    price = detour + _price(visit, pair, day, there, seen_by, at)
    return Slot(pair, start, str(half), price, _why(visit, pair, day, there, detour, seen_by, seoul_date(at)))


def _price(visit, pair, day, there, seen_by, at) -> int:
    waited = (day - seoul_date(at)).days
    price = waited * (WAIT_DAY_URGENT if visit.tier == 1 else WAIT_DAY)
    if day > visit.due_on:
        price += LATE + LATE_DAY * (day - visit.due_on).days
    if seen_by and seen_by != pair.pk:
        price += OTHER_PAIR
    return price + (0 if there else NEW_OUTING)


def _why(visit, pair, day, there, detour, seen_by, today) -> str:
    if day > visit.due_on >= today:
        return f"기한보다 {(day - visit.due_on).days}일 늦습니다"
    if seen_by == pair.pk:
        return "지난번에 간 조입니다"
    if there and detour <= 10:
        return "그날 가까운 집에 갑니다"
    return "둘 다 비어 있습니다" if pair.social_id else "비어 있습니다"


def _end(visit: Visit) -> dt.datetime:
    return visit.starts_at + dt.timedelta(minutes=visit.minutes)


def _rounded_up(moment: dt.datetime) -> dt.datetime:
    rest = (moment.minute % STEP) * 60 + moment.second + moment.microsecond / 1e6
    return moment + dt.timedelta(seconds=(STEP * 60 - rest) if rest else 0)


def _last_pair(visit: Visit) -> int | None:
    met = [Visit.State.DONE, Visit.State.CLOSED]
    rows = Visit.objects.filter(person=visit.person_id, pair__isnull=False, state__in=met)
    return rows.order_by("-on", "-pk").values_list("pair_id", flat=True).first()


# ------------------------------------------------------------------ both calendars


def pair_week(pair: Pair, first: dt.date, last: dt.date) -> PairWeek:
    """What each person of the pair has on each half-day, for the calendar beside the phone."""
    people = members(pair)
    taken = visits_of({user.pk for user in people}, first, last)
    away, closed = absences(people, first, last), closed_halves(first, last, pair.dong)
    week = PairWeek(pair, people)
    for day in working_days(first, last):
        halves = [[(user.name, _cell(user, day, half, taken, away, closed)) for user in people] for half in Half.values]
        week.days.append((day, [_together(cells) for cells in halves]))
    return week


def _together(cells: list[tuple[str, DayCell]]) -> list[tuple[str, DayCell]]:
    """What both have in common is said once, without names."""
    return [("", cells[0][1])] if len({cell.text for _, cell in cells}) == 1 else cells


def _cell(user: User, day: dt.date, half: str, taken, away, closed) -> DayCell:
    if why := closed.get((day, half)):
        return DayCell("closed", why)
    if why := away.get(user.pk, {}).get((day, half)):
        return DayCell("away", why)
    rows = taken.get((user.pk, day, half), [])
    if not rows:
        return DayCell("free", "비어 있음")
    starts = ", ".join(f"{v.starts_at.astimezone(SEOUL):%H:%M}" for v in rows)
    return DayCell("full" if len(rows) >= OUTINGS[half].max_visits else "busy", f"방문 {starts}")
