"""The tongjang's sheet: people of a tong whose consent is still to be asked, in the order of the alley."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from django.db.models import QuerySet

from centers.access import Scope
from centers.models import User
from common.months import Month, seoul_date
from planners import consent, guardians, outreach, target_lists
from planners.models import Consent, ContactAttempt, Target

REOFFER_DAYS = 180
ABSENT = "absent"
MOST_ON_PAPER = 1000


@dataclass(frozen=True)
class Line:
    """One door. A tongjang sees name, address, phone and the question, nothing else (law article 16)."""

    target: Target
    tries: int


def open_targets(scope: Scope, *, today: dt.date) -> QuerySet[Target]:
    """Targets within reach that still wait for a first answer on visits."""
    asked = Consent.objects.filter(kind=Consent.Kind.VISIT).standing_on(today)
    rows = Target.objects.open().filter(target_lists.contactable(scope), person__status="resident")
    rows = rows.filter(release_on__lte=Month.of(today).next.last)
    return rows.exclude(rule__kind__in=consent.WITHOUT_CONSENT).exclude(person__in=asked.values("person"))


def lines(rows: QuerySet[Target], *, today: dt.date, limit: int = 100) -> list[Line]:
    """Doors in the order of the alley: road, number, detail; each person once."""
    found = list(rows.select_related("person__household", "programme").order_by("due_on", "pk")[: limit * 2])
    once = {target.person_id: target for target in reversed(found)}
    kept = sorted(once.values(), key=lambda target: (alley(target.person.address), target.person.name))[:limit]
    guardians.attach((target.person for target in kept), on=today)
    tries: dict[int, int] = {}
    silent = ContactAttempt.objects.filter(target__in=kept, channel=Consent.Channel.TONGJANG)
    for target_id in silent.values_list("target_id", flat=True):
        tries[target_id] = tries.get(target_id, 0) + 1
    return [Line(target, tries.get(target.pk, 0)) for target in kept]


def by_tong(rows: QuerySet[Target], *, today: dt.date) -> list[tuple[int | None, list[Line]]]:
    """Every tong that has doors, in order, with its lines; those of an unknown tong last."""
    found: dict[int | None, list[Line]] = {}
    for line in lines(rows, today=today, limit=MOST_ON_PAPER):
        found.setdefault(line.target.person.tong, []).append(line)
    return sorted(found.items(), key=lambda pair: (pair[0] is None, pair[0] or 0))


def alley(address: str) -> list:
    """Sort key of an address: 장위로 6길 comes before 장위로 21길."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", address) if part]


def answer(target: Target, said: str, *, asked_by: str, by: User, at: dt.datetime) -> Consent | None:
    """Keep what a tongjang heard at the door; nobody met is a try, not an answer."""
    today = seoul_date(at)
    if said == ABSENT:
        result = ContactAttempt.Result.NO_ANSWER
        outreach.record_attempt(target, result, channel=Consent.Channel.TONGJANG, by=by, at=at)
        return None
    reoffer_on = today + dt.timedelta(days=REOFFER_DAYS) if said == Consent.Answer.REFUSED else None
    return consent.record_answer(
        target.person,
        Consent.Kind.VISIT,
        said,
        channel=Consent.Channel.TONGJANG,
        asked_by=asked_by,
        reoffer_on=reoffer_on,
        by=by,
        at=at,
        on=today,
    )
