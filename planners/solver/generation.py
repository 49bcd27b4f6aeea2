"""The search: from the relaxation's bound to whole outings, until none can be better.

An outing whose reduced cost exceeds the distance between a known plan and the bound cannot be part of a
better plan; once all others have been tried together, the plan is proved. Where the relaxation leaves
out, say, one and a half visits of a tier, or goes out seven and a third times, the search first asks for
the whole number below and for the one above.
"""

from dataclasses import dataclass, field, replace
from heapq import heappop, heappush

import numpy as np

from planners.solver.catalogue import Catalogue
from planners.solver.deadline import Deadline
from planners.solver.master import Choice, Master
from planners.solver.model import INFINITY, OUTINGS
from planners.solver.omitted import omitted_savings, worthwhile
from planners.solver.relaxation import TOLERANCE, Relaxation
from planners.solver.rounding import filled, rounded

LISTED_FIRST = 300
LISTED_MOST = 60_000
GROWTH = 8
# ends a hard proof after about as long as the watchdog would, but always at the same place
NODES = 3_000
# so few outings are solved exactly at once, whatever the gap allows
EASY = 6_000
# with more outings than this to try it pays to branch first
BRANCHING = 2_500
MOST_BRANCHES = 60

Limits = dict[int, tuple[float, float]]


@dataclass(frozen=True, eq=False)
class Found:
    """The chosen outings of a catalogue and what is known about the best possible choice."""

    catalogue: Catalogue
    outings: np.ndarray
    bound: float
    proved: bool
    reproducible: bool
    session_values: np.ndarray


@dataclass(order=True)
class Branch:
    """Limits on visits left out by prize and on the number of outings, and a bound for plans within them."""

    bound: float
    number: int
    limits: Limits = field(compare=False)


