"""What is planned at once: a dong's elder pairs, a zone's child nurses, or a whole zone that shares people.

Nurses of a zone choose the dong of each half-day. Where somebody goes out with an elder pair and with a
child nurse, both programmes compete for that person's half-days: then the zone is solved as a whole, and
each dong and the zone's nurses get their part as a draft of their own, for their own lead.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q

from centers.models import Dong, Zone
from common.months import Month
from planners.models import Pair, Visit

CHILD = "child"
PAIR_KIND_OF = {CHILD: Pair.Kind.CHILD}  # every other programme is visited by elder pairs
SCHEME = "nurse"


@dataclass(frozen=True)
class Unit:
    """A dong, a zone of child nurses, or with `is_whole` both programmes of a zone."""

    dong: Dong | None = None
    zone: Zone | None = None
    is_whole: bool = False

    @property
    def name(self) -> str:
        if self.dong:
            return self.dong.name
        return f"{self.zone.name} 전체" if self.is_whole else self.zone.name

    @property
    def key(self) -> str:
        if self.dong:
            return f"dong:{self.dong.pk}"
        return f"whole:{self.zone.pk}" if self.is_whole else f"zone:{self.zone.pk}"

    @property
    def arguments(self) -> dict:
        """The unit as arguments of a job."""
        return {"dong": self.dong and self.dong.pk, "zone": self.zone and self.zone.pk, "whole": self.is_whole}

    @classmethod
    def of(cls, arguments: dict) -> Unit:
        """The unit named by a job's arguments."""
        if arguments.get("dong"):
            return cls(dong=Dong.objects.get(pk=arguments["dong"]))
        return cls(zone=Zone.objects.get(pk=arguments["zone"]), is_whole=bool(arguments.get("whole")))

    def dongs(self, on: dt.date) -> list[Dong]:
        if self.dong:
            return [self.dong]
        return list(Dong.objects.filter(zones__in=self.zone.dongs.on(on)).order_by("order"))

    def parts(self, month: Month) -> list[Unit]:
        """The units that get a draft each: the unit itself, or the nurses and the dongs of a whole zone."""
        if not self.is_whole:
            return [self]
        return [Unit(zone=self.zone), *(Unit(dong=dong) for dong in self.dongs(month.first))]

    def pairs(self, month: Month) -> list[Pair]:
        rows = Pair.objects.filter(self._whose(month), valid_from__lte=month.last)
        rows = rows.exclude(valid_to__lte=month.first)
        return list(rows.select_related("nurse", "social", "dong").order_by("name", "pk"))

    def _whose(self, month: Month) -> Q:
        children = Q(zone=self.zone, kind=Pair.Kind.CHILD)
        if self.dong:
            return Q(dong=self.dong, kind=Pair.Kind.ELDER)
        if self.is_whole:
            return children | Q(dong__in=self.dongs(month.first), kind=Pair.Kind.ELDER)
        return children

    def visits(self, month: Month):
        """Visits of the unit's dongs and programmes, whatever their state."""
        rows = Visit.objects.filter(dong__in=self.dongs(month.first))
        if self.is_whole:
            return rows
        return rows.exclude(programme__key=CHILD) if self.dong else rows.filter(programme__key=CHILD)


def goes(visit: Visit, pair: Pair) -> bool:
    """Whether the pair is of the kind that makes visits of this programme."""
    return PAIR_KIND_OF.get(visit.programme.key, Pair.Kind.ELDER) == pair.kind


def shares_people(zone: Zone, month: Month) -> bool:
    """Whether somebody goes out with a child nurse and with an elder pair of the zone this month."""
    people: dict[str, set[int]] = {Pair.Kind.ELDER: set(), Pair.Kind.CHILD: set()}
    for pair in Unit(zone=zone, is_whole=True).pairs(month):
        people[pair.kind] |= {user for user in (pair.nurse_id, pair.social_id) if user}
    return bool(people[Pair.Kind.ELDER] & people[Pair.Kind.CHILD])


def zone_unit(zone: Zone, month: Month) -> Unit:
    """How a zone is planned this month: its child nurses, or the whole when people are shared."""
    return Unit(zone=zone, is_whole=shares_people(zone, month))


def district_units(month: Month) -> list[Unit]:
    """Every unit with pairs this month, dongs in official order, then zones; a whole zone takes its dongs in."""
    zones = Zone.objects.filter(scheme__key=SCHEME, pk__in=_at_work(month).values("zone")).order_by("order", "pk")
    zones = [zone_unit(zone, month) for zone in zones]
    taken = {dong.pk for unit in zones if unit.is_whole for dong in unit.dongs(month.first)}
    dongs = Dong.objects.filter(pk__in=_at_work(month).filter(kind=Pair.Kind.ELDER).values("dong"))
    return [*(Unit(dong=dong) for dong in dongs.exclude(pk__in=taken).order_by("order")), *zones]


def _at_work(month: Month):
    return Pair.objects.filter(valid_from__lte=month.last).exclude(valid_to__lte=month.first)
