"""Planning again after the month has begun: people fall ill, promises stand, few visits move."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from planners.solver.problem import Plan, Problem, Visit
from planners.solver.wishes import fits, start_window

MOVED = 120
BROKEN_TIER, BROKEN_PRIZE = 1, 20_000
OTHER_PAIR, OTHER_HALF = 40, 15
LATE, LATE_A_DAY, WAITING_A_DAY = 400, 20, 3


@dataclass(frozen=True, slots=True)
class Changes:
    """How a new plan differs from the earlier one, by visit id."""

    kept: tuple[int | str, ...]
    moved: tuple[int | str, ...]
    dropped: tuple[int | str, ...]
    added: tuple[int | str, ...]


def without_people(problem: Problem, absent: Iterable[str]) -> Problem:
    """The problem without the sessions that need these half-days.

    A promise that loses its session becomes an unbooked visit of the first tier that may go
    wherever its wishes allow; the promised pair and half of the day become preferences.
    """
    absent = set(absent)
    here = [s for s in range(len(problem.sessions)) if absent.isdisjoint(problem.resources_of(s))]
    ids = {problem.sessions[s].id for s in here}
    lost = [v for v, visit in enumerate(problem.visits) if visit.booked and visit.booked[0] not in ids]
    visits = list(problem.visits)
    promised = {v: problem.sessions[problem.session_index[visits[v].booked[0]]] for v in lost}
    for v in lost:
        visits[v] = replace(
            visits[v],
            booked=None,
            tier=BROKEN_TIER,
            prize=float(BROKEN_PRIZE),
            previous_pair=promised[v].pair,
            preferred_half=promised[v].half,
        )
    smaller = replace(
        problem,
        sessions=tuple(problem.sessions[s] for s in here),
        visits=tuple(visits),
        **{name: getattr(problem, name)[:, here].copy() for name in ("allowed", "cost", "earliest", "latest")},
    )
    for v in lost:
        _open(smaller, v)
    return smaller


def with_stability(problem: Problem, previous: Mapping, *, price: float = MOVED, frozen_until: int = 0) -> Problem:
    """The problem with a price on moving visits away from their session of the earlier plan.

    `previous` gives session ids by visit id. Visits of sessions up to day `frozen_until` may not
    move at all. Promised visits have no other place anyhow.
    """
    cost, allowed = problem.cost.copy(), problem.allowed.copy()
    known = {}
    for v, visit in enumerate(problem.visits):
        session = problem.session_index.get(previous.get(visit.id))
        if session is None or not problem.allowed[v, session]:
            continue
        known[visit.id] = problem.sessions[session].id
        elsewhere = np.arange(len(problem.sessions)) != session
        cost[v, elsewhere] += price
        if problem.sessions[session].day <= frozen_until:
            allowed[v, elsewhere] = False
    return replace(problem, cost=cost, allowed=allowed, previous_plan=known)


def changes(plan: Plan, previous: Mapping) -> Changes:
    """Compare a plan with the session ids by visit id of an earlier one."""
    now = plan.session_of
    return Changes(
        kept=tuple(v for v in previous if now.get(v) == previous[v]),
        moved=tuple(v for v in previous if v in now and now[v] != previous[v]),
        dropped=tuple(v for v in previous if v not in now),
        added=tuple(v for v in now if v not in previous),
    )


def _open(problem: Problem, row: int) -> None:
    """Let a visit go wherever its wishes allow, at the usual prices."""
    visit = problem.visits[row]
    for s, session in enumerate(problem.sessions):
        window = start_window(problem, visit, session)
        problem.allowed[row, s] = fits(problem, visit, session)
        if problem.allowed[row, s]:
            problem.earliest[row, s], problem.latest[row, s] = window
            problem.cost[row, s] = _price(visit, session)


def _price(visit: Visit, session) -> float:
    price = 0.0
    if visit.due < session.day:
        price += LATE + LATE_A_DAY * (session.day - max(visit.due, 0))
    else:
        price += WAITING_A_DAY * (session.day - visit.release)
    if session.pair != visit.previous_pair:
        price += OTHER_PAIR
    if session.half != visit.preferred_half:
        price += OTHER_HALF
    return price
