"""The catalogue: every outing of every session in flat arrays, priced in one sweep."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from planners.solver.outings import Limit, fair_shares, feasible_orders, frames
from planners.solver.problem import Problem


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Outings sorted by session; outing c visits `stops[c]` (padded with the number of visits).

    `cost` is outing cost, tour and assignment costs; the outings of session s stand from
    `first[s]` to `first[s + 1]`. `limits` tells which were not even tried in a very large unit.
    """

    problem: Problem
    stops: np.ndarray
    cost: np.ndarray
    session: np.ndarray
    first: np.ndarray
    limits: tuple[Limit, ...]

    @cached_property
    def half_days(self) -> tuple[str, ...]:
        """Every person's half-day of the problem, sorted."""
        sessions = range(len(self.problem.sessions))
        return tuple(sorted({name for s in sessions for name in self.problem.resources_of(s)}))

    @cached_property
    def blank(self) -> int:
        """Number of rows that exclude each other: visits first, then half-days; also their padding."""
        return len(self.problem.visits) + len(self.half_days)

    @cached_property
    def session_rows(self) -> np.ndarray:
        """Half-day rows of each session, padded."""
        row = {name: len(self.problem.visits) + n for n, name in enumerate(self.half_days)}
        sessions = range(len(self.problem.sessions))
        found = [[row[name] for name in self.problem.resources_of(s)] for s in sessions]
        width = max((len(rows) for rows in found), default=0)
        padded = [rows + [self.blank] * (width - len(rows)) for rows in found]
        return np.array(padded, dtype=np.int64).reshape(len(found), width)

    def rows_of(self, outings: np.ndarray) -> np.ndarray:
        """The visits and half-days each outing uses, one row of numbers per outing, padded."""
        stops = self.stops[outings].astype(np.int64)
        stops[stops == len(self.problem.visits)] = self.blank
        return np.hstack([stops, self.session_rows[self.session[outings]]])

    def __len__(self) -> int:
        return len(self.cost)

    def with_more(self, stops: np.ndarray, cost: np.ndarray, session: np.ndarray) -> tuple[Catalogue, np.ndarray]:
        """The catalogue with these outings too as far as they are new, and where each of its present ones stands there."""
        known = self.find(stops, session)
        new = ~np.isin(self._keys(stops, session), self._keys(self.stops[known], self.session[known]))
        stops, cost, session = stops[new], cost[new], session[new]
        sessions = np.concatenate([self.session, session.astype(np.int32)])
        order = np.argsort(sessions, kind="stable")
        counts = np.bincount(sessions, minlength=len(self.problem.sessions))
        wider = replace(
            self,
            stops=np.concatenate([self.stops, stops])[order],
            cost=np.concatenate([self.cost, cost])[order],
            session=sessions[order],
            first=np.append(0, np.cumsum(counts)),
        )
        place = np.empty(len(order), dtype=np.int64)
        place[order] = np.arange(len(order))
        return wider, place[: len(self)]

    def find(self, stops: np.ndarray, session: np.ndarray) -> np.ndarray:
        """Where outings with the same visits in the same sessions stand."""
        wanted, own = np.sort(self._keys(stops, session)), self._keys(self.stops, self.session)
        if not len(wanted):
            return np.empty(0, dtype=np.int64)
        place = np.minimum(np.searchsorted(wanted, own), len(wanted) - 1)
        return np.flatnonzero(wanted[place] == own)

    def _keys(self, stops: np.ndarray, session: np.ndarray) -> np.ndarray:
        """A number for each outing that tells its session and its visits, whatever their order."""
        key = session.astype(np.int64)
        for column in np.sort(stops, axis=1).T:
            key = key * (len(self.problem.visits) + 1) + column
        return key

    @cached_property
    def sizes(self) -> np.ndarray:
        return (self.stops < len(self.problem.visits)).sum(axis=1)

    @cached_property
    def minutes(self) -> np.ndarray:
        """Visit minutes of each outing."""
        return np.append(self.problem.durations, 0)[self.stops].sum(axis=1)

    @cached_property
    def _by_visit(self) -> tuple[np.ndarray, np.ndarray]:
        order = np.argsort(self.stops, axis=None, kind="stable")
        counts = np.bincount(self.stops.ravel(), minlength=len(self.problem.visits) + 1)
        return (order // self.stops.shape[1]).astype(np.int32), np.append(0, np.cumsum(counts))

    def visiting(self, visit: int) -> np.ndarray:
        """Outings that make this visit, ascending."""
        outings, first = self._by_visit
        return outings[first[visit] : first[visit + 1]]

    def route(self, outing: int) -> list[int]:
        """Visits of the outing in driving order, by index."""
        return [int(v) for v in self.stops[outing] if v < len(self.problem.visits)]

    def reduced_costs(self, visit_duals: np.ndarray, session_duals: np.ndarray) -> np.ndarray:
        """Reduced cost of every outing under duals per visit and per session."""
        padded = np.append(visit_duals, 0.0)
        found = self.cost - session_duals[self.session]
        for column in self.stops.T:
            found -= padded[column]
        return found


def catalogue(problem: Problem) -> Catalogue:
    """List the outings of a problem; a session with appointments only goes out to keep them."""
    admitted = admitted_sessions(problem)
    width = max((session.max_visits for session in problem.sessions), default=1)
    nobody = len(problem.visits)
    parts: dict[int, list[tuple[np.ndarray, np.ndarray]]] = {}
    limits: list[Limit] = []
    found_frames = frames(problem, admitted)
    for frame, most in zip(found_frames, fair_shares(found_frames), strict=True):
        listed, limit = feasible_orders(frame, most)
        limits += [limit] if limit else []
        found = [(_padded(frame.visits[rows], width, nobody), tours) for rows, tours in listed]
        if not found:
            continue
        stops = np.concatenate([stops for stops, _ in found])
        tours = np.concatenate([tours for _, tours in found])
        for session in frame.sessions:
            parts[session] = _of_session(problem, admitted, session, stops, tours)
    return _joined(problem, parts, width, tuple(limits))


def _padded(visits: np.ndarray, width: int, blank: int) -> np.ndarray:
    missing = width - visits.shape[1]
    return np.pad(visits.astype(np.int16), ((0, 0), (0, missing)), constant_values=blank)


def admitted_sessions(problem: Problem) -> np.ndarray:
    """Where each visit may go; an appointment is kept in its own session at its own time."""
    admitted = problem.allowed & (problem.earliest <= problem.latest)
    for index in range(len(problem.visits)):
        session = problem.booking_of(index)
        if session is not None:
            admitted[index] = False
            admitted[index, session] = True
    return admitted


def _of_session(problem, admitted, session, stops, tours) -> tuple[np.ndarray, np.ndarray]:
    """Stops and costs of the outings of one session, chosen from those of its frame."""
    prices = np.append(np.where(admitted[:, session], problem.cost[:, session], np.inf), 0.0)
    cost = problem.outing_cost + tours + prices[stops].sum(axis=1)
    fits = np.isfinite(cost)
    limit = problem.sessions[session].max_visits
    if limit < stops.shape[1]:
        fits &= stops[:, limit] == len(problem.visits)
    stops, cost = stops[fits], cost[fits]
    promised = [v for v in range(len(problem.visits)) if problem.booking_of(v) == session]
    if promised:
        keeps = _keeping(stops, promised)
        stops, cost = stops[keeps], cost[keeps]
    return stops, cost


def _keeping(stops: np.ndarray, promised: list[int]) -> np.ndarray:
    """Which outings keep as many of the promised visits as can be kept in one outing together."""
    bits = np.zeros(len(stops), dtype=np.int64)
    for position, visit in enumerate(promised):
        bits |= (stops == visit).any(axis=1).astype(np.int64) << position
    kinds = np.unique(bits)
    largest = [kind for kind in kinds if not ((kinds & kind == kind) & (kinds != kind)).any()]
    return np.isin(bits, largest)


def _joined(problem, parts, width, limits) -> Catalogue:
    counts = np.zeros(len(problem.sessions) + 1, dtype=np.int64)
    for session, (stops, _) in parts.items():
        counts[session + 1] = len(stops)
    ordered = [parts[session] for session in sorted(parts)]
    return Catalogue(
        problem=problem,
        stops=np.concatenate([np.empty((0, width), np.int16), *(stops for stops, _ in ordered)]),
        cost=np.concatenate([np.empty(0), *(cost for _, cost in ordered)]),
        session=np.repeat(np.arange(len(problem.sessions)), counts[1:]).astype(np.int32),
        first=np.cumsum(counts),
        limits=limits,
    )
