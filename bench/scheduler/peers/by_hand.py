"""A half-filled month as a person sees it: routes, who is taken, what one more visit would add."""

from dataclasses import dataclass, field
from itertools import permutations

from bench.scheduler.audit import drive


@dataclass
class Month:
    """Routes by session row, visits by row, and the session that holds each resource."""

    content: dict
    routes: dict[int, list[int]] = field(default_factory=dict)
    holder: dict[str, int] = field(default_factory=dict)

    def promise(self) -> list[int]:
        """Place every appointment that can be kept; the rows of the visits that remain."""
        rows = {str(session["id"]): s for s, session in enumerate(self.content["sessions"])}
        left = []
        for v, visit in enumerate(self.content["visits"]):
            place = rows[str(visit["booked"][0])] if visit["booked"] else None
            option = None if place is None else self.addition(v, place)
            if option is None:
                left.append(v)
            else:
                self.place(place, option[1])
        return left

    def addition(self, v: int, s: int) -> tuple[int, list[int]] | None:
        """What the visit would add to the objective in this session, and the route; None if it cannot."""
        session = self.content["sessions"][s]
        route = self.routes.get(s, [])
        if self.content["cost"][v][s] is None or len(route) >= session["max"] or not self._is_free(s):
            return None
        before = self.content["outing_cost"] + drive(self.content, s, route)[1] if route else 0
        best = None
        for order in permutations([*route, v]):
            problem, tour = drive(self.content, s, list(order))
            if not problem and (best is None or tour < best[0]):
                best = tour, list(order)
        if best is None:
            return None
        return self.content["outing_cost"] + best[0] - before + self.content["cost"][v][s], best[1]

    def place(self, s: int, route: list[int]) -> None:
        self.routes[s] = route
        for resource in self.content["sessions"][s]["resources"]:
            self.holder[str(resource)] = s

    def _is_free(self, s: int) -> bool:
        resources = self.content["sessions"][s]["resources"]
        return all(self.holder.get(str(resource), s) == s for resource in resources)

    def by_id(self) -> dict:
        sessions, visits = self.content["sessions"], self.content["visits"]
        return {sessions[s]["id"]: [visits[v]["id"] for v in route] for s, route in self.routes.items()}
