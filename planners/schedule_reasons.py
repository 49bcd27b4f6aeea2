"""Why visits were left out of a plan: the code, the Korean sentence, and the smallest thing that would place them.

Codes follow the order in which the office would ask: is there consent, may the visit be made yet, does
anybody fit, is there a half-day, is there room. `CAPACITY` is said only when something fits but is full.
"""

from __future__ import annotations

from collections import Counter

from common.months import WEEKDAYS
from planners.models import Visit
from planners.month_problem import MonthProblem, minutes_of
from planners.schedule_words import Reason, short_day, without_consent
from planners.solver.problem import Plan
from staffing.models.calendars import Half

SKILL_NAMES = {"female": "여성 방문자", "male": "남성 방문자"}


def left_out(built: MonthProblem, plan: Plan) -> dict[int, Reason]:
    """Reasons by visit id for everything open that the plan does not hold."""
    conflicts = {visit for conflict in plan.conflicts for visit in conflict.visits}
    reasons = {visit.pk: without_consent(visit) for visit in built.without_consent}
    for visit in built.visits:
        if visit.pk in plan.session_of:
            continue
        reasons[visit.pk] = _promise_broken(visit) if visit.pk in conflicts else _why(built, plan, visit)
    return reasons


def _promise_broken(visit: Visit) -> Reason:
    return Reason(
        "BOOKING_CONFLICT",
        "약속한 시각이 다른 약속이나 근무 시간과 겹칩니다.",
        "주민에게 전화해 다시 예약해 주세요.",
        {"on": str(visit.on), "half": visit.half},
    )


def _why(built: MonthProblem, plan: Plan, visit: Visit) -> Reason:
    sessions = [place for place in built.session_of.values() if place[3].pk == visit.dong_id]
    if not sessions:
        return Reason(
            "STAFF_ABSENT",
            "이 달에 나갈 수 있는 조가 없습니다.",
            "조원의 휴가나 교육을 조정하거나 다른 조를 지원받으면 들어갑니다.",
        )
    for narrow in (_skill, _released, _half, _weekday, _window):
        left, reason = narrow(visit, sessions)
        if not left:
            return reason
        sessions = left
    return _full(built, plan, visit)


def _skill(visit, sessions):
    needs = ", ".join(SKILL_NAMES.get(n, f"{n} 통역") for n in visit.needs)
    reason = Reason(
        f"NO_SKILL({'|'.join(visit.needs)})",
        f"{needs} 조건을 갖춘 조가 없습니다.",
        "조건을 갖춘 사람이 동행하거나 다른 동의 지원을 받으면 들어갑니다.",
    )
    return [s for s in sessions if set(visit.needs) <= set(s[0].skills)], reason


def _released(visit, sessions):
    reason = Reason(
        "NOT_RELEASED",
        f"{short_day(visit.release_on)}부터 방문할 수 있는데 그 뒤로 이 달에 나가는 반일이 없습니다.",
        "다음 달 일정에 들어갑니다.",
    )
    return [s for s in sessions if s[1] >= visit.release_on], reason


def _half(visit, sessions):
    wished = "·".join(Half(h).label for h in visit.halves)
    reason = Reason(
        "NO_MATCHING_HALF",
        f"{wished}만 된다고 하셨는데 그때 나가는 조가 없습니다.",
        "다른 반일도 되는지 전화로 여쭤 보세요.",
    )
    return [s for s in sessions if not visit.halves or s[2] in visit.halves], reason


def _weekday(visit, sessions):
    wished = "·".join(f"{WEEKDAYS[n]}요일" for n in visit.weekdays)
    reason = Reason(
        "NO_MATCHING_WEEKDAY",
        f"{wished}만 된다고 하셨는데 그날 나가는 조가 없습니다.",
        "다른 요일도 되는지 전화로 여쭤 보세요.",
    )
    return [s for s in sessions if not visit.weekdays or s[1].weekday() in visit.weekdays], reason


def _window(visit, sessions):
    """Sessions in which the clock window and the visit's length leave room, apart from the way."""
    if not visit.window_from:
        return sessions, None
    wished = f"{visit.window_from:%H:%M}~{visit.window_to:%H:%M}"
    reason = Reason(
        "WINDOW_TOO_SHORT",
        f"바라는 시각({wished}) 안에 방문 {visit.minutes}분이 들어가지 않습니다.",
        "앞뒤로 30분을 넓힐 수 있는지 전화로 여쭤 보세요.",
    )
    from staffing.calendars import OUTINGS

    def fits(half: str) -> bool:
        frame = OUTINGS[half]
        low = max(minutes_of(frame.leaves), minutes_of(visit.window_from))
        return low <= min(minutes_of(frame.back) - visit.minutes, minutes_of(visit.window_to))

    return [s for s in sessions if fits(s[2])], reason


def _full(built: MonthProblem, plan: Plan, visit: Visit) -> Reason:
    """Something fits, but every fitting half-day is taken: which week is fullest, who stands there."""
    row = built.problem.visit_index[visit.pk]
    fitting = [s.id for n, s in enumerate(built.problem.sessions) if built.problem.allowed[row, n]]
    weeks = Counter((built.session_of[name][1].day - 1) // 7 + 1 for name in fitting)
    week = weeks.most_common(1)[0][0] if weeks else 0
    tier_of = {v.pk: v.tier for v in built.visits}
    softer = [
        (tier_of[other], name, other)
        for name in fitting
        for other in plan.routes.get(name, ())
        if tier_of[other] > visit.tier and not built.problem.visits[built.problem.visit_index[other]].booked
    ]
    remedy = "반일을 하나 더 열면 들어갑니다. 조원의 휴가나 교육, 다른 조의 지원을 살펴 주세요."
    detail: dict = {"week": week, "fitting": len(fitting)}
    if softer:
        _, name, other = max(softer, key=lambda item: (item[0], item[1]))
        pair, day, half, _ = built.session_of[name]
        person = next(v.person for v in built.visits if v.pk == other)
        remedy = f"{short_day(day)} {Half(half).label} {pair.name}의 {person.masked_name} 님을 미루면 들어갑니다."
        detail |= {"instead_of": other, "session": name}
    return Reason(f"CAPACITY(week {week})", f"갈 수 있는 반일 {len(fitting)}개가 모두 찼습니다.", remedy, detail)
