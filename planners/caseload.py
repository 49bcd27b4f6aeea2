"""Caseload of the child nurses by zone, and which dongs to move between zones for an even load (plan IV.5-1 ②).

Five nurses serve four zones of 20 dongs. What a zone must do in a month is weighed against the minutes
its nurses can be outside; a proposal moves whole dongs to a neighbouring zone, few of them, and never
tears a zone apart. Neighbours are those of the tile map.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count

from centers.models import Dong, Zone, ZoneDong
from common.months import Month
from planners import capacity
from planners.capacity import CenterMonth, PairMonth
from planners.models import Visit
from planners.months.planning_units import SCHEME

MOST_MOVES = 4
#: a further move must take away this share of the unevenness that is left
WORTH_IT = 0.1

Moves = dict[int, int]  # dong id -> zone id it goes to


class Weighed:
    """Minutes needed beside minutes there are, as the pages draw them."""

    minutes_needed: float
    minutes: int

    @property
    def is_short(self) -> bool:
        return self.minutes_needed > self.minutes

    @property
    def percent(self) -> int | None:
        """Minutes needed of a hundred there are; nothing without a nurse."""
        return round(100 * self.minutes_needed / self.minutes) if self.minutes else None

    @property
    def scale(self) -> float:
        """Minutes of the whole bar."""
        return max(self.minutes * 10 / 9, self.minutes_needed)

    @property
    def limit(self) -> float:
        return self.minutes * 100 / self.scale if self.scale else 0


@dataclass(frozen=True)
class NurseLoad(Weighed):
    """A nurse's month: the share of the zone's visits, what is promised and done, and how many fit."""

    row: PairMonth
    share: float
    done: int
    minutes_needed: float

    @property
    def minutes(self) -> int:
        return self.row.minutes


@dataclass(frozen=True)
class DongNeed:
    """What the families of a dong need in the month."""

    dong: Dong
    visits: int
    minutes: int
    is_new: bool = False  # comes from another zone


@dataclass
class ZoneLoad(Weighed):
    """A zone with its dongs and nurses; minutes with the way."""

    zone: Zone
    dongs: list[DongNeed]
    nurses: list[NurseLoad]
    gone: list[Dong]

    @property
    def visits(self) -> int:
        return sum(need.visits for need in self.dongs)

    @property
    def minutes_needed(self) -> int:
        return sum(need.minutes for need in self.dongs)

    @property
    def minutes(self) -> int:
        return sum(nurse.row.minutes for nurse in self.nurses)


@dataclass(frozen=True)
class District:
    """Everything the page and the proposal need, read once."""

    month: Month
    zones: list[Zone]
    dongs: list[Dong]
    zone_of: Moves
    needs: dict[int, CenterMonth]  # by dong
    centers: dict[int, CenterMonth]  # by zone, for its nurses
    done: dict[int, int]  # visits made this month, by pair

    def loads(self, moves: Moves | None = None) -> list[ZoneLoad]:
        """Each zone's load, with some dongs moved."""
        moves = moves or {}
        found = []
        for zone in self.zones:
            here = [dong for dong in self.dongs if moves.get(dong.pk, self.zone_of.get(dong.pk)) == zone.pk]
            rows = [self._need(dong, is_new=self.zone_of.get(dong.pk) != zone.pk) for dong in here]
            gone = [d for d in self.dongs if self.zone_of.get(d.pk) == zone.pk and d not in here]
            found.append(ZoneLoad(zone, rows, self._nurses(zone, rows), gone))
        return found

    def _need(self, dong: Dong, *, is_new: bool) -> DongNeed:
        need = self.needs[dong.pk]
        return DongNeed(dong, need.needed, need.minutes_needed, is_new)

    def _nurses(self, zone: Zone, needs: list[DongNeed]) -> list[NurseLoad]:
        rows = self.centers[zone.pk].pairs
        whole = sum(row.minutes for row in rows)
        visits, minutes = sum(n.visits for n in needs), sum(n.minutes for n in needs)
        shares = [row.minutes / whole if whole else 0.0 for row in rows]
        return [
            NurseLoad(row, visits * share, self.done.get(row.pair.pk, 0), minutes * share)
            for row, share in zip(rows, shares, strict=True)
        ]


