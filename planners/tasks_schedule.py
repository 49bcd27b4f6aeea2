"""Background work of month schedules: one job per unit and month, and one for the whole district."""

from __future__ import annotations

from django.db import connection, transaction
from django.utils import timezone

from centers import jobs, tasks
from centers.models import Job, User
from common.months import Month, seoul_date
from planners.models import Replan
from planners.months import district_months, month_problem, planning_units, replanning, scheduling, trials
from planners.months.planning_units import Unit

GENERATE, DISTRICT = "generate_schedule", "generate_district"
REPLAN, TRIAL = "replan", "try_settings"
STEPS = 4
QUEUE = "plan"
#: a lead stands at the phone at 08:30: a good answer now is worth more than a proved one later
REPLAN_GAP, REPLAN_SECONDS = 0.001, 4
#: a dong's search may take twenty seconds and its explanations about as long; what takes far more hangs, and
#: must not keep the queue from others
LIMITS = jobs.Limits(soft=90, hard=150)
#: a whole zone has five times the visits and a search of a minute
WHOLE_ZONE_LIMITS = jobs.Limits(soft=240, hard=300)


def limits(arguments: dict) -> jobs.Limits:
    """How long the search for a unit's month may take."""
    return WHOLE_ZONE_LIMITS if arguments.get("whole") else LIMITS


def title_of(unit: Unit, month: Month) -> str:
    return f"{unit.name} {month.korean} 일정 만들기"


def open_generation(unit: Unit, month: Month, *, by: User | None, at, seed: int = 0) -> Job:
    """Write down the search for a unit's month; one that is open already is returned. The caller sends it."""
    return jobs.open_job(
        GENERATE,
        title=title_of(unit, month),
        arguments=unit.arguments | {"month": str(month), "seed": seed},
        by=by,
        at=at,
        key=f"{unit.key}:{month}",
        queue=QUEUE,
        dong=unit.dong,
    )


def open_district(month: Month, *, by: User | None, at, seed: int = 0) -> Job:
    """Write down the month of all units; the job opens one job for each of them when it runs."""
    return jobs.open_job(
        DISTRICT,
        title=f"성북구 {month.korean} 일정 만들기",
        arguments={"month": str(month), "seed": seed},
        by=by,
        at=at,
        key=str(month),
    )


@jobs.handles(GENERATE, limits=limits)
def generate_schedule(run: jobs.Run) -> None:
    """Build the month, solve it, explain it, keep it as the next draft of the unit or of its parts."""
    # the web process only opens jobs: it must not carry the solver in memory
    from planners.months import month_search

    unit = Unit.of(run.arguments)
    month = Month.parse(run.arguments["month"])
    found = month_search.search(
        unit,
        month,
        today=seoul_date(run.job.created_at),
        seed=run.arguments.get("seed", 0),
        report=lambda step, text: run.report(step, STEPS, text),
    )
    run.report(3, STEPS, "초안을 저장하고 있습니다.")
    with run.finishing() as done:
        _lock(unit, month)
        drafts = month_search.save(found, by=run.job.by, at=timezone.now(), job=run.job)
        done({"schedule": str(drafts[0].uid), "schedules": [str(draft.uid) for draft in drafts]})
    _tell_district(run.job)


@jobs.handles(TRIAL, limits=limits)
def try_settings(run: jobs.Run) -> None:
    """Solve a month at the prices of a preset and keep it as a trial."""
    from planners.months import month_search, schedule_reasons
    from planners.solver import solve

    unit, month = Unit.of(run.arguments), Month.parse(run.arguments["month"])
    preset = trials.preset_of(run.arguments["preset"], run.arguments.get("changes"))
    run.report(0, 2, "방문과 근무 시간을 모으고 있습니다.")
    prices = trials.prices_of(unit, month, preset)
    base = scheduling.newest(unit, month)
    built = month_problem.build(unit, month, today=seoul_date(run.job.created_at), prices=prices, base=base)
    scheduling.check_plannable(built)
    run.report(1, 2, f"‘{preset.name}’으로 가장 좋은 한 달을 찾고 있습니다.")
    plan = solve(built.problem, gap=month_search.GAP, watchdog=month_search.WATCHDOG_SECONDS)
    reasons = schedule_reasons.left_out(built, plan)
    with run.finishing() as done:
        made = {"by": run.job.by, "at": timezone.now(), "job": run.job}
        notes = {"preset": preset.key, "preset_name": preset.name, "changes": preset.changes}
        trial = scheduling.save_draft(built, plan, reasons, notes=notes, is_trial=True, **made)
        trials.forget_older(trial)
        done({"trial": str(trial.uid)})


