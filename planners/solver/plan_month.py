"""Solving a month: put in order, list, search, and give back a plan that has been re-priced."""

from dataclasses import replace
from time import monotonic, process_time

import numpy as np

from planners.solver.catalogue import Catalogue, catalogue
from planners.solver.deadline import Deadline
from planners.solver.earlier import earlier_outings
from planners.solver.generation import Found, Search
from planners.solver.master import Master
from planners.solver.objective import objective
from planners.solver.problem import Plan, Problem
from planners.solver.promises import appointments_lost, booking_conflicts


def solve(problem: Problem, *, seed: int = 0, gap: float = 0.0, watchdog: float = 60) -> Plan:
    """Plan the month at least price, with a certified lower bound.

    Stops when the plan is proved or within `gap` (0.001 is 0.1 %) of the bound. The same problem,
    seed and library versions give the same plan, whatever order the input came in, unless
    `watchdog` seconds run out first; then the plan says it is not reproducible.
    """
    began, cpu, deadline = monotonic(), process_time(), Deadline(watchdog)
    problem = in_order(problem)
    listed = catalogue(problem)
    conflicts = booking_conflicts(listed)
    lost = appointments_lost(listed, conflicts, seed=seed, deadline=deadline)
    found = _nothing(listed)
    if len(listed):
        listed, earlier = earlier_outings(listed)
        master = Master(listed, seed=seed, lost=lost)
        found = Search(master, gap=gap, deadline=deadline, earlier=earlier).run()
    return replace(
        _plan(found),
        seed=seed,
        seconds=monotonic() - began,
        cpu_seconds=process_time() - cpu,
        conflicts=conflicts,
    )


def in_order(problem: Problem) -> Problem:
    """The same problem with sessions and visits in an order that does not depend on the input."""
    sessions = sorted(
        range(len(problem.sessions)),
        key=lambda s: (
            problem.sessions[s].day,
            problem.sessions[s].half,
            problem.sessions[s].pair,
            problem.sessions[s].dong,
            _sortable(problem.sessions[s].id),
        ),
    )
    visits = sorted(range(len(problem.visits)), key=lambda v: _sortable(problem.visits[v].id))
    tables = {
        name: getattr(problem, name)[np.ix_(visits, sessions)] for name in ("allowed", "cost", "earliest", "latest")
    }
    return replace(
        problem,
        sessions=tuple(problem.sessions[s] for s in sessions),
        visits=tuple(problem.visits[v] for v in visits),
        **tables,
    )


def _sortable(identity: int | float | str) -> tuple[int, float, str]:
    """Numbers before texts, each in its own order."""
    if not isinstance(identity, str):
        return 0, identity, ""
    return 1, 0, identity


def _nothing(listed: Catalogue) -> Found:
    """What is found when no outing can be driven at all."""
    values = np.zeros(len(listed.problem.sessions))
    prizes = float(listed.problem.prizes.sum())
    return Found(listed, np.empty(0, dtype=np.int64), prizes, True, True, values)


def _plan(found: Found) -> Plan:
    listed, problem = found.catalogue, found.catalogue.problem
    routes = {int(listed.session[c]): listed.route(c) for c in sorted(found.outings.tolist())}
    price = objective(problem, routes)
    return Plan(
        objective=price,
        lower_bound=min(found.bound, price),
        routes={
            problem.sessions[session].id: tuple(problem.visits[visit].id for visit in route)
            for session, route in routes.items()
        },
        proved=found.proved,
        reproducible=found.reproducible,
        columns=len(listed),
        half_day_values={
            session.id: round(float(value), 3)
            for session, value in zip(problem.sessions, found.session_values, strict=True)
        },
    )
