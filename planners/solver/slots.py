"""Free slots for one resident on the phone: the cheapest places that a plan still has."""

from dataclasses import dataclass
from itertools import pairwise

from planners.solver.objective import travel_minutes
from planners.solver.problem import Plan, Problem


@dataclass(frozen=True, slots=True)
class FreeSlot:
    """A start in a session, the route it would become, and what it adds to the objective."""

    session: int | str
    day: int
    half: str
    start: int
    price: float
    route: tuple[int | str, ...]


class SlotAdvisor:
    """Answers for one plan; made once, then asked many times (well below a millisecond each)."""

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.problem = problem
        visits, sessions = problem.visit_index, problem.session_index
        self.routes = {sessions[session]: [visits[visit] for visit in route] for session, route in plan.routes.items()}
        self.place = {v: s for s, route in self.routes.items() for v in route}
        self.holder = {r: s for s in self.routes for r in problem.resources_of(s)}
        self.travel = problem.travel.tolist()
        self.earliest, self.latest = problem.earliest.tolist(), problem.latest.tolist()
        self.allowed = [row.nonzero()[0].tolist() for row in problem.allowed]
        self.cost = problem.cost.tolist()
        self.tours = {s: travel_minutes(problem, s, route) for s, route in self.routes.items()}

    def best(self, visit: int | str, *, count: int = 5) -> list[FreeSlot]:
        """The cheapest places for a visit, best first; its present place is one of them.

        The other visits keep their session and their order; promised times are kept exactly.
        """
        row = self.problem.visit_index[visit]
        found = []
        for session in self.allowed[row]:
            choice = self._insertion(row, session)
            if choice is not None:
                found.append((choice[0], self.problem.sessions[session].day, session, choice))
        found.sort(key=lambda item: item[:3])
        return [self._slot(row, session, choice) for *_, session, choice in found[:count]]

    def _insertion(self, row: int, session: int) -> tuple[float, list[int], int] | None:
        """Price, route and start of the cheapest way to add the visit to the session."""
        here = self.place.get(row)
        route = [visit for visit in self.routes.get(session, ()) if visit != row]
        if not route and not self._is_free(session, freed=here if self._empties(row) else None):
            return None
        if len(route) >= self.problem.sessions[session].max_visits or self._day_is_full(row, session):
            return None
        before = self._tour(session, route) if route else -self.problem.outing_cost
        best = None
        for position in range(len(route) + 1):
            longer = [*route[:position], row, *route[position:]]
            price = self._tour(session, longer) - before + self.cost[row][session]
            if best is None or price < best[0]:
                start = self._start(session, longer, row)
                if start is not None:
                    best = price, longer, start
        return best

    def _empties(self, row: int) -> bool:
        return row in self.place and len(self.routes[self.place[row]]) == 1

    def _is_free(self, session: int, *, freed: int | None) -> bool:
        holders = (self.holder.get(resource) for resource in self.problem.resources_of(session))
        return all(holder is None or holder in (freed, session) for holder in holders)

    def _day_is_full(self, row: int, session: int) -> bool:
        most = self.problem.daily_maximum
        if most is None:
            return False
        where = self.problem.sessions[session]
        there = [
            visit
            for other, route in self.routes.items()
            for visit in route
            if self.problem.sessions[other].pair == where.pair
            and self.problem.sessions[other].day == where.day
            and visit != row
        ]
        return len(there) >= most

    def _tour(self, session: int, route: list[int]) -> int:
        if route == self.routes.get(session):
            return self.tours[session]
        depot = self.problem.depots[self.problem.sessions[session].dong]
        visits = self.problem.visits
        stops = [depot, *(visits[visit].location for visit in route), depot]
        return sum(self.travel[a][b] for a, b in pairwise(stops))

    def _start(self, session: int, route: list[int], row: int) -> int | None:
        """Start of the visit at `row` when the route is driven as early as possible."""
        frame, visits, travel = self.problem.sessions[session], self.problem.visits, self.travel
        here = depot = self.problem.depots[frame.dong]
        clock, start = frame.start, None
        for visit in route:
            there = visits[visit].location
            clock = max(clock + travel[here][there], self.earliest[visit][session])
            if clock > self.latest[visit][session]:
                return None
            if visit == row:
                start = clock
            clock += visits[visit].duration
            here = there
        return start if clock + travel[here][depot] <= frame.end else None

    def _slot(self, row: int, session: int, choice: tuple[float, list[int], int]) -> FreeSlot:
        price, route, start = choice
        frame = self.problem.sessions[session]
        ids = tuple(self.problem.visits[visit].id for visit in route)
        return FreeSlot(frame.id, frame.day, frame.half, start, price, ids)
