"""Months that have begun: a nurse falls ill for two days, crises come in, the earlier plan is known."""

import copy

import numpy as np

from bench.scheduler.generator import BOOKING_PRIZE, PRIZES, price_tables

MOVED = 120
ABSENT_DAYS = 2
NEW_CRISES = 3


def after_absence(content: dict, routes: dict, seed: int, *, moved: int = MOVED) -> dict:
    """The rest of the month as a file of its own, with a price on moving announced visits.

    What was made before today is gone; a promise that the absent nurse gave becomes a first-tier visit
    whose pair and half of the day are preferences.
    """
    rng = np.random.default_rng([seed, len(content["visits"])])
    old = copy.deepcopy(content)
    days = sorted({session["day"] for session in old["sessions"]})
    today = int(rng.integers(len(days) // 5, len(days) // 2))
    away = days[today : today + ABSENT_DAYS]
    pairs = sorted({session["pair"].removesuffix("b") for session in old["sessions"]})
    nurse = pairs[int(rng.integers(len(pairs)))]
    place = {visit: int(session) for session, route in routes.items() for visit in route}
    here = [
        s
        for s, session in enumerate(old["sessions"])
        if session["day"] >= days[today] and not (session["day"] in away and session["pair"].removesuffix("b") == nurse)
    ]
    number = {old["sessions"][s]["id"]: new for new, s in enumerate(here)}
    waiting = [
        visit
        for visit in old["visits"]
        if visit["id"] not in place or old["sessions"][place[visit["id"]]]["day"] >= days[today]
    ]
    before = {visit["id"]: number.get(place.get(visit["id"])) for visit in waiting}
    visits = [_standing(visit, old, number, rng) for visit in waiting]
    visits += [_crisis(visit, days[today] + int(rng.integers(0, 3)), rng) for visit in waiting[:NEW_CRISES]]
    rest = old | {
        "name": f"R-{content['name']}-{seed}",
        "sessions": [old["sessions"][s] | {"id": new} for new, s in enumerate(here)],
        "visits": [visit | {"id": new} for new, visit in enumerate(visits)],
    }
    rest["previous_plan"] = {
        str(new): before[visit["id"]] for new, visit in enumerate(waiting) if before[visit["id"]] is not None
    }
    price_tables(rest)
    _keep_promises(rest)
    for v, session in rest["previous_plan"].items():
        row = rest["cost"][int(v)]
        rest["cost"][int(v)] = [c if c is None or s == session else c + moved for s, c in enumerate(row)]
    return rest


def _standing(visit: dict, old: dict, number: dict, rng) -> dict:
    if not visit["booked"]:
        return visit
    session, start = visit["booked"]
    if session in number:
        return visit | {"booked": [number[session], start]}
    lost = old["sessions"][session]
    wishes = {"prev_pair": lost["pair"].removesuffix("b"), "pref": lost["half"]}
    return visit | {"booked": None, "tier": 1, "prize": PRIZES[1], **wishes}


def _crisis(like: dict, day: int, rng) -> dict:
    """A new crisis at a door that is already on the map."""
    wishes = {"halves": None, "weekdays": None, "window": None, "prev_pair": None, "pref": None, "booked": None}
    needs = [need for need in like["needs"] if need != "lang"]
    urgent = {"program": "CRISIS", "duration": 60, "release": day, "due": day + 4, "tier": 1, "prize": PRIZES[1]}
    return like | wishes | urgent | {"needs": needs}


def _keep_promises(content: dict) -> None:
    for v, visit in enumerate(content["visits"]):
        if visit["booked"]:
            place, start = visit["booked"]
            visit["prize"] = BOOKING_PRIZE
            for s in range(len(content["sessions"])):
                if s != place:
                    content["cost"][v][s] = content["start_window"][v][s] = None
            content["start_window"][v][place] = [start, start]
