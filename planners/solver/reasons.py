"""Why a visit is not in the plan: a cause found by code, and the smallest thing that would help."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations

import numpy as np

from planners.solver.outings import best_order
from planners.solver.plan_month import solve
from planners.solver.problem import Plan, Problem, Session, Visit
from planners.solver.wishes import (
    FILTERS,
    NO_MATCHING_HALF,
    NO_MATCHING_WEEKDAY,
    NO_SKILL,
    NO_WORKDAY_BEFORE_DUE,
    NOT_RELEASED,
    STAFF_ABSENT,
    fits,
    start_window,
    weekday,
)

BOOKING_CONFLICT = "BOOKING_CONFLICT"
CAPACITY = "CAPACITY"
MAY_WAIT = "MAY_WAIT"


@dataclass(frozen=True, slots=True)
class Relaxation:
    """A wish of the visit (`field`) and the nearest value with which it could be planned."""

    field: str
    value: object


@dataclass(frozen=True, slots=True)
class Displacement:
    """The cheapest place for an unplanned visit, and which visits it would push out."""

    session: int | str
    price: float
    instead_of: tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a visit is unplanned: cause, what would help, and for a full month where it is tightest.

    CAPACITY: every session it fits in is full. MAY_WAIT: there is room, but going there costs more
    than waiting for the next month does.
    """

    visit: int | str
    code: str
    relaxation: Relaxation | None = None
    displacement: Displacement | None = None
    week: date | None = None


@dataclass(frozen=True, slots=True)
class AnotherHalfDay:
    """What one more half-day like an existing session would bring."""

    session: int | str
    week: date
    saving: float
    more_by_tier: dict[int, int]


def unplanned_reasons(problem: Problem, plan: Plan) -> list[Reason]:
    """One reason for every visit that the plan leaves out, in the order of the problem."""
    planned = plan.session_of
    conflicting = {visit for conflict in plan.conflicts for visit in conflict.visits}
    return [
        _reason(problem, plan, row, visit.id in conflicting)
        for row, visit in enumerate(problem.visits)
        if visit.id not in planned
    ]


def _reason(problem: Problem, plan: Plan, row: int, conflicting: bool) -> Reason:
    visit = problem.visits[row]
    if conflicting:
        return Reason(visit.id, BOOKING_CONFLICT)
    if not problem.allowed[row].any():
        code, relaxation = _missing(problem, visit)
        return Reason(visit.id, code, relaxation)
    found = displacement(problem, plan, visit.id)
    if found is None:
        return Reason(visit.id, CAPACITY)
    week = monday(problem, problem.sessions[problem.session_index[found.session]])
    if not found.instead_of:
        return Reason(visit.id, MAY_WAIT, Relaxation("prize", found.price), found, week)
    return Reason(visit.id, CAPACITY, None, found, week)


def monday(problem: Problem, session: Session) -> date:
    """The week of a session, named by its Monday."""
    return date(problem.year, problem.month, session.day) - timedelta(weekday(problem, session))


# wishes that no session meets -----------------------------------------------------------------


def _missing(problem: Problem, visit: Visit) -> tuple[str, Relaxation | None]:
    """The first wish that alone keeps all sessions away, or else the first that empties the list."""
    for code in FILTERS:
        left = [s for s in problem.sessions if fits(problem, visit, s, without=code)]
        if left and code != STAFF_ABSENT:
            return code, _nearest(problem, visit, code, left)
    if any(fits(problem, visit, session) for session in problem.sessions):
        days = [s.day for s in problem.sessions if fits(problem, visit, s)]
        return NO_WORKDAY_BEFORE_DUE, Relaxation("due", min(days))
    left = list(problem.sessions)
    for code, check in FILTERS.items():
        kept = [session for session in left if check(problem, visit, session)]
        if not kept and code != STAFF_ABSENT and left:
            return code, _nearest(problem, visit, code, left)
        left = kept
    return STAFF_ABSENT, None


def _nearest(problem: Problem, visit: Visit, code: str, left: list[Session]) -> Relaxation:
    """The smallest change of one wish that lets the visit into one of the sessions left."""
    if code == NOT_RELEASED:
        return Relaxation("release", max(session.day for session in left))
    if code == NO_SKILL:
        known = max((set(visit.needs) & set(s.skills) for s in left), key=lambda s: (len(s), sorted(s)))
        return Relaxation("needs", tuple(need for need in visit.needs if need in known))
    if code == NO_MATCHING_HALF:
        halves = {*(visit.halves or ()), left[0].half}
        return Relaxation("halves", tuple(sorted(halves)))
    if code == NO_MATCHING_WEEKDAY:
        days = {*(visit.weekdays or ()), weekday(problem, left[0])}
        return Relaxation("weekdays", tuple(sorted(days)))
    return _shorter(problem, visit, left)