class Search:
    """One search through a master's catalogue; `earlier` are outings of an earlier plan to begin with."""

    def __init__(self, master: Master, *, gap: float, deadline: Deadline, earlier: np.ndarray | None = None) -> None:
        self.master = master
        self.catalogue = master.catalogue
        self.step = master.problem.step
        self.gap = gap
        self.deadline = deadline
        self.best, self.price = np.empty(0, dtype=np.int64), np.inf
        self.earlier = earlier

    def run(self) -> Found:
        """Find the outings of least price, as far as gap, node limit and deadline allow."""
        self.relaxation = Relaxation(self.master, self.deadline)
        self.master, self.catalogue = self.relaxation.master, self.relaxation.catalogue
        duals, root = self.relaxation.duals, self.relaxation.certified
        everything = root + self._omitted(self.relaxation.proof)
        self._keep(rounded(self.master))
        if self.earlier is not None and len(self.earlier):
            self._keep(filled(self.master, self.relaxation.place[self.earlier]))
        bound = self._branched(self._up(root))
        if self.catalogue.limits:
            bound = self._with_omitted(min(bound, everything), everything)
        if not self.deadline.kept:
            self._keep(filled(self.master, self.best))
        bound = max(bound, self._floor())
        proved = self._closed(bound)
        return Found(
            self.catalogue, self.best, self.price if proved else bound, proved, self.deadline.kept, -duals.session
        )

    # branches -------------------------------------------------------------------------------

    def _branched(self, root: float) -> float:
        """Work through branches, best bound first; the bound of all of them together."""
        open_branches, done, number = [Branch(root, 0, {})], np.inf, 0
        while open_branches:
            branch = heappop(open_branches)
            lowest = min(branch.bound, done)
            near_enough = self._closed(branch.bound) or (number and self._within_gap(lowest))
            if near_enough or number > MOST_BRANCHES or self._late():
                done = lowest
                break
            split = self._enter(branch)
            if not self._closed(branch.bound) and (split is None or branch.number == 0):
                branch.bound, settled = self._listed(branch.bound, patient=split is None)
                split = None if settled else split
            if split is None or self._closed(branch.bound):
                done = min(done, branch.bound)
                continue
            for limits in self._halves(branch.limits, *split):
                number += 1
                heappush(open_branches, Branch(branch.bound, number, limits))
        return min([done, *(branch.bound for branch in open_branches)])

    def _enter(self, branch: Branch) -> tuple[int, float] | None:
        """Solve the relaxation within a branch; what is no whole number: visits left out of a prize, outings."""
        if branch.number:
            self.master.leave_out(branch.limits)
            self.relaxation.solve()
            self.relaxation.tighten()
            branch.bound = max(branch.bound, self._up(self.relaxation.certified))
            self._keep(rounded(self.master))
        if branch.number and self._needed() <= BRANCHING:
            return None
        shares = self.master.left_out_shares()
        uneven = np.abs(shares - np.round(shares))
        if uneven.max(initial=0.0) < 1e-4:
            count = float(self.master.shares().sum())
            return (OUTINGS, count) if abs(count - round(count)) > 1e-4 else None
        group = int(np.argmax(np.where(uneven < 1e-4, 0.0, uneven * self.master.prizes)))
        return group, float(shares[group])

    def _halves(self, limits: Limits, group: int, share: float) -> list[Limits]:
        least, most = limits.get(group, (-INFINITY, INFINITY))
        return [
            limits | {group: (least, float(np.floor(share)))},
            limits | {group: (float(np.ceil(share)), most)},
        ]

    # whole outings --------------------------------------------------------------------------

    def _listed(self, bound: float, *, patient: bool) -> tuple[float, bool]:
        """Choose among ever more outings of least reduced cost, until no other can matter.

        Returns the bound within the branch, and whether the branch is settled; a list that would grow
        long is not tried unless `patient`.
        """
        value, reduced = self.relaxation.value, self.relaxation.reduced
        order = np.argsort(reduced, kind="stable")
        ranked = reduced[order]
        also, size = self.master.columns, LISTED_FIRST
        while True:
            size = min(size, LISTED_MOST, len(order))
            choice = self._chosen(np.union1d(order[:size], np.union1d(also, self.best)))
            if choice is None:
                return bound, True
            self._keep(choice.outings)
            outside = value + (ranked[size] if size < len(order) else np.inf)
            bound = max(bound, self._up(min(choice.bound, outside)))
            needed = self._needed()
            if self._closed(bound) or needed <= size or size == LISTED_MOST:
                return bound, True
            if not choice.finished or self._late():
                return bound, True
            if needed > EASY and self._within_gap(bound):
                return bound, True
            if needed > BRANCHING and not patient:
                return bound, False
            also, size = self.best, needed if needed <= EASY else min(needed, GROWTH * size)

    def _chosen(self, among: np.ndarray) -> Choice | None:
        choice = self.master.choose(
            among,
            seconds=self.deadline.left(),
            gap=self.gap if len(among) > EASY else 0.0,
            nodes=NODES,
            known=self.best,
        )
        if choice is None or not choice.in_time:
            self.deadline.miss()
        return choice

    def _needed(self) -> int:
        """How many outings could be part of a better plan than the best one known."""
        room = self.price - self.step - self.relaxation.value + TOLERANCE
        return int((self.relaxation.reduced <= room).sum())

    # bounds ---------------------------------------------------------------------------------

    def _keep(self, outings: np.ndarray) -> None:
        price = self.master.price(outings)
        if price < self.price:
            self.best, self.price = outings, price

    def _closed(self, bound: float) -> bool:
        """Whether nothing better than the best plan can have this bound."""
        return self.price - bound < max(self.step, TOLERANCE * max(1.0, abs(self.price))) - TOLERANCE

    def _within_gap(self, bound: float) -> bool:
        return self.price - bound <= self.gap * abs(bound)

    def _up(self, bound: float) -> float:
        """A bound rounded up to the next value an objective can have."""
        if not self.step or not np.isfinite(bound):
            return bound
        return float(np.ceil(bound / self.step - 1e-4) * self.step)

    def _late(self) -> bool:
        return self.deadline.passed()

    def _with_omitted(self, bound: float, everything: float) -> float:
        """Search once more with all outings that were not listed and could be part of a better plan, if they are few.

        `everything` is what no outing at all can go below under the relaxation's prices; the rest of them then
        cannot matter, and the second search's bound is one for all. Returns the better bound.
        """
        if self._closed(bound) or self._within_gap(bound) or not np.isfinite(everything):
            return bound
        room = self.price - self.step - everything + TOLERANCE
        found = worthwhile(self.master, self.relaxation.proof, below=room, of_each=LISTED_MOST, deadline=self.deadline)
        if found is None or len(found[0]) > LISTED_MOST:
            return bound
        wider, place = self.catalogue.with_more(*found)
        again = Search(self.master.over(replace(wider, limits=())), gap=self.gap, deadline=self.deadline)
        again._keep(place[self.best])
        result = again.run()
        self.master, self.catalogue = again.master, again.catalogue
        self.best, self.price = again.best, again.price
        return max(bound, result.bound)

    def _omitted(self, duals) -> float:
        """Lower limit (0 or less) of what outings outside the catalogue could save under these duals.

        It is only worth some of the time: without it the floor stays as a bound.
        """
        if not self.catalogue.limits:
            return 0.0
        some = self.deadline.part(0.25)
        return float(omitted_savings(self.master, duals, some).sum())

    def _floor(self) -> float:
        """What no plan can go below, however little the search found out."""
        costs = self.catalogue.cost, self.master.problem.prizes
        return 0.0 if all(values.min(initial=0.0) >= 0 for values in costs) else -np.inf
