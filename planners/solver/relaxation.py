"""The relaxation: outings are added until none could lower it, cuts until it breaks none."""

from itertools import pairwise

import numpy as np

from planners.solver.cuts import CutFinder
from planners.solver.deadline import Deadline
from planners.solver.master import Master
from planners.solver.omitted import worthwhile
from planners.solver.promises import only_promised

PER_SESSION = 10
CUT_ROUNDS = 12
# how often a large unit's catalogue grows, and by how many outings of each session
WIDENINGS, MORE_OF_EACH = 12, 100
TOLERANCE = 1e-6
# of the time, for the first bound; the rest is for whole outings
FIRST_SHARE = 0.5


class Relaxation:
    """A master's relaxation with its certified value and the reduced costs of the whole catalogue.

    Every outing is priced in every round, so that "no column" is a fact and `value` a true lower bound
    under the limits the master holds at the moment. The first solve may use a part of the time only:
    a bound alone is no plan. `certified` is the best bound on the way and `proof` its duals, for one that
    was cut short.
    """

    def __init__(self, master: Master, deadline: Deadline) -> None:
        self.master = master
        self.catalogue = master.catalogue
        self.deadline = deadline
        self.finder = CutFinder(master.catalogue)
        self.place = np.arange(len(master.catalogue))  # where the outings of the first catalogue stand now
        master.start(self._first_columns())
        whole, self.deadline = deadline, deadline.part(FIRST_SHARE)
        self.solve()
        self._widen()
        self.tighten()
        self.deadline = whole

    def _widen(self) -> None:
        """Add outings that were not listed while some would lower the value; the catalogue grows with them."""
        for _ in range(WIDENINGS if self.catalogue.limits else 0):
            part = self.deadline.part(0.5)
            found = worthwhile(self.master, self.duals, below=-TOLERANCE, of_each=MORE_OF_EACH, deadline=part)
            if found is None or not len(found[0]) or self.deadline.passed():
                return
            wider, place = self.catalogue.with_more(*found)
            self.place = place[self.place]
            known = self.master.columns
            is_new = np.ones(len(wider), dtype=bool)
            is_new[place] = False
            self.catalogue = wider
            self.finder = CutFinder(wider)
            self.master = self.master.over(wider)
            self.master.start(np.sort(np.append(place[known], np.flatnonzero(is_new))))
            self.solve()

    def _first_columns(self) -> np.ndarray:
        """Outings that keep just the appointments, and the cheapest small one of each session."""
        first, sizes, cost = self.catalogue.first, self.catalogue.sizes, self.catalogue.cost
        spans = [(a, b) for a, b in pairwise(first) if b > a]
        cheapest = [a + np.lexsort((cost[a:b], sizes[a:b]))[0] for a, b in spans]
        return np.union1d(only_promised(self.catalogue), np.array(cheapest, dtype=np.int64))

    def solve(self) -> None:
        """Add outings until none has a negative reduced cost, or time is up."""
        self.certified = -np.inf
        while True:
            guaranteed, self.duals, in_time = self.master.relax(seconds=self.deadline.left())
            self.reduced = self.master.reduced_costs(self.duals)
            self.value = guaranteed + self._savings()
            if self.value >= self.certified:
                self.certified, self.proof = self.value, self.duals
            if not in_time:
                self.deadline.miss()
                return
            wanted = np.flatnonzero(self.reduced < -TOLERANCE)
            new = wanted[~np.isin(wanted, self.master.columns)]
            if not len(new) or self.deadline.passed():
                return
            self.master.add(self._best_of_each_session(new))

    def _savings(self) -> float:
        """Lower limit of what outings could still save: each session goes out once at most."""
        first = self.catalogue.first
        spans = first[:-1] < first[1:]
        if not spans.any():
            return 0.0
        lowest = np.minimum.reduceat(self.reduced, first[:-1][spans])
        return float(np.minimum(lowest, 0.0).sum())

    def _best_of_each_session(self, outings: np.ndarray) -> np.ndarray:
        sessions = self.catalogue.session[outings]
        order = np.lexsort((self.reduced[outings], sessions))
        sessions = sessions[order]
        rank = np.arange(len(order)) - np.searchsorted(sessions, sessions)
        return outings[order[rank < PER_SESSION]]

    def tighten(self) -> None:
        """Add cuts, which hold for every plan, while the relaxation breaks some."""
        for _ in range(CUT_ROUNDS):
            shares = self.master.shares()
            halved = (shares > TOLERANCE) & (shares < 1 - TOLERANCE)
            if not halved.any() or self.deadline.passed():
                return
            known = {cut.rows for cut in self.master.cuts}
            cuts = self.finder.broken(self.master.columns[halved], shares[halved], known)
            if not cuts:
                return
            self.master.tighten(cuts)
            self.solve()