def _shorter(problem: Problem, visit: Visit, left: list[Session]) -> Relaxation:
    """A wider clock window where there is one that helps, otherwise a shorter visit."""
    options = []
    for session in left:
        room = start_window(problem, replace(visit, window=None), session)
        if room is not None and visit.window is not None:
            opens, closes = min(visit.window[0], room[1]), max(visit.window[1], room[0])
            wider = (visit.window[0] - opens) + (closes - visit.window[1])
            options.append((wider, (opens, closes)))
    if options:
        return Relaxation("window", min(options)[1])
    longest = max(
        session.end
        - session.start
        - int(problem.travel[problem.depots[session.dong], visit.location])
        - int(problem.travel[visit.location, problem.depots[session.dong]])
        for session in left
    )
    return Relaxation("duration", max(longest, 0))


# a full month -----------------------------------------------------------------------------------


def displacement(problem: Problem, plan: Plan, visit: int | str) -> Displacement | None:
    """The place where an unplanned visit would cost least, pushing out whom it must."""
    row = problem.visit_index[visit]
    routes = {
        problem.session_index[session]: [problem.visit_index[v] for v in route]
        for session, route in plan.routes.items()
    }
    holder = {r: session for session in routes for r in problem.resources_of(session)}
    options = [
        option
        for session in np.flatnonzero(problem.allowed[row]).tolist()
        for option in _ways_in(problem, routes, holder, row, session)
    ]
    if not options:
        return None
    price, _, out, session = min(options)
    ids = tuple(problem.visits[v].id for v in out)
    return Displacement(problem.sessions[session].id, price, ids)


def _ways_in(problem, routes, holder, row, session):
    """Ways to add the visit to a session: (price, number pushed out, visits pushed out, session)."""
    mine = routes.get(session, [])
    rivals = {holder.get(name) for name in problem.resources_of(session)} - {None, session}
    out_before = [v for rival in sorted(rivals) for v in routes[rival]]
    saved = sum(_outing_price(problem, rival, routes[rival])[0] for rival in rivals)
    if any(_is_promised(problem, v) for v in out_before):
        return
    if mine:
        saved += _outing_price(problem, session, mine)[0]
    for stays in range(len(mine), -1, -1):
        for keep in combinations(mine, stays):
            out = [*out_before, *(v for v in mine if v not in keep)]
            if any(_is_promised(problem, v) for v in out):
                continue
            found = _outing_price(problem, session, [*keep, row])
            if found is not None:
                lost = sum(problem.prizes[v] for v in out)
                yield float(found[0] - saved + lost), len(out), tuple(sorted(out)), session


def _outing_price(problem: Problem, session: int, visits) -> tuple[float, list[int]] | None:
    if len(visits) > problem.sessions[session].max_visits:
        return None
    found = best_order(problem, session, list(visits))
    if found is None:
        return None
    prices = sum(problem.cost[visit, session] for visit in visits)
    return float(problem.outing_cost + found[0] + prices), found[1]


def _is_promised(problem: Problem, row: int) -> bool:
    return problem.booking_of(row) is not None


# one more half-day ------------------------------------------------------------------------------


def with_another(problem: Problem, session: int | str) -> Problem:
    """The problem with a second pair available beside an existing session."""
    index = problem.session_index[session]
    found = problem.sessions[index]
    extra = replace(found, id=f"{session}+", resources=(f"another {session}",))
    tables = {
        name: np.column_stack([getattr(problem, name), getattr(problem, name)[:, index]])
        for name in ("cost", "earliest", "latest", "allowed")
    }
    for row in range(len(problem.visits)):
        if problem.booking_of(row) == index:
            tables["allowed"][row, -1] = False
    return replace(problem, sessions=(*problem.sessions, extra), **tables)


def another_half_day(
    problem: Problem, plan: Plan, session: int | str, *, seed: int = 0, gap: float = 0.001, watchdog: float = 60
) -> AnotherHalfDay:
    """Solve again with one more half-day, because the duals speak only of very small changes."""
    more = solve(with_another(problem, session), seed=seed, gap=gap, watchdog=watchdog)
    tiers = {visit.id: visit.tier for visit in problem.visits}
    counts: dict[int, int] = {}
    for sign, planned in ((1, more.session_of), (-1, plan.session_of)):
        for visit in planned:
            counts[tiers[visit]] = counts.get(tiers[visit], 0) + sign
    found = problem.sessions[problem.session_index[session]]
    return AnotherHalfDay(
        session=session,
        week=monday(problem, found),
        saving=max(plan.objective - more.objective, 0.0),
        more_by_tier={tier: count for tier, count in sorted(counts.items()) if count},
    )


def tightest_sessions(problem: Problem, plan: Plan, *, count: int = 3) -> list[int | str]:
    """Sessions whose half-days the plan would pay most for, at most one a week."""
    ranked = sorted(plan.half_day_values.items(), key=lambda item: (-item[1], str(item[0])))
    chosen: dict[date, int | str] = {}
    for session, value in ranked:
        if value > 0:
            week = monday(problem, problem.sessions[problem.session_index[session]])
            chosen.setdefault(week, session)
    return list(chosen.values())[:count]
