"""A quick whole plan from the relaxation, so that there is always one to improve or fall back on."""

from collections import Counter
from collections.abc import Iterable

import numpy as np

from planners.solver.master import Master

MANY = 200


def rounded(master: Master) -> np.ndarray:
    """Outings taken in order of their share in the relaxation while nothing is used twice.

    Outings with appointments come first; one that costs more than its visits are worth is left.
    """
    columns, shares = master.columns, np.round(master.shares(), 6)
    gain = _gains(master, columns)
    order = np.lexsort((columns, -gain, -shares, ~_promised(master, columns)))
    choice = _Choice(master)
    choice.take(columns[order[gain[order] > 0]])
    return choice.outings


def filled(master: Master, outings: np.ndarray) -> np.ndarray:
    """A choice with whatever still fits added, most gain first: for a search that ran out of time."""
    choice = _Choice(master)
    choice.take(outings)
    every = np.arange(len(master.catalogue))
    gain = _gains(master, every)
    left = every[gain > 0]
    left = left[np.lexsort((left, -gain[left], ~_promised(master, left)))]
    while len(left):
        left = left[choice.fits(left)]
        choice.take(left[:MANY])
    return choice.outings


def _gains(master: Master, outings: np.ndarray) -> np.ndarray:
    """What each outing brings: the prizes of its visits less its cost."""
    prizes = np.append(master.problem.prizes, 0.0)
    return prizes[master.catalogue.stops[outings]].sum(axis=1) - master.catalogue.cost[outings]


def _promised(master: Master, outings: np.ndarray) -> np.ndarray:
    booked = np.array([*(visit.booked is not None for visit in master.problem.visits), False])
    return booked[master.catalogue.stops[outings]].any(axis=1)


class _Choice:
    """Outings taken so far, and the visits, half-days and pair-days they use."""

    def __init__(self, master: Master) -> None:
        self.master = master
        self.catalogue = master.catalogue
        self.used = np.zeros(self.catalogue.blank + 1, dtype=bool)
        self.days: Counter = Counter()
        self.chosen: list[int] = []

    @property
    def outings(self) -> np.ndarray:
        return np.sort(np.array(self.chosen, dtype=np.int64))

    def take(self, outings: Iterable[int]) -> None:
        """Take what fits, in this order."""
        rows_of = self.catalogue.rows_of(np.asarray(outings, dtype=np.int64))
        for outing, rows in zip(outings, rows_of, strict=True):
            if self.used[rows].any() or not self._has_room(int(outing)):
                continue
            self.used[rows] = True
            self.used[self.catalogue.blank] = False
            self.chosen.append(int(outing))

    def fits(self, outings: np.ndarray) -> np.ndarray:
        """Which of these could be taken now; the first of them always will be."""
        visited = np.append(self.used[: self.master.visits], False)
        busy = self.used[self.catalogue.session_rows].any(axis=1)
        sessions = self.catalogue.session[outings]
        found = ~busy[sessions] & ~visited[self.catalogue.stops[outings]].any(axis=1)
        most = self.master.problem.daily_maximum
        if most is not None:
            room = [most - self.days[session.pair, session.day] for session in self.master.problem.sessions]
            found &= self.catalogue.sizes[outings] <= np.array(room)[sessions]
        return found

    def _has_room(self, outing: int) -> bool:
        """Whether the pair's day still takes the outing; if so it is counted."""
        most = self.master.problem.daily_maximum
        if most is None:
            return True
        session = self.master.problem.sessions[self.catalogue.session[outing]]
        size = int(self.catalogue.sizes[outing])
        if self.days[session.pair, session.day] + size > most:
            return False
        self.days[session.pair, session.day] += size
        return True
