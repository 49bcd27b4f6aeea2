"""One unit's month from what the office knows to a plan with its reasons: build, solve, make promises good.

The web process does not import this module's solver: only work in the background carries it in memory.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from centers.models import Job, User
from common.months import Month
from planners.models import Schedule
from planners.months import month_problem, scheduling, whole_zones
from planners.months.month_problem import MonthProblem
from planners.months.planning_units import Unit
from planners.months.schedule_words import Reason
from planners.solver.problem import Plan

#: relative gap at which the search for a proof stops by itself; a lead waits seconds, not minutes
GAP = 0.01
WATCHDOG_SECONDS = 20
WHOLE_ZONE_SECONDS = 60
#: half-days tried one by one for what they would let in, and how long each may take
MORE_HALF_DAYS, MORE_SECONDS = 2, 6


@dataclass(frozen=True)
class Found:
    """A solved month: the problem, its plan, by visit id why somebody was left out, what a half-day more brings."""

    built: MonthProblem
    plan: Plan
    reasons: dict[int, Reason]
    more: list[dict]


def search(
    unit: Unit, month: Month, *, today: dt.date, seed: int = 0, report: Callable[[int, str], None] | None = None
) -> Found:
    """Find the best month of a unit. Raises `NoPairs`, `NothingToPlan`.

    Promises that exclude each other are found before the search; those that have to be given up are
    planned anew in the first tier, and their reason names everybody concerned.
    """
    from planners.months import schedule_reasons
    from planners.solver import solve

    say = report or (lambda step, text: None)
    say(0, "방문과 근무 시간을 모으고 있습니다.")
    bases = [base for part in unit.parts(month) if (base := scheduling.newest(part, month))]
    built = month_problem.build(unit, month, today=today, base=bases)
    scheduling.check_plannable(built)
    say(1, f"방문 {len(built.visits)}건에 가장 좋은 한 달을 찾고 있습니다.")
    limits = {"gap": GAP, "watchdog": WHOLE_ZONE_SECONDS if unit.is_whole else WATCHDOG_SECONDS}
    plan = solve(built.problem, seed=seed, **limits)
    if give_up := schedule_reasons.clashes(built, plan):
        built = month_problem.build(unit, month, today=today, base=bases, give_up=give_up)
        plan = solve(built.problem, seed=seed, **limits | {"watchdog": _rest(limits["watchdog"], plan)})
    say(2, "못 넣은 방문의 까닭을 확인하고 있습니다.")
    reasons = schedule_reasons.left_out(built, plan)
    more = schedule_reasons.more_half_days(built, plan, count=MORE_HALF_DAYS, gap=GAP, watchdog=MORE_SECONDS)
    return Found(built, plan, reasons, more)


def _rest(watchdog: float, plan: Plan) -> float:
    """Seconds for solving again: what the first search left, and at least half of the watchdog."""
    return max(watchdog - plan.seconds, watchdog / 2)


def save(found: Found, *, by: User | None, at: dt.datetime, job: Job | None = None) -> list[Schedule]:
    """Keep what was found as the next draft of the unit, or of every part of a whole zone that has visits."""
    drafts: Iterable = whole_zones.parts(found.built, found.plan, found.reasons)
    made = []
    for built, plan, reasons in drafts:
        if not built.pairs or not (built.visits or built.without_consent):
            continue
        pairs = {pair.pk for pair in built.pairs}
        more = [row for row in found.more if built.session_of[row["session"]][0].pk in pairs]
        made.append(scheduling.save_draft(built, plan, reasons, more_half_days=more, by=by, at=at, job=job))
    return made
