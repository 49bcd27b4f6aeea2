"""`generate_schedule`: make the month's drafts for one dong, one zone or the whole district."""

from __future__ import annotations

from centers import jobs
from centers.commands import JsonCommand, NotAllowed
from centers.models import Dong, Job, Zone
from common.months import Month
from common.refusals import Refusal
from planners import scheduling
from planners.models import Pair, Schedule
from planners.month_problem import Unit
from planners.tasks_schedule import GENERATE, title_of


class UnknownUnit(Refusal):
    code = "UNKNOWN_UNIT"


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
        return {"schedules": [self._one(unit, month, options) for unit in self._units(options)]}

    def _units(self, options: dict) -> list[Unit]:
        if options["dong"]:
            dong = (
                Dong.objects.filter(name=options["dong"]).first() or Dong.objects.filter(slug=options["dong"]).first()
            )
            if dong is None:
                raise UnknownUnit(f"‘{options['dong']}’ 동이 없습니다. 공식 이름으로 적어 주세요. 예: 장위1동")
            units = [Unit(dong=dong)]
        elif options["zone"]:
            zone = Zone.objects.filter(scheme__key="nurse", name=options["zone"]).first()
            if zone is None:
                raise UnknownUnit(f"‘{options['zone']}’ 권역이 없습니다.")
            units = [Unit(zone=zone)]
        else:
            units = [Unit(dong=d) for d in Dong.objects.filter(pk__in=Pair.objects.values("dong"))]
            units += [Unit(zone=z) for z in Zone.objects.filter(pk__in=Pair.objects.values("zone"))]
        if self.scope:
            held = set(self.scope.dongs("schedule_plan", "W"))
            if any(unit.dong not in held for unit in units):
                raise NotAllowed("맡은 동의 일정만 만들 수 있습니다.")
        return units

    def _one(self, unit: Unit, month: Month, options: dict) -> dict:
        arguments = {
            "dong": unit.dong.pk if unit.dong else None,
            "zone": unit.zone.pk if unit.zone else None,
            "month": str(month),
            "seed": options["seed"],
        }
        opened = jobs.open_job(
            GENERATE,
            title=title_of(unit, month),
            arguments=arguments,
            by=self.user,
            at=self.now,
            key=f"{unit.key}:{month}",
            queue="plan",
            dong=unit.dong,
        )
        job = jobs.run(opened.pk, at=self.now)
        if job is None or job.state != Job.State.DONE:
            return {
                "unit": unit.name,
                "refused": _code(job),
                "message": job.failure if job else "이미 만들고 있습니다.",
            }
        schedule = Schedule.objects.get(uid=job.result["schedule"])
        if options["publish"]:
            if self.user is None or not self.scope.allows("schedule_plan", "P"):
                raise NotAllowed("공개는 팀장 계정으로 합니다. --as 로 팀장 계정을 적어 주세요.")
            scheduling.publish(schedule, by=self.user, at=self.now)
        self.subjects |= set(schedule.placements.values_list("visit__person_id", flat=True))
        return answer(schedule)


def _code(job: Job | None) -> str:
    return job.result.get("refused", "FAILED") if job else "JOB_RUNNING"


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
