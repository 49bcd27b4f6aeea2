"""The search: a certified bound by column generation, then whole outings until none can be better.

Every outing is priced in every round, so "no column" is a fact and the relaxation's value a true
lower bound. An outing whose reduced cost exceeds the distance between a known plan and the bound
cannot be part of a better plan; once all others have been tried together, the plan is proved.
"""

from dataclasses import dataclass
from itertools import pairwise
from time import monotonic

import numpy as np

from planners.solver.cuts import CutFinder
from planners.solver.master import Choice, Master
from planners.solver.omitted import omitted_savings
from planners.solver.promises import only_promised
from planners.solver.rounding import rounded

PER_SESSION = 10
CUT_ROUNDS = 12
LISTED_FIRST = 300
LISTED_MOST = 60_000
GROWTH = 8
NODES = 20_000
# so few outings are solved exactly at once, whatever the gap allows
EASY = 6_000
TOLERANCE = 1e-6


@dataclass(frozen=True, eq=False)
class Found:
    """The chosen outings and what is known about the best possible choice."""

    outings: np.ndarray
    price: float
    bound: float
    proved: bool
    reproducible: bool
    session_values: np.ndarray


class Search:
    """One search through a master's catalogue; `deadline` is on the monotonic clock."""

    def __init__(self, master: Master, *, gap: float, deadline: float) -> None:
        self.master = master
        self.catalogue = master.catalogue
        self.step = master.problem.step
        self.gap = gap
        self.deadline = deadline
        self.in_time = True
        self.value = self.bound = -np.inf

    def run(self) -> Found:
        """Find the outings of least price, as far as gap, node limit and deadline allow."""
        self.master.start(self._first_columns())
        reduced = self._tightened(self._generate())
        best = rounded(self.master)
        if not self._proves(self.master.price(best)) and self.in_time:
            best = self._listed(reduced, best)
        price = self.master.price(best)
        if self.catalogue.limits:
            self.bound = self._bound_with_omitted()
        proved = self._proves(price)
        bound = price if proved else min(self.bound, price)
        return Found(best, price, bound, proved, self.in_time, -self.duals.session)

    # relaxation -----------------------------------------------------------------------------

    def _first_columns(self) -> np.ndarray:
        """Outings that keep just the appointments, and the cheapest small one of each session."""
        first, sizes, cost = self.catalogue.first, self.catalogue.sizes, self.catalogue.cost
        spans = [(a, b) for a, b in pairwise(first) if b > a]
        cheapest = [a + np.lexsort((cost[a:b], sizes[a:b]))[0] for a, b in spans]
        return np.union1d(only_promised(self.catalogue), np.array(cheapest, dtype=np.int64))

    def _generate(self) -> np.ndarray:
        """Add outings until none has a negative reduced cost; the reduced costs of all."""
        while True:
            guaranteed, self.duals = self.master.relax()
            reduced = self.master.reduced_costs(self.duals)
            self.value = guaranteed + self._savings(reduced)
            self._raise(self.value)
            wanted = np.flatnonzero(reduced < -TOLERANCE)
            new = wanted[~np.isin(wanted, self.master.columns)]
            if not len(new) or self._late():
                return reduced
            self.master.add(self._best_of_each_session(new, reduced))

    def _savings(self, reduced: np.ndarray) -> float:
        """Lower limit of what outings could still save: each session goes out once at most."""
        first = self.catalogue.first
        spans = first[:-1] < first[1:]
        if not spans.any():
            return 0.0
        lowest = np.minimum.reduceat(reduced, first[:-1][spans])
        return float(np.minimum(lowest, 0.0).sum())

    def _best_of_each_session(self, outings: np.ndarray, reduced: np.ndarray) -> np.ndarray:
        sessions = self.catalogue.session[outings]
        order = np.lexsort((reduced[outings], sessions))
        sessions = sessions[order]
        rank = np.arange(len(order)) - np.searchsorted(sessions, sessions)
        return outings[order[rank < PER_SESSION]]

    def _tightened(self, reduced: np.ndarray) -> np.ndarray:
        """Add cuts while the relaxation breaks some; the reduced costs of all outings."""
        finder = CutFinder(self.catalogue)
        for _ in range(CUT_ROUNDS):
            shares = self.master.shares()
            halved = (shares > TOLERANCE) & (shares < 1 - TOLERANCE)
            if not halved.any() or self._late():
                break
            known = {cut.rows for cut in self.master.cuts}
            cuts = finder.broken(self.master.columns[halved], shares[halved], known)
            if not cuts:
                break
            self.master.tighten(cuts)
            reduced = self._generate()
        return reduced

    # whole outings --------------------------------------------------------------------------

    def _listed(self, reduced: np.ndarray, best: np.ndarray) -> np.ndarray:
        """Choose among ever more outings of least reduced cost, until no other can matter."""
        order = np.argsort(reduced, kind="stable")
        ranked = reduced[order]
        also, size = self.master.columns, LISTED_FIRST
        while True:
            size = min(size, LISTED_MOST, len(order))
            among = np.union1d(order[:size], np.union1d(also, best))
            choice = self._chosen(among, best)
            if choice is None:
                return best
            if self.master.price(choice.outings) < self.master.price(best):
                best = choice.outings
            price = self.master.price(best)
            self._raise(min(choice.bound, self.value + (ranked[size] if size < len(order) else np.inf)))
            room = price - self.step - self.value + TOLERANCE
            needed = int(np.searchsorted(ranked, room, "right"))
            if choice.finished and choice.exact and needed <= size:
                self._raise(price)
            if self._proves(price) or needed <= size or size == LISTED_MOST or self._late():
                return best
            if needed > EASY and self._good_enough(price):
                return best
            also, size = best, needed if needed <= EASY else min(needed, GROWTH * size)

    def _chosen(self, among: np.ndarray, best: np.ndarray) -> Choice | None:
        """Whole choice among some outings; few of them are solved exactly whatever the gap allows."""
        choice = self.master.choose(
            among,
            seconds=self.deadline - monotonic(),
            gap=self.gap if len(among) > EASY else 0.0,
            nodes=NODES,
            known=best,
        )
        self.in_time &= choice is not None and choice.in_time
        return choice

    def _bound_with_omitted(self) -> float:
        """The relaxation's bound, lowered by what outings outside the catalogue could save."""
        more = omitted_savings(self.catalogue, self.duals.visit, self.duals.session)
        bound = self.value + more.sum()
        free = self.catalogue.cost.min(initial=0.0) >= 0 and self.master.problem.prizes.min(initial=0.0) >= 0
        return max(bound, 0.0) if free else bound

    def _good_enough(self, price: float) -> bool:
        return self._proves(price) or price - self.bound <= self.gap * abs(self.bound)

    def _proves(self, price: float) -> bool:
        return price - self.bound < max(self.step, TOLERANCE * max(1.0, abs(price))) - TOLERANCE

    def _raise(self, bound: float) -> None:
        """Keep the best bound, rounded up to the next value an objective can have."""
        if self.step and np.isfinite(bound):
            bound = float(np.ceil(bound / self.step - 1e-4) * self.step)
        self.bound = max(self.bound, bound)

    def _late(self) -> bool:
        self.in_time &= monotonic() < self.deadline
        return not self.in_time
