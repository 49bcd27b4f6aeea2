"""The month as routing engines want it: one vehicle a session, its own cost of going to each visit."""

from dataclasses import dataclass

import numpy as np

FORBIDDEN = 10_000_000


@dataclass(frozen=True, eq=False)
class PriceTable:
    """Places are the center (0) and then every visit; all arrays hold whole minutes."""

    content: dict
    travel: np.ndarray

    @classmethod
    def of(cls, content: dict) -> "PriceTable":
        (depot,) = set(content["depots"].values())
        places = [depot, *(visit["loc"] for visit in content["visits"])]
        return cls(content, np.array(content["travel"])[np.ix_(places, places)])

    def allowed(self, v: int) -> list[int]:
        """Rows of the sessions that may make the visit."""
        return [s for s, cost in enumerate(self.content["cost"][v]) if cost is not None]

    def windows(self, v: int) -> list[tuple[int, int]]:
        """The start windows of the visit over all its sessions, ascending."""
        return sorted({tuple(self.content["start_window"][v][s]) for s in self.allowed(v)})

    def costs(self, s: int, *, forbidden: int = FORBIDDEN) -> np.ndarray:
        """Travel plus the assignment cost of the visit one arrives at."""
        prices = [row[s] for row in self.content["cost"]]
        entering = np.array([0, *(forbidden if price is None else price for price in prices)])
        costs = self.travel + entering
        np.fill_diagonal(costs, 0)
        return costs.astype(np.int64)