@jobs.handles(REPLAN, limits=limits)
def replan(run: jobs.Run) -> None:
    """Find new places for what an absence displaced, and keep the proposal as a draft."""
    from planners.months import schedule_reasons
    from planners.solver import solve

    row = Replan.objects.select_related("dong", "zone", "user").get(pk=run.arguments["replan"])
    unit, month = Unit(row.dong, row.zone), row.month_value
    run.report(0, 2, "약속과 남은 반일을 모으고 있습니다.")
    built = replanning.problem_of(row, at=timezone.now())
    run.report(1, 2, f"방문 {len(built.visits)}건을 되도록 그대로 두고 새 자리를 찾고 있습니다.")
    plan = solve(built.problem, gap=REPLAN_GAP, watchdog=REPLAN_SECONDS)
    reasons = schedule_reasons.left_out(built, plan)
    with run.finishing() as done:
        _lock(unit, month)
        notes = {"replan": str(row.uid), "reason": f"{row.user.name} {row.get_kind_display()}"}
        made = {"by": run.job.by, "at": timezone.now(), "job": run.job}
        draft = scheduling.save_draft(built, plan, reasons, base=scheduling.live(unit, month), notes=notes, **made)
        replanning.keep_proposal(row, draft)
        done({"replan": str(row.uid)})


def _lock(unit: Unit, month: Month) -> None:
    """One writer at a time per unit and month, in one order: a whole zone writes for its dongs too."""
    with connection.cursor() as cursor:
        for key in sorted({unit.key, *(part.key for part in unit.parts(month))}):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"{key}:{month}"])


def _tell_district(job: Job) -> None:
    """Let the district's job count again; if the word is lost, the sweeper lets it."""
    for waiting in Job.objects.filter(kind=DISTRICT, state=Job.State.WAITING, arguments__jobs__contains=[job.pk]):
        tasks.send(waiting)


@jobs.handles(DISTRICT)
def generate_district(run: jobs.Run) -> None:
    """Open a job for every unit, then count them until all have ended, and sum up.

    Between two counts the job holds no worker. Killed at any moment it goes on with the same jobs: they
    are written down together with their numbers, once.
    """
    children = _children(run)
    rows = list(Job.objects.filter(pk__in=children).order_by("pk"))
    ended = [row for row in rows if not row.is_open]
    under_way = [row.title.removesuffix(" 일정 만들기") for row in rows if row.state == Job.State.RUNNING]
    note = f"지금: {', '.join(under_way)}" if under_way else "차례를 기다리고 있습니다."
    run.report(len(ended), len(rows), note if len(ended) < len(rows) else "")
    if len(ended) < len(rows):
        raise jobs.Parked
    with run.finishing() as done:
        done(district_months.summary(rows))


def _children(run: jobs.Run) -> list[int]:
    """The jobs of the units, opened at the first run."""
    month = Month.parse(run.arguments["month"])
    with transaction.atomic():
        row = Job.objects.select_for_update().get(pk=run.job.pk, lease_token=run.token)
        if "jobs" in row.arguments:
            return row.arguments["jobs"]
        made = {"by": row.by, "at": row.created_at, "seed": row.arguments.get("seed", 0)}
        opened = [open_generation(unit, month, **made) for unit in planning_units.district_units(month)]
        row.arguments = row.arguments | {"jobs": [job.pk for job in opened]}
        row.save(update_fields=["arguments"])
        for job in opened:
            tasks.send(job)
    return row.arguments["jobs"]
