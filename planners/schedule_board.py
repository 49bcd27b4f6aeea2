"""What the month board shows: weeks of days, pairs in rows, half-days in cells, chips with their state."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from common.months import Month
from planners.models import Pair, Placement, Schedule, Visit
from planners.schedule_moves import Choice
from staffing.calendars import SATURDAY, absences, closed_halves
from staffing.models.calendars import Half

MARKS = {"bk": ("✓", "예약됨"), "an": ("▷", "안내함"), "nw": ("+", "이번 초안에 새로")}


@dataclass
class Cell:
    half: str
    on: dt.date
    placements: list[Placement] = field(default_factory=list)
    closed: str = ""
    outside: bool = False
    choice: Choice | None = None
    is_selected: bool = False


@dataclass
class Row:
    pair: Pair
    cells: list[Cell]


@dataclass
class Week:
    number: int
    days: list[dt.date]
    rows: list[Row]
    holidays: dict[dt.date, str]


def chip(placement: Placement) -> tuple[str, str, str]:
    """(class, symbol, word) of a placed visit."""
    if placement.visit.state == Visit.State.BOOKED:
        kind = "bk"
    elif placement.change == "new":
        kind = "nw"
    else:
        kind = "an"
    return kind, *MARKS[kind]


def weeks(
    schedule: Schedule, pairs: list[Pair], placements: list[Placement], *, choices: list[Choice], selected: Visit | None
) -> list[Week]:
    """The board of a schedule, Monday to Friday."""
    month = Month.of(schedule.month)
    closed = closed_halves(month.first, month.last, schedule.dong)
    away = absences({u for p in pairs for u in (p.nurse_id, p.social_id) if u}, month.first, month.last)
    placed = defaultdict(list)
    for row in placements:
        placed[row.pair_id, row.on, row.half].append(row)
    offered = {(c.pair_name, c.on, c.half): c for c in choices}
    monday = month.first - dt.timedelta(days=month.first.weekday())
    found, number = [], 1
    while monday <= month.last:
        days = [monday + dt.timedelta(days=n) for n in range(SATURDAY)]
        if any(day in month for day in days):
            rows = [Row(pair, _cells(pair, days, month, placed, closed, away, offered, selected)) for pair in pairs]
            found.append(Week(number, days, rows, {d: closed[d, "AM"] for d in days if _is_holiday(d, closed)}))
            number += 1
        monday += dt.timedelta(days=7)
    return found


def _is_holiday(day: dt.date, closed: dict) -> bool:
    return closed.get((day, "AM")) is not None and closed.get((day, "AM")) == closed.get((day, "PM"))


def _cells(pair, days, month, placed, closed, away, offered, selected) -> list[Cell]:
    cells = []
    people = [(pair.nurse_id, pair.nurse.name)] + ([(pair.social_id, pair.social.name)] if pair.social_id else [])
    for day in days:
        for half in Half.values:
            cell = Cell(half, day, placed.get((pair.pk, day, half), []), outside=day not in month)
            cell.closed = closed.get((day, half), "")
            for user, name in people:
                if why := away.get(user, {}).get((day, half)):
                    cell.closed = f"{why} {name}"
            cell.choice = offered.get((pair.name, day, half))
            cell.is_selected = selected is not None and any(p.visit_id == selected.pk for p in cell.placements)
            cells.append(cell)
    return cells


def day_lists(placements: list[Placement]) -> list[dict]:
    """For reading and printing: days, in them outings of pairs in order, with their visits in walking order."""
    days: dict[dt.date, dict] = {}
    for row in sorted(placements, key=lambda p: (p.on, p.half, p.pair.name, p.order)):
        day = days.setdefault(row.on, {"on": row.on, "outings": {}, "visits": 0})
        outing = day["outings"].setdefault((row.half, row.pair_id), {"half": row.half, "pair": row.pair, "stops": []})
        outing["stops"].append(row)
        day["visits"] += 1
    return [{**day, "outings": list(day["outings"].values())} for day in days.values()]


def by_message(left_out: list) -> list[dict]:
    """Visits without a place, those with the same sentence together; single ones first."""
    groups: dict[str, dict] = {}
    for row in left_out:
        group = groups.setdefault(row.message, {"message": row.message, "remedy": row.remedy, "rows": [], "visits": []})
        group["rows"].append(row)
        group["visits"].append(row.visit)
    for group in groups.values():
        if len({row.remedy for row in group["rows"]}) > 1:
            group["remedy"] = "이름을 누르면 한 분씩 어떻게 하면 들어가는지 보입니다."
    return sorted(groups.values(), key=lambda g: len(g["rows"]))
