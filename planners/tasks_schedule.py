"""Background work of month schedules: one job per unit and month."""

from __future__ import annotations

from django.db import connection
from django.utils import timezone

from centers import jobs
from centers.models import Dong, Zone
from common.months import Month, seoul_date
from planners import month_problem, replanning, scheduling, trials
from planners.models import Replan
from planners.month_problem import Unit

GENERATE, REPLAN, TRIAL = "generate_schedule", "replan", "try_settings"
STEPS = 4
#: relative gap at which the search for a proof stops by itself; a lead waits seconds, not minutes
GAP = 0.01
WATCHDOG_SECONDS = 20
#: half-days tried one by one for what they would let in, and how long each may take
MORE_HALF_DAYS, MORE_SECONDS = 2, 6
#: a lead stands at the phone at 08:30: a good answer now is worth more than a proved one later
REPLAN_GAP, REPLAN_SECONDS = 0.001, 4


def title_of(unit: Unit, month: Month) -> str:
    return f"{unit.name} {month.korean} 일정 만들기"


@jobs.handles(GENERATE)
def generate_schedule(run: jobs.Run) -> None:
    """Build the month, solve it, explain it, keep it as the next draft."""
    # the web process only opens jobs: it must not carry the solver in memory
    from planners import schedule_reasons
    from planners.solver import solve

    unit = unit_of(run.arguments)
    month = Month.parse(run.arguments["month"])
    run.report(0, STEPS, "방문과 근무 시간을 모으고 있습니다.")
    base = scheduling.newest(unit, month)
    built = month_problem.build(unit, month, today=seoul_date(run.job.created_at), base=base)
    scheduling.check_plannable(built)
    run.report(1, STEPS, f"방문 {len(built.visits)}건에 가장 좋은 한 달을 찾고 있습니다.")
    plan = solve(built.problem, seed=run.arguments.get("seed", 0), gap=GAP, watchdog=WATCHDOG_SECONDS)
    run.report(2, STEPS, "못 넣은 방문의 까닭을 확인하고 있습니다.")
    reasons = schedule_reasons.left_out(built, plan)
    more = schedule_reasons.more_half_days(built, plan, count=MORE_HALF_DAYS, gap=GAP, watchdog=MORE_SECONDS)
    run.report(3, STEPS, "초안을 저장하고 있습니다.")
    with run.finishing() as done:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"{unit.key}:{month}"])
        made = {"by": run.job.by, "at": timezone.now(), "job": run.job}
        draft = scheduling.save_draft(built, plan, reasons, more_half_days=more, **made)
        done({"schedule": str(draft.uid)})


@jobs.handles(TRIAL)
def try_settings(run: jobs.Run) -> None:
    """Solve a month at the prices of a preset and keep it as a trial."""
    from planners import schedule_reasons
    from planners.solver import solve

    unit, month = unit_of(run.arguments), Month.parse(run.arguments["month"])
    preset = trials.preset_of(run.arguments["preset"])
    run.report(0, 2, "방문과 근무 시간을 모으고 있습니다.")
    prices = trials.prices_of(unit, month, preset.key)
    base = scheduling.newest(unit, month)
    built = month_problem.build(unit, month, today=seoul_date(run.job.created_at), prices=prices, base=base)
    scheduling.check_plannable(built)
    run.report(1, 2, f"‘{preset.name}’으로 가장 좋은 한 달을 찾고 있습니다.")
    plan = solve(built.problem, gap=GAP, watchdog=WATCHDOG_SECONDS)
    reasons = schedule_reasons.left_out(built, plan)
    with run.finishing() as done:
        made = {"by": run.job.by, "at": timezone.now(), "job": run.job}
        trial = scheduling.save_draft(built, plan, reasons, notes={"preset": preset.key}, is_trial=True, **made)
        trials.forget_older(trial)
        done({"trial": str(trial.uid)})


@jobs.handles(REPLAN)
def replan(run: jobs.Run) -> None:
    """Find new places for what an absence displaced, and keep the proposal as a draft."""
    from planners import schedule_reasons
    from planners.solver import solve

    row = Replan.objects.select_related("dong", "zone", "user").get(pk=run.arguments["replan"])
    unit, month = Unit(row.dong, row.zone), row.month_value
    run.report(0, 2, "약속과 남은 반일을 모으고 있습니다.")
    built = replanning.problem_of(row, at=timezone.now())
    run.report(1, 2, f"방문 {len(built.visits)}건을 되도록 그대로 두고 새 자리를 찾고 있습니다.")
    plan = solve(built.problem, gap=REPLAN_GAP, watchdog=REPLAN_SECONDS)
    reasons = schedule_reasons.left_out(built, plan)
    with run.finishing() as done:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"{unit.key}:{month}"])
        notes = {"replan": str(row.uid), "reason": f"{row.user.name} {row.get_kind_display()}"}
        made = {"by": run.job.by, "at": timezone.now(), "job": run.job}
        draft = scheduling.save_draft(built, plan, reasons, base=scheduling.live(unit, month), notes=notes, **made)
        replanning.keep_proposal(row, draft)
        done({"replan": str(row.uid)})


def unit_of(arguments: dict) -> Unit:
    """The unit named by primary keys in a job's arguments."""
    if arguments.get("dong"):
        return Unit(dong=Dong.objects.get(pk=arguments["dong"]))
    return Unit(zone=Zone.objects.get(pk=arguments["zone"]))
