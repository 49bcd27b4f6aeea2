"""The month problem and its plan: what may be planned, where, when and at what price."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np


@dataclass(frozen=True, slots=True)
class Session:
    """One possible half-day outing of a pair, from leaving the center to being back.

    Times are minutes after midnight. Every id in `resources` is a person's half-day and serves
    one outing at most, so sessions that share one exclude each other.
    """

    id: int | str
    pair: str
    day: int
    half: str
    start: int
    end: int
    max_visits: int
    dong: str
    resources: tuple[str, ...]
    skills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Visit:
    """One home visit that waits for a place in the month; `booked` is (session id, start)."""

    id: int | str
    location: int
    duration: int
    prize: float
    booked: tuple[int | str, int] | None = None
    tier: int = 0
    program: str = ""
    dong: str = ""
    release: int = 1
    due: int = 31
    needs: tuple[str, ...] = ()
    halves: tuple[str, ...] | None = None
    weekdays: tuple[int, ...] | None = None
    window: tuple[int, int] | None = None
    previous_pair: str | None = None
    preferred_half: str | None = None


@dataclass(frozen=True, eq=False)
class Problem:
    """A planning unit's month: minutes everywhere, visits by rows and sessions by columns.

    `allowed[v, s]` says whether visit v may be made in session s; `cost`, `earliest` and `latest`
    (start of the service) mean something only there. `fairness_price` a minute is charged to a pair
    above the unit's mean load, and `daily_maximum` limits the visits of a pair on one day; both are
    off unless asked for.
    """

    name: str
    year: int
    month: int
    outing_cost: float
    travel: np.ndarray
    depots: Mapping[str, int]
    sessions: tuple[Session, ...]
    visits: tuple[Visit, ...]
    allowed: np.ndarray
    cost: np.ndarray
    earliest: np.ndarray
    latest: np.ndarray
    previous_plan: Mapping[int | str, int | str] = field(default_factory=dict)
    fairness_price: float = 0.0
    daily_maximum: int | None = None

    @cached_property
    def session_index(self) -> dict[int | str, int]:
        return {session.id: index for index, session in enumerate(self.sessions)}

    @cached_property
    def visit_index(self) -> dict[int | str, int]:
        return {visit.id: index for index, visit in enumerate(self.visits)}

    @cached_property
    def locations(self) -> np.ndarray:
        return np.array([visit.location for visit in self.visits], dtype=np.int64)

    @cached_property
    def durations(self) -> np.ndarray:
        return np.array([visit.duration for visit in self.visits], dtype=np.int64)

    @cached_property
    def prizes(self) -> np.ndarray:
        return np.array([visit.prize for visit in self.visits], dtype=float)

    @cached_property
    def mean_load(self) -> int:
        """Visit minutes per pair if everything that fits anywhere were planned evenly."""
        pairs = {session.pair for session in self.sessions}
        plannable = self.allowed.any(axis=1) if self.visits else np.zeros(0, bool)
        return round(float(self.durations[plannable].sum()) / max(1, len(pairs)))

    @cached_property
    def step(self) -> float:
        """Smallest possible difference between two objective values, 0 when there is none."""
        numbers = np.concatenate([self.cost[self.allowed], self.prizes, [self.outing_cost]])
        if not np.array_equal(numbers, np.round(numbers)):
            return 0.0
        if not self.fairness_price:
            return 1.0
        parts = round(1 / self.fairness_price)
        return 1 / parts if abs(parts * self.fairness_price - 1) < 1e-9 else 0.0

    def resources_of(self, session: int) -> tuple[str, ...]:
        """Resource ids of the session at this index; a session without any is its own resource."""
        found = self.sessions[session]
        return found.resources or (f"session {found.id}",)

    def booking_of(self, visit: int) -> int | None:
        """Index of the session where the visit at this index has a keepable appointment."""
        booked = self.visits[visit].booked
        if booked is None:
            return None
        session = self.session_index[booked[0]]
        return session if self.allowed[visit, session] else None


@dataclass(frozen=True, slots=True)
class BookingConflict:
    """Promises that cannot all be kept, and the sessions they were given in."""

    visits: tuple[int | str, ...]
    sessions: tuple[int | str, ...]
    cause: str


@dataclass(frozen=True, eq=False)
class Plan:
    """Routes by session id (visit ids in order) with the proof of how good they are.

    `half_day_values` says by session id what the last relaxation would pay for a little more of
    its half-days; it ranks, it does not promise.
    """

    objective: float
    lower_bound: float
    routes: dict[int | str, tuple[int | str, ...]]
    proved: bool = False
    reproducible: bool = True
    seed: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    columns: int = 0
    conflicts: tuple[BookingConflict, ...] = ()
    half_day_values: Mapping[int | str, float] = field(default_factory=dict)

    @property
    def gap(self) -> float:
        """Share by which the objective may lie above the optimum."""
        if self.proved or self.objective <= self.lower_bound:
            return 0.0
        return (self.objective - self.lower_bound) / max(abs(self.lower_bound), 1.0)

    @cached_property
    def session_of(self) -> dict[int | str, int | str]:
        return {visit: session for session, route in self.routes.items() for visit in route}
