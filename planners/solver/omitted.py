"""What outings that were never listed could still save, so that a bound stays a bound.

Only a very large unit leaves outings out of its catalogue (far apart visits in one half-day).
"""

import numpy as np

from planners.solver.catalogue import Catalogue, admitted_sessions
from planners.solver.outings import Limit, cheapest_orders
from planners.solver.promises import promised_visits
from planners.solver.relaxation import Deadline

TOLERANCE = 1e-6


def omitted_savings(
    catalogue: Catalogue, visit_duals: np.ndarray, session_duals: np.ndarray, deadline: Deadline
) -> np.ndarray:
    """Per session a lower limit (0 or less) of the reduced costs of its omitted outings.

    A session that the deadline leaves no time for has none.
    """
    problem = catalogue.problem
    admitted, promised = admitted_sessions(problem), promised_visits(problem)
    lowest = np.zeros(len(problem.sessions))
    for limit in catalogue.limits:
        for session in limit.frame.sessions:
            if deadline.passed():
                lowest[session] = -np.inf
                continue
            rows = np.flatnonzero(admitted[limit.frame.visits, session])
            visits = limit.frame.visits[rows]
            gain = problem.cost[visits, session] - visit_duals[visits]
            base = problem.outing_cost - session_duals[session]
            if limit.size == 3:
                must = np.isin(visits, promised.get(session, []))
                lowest[session] = _lowest_triple(limit, rows, gain, base, must)
            if limit.frame.max_visits > 3:
                most = problem.sessions[session].max_visits
                lowest[session] = min(lowest[session], _lowest_any(limit, rows, gain, base, most))
    return lowest


def _lowest_triple(limit: Limit, rows, gain, base: float, must) -> float:
    """Least reduced cost of three visits that are not all near each other, if it is negative."""
    way, depart, back = limit.frame.way, limit.frame.depart, limit.frame.back
    near = limit.near[np.ix_(rows, rows)]
    lowest = 0.0
    for i in range(len(rows) - 2):
        others = np.arange(i + 1, len(rows))
        at, there = rows[i], rows[others]
        between = way[np.ix_(there, there)]
        first, last = depart[there], back[there]
        tour = np.minimum.reduce(
            [
                depart[at] + way[at, there][:, None] + between + last,
                first[:, None] + between + way[there, at] + back[at],
                first[:, None] + way[there, at][:, None] + way[at, there] + last,
            ]
        )
        reduced = base + gain[i] + gain[others][:, None] + gain[others] + np.minimum(tour, tour.T)
        listed = near[i, others][:, None] & near[i, others] & near[np.ix_(others, others)]
        j, k = np.nonzero(np.triu((reduced < lowest - TOLERANCE) & ~listed, 1))
        if must.any():
            wanted = must[i] | must[others[j]] | must[others[k]]
            j, k = j[wanted], k[wanted]
        sets = np.column_stack([np.full(len(j), at), there[j], there[k]])
        kept, _, _ = cheapest_orders(limit.frame, sets)
        lowest = min(lowest, reduced[j[kept], k[kept]].min(initial=0.0))
    return float(lowest)


def _lowest_any(limit: Limit, rows, gain, base: float, most: int) -> float:
    """A coarse limit for sets of any size: every stop costs half of its two shortest ways."""
    if not len(rows):
        return 0.0
    way = limit.frame.way[np.ix_(rows, rows)].astype(float)
    way = np.minimum(way, way.T)
    np.fill_diagonal(way, np.inf)
    home = np.minimum(limit.frame.depart, limit.frame.back)[rows]
    ways = np.sort(np.column_stack([way, home, home]), axis=1)
    worth = np.sort(gain + ways[:, :2].sum(axis=1) / 2)[:most]
    return min(0.0, float(base + home.min() + np.minimum(worth, 0.0).sum()))
