"""Turns at the counter: the dong chooses the cycle, a month is dealt out fairly, long streaks are named.

Whoever has done least so far, measured by the half-days they work, goes next. Leave, duties, patterns and
promised visits are respected; a half-day for which nobody is left is shown as a gap, never filled by force.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction

from centers.models import Dong, User
from common.months import Month
from common.refusals import Refusal
from staffing.calendars import HalfDay, absences, holidays, working_days
from staffing.commitments import commitments
from staffing.models import CounterRota, StaffTime
from staffing.models.calendars import Half
from staffing.work_weeks import end_before

LOOK_BACK_DAYS = 92


class NobodyToTurn(Refusal):
    code = "NOBODY_TO_TURN"


class NoRota(Refusal):
    code = "NO_ROTA"


@dataclass(frozen=True)
class Share:
    """What one person does of a month: half-days at the counter, of those they are at work, longest streak."""

    user: User
    turns: int
    at_work: int
    streak: int
    limit: int

    @property
    def is_long(self) -> bool:
        return self.streak > self.limit

    @property
    def percent(self) -> int:
        return round(100 * self.turns / self.at_work) if self.at_work else 0


@dataclass
class Dealt:
    """A month dealt out: who stands when, half-days nobody can take, and each person's share."""

    rota: CounterRota
    month: Month
    first: dt.date
    turns: dict[HalfDay, list[User]] = field(default_factory=dict)
    gaps: list[tuple[HalfDay, int]] = field(default_factory=list)
    shares: list[Share] = field(default_factory=list)

    @property
    def spread(self) -> int:
        """Between the one with most and the one with fewest turns, in half-days."""
        counts = [share.turns for share in self.shares if share.at_work]
        return max(counts) - min(counts) if counts else 0

    @property
    def warnings(self) -> list[str]:
        """Sentences about gaps and about streaks that are longer than the dong allows itself."""
        said = [
            f"{share.user.name} 님이 창구에 {share.streak}일 잇달아 섭니다(정한 한도 {share.limit}일)."
            " 주기를 줄이거나 사람을 늘려 주세요."
            for share in self.shares
            if share.is_long
        ]
        if self.gaps:
            days = ", ".join(f"{on.month}월 {on.day}일 {Half(half).label}" for (on, half), _ in self.gaps[:4])
            more = f" 밖에 {len(self.gaps) - 4}번" if len(self.gaps) > 4 else ""
            said.append(f"설 사람이 모자라는 반일이 있습니다({days}{more}). 사람을 더하거나 휴가를 조정해 주세요.")
        return said


def rota_of(dong: Dong, on: dt.date) -> CounterRota | None:
    """How the dong takes turns on a day."""
    return CounterRota.objects.on(on).filter(dong=dong).prefetch_related("people").first()


@transaction.atomic
def set_rota(
    dong: Dong,
    *,
    cycle: str,
    seats: int,
    halves: Iterable[str],
    streak_limit: int,
    people: Iterable[User],
    since: dt.date,
    by: User,
) -> CounterRota:
    """How a dong takes turns from a day on; what held before ends that day. Raises `NobodyToTurn`."""
    people, halves = list(people), [half for half in Half.values if half in set(halves)]
    if len(people) < seats:
        raise NobodyToTurn(f"한 번에 {seats}명이 서려면 {seats}명 넘게 골라 주세요.")
    if not halves:
        raise NobodyToTurn("창구를 여는 반일을 골라 주세요.")
    Dong.objects.select_for_update().get(pk=dong.pk)
    end_before(CounterRota.objects.filter(dong=dong), since)
    row = CounterRota.objects.create(
        dong=dong, cycle=cycle, seats=seats, halves=halves, streak_limit=streak_limit, valid_from=since, by=by
    )
    row.people.set(people)
    return row


# ------------------------------------------------------------------ dealing


