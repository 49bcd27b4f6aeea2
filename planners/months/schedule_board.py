"""What the month board shows: weeks of days, pairs in rows, half-days in cells, visits as chips with their state.

The published month is shown as it really stands, with what was booked, done or missed since. A draft
shows what it proposes, beside what is over or promised already. Older versions show what they held.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from centers.models import Dong
from common.months import Month
from planners.models import Pair, Placement, Schedule, Visit
from planners.months.schedule_moves import Choice
from staffing.calendars import SATURDAY, absences, closed_halves
from staffing.models.calendars import Half

#: kinds of chips: symbol and word, in the order of the legend
MARKS = {
    "dn": ("●", "다녀옴"),
    "bk": ("✓", "예약됨"),
    "an": ("▷", "안내함"),
    "nw": ("+", "이번에 새로"),
    "mv": ("⇄", "이번에 옮김"),
    "no": ("✕", "못 만남"),
}
BEHIND = (Visit.State.STARTED, Visit.State.DONE, Visit.State.CLOSED, Visit.State.FAILED)


@dataclass
class Entry:
    """One visit at its place on the board."""

    visit: Visit
    pair: Pair
    on: dt.date
    half: str
    starts_at: dt.datetime
    order: int
    kind: str
    travel_minutes: int = 0
    is_locked: bool = False
    placement: Placement | None = None

    @property
    def symbol(self) -> str:
        return MARKS[self.kind][0]

    @property
    def word(self) -> str:
        return MARKS[self.kind][1]


@dataclass
class Cell:
    half: str
    on: dt.date
    entries: list[Entry] = field(default_factory=list)
    closed: str = ""
    outside: bool = False
    dong: str = ""
    choice: Choice | None = None
    is_selected: bool = False
    columns: int = 1
    rows: int = 1
    is_last: bool = False


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
    weekend: list[Entry] = field(default_factory=list)


def entries(schedule: Schedule, pairs: list[Pair], placements: list[Placement]) -> list[Entry]:
    """Everything the board of a version shows, in order of the calendar."""
    if schedule.state in (Schedule.State.SUPERSEDED, Schedule.State.DISCARDED):
        return _ordered([_proposed(row, is_draft=False) for row in placements])
    real = _real_visits(pairs, schedule.month_value)
    places = {row.visit_id: row for row in placements}
    if schedule.state == Schedule.State.PUBLISHED:
        return _ordered([_real(visit, places.get(visit.pk)) for visit in real.values()])
    stays = {v.pk for v in real.values() if _stays(schedule, v, places.get(v.pk))}
    shown = [_real(real[visit], places.get(visit)) for visit in stays]
    shown += [_proposed(row, is_draft=True) for row in placements if row.visit_id not in stays]
    return _ordered(shown)


def _stays(schedule: Schedule, visit: Visit, place: Placement | None) -> bool:
    """Whether a draft leaves the visit as it really stands: over, under way, or promised.

    Only the draft of a re-plan proposes a new time for a promise that can no longer be kept.
    """
    if visit.on < schedule.horizon or visit.state in BEHIND:
        return True
    return visit.state == Visit.State.BOOKED and not (place and "replan" in schedule.settings)


def _real_visits(pairs: list[Pair], month: Month) -> dict[int, Visit]:
    rows = (
        Visit.objects.filter(pair__in=pairs, on__range=(month.first, month.last), starts_at__isnull=False)
        .filter(state__in=[Visit.State.ANNOUNCED, Visit.State.BOOKED, *BEHIND])
        .select_related("target", "person__household", "programme", "dong", "pair__nurse", "pair__social")
        .order_by("on", "starts_at", "pk")
    )
    return {visit.pk: visit for visit in rows}


def _real(visit: Visit, placement: Placement | None) -> Entry:
    if visit.state == Visit.State.FAILED:
        kind = "no"
    elif visit.state in BEHIND:
        kind = "dn"
    else:
        kind = "bk" if visit.state == Visit.State.BOOKED else "an"
    return Entry(
        visit, visit.pair, visit.on, visit.half, visit.starts_at, visit.order, kind,
        visit.travel_minutes or 0, visit.is_locked, placement,
    )  # fmt: skip


def _proposed(row: Placement, *, is_draft: bool) -> Entry:
    if row.visit.state == Visit.State.BOOKED and row.visit.starts_at == row.starts_at:
        kind = "bk"
    else:
        kind = {"new": "nw", "moved": "mv"}.get(row.change, "an") if is_draft else "an"
    return Entry(
        row.visit, row.pair, row.on, row.half, row.starts_at, row.order, kind, row.travel_minutes, row.is_locked, row
    )


def _ordered(rows: list[Entry]) -> list[Entry]:
    return sorted(rows, key=lambda e: (e.on, e.half, e.pair.name, e.pair.pk, e.starts_at, e.visit.pk))


def counts(shown: list[Entry]) -> list[dict]:
    """The legend: kinds that occur, with their symbol, word and number."""
    found = Counter(entry.kind for entry in shown)
    return [
        {"kind": kind, "symbol": symbol, "word": word, "count": found[kind]}
        for kind, (symbol, word) in MARKS.items()
        if found[kind] or kind in ("bk", "an")
    ]


def weeks(
    month: Month,
    pairs: list[Pair],
    shown: list[Entry],
    *,
    choices: list[Choice],
    selected: Visit | None,
    dong: Dong | None,
) -> list[Week]:
    """The board, Monday to Friday; visits of a Saturday or Sunday follow their week by themselves.

    Without `dong` each half-day names its own: pairs of a zone serve several.
    """
    closed = closed_halves(month.first, month.last, dong)
    away = absences({u for p in pairs for u in (p.nurse_id, p.social_id) if u}, month.first, month.last)
    placed = defaultdict(list)
    for entry in shown:
        placed[entry.pair.pk, entry.on, entry.half].append(entry)
    offered = {(c.pair_id, c.on, c.half): c for c in choices}
    monday = month.first - dt.timedelta(days=month.first.weekday())
    found, number = [], 1
    while monday <= month.last:
        days = [monday + dt.timedelta(days=n) for n in range(SATURDAY)]
        weekend = [entry for entry in shown if 0 < (entry.on - days[-1]).days < 3]
        if weekend or any(day in month for day in days):
            rows = [Row(pair, _cells(pair, days, month, placed, closed, away, offered, selected)) for pair in pairs]
            holidays = {d: closed[d, "AM"] for d in days if d in month and _is_holiday(d, closed)}
            if dong is None:
                _name_dongs(rows)
            _join(rows, holidays)
            found.append(Week(number, days, rows, holidays, weekend))
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
            cell.choice = offered.get((pair.pk, day, half))
            cell.is_selected = selected is not None and any(e.visit.pk == selected.pk for e in cell.entries)
            cells.append(cell)
    cells[-1].is_last = True
    return cells


def _name_dongs(rows: list[Row]) -> None:
    for row in rows:
        for cell in row.cells:
            cell.dong = "·".join(dict.fromkeys(entry.visit.dong.name for entry in cell.entries))


def _join(rows: list[Row], holidays: dict[dt.date, str]) -> None:
    """Holidays and days of other months become one cell for all pairs; the cells below them fall away."""
    if not rows:
        return
    if not any(cell.entries for row in rows for cell in row.cells if cell.on in holidays):
        for day in holidays:
            _one_cell(rows, lambda cell, day=day: cell.on == day)
    _one_cell(rows, lambda cell: cell.outside)


def _one_cell(rows: list[Row], belongs) -> None:
    block = [cell for cell in rows[0].cells if belongs(cell)]
    if not block:
        return
    block[0].columns, block[0].rows, block[0].is_last = len(block), len(rows), block[-1].is_last
    for row in rows:
        row.cells = [cell for cell in row.cells if not belongs(cell) or cell is block[0]]


def day_lists(shown: list[Entry]) -> list[dict]:
    """For reading and printing: days, in them outings of pairs in order, with their visits in walking order."""
    days: dict[dt.date, dict] = {}
    for entry in shown:
        day = days.setdefault(entry.on, {"on": entry.on, "outings": {}, "visits": 0})
        outing = day["outings"].setdefault(
            (entry.half, entry.pair.pk), {"half": entry.half, "pair": entry.pair, "stops": []}
        )
        outing["stops"].append(entry)
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


@dataclass
class Load:
    """What one pair carries in a version, against the mean of the unit."""

    pair: str
    visits: int
    used: int
    halves: int
    visit_minutes: int
    travel_minutes: int
    share: float  # of the mean load; 1.0 is exactly fair

    @property
    def minutes(self) -> int:
        return self.visit_minutes + self.travel_minutes

    @property
    def free(self) -> int:
        return max(0, self.halves - self.used)


def loads(schedule: Schedule) -> list[Load]:
    """Capacity and fairness per pair, as kept with the version."""
    rows = schedule.capacity
    mean = sum(r["visit_minutes"] + r["travel_minutes"] for r in rows) / len(rows) if rows else 0
    return [
        Load(
            r["pair"], r["visits"], r["used"], r["halves"], r["visit_minutes"], r["travel_minutes"],
            (r["visit_minutes"] + r["travel_minutes"]) / mean if mean else 0.0,
        )
        for r in rows
    ]  # fmt: skip


def fairness(rows: list[Load]) -> str:
    """One sentence about how evenly the pairs are loaded; empty for a single pair."""
    busy = [row for row in rows if row.halves]
    if len(busy) < 2 or not any(row.minutes for row in busy):
        return ""
    most, least = max(busy, key=lambda r: r.minutes), min(busy, key=lambda r: r.minutes)
    if most.minutes <= least.minutes * 1.05:
        return "조마다 일이 고르게 나뉘었습니다."
    return f"{most.pair}가 {least.pair}보다 {most.minutes - least.minutes}분 더 나갑니다."
