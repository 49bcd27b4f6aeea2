"""The price of a plan, recomputed from the problem's own figures."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

from planners.solver.problem import Problem

Routes = Mapping[int, Sequence[int]]


def objective(problem: Problem, routes: Routes) -> float:
    """Price of routes (visit indices by session index): prizes lost, assignments and outings."""
    left = set(range(len(problem.visits)))
    price = 0.0
    for session, route in routes.items():
        left -= set(route)
        price += problem.outing_cost + travel_minutes(problem, session, route)
        price += sum(problem.cost[visit, session] for visit in route)
    price += sum(problem.prizes[visit] for visit in sorted(left))
    return float(price + _unfairness(problem, routes))


def travel_minutes(problem: Problem, session: int, route: Sequence[int]) -> int:
    """Minutes on the way of one round trip from the center."""
    depot = problem.depots[problem.sessions[session].dong]
    stops = [depot, *(problem.visits[visit].location for visit in route), depot]
    return int(sum(problem.travel[a, b] for a, b in pairwise(stops)))


def loads(problem: Problem, routes: Routes) -> dict[str, int]:
    """Visit minutes by pair."""
    minutes: dict[str, int] = defaultdict(int)
    for session, route in routes.items():
        pair = problem.sessions[session].pair
        minutes[pair] += sum(problem.visits[visit].duration for visit in route)
    return dict(minutes)


def _unfairness(problem: Problem, routes: Routes) -> float:
    if not problem.fairness_price:
        return 0.0
    over = sum(max(0, load - problem.mean_load) for load in loads(problem, routes).values())
    return over * problem.fairness_price
