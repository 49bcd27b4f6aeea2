"""Why visits were left out of a plan, in Korean: the cause the solver found by code, and the smallest help.

The solver checks causes (`planners.solver.reasons`); this module only puts them into words that name
people, days and what to do next.
"""

from __future__ import annotations

from common.months import SEOUL, WEEKDAYS
from planners import booking
from planners.models import Visit
from planners.months.month_problem import MonthProblem
from planners.months.promises import Broken
from planners.months.schedule_words import Reason, half_day, short_day, without_consent
from planners.solver import reasons as causes
from planners.solver import wishes
from planners.solver.problem import Plan
from staffing.models.calendars import Half

TIER_NAMES = {1: "급한 방문", 2: "기한이 있는 방문", 3: "다시 찾아갈 방문", 4: "다음 달도 되는 방문"}
SKILL_NAMES = {"female": "여성 방문자", "male": "남성 방문자"}


def left_out(built: MonthProblem, plan: Plan) -> dict[int, Reason]:
    """Reasons by visit id for everything open that the plan does not hold."""
    visits = {visit.pk: visit for visit in built.visits}
    said = {visit.pk: without_consent(visit, built.first_on) for visit in built.without_consent}
    for cause in causes.unplanned_reasons(built.problem, plan):
        said[cause.visit] = _words(built, visits, visits[cause.visit], cause)
    for pk in said.keys() & built.broken.keys():
        said[pk] = _not_kept(built.broken[pk], said[pk])
    return said


def more_half_days(built: MonthProblem, plan: Plan, *, count: int, gap: float, watchdog: float) -> list[dict]:
    """What one more half-day would let in, where the month is tightest: `{"session", "place", "words"}`, found by solving again.

    Nothing is said beside a plan that time cut short far from its bound: what came in could be due to the
    second search as well as to the half-day.
    """
    planned = plan.session_of
    cut_short = not plan.reproducible and plan.gap > gap
    if cut_short or all(visit.pk in planned for visit in built.visits):
        return []
    found = []
    for session in causes.tightest_sessions(built.problem, plan, count=count):
        more = causes.another_half_day(built.problem, plan, session, gap=gap, watchdog=watchdog)
        gains = {tier: number for tier, number in more.more_by_tier.items() if number > 0}
        if sum(more.more_by_tier.values()) > 0:
            words = ", ".join(f"{TIER_NAMES[tier]} {number}건" for tier, number in gains.items())
            found.append(
                {
                    "session": session,
                    "place": _place(built, session),
                    "words": f"한 번 더 나가면 {words}이 더 들어갑니다.",
                }
            )
    return found


def clashes(built: MonthProblem, plan: Plan) -> dict[int, str]:
    """Why promises had to be given up for others, by visit id: each sentence names everybody concerned."""
    visits = {visit.pk: visit for visit in built.visits}
    planned, found = plan.session_of, {}
    for conflict in plan.conflicts:
        names = ", ".join(_promised(visits[pk]) for pk in sorted(conflict.visits, key=lambda pk: visits[pk].starts_at))
        for pk in conflict.visits:
            if pk not in planned and visits[pk].state == Visit.State.BOOKED:
                found[pk] = f"{names} 약속을 한 사람이 다 지킬 수 없습니다."
    return found


def _promised(visit: Visit) -> str:
    return f"{visit.person.masked_name} 님({short_day(visit.on)} {visit.starts_at.astimezone(SEOUL):%H:%M})"


def _not_kept(promise: Broken, full: Reason) -> Reason:
    """A promise that cannot be kept and for which no other place was found either."""
    return Reason(
        causes.BOOKING_CONFLICT,
        f"약속({booking.spoken(promise.starts_at)})을 지킬 수 없습니다. {promise.why}",
        f"오늘 전화로 사정을 말씀드리고 다시 약속해 주세요. 다른 자리도 찾지 못했습니다: {full.message}",
        full.detail,
    )


def _words(built: MonthProblem, visits: dict[int, Visit], visit: Visit, cause: causes.Reason) -> Reason:
    if cause.code == causes.CAPACITY:
        return _full(built, visits, cause)
    if cause.code == causes.MAY_WAIT:
        return Reason(
            cause.code,
            "들어갈 칸은 있지만 먼 길이라 다음 달에 함께 가는 편이 낫습니다.",
            f"{_place(built, cause.displacement.session)}에 넣을 수 있습니다. 급하면 손으로 넣어 주세요.",
            {"session": cause.displacement.session},
        )
    message, remedy = _WORDS[cause.code](built, visit, cause.relaxation)
    code = f"{cause.code}({'|'.join(visit.needs)})" if cause.code == wishes.NO_SKILL else cause.code
    detail = {"field": cause.relaxation.field, "value": _plain(cause.relaxation.value)} if cause.relaxation else {}
    return Reason(code, message, remedy, detail)


