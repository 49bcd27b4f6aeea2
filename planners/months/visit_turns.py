"""The turn of a visit: the day of the month on which it would come if nothing else mattered.

Urgent and overdue visits have none, they go as soon as they can. All others share out the working days
that are left between their first and their last day, tong by tong, so that the month is busy evenly and
neighbours come up together. Who was told a day has that day for a turn.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from planners.models import Visit


def turns(visits: Iterable[Visit], days: Sequence[dt.date]) -> dict[int, dt.date]:
    """The turn of each visit that has one, by visit id; `days` are the working days that may be planned."""
    found = {visit.pk: visit.on for visit in visits if visit.is_standing and visit.on}
    waiting = [visit for visit in visits if visit.pk not in found and visit.tier > 1 and days]
    waiting.sort(key=lambda visit: (visit.dong_id, *_way_round(visit), visit.pk))
    for place, visit in enumerate(waiting):
        mine = [day for day in days if visit.release_on <= day <= visit.due_on]
        if mine:
            found[visit.pk] = mine[(2 * place + 1) * len(mine) // (2 * len(waiting))]
    return found


def _way_round(visit: Visit) -> tuple[int, str]:
    """Where a door stands on a round through the dong."""
    home = visit.person.household
    if home is None:
        return visit.person.tong or 0, visit.person.address
    return home.tong or 0, home.address