def deal(rota: CounterRota, month: Month, *, today: dt.date) -> Dealt:
    """The month's turns from the day after `today` on; turns up to today stay and count. Writes nothing."""
    first = max(month.first, rota.valid_from, today + dt.timedelta(1))
    last = month.last if rota.valid_to is None else min(month.last, rota.valid_to - dt.timedelta(1))
    dealt = Dealt(rota, month, first)
    people = sorted(rota.people.all(), key=lambda user: user.pk)
    days = working_days(month.first, last)
    coming = [(day, half) for day in days if day >= first for half in rota.halves]
    free = _free(people, coming, first, last, keep=rota)
    done = _done(people, first)
    counts = {user.pk: len(done[user.pk]) for user in people}
    at_work = {user.pk: max(1, len(free[user.pk]) + len(done[user.pk])) for user in people}
    stood: dict[int, set[dt.date]] = {pk: {on for on, _ in halves} for pk, halves in done.items()}
    for block in _blocks(rota, coming):
        chosen = _choose(people, block, free, counts, at_work, stood, rota)
        for half_day in block:
            there = [user for user in chosen if half_day in free[user.pk]]
            rest = [user for user in people if user not in there and half_day in free[user.pk]]
            rest.sort(key=lambda user: _rank(user, counts, at_work, stood, half_day[0], rota))
            there += rest[: rota.seats - len(there)]
            dealt.turns[half_day] = there
            if len(there) < rota.seats:
                dealt.gaps.append((half_day, rota.seats - len(there)))
            for user in there:
                counts[user.pk] += 1
                stood[user.pk].add(half_day[0])
    dealt.shares = _shares(dealt, people, free, done, days)
    return dealt


def _free(people, coming, first, last, *, keep: CounterRota) -> dict[int, set[HalfDay]]:
    """Half-days each person could stand at the counter; their turns of this rota are dealt anew."""
    if first > last:
        return {user.pk: set() for user in people}
    away = absences(people, first, last)
    own = StaffTime.objects.filter(rota__dong=keep.dong_id, user__in=people, kind=StaffTime.Kind.COUNTER)
    for row in own.between(first, last):
        for half in [row.half] if row.half else Half.values:
            away.get(row.user_id, {}).pop((row.first_on, half), None)
    promised = {(one.user_id, one.on, one.half) for one in commitments(people, first, last)}
    return {
        user.pk: {
            (day, half)
            for day, half in coming
            if (day, half) not in away.get(user.pk, ()) and (user.pk, day, half) not in promised
        }
        for user in people
    }


def _done(people, first: dt.date) -> dict[int, set[HalfDay]]:
    """Half-days each person stood there in the three months before."""
    found: dict[int, set[HalfDay]] = {user.pk: set() for user in people}
    rows = StaffTime.objects.filter(user__in=people, kind=StaffTime.Kind.COUNTER)
    for row in rows.between(first - dt.timedelta(LOOK_BACK_DAYS), first - dt.timedelta(1)):
        day = row.first_on
        while day <= min(row.last_on, first - dt.timedelta(1)):
            found[row.user_id] |= {(day, half) for half in ([row.half] if row.half else Half.values)}
            day += dt.timedelta(1)
    return found


def _blocks(rota: CounterRota, coming: list[HalfDay]) -> list[list[HalfDay]]:
    """Half-days that one turn covers, in order."""
    found: dict[object, list[HalfDay]] = defaultdict(list)
    for day, half in coming:
        key = {"half": (day, half), "day": day, "week": day.isocalendar()[:2]}[rota.cycle]
        found[key].append((day, half))
    return list(found.values())


def _choose(people, block, free, counts, at_work, stood, rota) -> list[User]:
    """Who takes a turn: those free for all of it before those free for part, then by what was done so far."""
    able = [user for user in people if any(half_day in free[user.pk] for half_day in block)]
    missing = {user.pk: sum(half_day not in free[user.pk] for half_day in block) for user in able}
    able.sort(key=lambda user: (missing[user.pk] > 0, *_rank(user, counts, at_work, stood, block[0][0], rota), user.pk))
    return able[: rota.seats]


