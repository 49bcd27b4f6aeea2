"""What outings that were never listed could still save, and which of them should be.

Only a very large unit leaves outings out of its catalogue (far apart visits in one half-day).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from planners.solver.catalogue import admitted_sessions
from planners.solver.deadline import Deadline
from planners.solver.master import Duals, Master
from planners.solver.outings import Limit, cheapest_orders
from planners.solver.promises import promised_visits

TOLERANCE = 1e-6


@dataclass(frozen=True, eq=False)
class _Here:
    """A session with outings that were not listed: what a stop at each row of its frame costs under the duals.

    `gain` is infinite where the session does not go; `base` is what going out costs at all. Each of `cuts`
    is which rows count in it, how often the session's half-days do, and its price.
    """

    limit: Limit
    session: int
    most: int
    gain: np.ndarray
    base: float
    must: np.ndarray
    cuts: list[tuple[np.ndarray, int, float]]

    def spare(self, *, below: float, promises: int) -> tuple[np.ndarray, np.ndarray]:
        """Spare outings with a reduced cost below a limit that keep so many promises, and their reduced costs."""
        stops, tours = self.limit.spare
        padded = np.append(self.gain, 0.0)
        reduced = self.base + tours
        for column in stops.T:
            reduced = reduced + padded[column]
        chosen = np.flatnonzero(reduced < below)
        reduced, stops = reduced[chosen], stops[chosen]
        for counts, here, price in self.cuts:
            reduced = reduced + price * (counts[stops].sum(axis=1) + here >= 2)
        fits = reduced < below
        if self.most < stops.shape[1]:
            fits &= stops[:, self.most] == len(self.gain)
        fits &= np.append(self.must, False)[stops].sum(axis=1) >= promises
        return chosen[fits], reduced[fits]


def _sessions(master: Master, duals: Duals) -> Iterator[_Here]:
    """Every session with outings that were not listed, the cheapest to go out first."""
    catalogue, problem = master.catalogue, master.problem
    admitted, promised = admitted_sessions(problem), promised_visits(problem)
    bases = problem.outing_cost - duals.session - duals.count
    priced = [(set(cut.rows), -dual) for cut, dual in zip(master.cuts, duals.cut, strict=False) if dual]
    for limit in catalogue.limits:
        visits = limit.frame.visits
        flags = [np.append(np.isin(visits, list(rows)), False).astype(np.int8) for rows, _ in priced]
        for session in sorted(limit.frame.sessions, key=lambda session: bases[session]):
            gain = problem.cost[visits, session] - duals.visit[visits]
            if duals.day is not None:
                gain = gain - duals.day[session]
            if duals.load is not None:
                gain = gain - duals.load[session] * problem.durations[visits]
            gain = np.where(admitted[visits, session], gain, np.inf)
            must = np.isin(visits, promised.get(session, []))
            here = set(catalogue.session_rows[session].tolist())
            cuts = [(flag, len(rows & here), price) for flag, (rows, price) in zip(flags, priced, strict=True)]
            yield _Here(limit, session, problem.sessions[session].max_visits, gain, bases[session], must, cuts)


def worthwhile(
    master: Master, duals: Duals, *, below: float, of_each: int, deadline: Deadline
) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Stops, costs and sessions of outings that were not listed and have a reduced cost below a limit.

    At most so many of each session, the best first; None when time is up.
    """
    problem, parts, width = master.problem, [], master.catalogue.stops.shape[1]
    for here in _sessions(master, duals):
        if here.most > 3 or here.limit.spare is None:
            continue
        if deadline.passed():
            return None
        stops, tours = here.limit.spare
        chosen, reduced = here.spare(below=below, promises=int(here.must.sum()))
        chosen = chosen[np.argsort(reduced, kind="stable")][:of_each]
        visits = np.append(here.limit.frame.visits, len(problem.visits))[stops[chosen]]
        prices = np.append(problem.cost[:, here.session], 0.0)[visits].sum(axis=1)
        parts.append((visits, problem.outing_cost + tours[chosen] + prices, np.full(len(chosen), here.session)))
    if not parts:
        return np.empty((0, width), np.int16), np.empty(0), np.empty(0, np.int64)
    stops, cost, session = (np.concatenate(part) for part in zip(*parts, strict=True))
    stops = np.pad(stops, ((0, 0), (0, max(0, width - 3))), constant_values=len(problem.visits))[:, :width]
    return stops.astype(np.int16), cost, session


def omitted_savings(master: Master, duals: Duals, deadline: Deadline) -> np.ndarray:
    """Per session a lower limit (0 or less) of the reduced costs of its omitted outings.

    A session that the deadline leaves no time for has a coarse one.
    """
    lowest = np.zeros(len(master.problem.sessions))
    known: dict[bytes, float] = {}
    for here in _sessions(master, duals):
        rows = np.flatnonzero(np.isfinite(here.gain))
        gain, must, base = here.gain[rows], here.must[rows], here.base
        lowest[here.session] = _lowest_any(here.limit, rows, gain, base, here.most)
        if here.most > 3 or not lowest[here.session] or deadline.passed():
            continue
        if here.limit.spare is not None:
            _, reduced = here.spare(below=0.0, promises=int(here.must.any()))
            lowest[here.session] = reduced.min(initial=0.0)
            continue
        # sessions that differ in their base only are asked once, the cheapest first
        key = b"".join(part.tobytes() for part in (rows, gain, must)) + bytes([here.most])
        if key not in known:
            found = _lowest_small(here.limit, rows, gain, base, must, here.most, deadline)
            known[key] = found - base if found else np.inf
        lowest[here.session] = max(lowest[here.session], min(0.0, base + known[key]))
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
