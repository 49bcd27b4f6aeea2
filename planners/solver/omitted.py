"""What outings that were never listed could still save, so that a bound stays a bound.

Only a very large unit leaves outings out of its catalogue (far apart visits in one half-day).
"""

import numpy as np

from planners.solver.catalogue import Catalogue, admitted_sessions
from planners.solver.deadline import Deadline
from planners.solver.outings import Limit, cheapest_orders
from planners.solver.promises import promised_visits

TOLERANCE = 1e-6


def omitted_savings(
    catalogue: Catalogue, visit_duals: np.ndarray, session_duals: np.ndarray, deadline: Deadline
) -> np.ndarray:
    """Per session a lower limit (0 or less) of the reduced costs of its omitted outings.

    A session that the deadline leaves no time for has a coarse one.
    """
    problem = catalogue.problem
    admitted, promised = admitted_sessions(problem), promised_visits(problem)
    lowest = np.zeros(len(problem.sessions))
    for limit in catalogue.limits:
        known: dict[bytes, float] = {}
        bases = problem.outing_cost - session_duals
        for session in sorted(limit.frame.sessions, key=lambda session: bases[session]):
            rows = np.flatnonzero(admitted[limit.frame.visits, session])
            visits = limit.frame.visits[rows]
            gain, base = problem.cost[visits, session] - visit_duals[visits], bases[session]
            most = problem.sessions[session].max_visits
            lowest[session] = _lowest_any(limit, rows, gain, base, most)
            if most > 3 or not lowest[session] or deadline.passed():
                continue
            must = np.isin(visits, promised.get(session, []))
            # sessions that differ in their base only are asked once, the cheapest first
            key = b"".join(part.tobytes() for part in (rows, gain, must)) + bytes([most])
            if key not in known:
                found = _lowest_small(limit, rows, gain, base, must, most, deadline)
                known[key] = found - base if found else np.inf
            lowest[session] = max(lowest[session], min(0.0, base + known[key]))
    return lowest


def _lowest_small(limit: Limit, rows, gain, base: float, must, most: int, deadline: Deadline) -> float:
    """Least reduced cost of two or three visits that were not tried together, if it is negative."""
    pair = _lowest_pair(limit, rows, gain, base) if limit.size == 2 else 0.0
    return min(pair, _lowest_triple(limit, rows, gain, base, must, deadline) if most == 3 else 0.0)


def _lowest_pair(limit: Limit, rows, gain, base: float) -> float:
    """A limit for two visits that are not near each other: their tour, whatever the clock says."""
    way, depart, back = limit.frame.way, limit.frame.depart[rows], limit.frame.back[rows]
    tour = depart[:, None] + way[np.ix_(rows, rows)] + back
    listed = limit.near[np.ix_(rows, rows)] | np.eye(len(rows), dtype=bool)
    reduced = base + gain[:, None] + gain + tour
    return float(min(0.0, reduced[~listed].min(initial=0.0)))


def _lowest_triple(limit: Limit, rows, gain, base: float, must, deadline: Deadline) -> float:
    """Least reduced cost of three visits that are not all near each other, if it is negative."""
    way, depart, back = limit.frame.way, limit.frame.depart, limit.frame.back
    near = limit.near[np.ix_(rows, rows)]
    lowest = 0.0
    for i in range(len(rows) - 2):
        if deadline.passed():
            return -np.inf
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