def _rank(user, counts, at_work, stood, day: dt.date, rota) -> tuple:
    """Small goes first: not past the limit of a streak, little done so far, long ago."""
    run = _run_before(stood[user.pk], day)
    last = max((on for on in stood[user.pk] if on < day), default=dt.date.min)
    too_long = run >= rota.streak_limit and rota.cycle != CounterRota.Cycle.WEEK
    return too_long, round(counts[user.pk] / at_work[user.pk], 4), last, user.pk


def _run_before(days: set[dt.date], day: dt.date) -> int:
    """How many weekdays without a break somebody stood there up to the day before."""
    run, before = 0, _weekday_before(day)
    while before in days:
        run, before = run + 1, _weekday_before(before)
    return run


def _weekday_before(day: dt.date) -> dt.date:
    day -= dt.timedelta(1)
    while day.weekday() > 4:
        day -= dt.timedelta(1)
    return day


def _shares(dealt: Dealt, people, free, done, days) -> list[Share]:
    closed = set(holidays(dealt.month.first, dealt.month.last))
    found = []
    for user in people:
        mine = {half_day for half_day, there in dealt.turns.items() if user in there}
        mine |= {half_day for half_day in done[user.pk] if half_day[0] in dealt.month}
        stood = {on for on, _ in mine | done[user.pk]}
        streak = max((_run_before(stood, _next(on)) for on in {on for on, _ in mine}), default=0)
        at_work = len(free[user.pk]) + sum(on in dealt.month and on not in closed for on, _ in done[user.pk])
        found.append(Share(user, len(mine), at_work, streak, dealt.rota.streak_limit))
    return sorted(found, key=lambda share: (share.user.name, share.user.pk))


def _next(day: dt.date) -> dt.date:
    day += dt.timedelta(1)
    while day.weekday() > 4:
        day += dt.timedelta(1)
    return day


# ------------------------------------------------------------------ writing


@transaction.atomic
def generate(dong: Dong, month: Month, *, by: User, today: dt.date) -> Dealt:
    """Write the month's turns into the calendars; earlier turns of the rest of the month are dealt anew.

    Twice gives the same. Raises `NoRota`.
    """
    Dong.objects.select_for_update().get(pk=dong.pk)
    rota = rota_of(dong, max(month.first, min(month.last, today + dt.timedelta(1))))
    if rota is None:
        raise NoRota(f"{dong.name}의 창구 순번을 아직 정하지 않았습니다. 먼저 주기와 사람을 정해 주세요.")
    dealt = deal(rota, month, today=today)
    old = StaffTime.objects.filter(rota__dong=dong, kind=StaffTime.Kind.COUNTER)
    old.filter(first_on__range=(dealt.first, month.last)).delete()
    StaffTime.objects.bulk_create(_rows(dealt, by))
    return dealt


def is_written(dealt: Dealt) -> bool:
    """Whether the calendars already hold exactly these turns."""
    there = StaffTime.objects.filter(rota__dong=dealt.rota.dong_id, kind=StaffTime.Kind.COUNTER)
    there = there.filter(first_on__range=(dealt.first, dealt.month.last))
    wanted = {(row.user_id, row.first_on, row.half) for row in _rows(dealt, None)}
    return bool(wanted) and set(there.values_list("user", "first_on", "half")) == wanted


def day_of(dealt: Dealt, day: dt.date) -> list[tuple[str, list[User], int]]:
    """(half, who stands there, how many are missing) of a day; nothing for days not dealt."""
    gaps = dict(dealt.gaps)
    return [
        (Half(half).label, dealt.turns[day, half], gaps.get((day, half), 0))
        for half in Half.values
        if (day, half) in dealt.turns
    ]


def _rows(dealt: Dealt, by: User | None) -> list[StaffTime]:
    halves: dict[tuple[int, dt.date], list[str]] = defaultdict(list)
    for (day, half), there in dealt.turns.items():
        for user in there:
            halves[user.pk, day].append(half)
    return [
        StaffTime(
            user_id=user,
            kind=StaffTime.Kind.COUNTER,
            first_on=day,
            last_on=day,
            half=found[0] if len(found) == 1 else "",
            rota=dealt.rota,
            by=by,
        )
        for (user, day), found in sorted(halves.items())
    ]
