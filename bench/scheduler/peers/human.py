"""The office's rule of thumb: by due date, each visit at the earliest free time of the calendar.

A time once written down stays; a visit goes between two others only if the way there and back fits.
"""

from itertools import pairwise


def plan(content: dict, budget: float, seed: int) -> dict:
    sessions, visits = content["sessions"], content["visits"]
    calendar: dict[int, list[tuple[int, int]]] = {}
    holder: dict[str, int] = {}
    rows = {str(session["id"]): s for s, session in enumerate(sessions)}
    by_date = sorted(range(len(sessions)), key=lambda s: (sessions[s]["day"], sessions[s]["half"], s))
    order = sorted(range(len(visits)), key=lambda v: (not visits[v]["booked"], visits[v]["due"], visits[v]["tier"], v))
    for v in order:
        booked = visits[v]["booked"]
        for s in [rows[str(booked[0])]] if booked else by_date:
            start = _earliest(content, calendar.get(s, []), holder, v, s)
            if start is not None:
                calendar[s] = sorted([*calendar.get(s, []), (start, v)])
                holder.update((str(resource), s) for resource in sessions[s]["resources"])
                break
    return {sessions[s]["id"]: [visits[v]["id"] for _, v in day] for s, day in calendar.items()}


def _earliest(content: dict, day: list[tuple[int, int]], holder: dict, v: int, s: int) -> int | None:
    """The earliest start of the visit among those already written down, or None."""
    session, visit, travel = content["sessions"][s], content["visits"][v], content["travel"]
    taken = any(holder.get(str(resource), s) != s for resource in session["resources"])
    if content["cost"][v][s] is None or taken or len(day) >= session["max"]:
        return None
    opens, closes = content["start_window"][v][s]
    depot = content["depots"][session["dong"]]
    stops = [(session["start"], depot, 0)]
    stops += [(start, content["visits"][u]["loc"], content["visits"][u]["duration"]) for start, u in day]
    stops.append((session["end"], depot, 0))
    for (before, here, duration), (after, there, _) in pairwise(stops):
        start = max(opens, before + duration + travel[here][visit["loc"]])
        if start <= closes and start + visit["duration"] + travel[visit["loc"]][there] <= after:
            return start
    return None
