"""`generate_schedule`: make the month's drafts for one dong, one zone or the whole district."""

from __future__ import annotations

import time

from django.db.models import Q
from django.utils import timezone

from centers import jobs
from centers.commands import JsonCommand, NotAllowed
from centers.models import Dong, Job, Zone
from common.months import Month, seoul_date
from common.refusals import Refusal
from planners import tasks_schedule
from planners.models import Schedule
from planners.months import planning_units, scheduling
from planners.months.planning_units import Unit

PATIENCE_SECONDS = 900


class UnknownUnit(Refusal):
    code = "UNKNOWN_UNIT"


class MonthIsOver(Refusal):
    code = "MONTH_IS_OVER"


class Command(JsonCommand):
    help = "Generate month schedules as drafts; --publish makes them live."
    permission = ("schedule_plan", "W")
    log = "schedule.generate"
    own_transactions = True

    def add_options(self, parser):
        parser.add_argument("--month", required=True, metavar="YYYY-MM")
        parser.add_argument("--dong", help="name or slug of one dong")
        parser.add_argument("--zone", help="name of one nurse zone")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--publish", action="store_true", help="publish each draft (needs --as with the right)")

    def act(self, options: dict) -> dict:
        month = Month.parse(options["month"])
        if month.last <= seoul_date(self.now):
            raise MonthIsOver(f"{month.korean}은 이미 지나 일정을 만들 수 없습니다. 다음 달을 골라 주세요.")
        unit = self._unit(options, month)
        self._check_rights(unit, options)
        if unit is None:
            return self._district(month, options)
        job = tasks_schedule.open_generation(unit, month, by=self.user, at=self.now, seed=options["seed"])
        job = _ended(job)
        if job.state != Job.State.DONE:
            raise Refusal(job.failure or "다른 작업이 이 일정을 만들고 있습니다.", code=_code(job))
        return {"schedules": self._schedules(job, options)}

    def _unit(self, options: dict, month: Month) -> Unit | None:
        """The dong or zone asked for; None for the whole district."""
        if name := options["dong"]:
            dong = Dong.objects.filter(Q(name=name) | Q(slug=name)).first()
            if dong is None:
                raise UnknownUnit(f"‘{name}’ 동이 없습니다. 공식 이름으로 적어 주세요. 예: 장위1동")
            return Unit(dong=dong)
        if name := options["zone"]:
            zone = Zone.objects.filter(scheme__key=planning_units.SCHEME, name=name).first()
            if zone is None:
                known = Zone.objects.filter(scheme__key=planning_units.SCHEME).values_list("name", flat=True)
                raise UnknownUnit(f"‘{name}’ 권역이 없습니다. 있는 권역: {', '.join(known)}")
            return planning_units.zone_unit(zone, month)
        return None

    def _check_rights(self, unit: Unit | None, options: dict) -> None:
        if options["publish"] and (self.user is None or not self.scope.allows("schedule_plan", "P")):
            raise NotAllowed("공개는 팀장 계정으로 합니다. --as 로 팀장 계정을 적어 주세요.")
        if self.scope is None or self.scope.reach("schedule_plan", "W")[:1] in ("A", "g"):
            return
        mine = [Unit(dong=dong) for dong in self.scope.dongs("schedule_plan", "W")]
        if self.scope.owns("schedule_plan", "W"):
            mine += [Unit(zone=zone) for zone in Zone.objects.filter(pk__in=Schedule.zones_of(self.scope))]
        if unit not in mine:
            raise NotAllowed("맡은 동이나 권역의 일정만 만들 수 있습니다.")

    def _district(self, month: Month, options: dict) -> dict:
        """All units; jobs that a worker has taken meanwhile are waited for."""
        job = tasks_schedule.open_district(month, by=self.user, at=self.now, seed=options["seed"])
        jobs.run(job.pk, at=timezone.now())
        job.refresh_from_db()
        schedules = []
        for row in Job.objects.filter(pk__in=job.arguments.get("jobs", [])).order_by("pk"):
            schedules += self._schedules(_ended(row), options)
        return {"schedules": schedules, "district": _ended(job).result}

    def _schedules(self, job: Job, options: dict) -> list[dict]:
        if job.state != Job.State.DONE:
            return [{"unit": Unit.of(job.arguments).name, "refused": _code(job), "message": job.failure}]
        made = Schedule.objects.filter(job=job).select_related("dong", "zone").order_by("pk")
        for schedule in made if options["publish"] else ():
            scheduling.publish(schedule, by=self.user, at=self.now)
        for schedule in made:
            self.subjects |= set(schedule.placements.values_list("visit__person_id", flat=True))
        return [answer(Schedule.objects.get(pk=schedule.pk)) for schedule in made]


def _ended(job: Job) -> Job:
    """Do the job here, or wait for the worker that does it."""
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE_SECONDS:
        jobs.run(job.pk, at=timezone.now())
        job.refresh_from_db()
        if not job.is_open:
            return job
        time.sleep(0.5)
    return job


def _code(job: Job) -> str:
    return "JOB_RUNNING" if job.is_open else job.result.get("refused", "FAILED")


def answer(schedule: Schedule) -> dict:
    """One schedule as the command prints it."""
    left_out = list(schedule.unplanned.select_related("visit"))
    planned = schedule.placements.count()
    return {
        "unit": schedule.unit_name,
        "schedule": str(schedule.uid),
        "state": schedule.state,
        "visits": planned + len(left_out),
        "planned": planned,
        "unplanned": [{"visit": str(u.visit.uid), "code": u.code, "message": u.message} for u in left_out],
        "outings": schedule.outings,
        "travel_minutes": schedule.travel_minutes,
        "objective": schedule.objective,
        "lower_bound": schedule.lower_bound,
        "gap": schedule.gap,
        "proved": schedule.is_proved,
        "seconds": schedule.seconds,
        "reproducible": schedule.is_reproducible,
    }
