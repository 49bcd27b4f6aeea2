"""A month of the whole district in numbers: what every unit has, and what became of making all of them at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q

from centers.models import Job
from common.months import Month
from planners.models import Placement, Schedule, Unplanned
from planners.months import planning_units
from planners.months.planning_units import Unit


@dataclass(frozen=True)
class UnitMonth:
    """The newest standing version of one dong's or zone's month, with its counts; no person is named."""

    unit: Unit
    schedule: Schedule | None
    planned: int = 0
    unplanned: int = 0

    @property
    def is_published(self) -> bool:
        return self.schedule is not None and self.schedule.state == Schedule.State.PUBLISHED


def rows(month: Month) -> list[UnitMonth]:
    """Every unit of the district with its newest draft or live month, dongs in official order, then zones."""
    units = [part for unit in planning_units.district_units(month) for part in unit.parts(month)]
    units.sort(key=lambda unit: (unit.dong is None, unit.dong.order if unit.dong else unit.zone.order))
    standing = Schedule.objects.for_month(month).filter(state__in=[Schedule.State.DRAFT, Schedule.State.PUBLISHED])
    newest = {(row.dong_id, row.zone_id): row for row in standing.order_by("number", "pk")}
    planned, left = _counts(newest.values())
    found = []
    for unit in units:
        row = newest.get((unit.dong and unit.dong.pk, unit.zone and unit.zone.pk))
        if row is None and unit.dong and not unit.pairs(month):
            continue
        found.append(
            UnitMonth(unit, row, planned.get(row.pk, 0), left.get(row.pk, 0)) if row else UnitMonth(unit, None)
        )
    return found


def _counts(schedules: Iterable[Schedule]) -> tuple[dict[int, int], dict[int, int]]:
    """Visits placed and left out, by schedule."""
    held = Q(schedule__in=[row.pk for row in schedules])
    return tuple(
        dict(model.objects.filter(held).order_by().values_list("schedule").annotate(n=Count("pk")))
        for model in (Placement, Unplanned)
    )


def summary(generations: Iterable[Job]) -> dict:
    """What became of each unit's search, and the district's sums over the drafts that were made."""
    jobs = list(generations)
    made = list(Schedule.objects.filter(job__in=jobs).select_related("dong", "zone").order_by("pk"))
    planned, left = _counts(made)
    return {
        "schedules": [str(row.uid) for row in made],
        "refused": [
            {"unit": Unit.of(job.arguments).name, "code": job.result.get("refused", "FAILED"), "message": job.failure}
            for job in jobs
            if job.state == Job.State.FAILED
        ],
        "planned": sum(planned.values()),
        "unplanned": sum(left.values()),
        "outings": sum(row.outings for row in made),
        "travel_minutes": sum(row.travel_minutes for row in made),
        "proved": sum(row.is_proved for row in made),
        "seconds": round(sum(row.seconds or 0 for row in made), 1),
    }