def _full(built: MonthProblem, visits: dict[int, Visit], cause: causes.Reason) -> Reason:
    found = cause.displacement
    if found is None:
        return Reason(
            causes.CAPACITY,
            "갈 수 있는 반일이 모두 약속으로 찼습니다.",
            "반일을 하나 더 열면 들어갑니다. 휴가나 교육, 다른 조의 지원을 살펴 주세요.",
        )
    number = (cause.week.day - 1) // 7 + 1 if cause.week else 0
    names = ", ".join(f"{visits[v].person.masked_name} 님(순위 {visits[v].tier})" for v in found.instead_of)
    return Reason(
        f"{causes.CAPACITY}(week {number})",
        f"갈 수 있는 반일이 모두 찼습니다. {short_day(cause.week)} 주가 가장 가깝습니다."
        if cause.week
        else "모두 찼습니다.",
        f"{_place(built, found.session)}의 {names} 방문을 미루면 들어갑니다.",
        {"session": found.session, "instead_of": list(found.instead_of)},
    )


def _place(built: MonthProblem, session: str) -> str:
    pair, day, half, _ = built.session_of[session]
    return f"{half_day(day, half)} {pair.name}"


def _plain(value):
    return list(value) if isinstance(value, tuple) else value


def _conflict(built, visit, relaxation):
    return "약속한 시각이 다른 약속이나 근무 시간과 겹칩니다.", "주민에게 전화해 다시 예약해 주세요."


def _no_staff(built, visit, relaxation):
    return "이 달에 나갈 수 있는 조가 없습니다.", "휴가나 교육을 조정하거나 다른 조의 지원을 받으면 들어갑니다."


def _not_released(built, visit, relaxation):
    return (
        f"{short_day(visit.release_on)}부터 방문할 수 있는데 그 뒤로 나가는 반일이 없습니다.",
        "다음 달 일정에 들어갑니다.",
    )


def _no_skill(built, visit, relaxation):
    wanted = ", ".join(SKILL_NAMES.get(need, f"{need} 통역") for need in visit.needs)
    return f"{wanted} 조건을 갖춘 조가 없습니다.", "조건을 갖춘 사람이 동행하거나 다른 동의 지원을 받으면 들어갑니다."


def _no_half(built, visit, relaxation):
    wished = "·".join(Half(half).label for half in visit.halves)
    also = "·".join(Half(half).label for half in relaxation.value)
    return f"{wished}만 된다고 하셨는데 그때 나가는 조가 없습니다.", f"{also}도 되는지 전화로 여쭤 보세요."


def _no_weekday(built, visit, relaxation):
    wished = "·".join(WEEKDAYS[n] for n in visit.weekdays)
    also = "·".join(WEEKDAYS[n] for n in relaxation.value)
    return f"{wished}요일만 된다고 하셨는데 그날 나가는 조가 없습니다.", f"{also}요일 가운데 되는지 전화로 여쭤 보세요."


def _short_window(built, visit, relaxation):
    if relaxation.field == "window":
        low, high = relaxation.value
        clock = f"{low // 60}:{low % 60:02d}~{high // 60}:{high % 60:02d}"
        return "바라는 시각 안에 방문이 들어가지 않습니다.", f"시작을 {clock} 사이로 넓힐 수 있는지 전화로 여쭤 보세요."
    return f"방문 {visit.minutes}분이 반일에 들어가지 않습니다.", f"{relaxation.value}분으로 나누어 가면 들어갑니다."


def _too_late(built, visit, relaxation):
    return "기한 안에 나가는 날이 없습니다.", f"{relaxation.value}일로 기한을 미루면 들어갑니다."


_WORDS = {
    causes.BOOKING_CONFLICT: _conflict,
    wishes.STAFF_ABSENT: _no_staff,
    wishes.NOT_RELEASED: _not_released,
    wishes.NO_SKILL: _no_skill,
    wishes.NO_MATCHING_HALF: _no_half,
    wishes.NO_MATCHING_WEEKDAY: _no_weekday,
    wishes.WINDOW_TOO_SHORT: _short_window,
    wishes.NO_WORKDAY_BEFORE_DUE: _too_late,
}
