"""The outings of an earlier plan that can still be driven: what a search over a month under way begins with."""

from collections import defaultdict

import numpy as np

from planners.solver.catalogue import Catalogue
from planners.solver.outings import best_order
from planners.solver.problem import Problem
from planners.solver.promises import promised_visits


def earlier_outings(catalogue: Catalogue) -> tuple[Catalogue, np.ndarray]:
    """The outings of the problem's previous plan, and the catalogue with them, should it have left some out."""
    if not catalogue.problem.previous_plan:
        return catalogue, np.empty(0, dtype=np.int64)
    stops, cost, session = _driven(catalogue.problem, catalogue.stops.shape[1])
    catalogue, _ = catalogue.with_more(stops, cost, session)
    return catalogue, np.sort(catalogue.find(stops, session))


def _driven(problem: Problem, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Stops, costs and sessions of what is left of the previous plan's outings, promises included."""
    routes: dict[int, set[int]] = defaultdict(set)
    for visit, session in problem.previous_plan.items():
        v, s = problem.visit_index.get(visit), problem.session_index.get(session)
        if v is not None and s is not None and problem.allowed[v, s]:
            routes[s].add(v)
    for session, visits in promised_visits(problem).items():
        routes[session] |= set(visits)
    stops, cost, sessions = [], [], []
    for session, visits in sorted(routes.items()):
        fits = len(visits) <= problem.sessions[session].max_visits
        if fits and (found := best_order(problem, session, sorted(visits))):
            tour, route = found
            stops.append(route + [len(problem.visits)] * (width - len(route)))
            cost.append(problem.outing_cost + tour + sum(problem.cost[v, session] for v in route))
            sessions.append(session)
    shaped = np.array(stops, dtype=np.int16).reshape(len(stops), width)
    return shaped, np.array(cost, dtype=float), np.array(sessions, dtype=np.int64)