def district(month: Month, *, today: dt.date) -> District:
    """Zones as they will be on the first day counted, needs and nurses of the month."""
    zones = list(Zone.objects.filter(scheme__key=SCHEME).order_by("order", "pk"))
    dongs = list(Dong.objects.order_by("order"))
    first = max(month.first, min(today, month.last))
    held = ZoneDong.objects.on(first).filter(zone__in=zones)
    centers = capacity.zone_months(zones, month, today=today)
    made = Visit.objects.filter(pair__zone__in=zones, on__range=(month.first, month.last), outcome=Visit.Outcome.DONE)
    return District(
        month,
        zones,
        dongs,
        dict(held.values_list("dong", "zone")),
        {need.place.pk: need for need in capacity.child_needs(dongs, month, today=today)},
        {center.place.pk: center for center in centers},
        dict(made.order_by().values_list("pair").annotate(n=Count("pk"))),
    )


# ------------------------------------------------------------------ proposing


def propose(found: District) -> Moves:
    """Few moves of dongs after which the zones' loads are as even as they get; empty when they are even.

    Deterministic: single moves and exchanges are tried in official order, the best is taken, again and again.
    """
    moves: Moves = {}
    weighed = [zone.pk for zone in found.zones if found.centers[zone.pk].minutes]
    left = _unevenness(found, moves, weighed)
    while len(moves) < MOST_MOVES and left:
        steps = [step for step in _steps(found, moves, weighed) if len(moves | step) <= MOST_MOVES]
        if not steps:
            break
        best = min(steps, key=lambda step: _unevenness(found, moves | step, weighed) * (1 + 0.02 * len(step)))
        now = _unevenness(found, moves | best, weighed)
        if now > left * (1 - WORTH_IT * len(best)):
            break
        moves, left = moves | best, now
    return moves


def _unevenness(found: District, moves: Moves, weighed: list[int]) -> float:
    """Squared distance of each zone's load from the district's, weighed by what its nurses can do."""
    need = dict.fromkeys(weighed, 0)
    for dong in found.dongs:
        zone = moves.get(dong.pk, found.zone_of.get(dong.pk))
        if zone in need:
            need[zone] += found.needs[dong.pk].minutes_needed
    has = {zone: found.centers[zone].minutes for zone in weighed}
    mean = sum(need.values()) / sum(has.values()) if has else 0.0
    return sum(has[zone] * (need[zone] / has[zone] - mean) ** 2 for zone in weighed)


def _steps(found: District, moves: Moves, weighed: list[int]) -> Iterable[Moves]:
    """Single moves that keep zones whole, then exchanges of two dongs between two zones."""
    now = found.zone_of | moves
    free = [dong.pk for dong in found.dongs if dong.pk not in moves and now.get(dong.pk) in weighed]
    singles = [(dong, zone) for dong in free for zone in weighed if zone != now[dong]]
    yield from ({dong: zone} for dong, zone in singles if _is_whole(found, now | {dong: zone}))
    for n, (dong, zone) in enumerate(singles):
        for other, back in singles[n + 1 :]:
            if now[other] == zone and back == now[dong] and _is_whole(found, now | {dong: zone, other: back}):
                yield {dong: zone, other: back}


def _is_whole(found: District, zone_of: Moves) -> bool:
    """Whether every zone still hangs together on the tile map and has a dong."""
    place = {dong.pk: (dong.tile_column, dong.tile_row) for dong in found.dongs}
    for zone in found.zones:
        members = {dong for dong, held in zone_of.items() if held == zone.pk}
        if not members:
            return False
        reached, edge = set(), [min(members)]
        while edge:
            at = edge.pop()
            reached.add(at)
            edge += [d for d in members - reached if _touch(place[at], place[d]) and d not in edge]
        if reached != members and not _was_torn(found, zone, place):
            return False
    return True


def _was_torn(found: District, zone: Zone, place: dict[int, tuple[int, int]]) -> bool:
    """A zone that does not hang together today cannot be held to it."""
    members = {dong for dong, held in found.zone_of.items() if held == zone.pk}
    return (
        any(not any(_touch(place[a], place[b]) for b in members - {a}) for a in members) if len(members) > 1 else True
    )


def _touch(a: tuple[int, int], b: tuple[int, int]) -> bool:
    return max(abs(a[0] - b[0]), abs(a[1] - b[1])) == 1


def spread(loads: Iterable[ZoneLoad]) -> int:
    """Percentage points between the busiest and the idlest zone with a nurse."""
    shares = [load.percent for load in loads if load.percent is not None]
    return max(shares) - min(shares) if shares else 0
