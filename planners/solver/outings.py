"""Every half-day outing that can be driven: which visits fit together, in which order, at what tour."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise, permutations
from math import comb

import numpy as np

from planners.solver.problem import Problem

BLOCK = 100_000
# sets of so many visits are tried at most per frame; above that only near neighbours meet
MOST_SETS = {3: 600_000, 4: 100_000, 5: 40_000, 6: 10_000}
# outings of two and three in all sessions; a month that could have more is made of near neighbours too
MOST_OUTINGS = 2_000_000
# outings of two and three that are known for all sessions of a frame together
MOST_SPARE = 3_000_000
NEIGHBOURS = {2: (60, 40, 20, 10), 3: (20, 10, 6, 4)}
NEVER = 1 << 20


@dataclass(frozen=True, eq=False)
class Frame:
    """Sessions from one center with the same clock, in which a visit has the same start window.

    Whether visits fit together is the same question for all of them and is answered once. Rows of
    the tables are `visits` (indices into the problem); `depart` is travel from the center, `back`
    travel to it, `step[i, j]` minutes of visit i and the way to j, `last` the latest start that
    still brings the pair home in time. `together[i, j]` says that a session admits both visits,
    `promised[i, j]` that both have an appointment in one; `counts` are the visits each session admits.
    """

    sessions: list[int]
    visits: np.ndarray
    depart: np.ndarray
    back: np.ndarray
    way: np.ndarray
    step: np.ndarray
    earliest: np.ndarray
    latest: np.ndarray
    last: np.ndarray
    start: int
    together: np.ndarray
    promised: np.ndarray
    counts: tuple[int, ...]
    max_visits: int

    def outings(self, size: int) -> int:
        """How many sets of so many visits its sessions could take out at most."""
        return sum(comb(count, size) for count in self.counts) if size <= self.max_visits else 0


def frames(problem: Problem, admitted: np.ndarray) -> list[Frame]:
    """Group sessions into frames; `admitted[v, s]` is where a visit may really go."""
    groups: dict[tuple[int, int, int], list[tuple[list[int], np.ndarray, np.ndarray]]]
    groups = defaultdict(list)
    for index, session in enumerate(problem.sessions):
        here = admitted[:, index]
        if not here.any():
            continue
        windows = np.where(here[:, None], np.stack([problem.earliest[:, index], problem.latest[:, index]], 1), -1)
        known = groups[(problem.depots[session.dong], session.start, session.end)]
        for members, union, seen in known:
            both = here & seen
            if np.array_equal(union[both], windows[both]):
                members.append(index)
                union[here] = windows[here]
                seen |= here
                break
        else:
            known.append(([index], windows.copy(), here.copy()))
    return [
        _frame(problem, admitted, depot, start, end, members, windows, seen)
        for (depot, start, end), found in groups.items()
        for members, windows, seen in found
    ]


def _frame(problem, admitted, depot, start, end, members, windows, seen) -> Frame:
    visits = np.flatnonzero(seen)
    places = problem.locations[visits]
    durations = problem.durations[visits]
    depart = problem.travel[depot, places]
    back = problem.travel[places, depot]
    way = problem.travel[np.ix_(places, places)]
    admits = admitted[np.ix_(visits, members)].astype(np.float32)
    home = [problem.booking_of(visit) for visit in visits.tolist()]
    home = np.array([-1 if session is None else session for session in home])
    return Frame(
        sessions=members,
        visits=visits,
        depart=depart,
        back=back,
        way=way,
        step=durations[:, None] + way,
        earliest=windows[visits, 0],
        latest=windows[visits, 1],
        last=np.minimum(windows[visits, 1], end - durations - back),
        start=start,
        together=admits @ admits.T > 0,
        promised=(home[:, None] == home) & (home >= 0),
        counts=tuple(admits.sum(axis=0).astype(int).tolist()),
        max_visits=max(problem.sessions[index].max_visits for index in members),
    )


@dataclass(frozen=True, eq=False)
class Limit:
    """From `size` visits on, only sets whose members are all linked in `near` were tried."""

    frame: Frame
    size: int
    near: np.ndarray

    @cached_property
    def spare(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Sets of two and three that can be driven but were not listed, in order, and their tours.

        Rows of the frame, padded with their number. One list serves all sessions of the frame, where listing
        them would take one for each. None if there are too many even so.
        """
        frame, blank = self.frame, len(self.frame.visits)
        sets, found = np.arange(blank, dtype=np.int16)[:, None], []
        for size in (2, 3)[: frame.max_visits - 1]:
            grown = _joined(sets, frame.together, MOST_SPARE)
            if grown is None:
                return None
            sets = grown
            if size >= self.size:
                left = sets[~_all_linked(sets, self.near)]
                _, orders, tours = cheapest_orders(frame, left)
                found.append((np.pad(orders, ((0, 0), (0, 3 - size)), constant_values=blank), tours))
        return tuple(np.concatenate(part) for part in zip(*found, strict=True)) if found else None


