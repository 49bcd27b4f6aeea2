"""What else takes people's half-days: promises that floors above make, told to the calendars from there.

A floor registers a function when it starts; calendars, the counter rota and the entry of an absence ask
all of them. So a nurse's visits stand in her calendar although this floor knows nothing of visits.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Commitment:
    """One promise that takes a person's time. `title` names nobody in full; `subject` is for the access log."""

    user_id: int
    on: dt.date
    half: str
    starts_at: dt.datetime
    title: str
    detail: str = ""
    url: str = ""
    subject: int | None = None


Source = Callable[[set[int], dt.date, dt.date], Iterable[Commitment]]
_sources: list[Source] = []


def register(source: Source) -> Source:
    """Let a floor above tell what it promised for people between two days, both included."""
    if source not in _sources:
        _sources.append(source)
    return source


def commitments(users: Iterable, first: dt.date, last: dt.date) -> list[Commitment]:
    """All promises of the people, in order of time."""
    ids = {getattr(user, "pk", user) for user in users}
    found = [one for source in _sources for one in source(ids, first, last)]
    return sorted(found, key=lambda one: (one.starts_at, one.user_id))
