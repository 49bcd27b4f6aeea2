"""Finished visits of past months, written in bulk: five years of them in the district-size world.

Everybody who turned 65 was visited once by the pair of the dong, and families with a child by the nurse
of the zone; days and clocks are such that nobody was in two places at once. Records themselves are not invented.
"""

from __future__ import annotations

import datetime as dt
import random

from django.db import transaction

from centers.models import Dong, User
from common.months import Month, at_seoul
from planners import visits
from planners.models import Consent, Pair, Person, Target, TargetRule, Visit, VisitEvent, VisitStaff
from planners.months.scheduling import staff_of
from seongbuk.demo.accounts import username
from staffing.calendars import working_days

CLOCKS = (dt.time(9, 40), dt.time(10, 50), dt.time(13, 40), dt.time(14, 50), dt.time(16, 0))
CHILD_CLOCKS = (dt.time(9, 30), dt.time(11, 0), dt.time(13, 40), dt.time(15, 20))  # 75 minutes each
MANAGED_SHARE = 0.59  # plan III.7 ①: 164 of 278
ABSENT_SHARE = 0.16
MANAGED_CHILDREN_SHARE = 0.24
#: what changes when a visit is made
MADE = (
    *("state", "pair", "on", "half", "starts_at", "started_at", "finished_at"),
    *("outcome", "group", "classified_on", "linked_at", "closed_at"),
)


def write(dong: Dong, *, first: Month, last: Month) -> int:
    """The finished visits of a dong in the months from `first` to `last`; returns how many."""
    rng = random.Random(f"history-{dong.slug}")  # noqa: S311
    pairs = list(Pair.objects.filter(dong=dong, kind=Pair.Kind.ELDER).order_by("name"))
    rule = TargetRule.objects.get(key="turns_65")
    lead = User.objects.get(username=username(dong, "lead"))
    made, month = 0, first
    while month <= last:
        with transaction.atomic():
            made += _month(dong, month, pairs, rule, lead, rng)
        month = month.next
    return made


def _month(dong, month, pairs, rule, lead, rng) -> int:
    people = Person.objects.filter(dong=dong).turning(rule.parameters["age"], month.first, month.last).order_by("pk")
    willing = [person for person in people if rng.random() > ABSENT_SHARE]
    places = _places(pairs, month)
    chosen = sorted(rng.sample(range(len(places)), min(len(places), len(willing))))
    targets, made = [], []
    for person, place in zip(willing, (places[n] for n in chosen), strict=False):
        target, visit = _visited(person, *place, month, rule, rng)
        targets.append(target)
        made.append(visit)
    Target.objects.bulk_create(targets, batch_size=1000)
    for visit, target in zip(made, targets, strict=True):
        visit.target = target
    Visit.objects.bulk_create(made, batch_size=1000)
    staff = [row for visit in made for row in staff_of(visit, visit.pair)]
    VisitStaff.objects.bulk_create(staff, batch_size=2000)
    _typed_in(made)
    return len(made)


def write_children(dong: Dong, *, today: dt.date) -> int:
    """The child nurses' finished visits to families who agreed, up to yesterday; returns how many."""
    rng = random.Random(f"children-{dong.slug}")  # noqa: S311
    pairs = list(Pair.objects.on(today).filter(kind=Pair.Kind.CHILD, zone__dongs__dong=dong).order_by("name"))
    agreed = Consent.objects.filter(kind=Consent.Kind.VISIT, answer=Consent.Answer.GIVEN).values("person")
    waiting = Visit.objects.filter(dong=dong, programme__key="child", state=Visit.State.POOL, person__in=agreed)
    made = 0
    for first in sorted(set(waiting.filter(release_on__lt=today).values_list("target__month", flat=True))):
        month = Month.of(first)
        taken = set(Visit.objects.filter(pair__in=pairs, on__range=(month.first, month.last)).values_list("pair", "on"))
        places = [p for p in _places(pairs, month, CHILD_CLOCKS) if p[1] < today and (p[0].pk, p[1]) not in taken]
        due = list(waiting.filter(target__month=first, release_on__lte=max((p[1] for p in places), default=today)))
        due = [visit for visit in due if rng.random() > ABSENT_SHARE]
        chosen = sorted(rng.sample(range(len(places)), min(len(places), len(due))))
        made += _finish(due, [places[number] for number in chosen], rng)
    return made


def _finish(due: list[Visit], places: list[tuple[Pair, dt.date, dt.time]], rng: random.Random) -> int:
    """Close each visit at its place, normal or linked."""
    done = []
    for visit, (pair, day, clock) in zip(due, places, strict=False):
        for name, value in _closed(pair, day, clock, rng.random() < MANAGED_CHILDREN_SHARE).items():
            setattr(visit, name, value)
        Target.objects.filter(pk=visit.target_id).update(state=Target.State.VISITED, ended_on=day, end_reason="방문함")
        done.append(visit)
    Visit.objects.bulk_update(done, MADE, batch_size=500)
    VisitStaff.objects.bulk_create([row for visit in done for row in staff_of(visit, visit.pair)], batch_size=2000)
    _typed_in(done)
    return len(done)


def _typed_in(made: list[Visit]) -> None:
    """Both people copied their parts into the national systems the same evening."""
    VisitEvent.objects.bulk_create(
        [
            VisitEvent(
                visit=visit,
                act="entered",
                text=f"{visits.SYSTEMS[system]}에 입력함",
                by_id=person,
                at=visit.closed_at,
                detail={"system": system},
            )
            for visit in made
            for system, person in (("health", visit.pair.nurse_id), ("welfare", visit.pair.social_id))
            if person
        ],
        batch_size=2000,
    )


def _places(pairs: list[Pair], month: Month, clocks=CLOCKS) -> list[tuple[Pair, dt.date, dt.time]]:
    """Every pair's clocks on every working day: each is used at most once."""
    return [(pair, day, clock) for day in working_days(month.first, month.last) for clock in clocks for pair in pairs]


def _visited(person, pair, day, clock, month, rule, rng) -> tuple[Target, Visit]:
    target = Target(
        person=person,
        programme_id=rule.programme_id,
        rule=rule,
        occurrence=str(rule.parameters["age"]),
        dong_id=person.dong_id,
        month=month.first,
        release_on=month.first,
        due_on=month.last,
        tier=rule.tier,
        facts={"birth_on": str(person.birth_on)},
        state=Target.State.VISITED,
        ended_on=day,
        end_reason="방문함",
        created_at=month.starts_at,
    )
    visit = Visit(
        person=person,
        programme_id=rule.programme_id,
        dong_id=person.dong_id,
        minutes=rule.minutes,
        release_on=month.first,
        due_on=month.last,
        tier=rule.tier,
        **_closed(pair, day, clock, rng.random() < MANAGED_SHARE),
    )
    return target, visit


def _closed(pair: Pair | None, day: dt.date, clock: dt.time, is_managed: bool) -> dict:
    """Fields of a visit that was made, judged and closed on a day."""
    starts_at = at_seoul(day, clock)
    return {
        "state": Visit.State.CLOSED,
        "pair": pair,
        "on": day,
        "half": "AM" if clock.hour < 12 else "PM",
        "starts_at": starts_at,
        "started_at": starts_at,
        "finished_at": starts_at + dt.timedelta(minutes=55),
        "outcome": Visit.Outcome.DONE,
        "group": Visit.Group.MANAGED if is_managed else Visit.Group.NORMAL,
        "classified_on": day,
        "linked_at": at_seoul(day, dt.time(17, 10)) if is_managed else None,
        "closed_at": at_seoul(day, dt.time(17, 20)),
    }
