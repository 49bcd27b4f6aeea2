"""The hiring plan: whom each dong gets, in which years, and what it costs (plan IV.3, IV.5-4 ②).

Every total is counted and every budget is heads times unit cost. A scenario changes cells of the grid
without storing anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from centers import figures
from centers.models import Dong

#: types of social workers, in the order of the plan
SOCIAL = {
    "grade9_open": "9급 공채",
    "part_time_ga": "시간선택제 가급",
    "part_time_na": "시간선택제 나급",
    "part_time_ma": "시간선택제 마급",
}
#: types of nurses and who pays them
NURSES = {"public_service_permanent": "공무직", "integrated_visiting_nurse": "통합방문간호사"}
PAID_BY = {"public_service_permanent": "시비 100%", "integrated_visiting_nurse": "국비"}
NURSE_COST, CEILING = "방문간호사", "기준인건비"
Changes = Mapping[tuple[str, str], int]  # (dong slug, type) -> heads


@dataclass(frozen=True)
class PlanLine:
    """A dong, or the health center: heads by type. `changed` are the types a scenario set."""

    name: str
    dong: Dong | None
    social: dict[str, int]
    nurses: dict[str, int]
    changed: frozenset[str] = frozenset()

    @property
    def total(self) -> int:
        return sum(self.social.values())

    @property
    def nurse_total(self) -> int:
        return sum(self.nurses.values())


@dataclass(frozen=True)
class Cost:
    """One line of the budget: heads x unit cost, a year, in thousand KRW."""

    name: str
    heads: int
    unit_kkrw: int

    @property
    def budget_kkrw(self) -> int:
        return self.heads * self.unit_kkrw


@dataclass(frozen=True)
class Year:
    """Grade-9 recruitment of a year and all until then."""

    name: str
    hired: int
    so_far: int
    net: int


@dataclass(frozen=True)
class Need:
    """Social workers the district needs beyond those in post."""

    households: int
    needed: int
    actual: int

    @property
    def additional(self) -> int:
        return self.needed - self.actual


@dataclass(frozen=True)
class Plan:
    lines: tuple[PlanLine, ...]
    years: tuple[Year, ...]
    need: Need
    unit_kkrw: dict[str, int]
    ceiling_kkrw: int
    changes: dict[tuple[str, str], int] = field(default_factory=dict)

    def heads(self, kind: str) -> int:
        return sum(line.social.get(kind, 0) + line.nurses.get(kind, 0) for line in self.lines)

    @property
    def social_total(self) -> int:
        return sum(line.total for line in self.lines)

    @property
    def nurse_total(self) -> int:
        return sum(line.nurse_total for line in self.lines)

    @property
    def social_costs(self) -> list[Cost]:
        return [Cost(name, self.heads(key), self.unit_kkrw.get(name, 0)) for key, name in SOCIAL.items()]

    @property
    def nurse_costs(self) -> list[Cost]:
        unit = self.unit_kkrw.get(NURSE_COST, 0)
        return [Cost(f"{name} ({PAID_BY[key]})", self.heads(key), unit) for key, name in NURSES.items()]

    @property
    def social_kkrw(self) -> int:
        return sum(cost.budget_kkrw for cost in self.social_costs)

    @property
    def nurse_kkrw(self) -> int:
        return sum(cost.budget_kkrw for cost in self.nurse_costs)

    @property
    def total_kkrw(self) -> int:
        return self.social_kkrw + self.nurse_kkrw

    @property
    def dated(self) -> int:
        """Grade-9 posts that have a year."""
        return self.years[-1].so_far if self.years else 0

    @property
    def undated(self) -> int:
        """Grade-9 posts of the plan without a year; negative when the years promise more than the plan."""
        return self.heads("grade9_open") - self.dated

    @property
    def net_increase(self) -> int:
        return sum(year.net for year in self.years)

    @property
    def offset(self) -> int:
        """Grade-9 posts made up for by cutting others."""
        return self.dated - self.net_increase


def plan(changes: Changes | None = None) -> Plan | None:
    """The hiring plan, with the cells of a scenario changed; None while the tables are not loaded."""
    social, nurses = figures.grid("hiring_social"), figures.grid("hiring_nurses")
    years, needs, costs = (figures.grid(key) for key in ("hiring_years", "staffing_need", "hiring_costs"))
    if not (social and nurses and years and needs and costs):
        return None
    dongs = {dong.pk: dong for dong in Dong.objects.all()}
    by_place = {row.key: row for row in nurses.counted}
    lines = [
        _line(row.key, dongs.get(row.dong_id), row.values, by_place.pop(row.key, None), changes or {})
        for row in social.counted
    ]
    lines += [PlanLine(row.key, None, {}, _heads(row.values, NURSES)) for row in by_place.values()]
    need = needs.rows[0].values
    units = {row.key: int(row.values["yearly_kkrw"] or 0) for row in costs.rows}
    return Plan(
        lines=tuple(lines),
        years=tuple(_years(years)),
        need=Need(*(int(need[key] or 0) for key in ("households", "needed", "actual"))),
        unit_kkrw=units,
        ceiling_kkrw=units.get(CEILING, 0),
        changes=dict(changes or {}),
    )


def _line(name: str, dong: Dong | None, values, nurses, changes: Changes) -> PlanLine:
    social = _heads(values, SOCIAL)
    changed = {kind for kind in SOCIAL if dong and (dong.slug, kind) in changes}
    social |= {kind: changes[dong.slug, kind] for kind in changed}
    return PlanLine(name, dong, social, _heads(nurses.values, NURSES) if nurses else {}, frozenset(changed))


def _heads(values, kinds) -> dict[str, int]:
    return {kind: int(values[kind] or 0) for kind in kinds}


def _years(grid: figures.Grid):
    so_far = 0
    for row in grid.counted:
        hired = int(row.values["grade9_open"] or 0)
        so_far += hired
        yield Year(row.key, hired, so_far, int(row.values["net_increase"] or 0))