def _all_linked(sets: np.ndarray, links: np.ndarray) -> np.ndarray:
    """Which sets have every two members linked."""
    linked = np.ones(len(sets), dtype=bool)
    for a, b in combinations(range(sets.shape[1]), 2):
        linked &= links[sets[:, a], sets[:, b]]
    return linked


def fair_shares(found: list[Frame]) -> list[int]:
    """How many outings of two and three each frame may list: small frames all of theirs, large ones the rest."""
    wanted = [frame.outings(2) + frame.outings(3) for frame in found]
    shares, left = [0] * len(found), MOST_OUTINGS
    for position, index in enumerate(sorted(range(len(found)), key=lambda index: wanted[index])):
        shares[index] = min(wanted[index], left // (len(found) - position))
        left -= shares[index]
    return shares


def feasible_orders(frame: Frame, most: int) -> tuple[list[tuple[np.ndarray, np.ndarray]], Limit | None]:
    """The (visits in order, tour minutes) of every set of visits that fits in the frame.

    Each set appears once, in its cheapest order that keeps all start windows; the arrays hold row
    numbers of the frame, one row per set, sets of one size per item. When its sessions could make more
    than `most` outings of two and three, the larger sets are made of near neighbours only; then the
    second value says so.
    """
    shrinks, limit, found = _shrinks(frame), None, []
    sets, links = np.arange(len(frame.visits), dtype=np.int16)[:, None], frame.together
    for size in range(1, frame.max_visits + 1):
        if size > 1:
            sets, near = _grown(frame, sets, links, most)
            if near is not None and limit is None:
                limit = Limit(frame, size, near)
        kept, orders, tours = cheapest_orders(frame, sets)
        if len(kept):
            found.append((orders, tours))
        most -= 0 if size == 1 else min(frame.outings(size), len(sets) * len(frame.sessions))
        if shrinks:
            sets = sets[kept]
        if size == 2 and shrinks:
            links = np.zeros_like(frame.together)
            links[sets[:, 0], sets[:, 1]] = links[sets[:, 1], sets[:, 0]] = True
    return found, limit


def _shrinks(frame: Frame) -> bool:
    """Whether leaving out a stop always saves time, so that sets can be grown from smaller ones."""
    return all(
        (frame.way <= frame.way[:, stop, None] + frame.step[stop]).all()
        and (frame.depart <= frame.depart[stop] + frame.step[stop]).all()
        and (frame.back <= frame.step[:, stop] + frame.back[stop]).all()
        for stop in range(len(frame.visits))
    )


def _grown(frame: Frame, sets: np.ndarray, links: np.ndarray, room: int) -> tuple[np.ndarray, np.ndarray | None]:
    """Every ascending set with one more member linked to all the others.

    When there are too many, members must also be near each other or promised for one session, as the
    second value tells.
    """
    size = sets.shape[1] + 1
    most = MOST_SETS.get(size, BLOCK**2)
    if size in NEIGHBOURS and frame.outings(size) > room:
        most = min(most, room // len(frame.sessions))
    else:
        grown = _joined(sets, links, most)
        if grown is not None:
            return grown, None
    for neighbours in NEIGHBOURS.get(size, NEIGHBOURS[3]):
        near = links & (_near(frame, neighbours) | frame.promised)
        grown = _joined(sets, near, most)
        if grown is not None:
            return grown, near
    near = links & frame.promised
    return _joined(sets, near, BLOCK**2), near


def _near(frame: Frame, neighbours: int) -> np.ndarray:
    """Which two visits are close: one is among the nearest of the other."""
    ranked = np.argsort(frame.way, axis=1, kind="stable")[:, : neighbours + 1]
    near = np.zeros_like(frame.together)
    np.put_along_axis(near, ranked, True, axis=1)
    return near | near.T


def _joined(sets: np.ndarray, links: np.ndarray, most: int) -> np.ndarray | None:
    """The sets of `_grown`, or None when there are more than `most`."""
    grown, count = [np.empty((0, sets.shape[1] + 1), dtype=np.int16)], 0
    for begin in range(0, len(sets), BLOCK // 16):
        block = sets[begin : begin + BLOCK // 16]
        fits = np.arange(len(links)) > block[:, -1:]
        for column in block.T:
            fits &= links[column]
        row, new = np.nonzero(fits)
        count += len(row)
        if count > most:
            return None
        grown.append(np.column_stack([block[row], new.astype(np.int16)]))
    return np.concatenate(grown)


def cheapest_orders(frame: Frame, sets: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Indices of the sets (rows of the frame) that can be driven, cheapest order and its tour."""
    begin = np.maximum(frame.start + frame.depart, frame.earliest)
    kept, orders, tours = [], [], []
    for offset in range(0, max(len(sets), 1), BLOCK):
        block = sets[offset : offset + BLOCK]
        best = np.full(len(block), NEVER, dtype=np.int64)
        order = block.copy()
        for permutation in permutations(range(block.shape[1])):
            route = block[:, permutation]
            tour = frame.depart[route[:, 0]] + frame.back[route[:, -1]]
            clock = begin[route[:, 0]]
            fits = clock <= frame.latest[route[:, 0]]
            for here, there in zip(route.T[:-1], route.T[1:], strict=True):
                tour = tour + frame.way[here, there]
                clock = np.maximum(clock + frame.step[here, there], frame.earliest[there])
                fits &= clock <= frame.latest[there]
            fits &= clock <= frame.last[route[:, -1]]
            better = fits & (tour < best)
            best[better] = tour[better]
            order[better] = route[better]
        found = np.flatnonzero(best < NEVER)
        kept.append(found + offset)
        orders.append(order[found])
        tours.append(best[found])
    return np.concatenate(kept), np.concatenate(orders), np.concatenate(tours)


def timetable(problem: Problem, session: int, route: list[int]) -> list[int] | None:
    """Earliest start of every visit (all given by index), or None when the order cannot be kept."""
    frame = problem.sessions[session]
    here = depot = problem.depots[frame.dong]
    clock, starts = frame.start, []
    for visit in route:
        place = problem.visits[visit].location
        clock = max(clock + problem.travel[here, place], problem.earliest[visit, session])
        if not problem.allowed[visit, session] or clock > problem.latest[visit, session]:
            return None
        starts.append(int(clock))
        clock += problem.visits[visit].duration
        here = place
    return starts if clock + problem.travel[here, depot] <= frame.end else None


def best_order(problem: Problem, session: int, visits: list[int]) -> tuple[float, list[int]] | None:
    """Cheapest order (travel minutes, route) of these visits in the session, or None."""
    depot = problem.depots[problem.sessions[session].dong]
    best = None
    for route in permutations(sorted(visits)):
        stops = [depot, *(problem.visits[visit].location for visit in route), depot]
        tour = float(sum(problem.travel[a, b] for a, b in pairwise(stops)))
        if (best is None or tour < best[0]) and timetable(problem, session, list(route)):
            best = (tour, list(route))
    return best
