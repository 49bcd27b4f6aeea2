"""Residents who want to help their neighbours: what they said at the door, told to the floor that keeps the pool.

Plan IV.5-1 ①: older residents who live well are led to volunteering and to taking part in the village.
The pool stands above this floor; it says once with `watch` that it wants to be told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from centers.models import User
from planners.models import Visit
from planners.questions import Answer

#: what somebody would like to do, as asked at the door
INTERESTS = (
    ("talk", "말벗·안부전화"),
    ("meals", "식사 나눔"),
    ("children", "아이 돌봄"),
    ("teaching", "가르치기"),
    ("repair", "집수리"),
    ("village", "마을 일"),
)
WILLING = "yes"


@dataclass(frozen=True)
class Wish:
    """What was written in a signed record. `may_be_contacted` is None when nobody asked."""

    visit: Visit
    is_willing: bool
    interests: tuple[str, ...]
    may_be_contacted: bool | None
    by: User
    at: dt.datetime


_watchers: list[Callable[[Wish], None]] = []


def watch(tell: Callable[[Wish], None]) -> Callable[[Wish], None]:
    """Have a floor above told of every signed answer; called once, when the application starts."""
    if tell not in _watchers:
        _watchers.append(tell)
    return tell


def announce(visit: Visit, answers: dict[str, Answer], *, by: User, at: dt.datetime) -> None:
    """Tell what the signed part says about helping, in the transaction of the signature; silence says nothing."""
    said = answers.get("volunteer")
    if said is None:
        return
    contact = {"yes": True, "no": False}.get(answers.get("volunteer_contact"))
    wish = Wish(visit, said == WILLING, tuple(answers.get("volunteer_interests") or ()), contact, by, at)
    for tell in _watchers:
        tell(wish)
