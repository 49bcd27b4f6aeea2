"""What a rule would do before it is saved: people per dong and tong, and what that is for each pair.

For a rhythm of promised visits it is visits, not people: those of everybody who runs in it, by the new figures.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Q

from centers.models import ZoneDong
from common.months import Month
from planners import programmes, target_rules
from planners.models import FollowUp, Pair, Person, TargetRule
from planners.months.month_problem import PAIR_KIND_OF


@dataclass
class DongCount:
    """People of a dong, of which tongs (None: unknown), and its pairs' share each."""

    name: str
    tongs: list[tuple[int | None, int]] = field(default_factory=list)
    pairs: int = 0

    @property
    def people(self) -> int:
        return sum(count for _, count in self.tongs)

    @property
    def each(self) -> float | None:
        """People per pair of the dong; nothing where no pair goes."""
        return self.people / self.pairs if self.pairs else None


@dataclass(frozen=True)
class PairCount:
    """What falls to one pair, all its dongs together, when those who serve a dong share it evenly."""

    name: str
    place: str
    people: float


@dataclass
class Preview:
    month: Month
    dongs: list[DongCount]
    pairs: list[PairCount]
    running: int | None = None  # of a rhythm: how many people are visited in it
    as_is: int = 0  # of a rhythm: visits of the month by the figures they began with

    @property
    def total(self) -> int:
        return sum(dong.people for dong in self.dongs)

    @property
    def without_pair(self) -> list[str]:
        """Dongs with people and nobody to go there."""
        return [dong.name for dong in self.dongs if not dong.pairs]


def preview(rule: TargetRule, month: Month) -> Preview:
    """Counts for a month by a rule that need not be saved."""
    dongs: dict[str, DongCount] = {}
    for row in programmes.preview(rule, month):
        dongs.setdefault(row["dong"], DongCount(row["dong"])).tongs.append((row["tong"], row["count"]))
    served = _served(rule, month)
    shares: dict[Pair, float] = defaultdict(float)
    for name, dong in dongs.items():
        going = served.get(name, [])
        dong.pairs = len(going)
        for pair in going:
            shares[pair] += dong.people / len(going)
    pairs = [PairCount(pair.name, (pair.dong or pair.zone).name, people) for pair, people in shares.items()]
    found = Preview(month, list(dongs.values()), sorted(pairs, key=lambda pair: (pair.place, pair.name)))
    if rule.kind == TargetRule.Kind.FOLLOW_UP:
        rows = FollowUp.objects.filter(rule__key=rule.key, starts_on__lte=month.last).exclude(ends_on__lte=month.first)
        found.running = rows.filter(person__status=Person.Status.RESIDENT).count()
        found.as_is = sum(row.rule.key == rule.key for row in target_rules.follow_up_candidates(month))
    return found


def _served(rule: TargetRule, month: Month) -> dict[str, list[Pair]]:
    """Dong name -> pairs that go there in the month."""
    kind = PAIR_KIND_OF.get(rule.programme.key, Pair.Kind.ELDER)
    rows = Pair.objects.filter(kind=kind).lasting(month.first, month.last).select_related("dong", "zone")
    pairs = list(rows.order_by("name", "pk"))
    found: dict[str, list[Pair]] = defaultdict(list)
    if kind == Pair.Kind.ELDER:
        for pair in pairs:
            found[pair.dong.name].append(pair)
        return found
    holds = Q(valid_to=None) | Q(valid_to__gt=month.first)
    places = ZoneDong.objects.filter(holds, zone__in={p.zone_id for p in pairs}, valid_from__lte=month.last)
    dongs: dict[int, list[str]] = defaultdict(list)
    for zone, name in places.values_list("zone", "dong__name"):
        dongs[zone].append(name)
    for pair in pairs:
        for name in dongs[pair.zone_id]:
            found[name].append(pair)
    return found
