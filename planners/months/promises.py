"""Promises that cannot be kept any more: the pair ended, somebody is away, the office is closed.

Such a visit is planned anew in the first tier, near to its old pair and half-day, and the resident is phoned.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from centers.models import User
from planners.models import Pair, Visit
from staffing.calendars import absences, closed_halves_of, working_halves


@dataclass(frozen=True)
class Broken:
    """A promise that cannot be kept: what was promised, and why not, as a sentence."""

    pair_id: int | None
    half: str
    starts_at: dt.datetime
    why: str


def broken(visits: Iterable[Visit]) -> dict[int, Broken]:
    """Booked visits (with `pair`, its people and `dong` loaded) that their pair cannot make, by visit id."""
    rows = [visit for visit in visits if visit.state == Visit.State.BOOKED]
    if not rows:
        return {}
    first, last = min(v.on for v in rows), max(v.on for v in rows)
    people = {user.pk: user for visit in rows for user in _people(visit.pair)}
    free, away = working_halves(people, first, last), absences(people, first, last)
    closed = closed_halves_of({v.dong_id for v in rows} | {None}, first, last)
    found = {}
    for visit in rows:
        why = _why(visit, free, away, closed.get(visit.dong_id) or closed[None])
        if why:
            found[visit.pk] = Broken(visit.pair_id, visit.half, visit.starts_at, why)
    return found


def _people(pair: Pair) -> list[User]:
    return [user for user in (pair.nurse, pair.social) if user]


def _why(visit: Visit, free, away, closed) -> str:
    pair, key = visit.pair, (visit.on, str(visit.half))
    if visit.on < pair.valid_from or (pair.valid_to and visit.on >= pair.valid_to):
        return f"그날에는 {pair.name}가 없습니다."
    for user in _people(pair):
        if key in free[user.pk]:
            continue
        if why := away.get(user.pk, {}).get(key):
            return f"{user.name} 님이 그 반일에 나갈 수 없습니다({why})."
        return f"그 반일에는 나가지 않습니다({closed.get(key, '쉬는 날')})."
    return ""
