"""A dong for the phone benchmark: homes, two pairs, residents who agreed, a month that is half full."""

from __future__ import annotations

import datetime as dt
import random

from django.db import connection

from bench.measure import Cost, measured
from centers.models import Dong, Posting, User
from common.months import SEOUL, Month, at_seoul
from planners import booking_slots
from planners.models import Consent, Household, Pair, Person, Target, TargetRule, Visit, VisitStaff
from planners.months.scheduling import staff_of
from staffing import staff_times
from staffing.calendars import working_days

NOW = dt.datetime(2015, 1, 14, 9, 40, tzinfo=SEOUL)
CLOCKS = (dt.time(9, 40), dt.time(13, 50), dt.time(15, 10))
AHEAD = dt.timedelta(days=30)


def ready(*, homes: int, visits: int) -> tuple[list[Visit], dt.datetime]:
    """Visits that wait for a time, with what a page has loaded; made once, kept for the next run."""
    dong = Dong.objects.get(name="장위1동")
    if not Pair.objects.filter(dong=dong).exists():
        _make(dong, homes, visits, random.Random("slots"))
    rows = Visit.objects.filter(dong=dong, state=Visit.State.POOL)
    rows = rows.select_related("person__household", "person__dong", "programme", "dong", "target__rule")
    return list(rows.order_by("pk")[:visits]), NOW


def asked(visit: Visit, now: dt.datetime) -> tuple[Cost, list]:
    """The five slots for one resident and what they cost."""
    with measured(connection.connection.info.backend_pid) as cost:
        found = booking_slots.free_slots(visit, now.date(), now.date() + AHEAD, at=now)
    return cost, found


def _make(dong: Dong, homes: int, visits: int, rng: random.Random) -> None:
    Household.objects.bulk_create(
        Household(
            dong=dong,
            tong=rng.randint(1, 29),
            ban=rng.randint(1, 6),
            address=f"장위로 {number // 8 + 1}길 {number % 8 + 1}",
            longitude=127.045 + rng.uniform(-0.008, 0.008),
            latitude=37.615 + rng.uniform(-0.006, 0.006),
        )
        for number in range(homes)
    )
    pairs = [_pair(dong, letter) for letter in "AB"]
    rule = TargetRule.objects.select_related("programme").get(key="turns_65")
    by = pairs[0].nurse
    chosen = list(Household.objects.filter(dong=dong).order_by("pk")[: visits * 2])
    rng.shuffle(chosen)
    waiting = [_visit(dong, home, rule, number, by) for number, home in enumerate(chosen)]
    days = working_days(NOW.date() + dt.timedelta(1), (NOW + AHEAD).date())
    places = [(pair, day, clock) for day in days for pair in pairs for clock in CLOCKS]
    for visit, (pair, day, clock) in zip(waiting[visits:], rng.sample(places, len(places) // 2), strict=False):
        visit.state, visit.pair, visit.on, visit.half = Visit.State.BOOKED, pair, day, "AM" if clock.hour < 12 else "PM"
        visit.starts_at = at_seoul(day, clock)
        visit.save()
        VisitStaff.objects.bulk_create(staff_of(visit, pair))
    for number, pair in enumerate(pairs):
        day = days[3 + number]
        staff_times.enter(pair.nurse, "leave", first_on=day, last_on=day, by=by)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _pair(dong: Dong, letter: str) -> Pair:
    since = dt.date(2014, 1, 1)
    people = [User.objects.create(username=f"{role}{letter}", name=f"{role}{letter}") for role in ("PN", "PS")]
    for user, role in zip(people, ("PN", "PS"), strict=True):
        Posting.objects.create(user=user, role=role, dong=dong, valid_from=since)
    facts = {"kind": Pair.Kind.ELDER, "name": f"{letter}조", "valid_from": since}
    return Pair.objects.create(dong=dong, nurse=people[0], social=people[1], **facts)


def _visit(dong: Dong, home: Household, rule: TargetRule, number: int, by: User) -> Visit:
    month = Month.of(NOW)
    person = Person.objects.create(
        name=f"주민{number}", birth_on=dt.date(1950, 1, 1 + number % 28), sex="F", dong=dong, tong=home.tong,
        household=home, address=home.address, match_key=f"{number:064x}",
    )  # fmt: skip
    facts = {"month": month.first, "release_on": month.first, "due_on": month.next.last, "tier": rule.tier}
    target = Target.objects.create(
        person=person, rule=rule, programme=rule.programme, occurrence="65", dong=dong, created_at=NOW, **facts
    )
    asked_on = {"answered_on": NOW.date(), "asked_by": "통장", "by": by, "at": NOW, "wording": "visit-2014-11"}
    Consent.objects.create(person=person, kind="visit", answer="given", channel="tongjang", **asked_on)
    dates = {"release_on": target.release_on, "due_on": target.due_on, "tier": target.tier}
    return Visit.objects.create(
        target=target, person=person, programme=rule.programme, dong=dong, minutes=rule.minutes, **dates
    )
