"""Subset-row cuts: of three visits or half-days, two different outings can never each use two."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from planners.solver.catalogue import Catalogue

VIOLATION = 0.02
PER_ROUND = 60
PER_ROW = 6


@dataclass(frozen=True, eq=False)
class Cut:
    """Three rows of the master and the sorted outings that use at least two of them."""

    rows: tuple[int, int, int]
    outings: np.ndarray


class CutFinder:
    """Looks for cuts that a fractional choice of outings breaks."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.rows = catalogue.blank
        self.visits = len(catalogue.problem.visits)
        self.sessions_of: dict[int, list[int]] = defaultdict(list)
        for session, rows in enumerate(catalogue.session_rows.tolist()):
            for row in rows:
                self.sessions_of[row].append(session)

    def broken(self, outings: np.ndarray, share: np.ndarray, known: set) -> list[Cut]:
        """Cuts that these outings break, most broken first, at most a few per row."""
        used = np.zeros((self.rows + 1, len(outings)))
        for column in self.catalogue.rows_of(outings).T:
            used[column, np.arange(len(outings))] = 1.0
        rows = np.flatnonzero((used[: self.rows] > 0).sum(axis=1) >= 2)
        used = used[rows]
        weighed = used * share
        pairs = weighed @ used.T
        np.fill_diagonal(pairs, 0.0)
        found = []
        for i in range(len(rows)):
            near = i + 1 + np.flatnonzero(pairs[i, i + 1 :] > 1e-6)
            others = np.flatnonzero((pairs[np.append(near, i)] > 1e-6).any(axis=0))
            others = others[others > i]
            if len(others) < 2:
                continue
            triple = weighed[np.ix_(others, used[i] > 0)] @ used[np.ix_(others, used[i] > 0)].T
            beside = pairs[i, others]
            excess = beside[:, None] + beside + pairs[np.ix_(others, others)] - 2 * triple - 1
            j, k = np.nonzero(np.triu(excess > VIOLATION, 1))
            found += [
                (-round(float(excess[a, b]), 6), int(rows[i]), int(rows[others[a]]), int(rows[others[b]]))
                for a, b in zip(j, k, strict=True)
            ]
        chosen, often = [], np.zeros(self.rows + 1, dtype=int)
        for _, *three in sorted(found):
            if tuple(three) in known or (often[three] >= PER_ROW).any():
                continue
            often[three] += 1
            chosen.append(Cut(tuple(three), self._outings_using_two(three)))
            if len(chosen) == PER_ROUND:
                break
        return chosen

    def _outings_using_two(self, rows: list[int]) -> np.ndarray:
        flag = np.zeros(self.rows + 1, dtype=np.int8)
        flag[rows] = 1
        some = self._outings_near(rows)
        return some[flag[self.catalogue.rows_of(some)].sum(axis=1) >= 2]

    def _outings_near(self, rows: list[int]) -> np.ndarray:
        """Outings that use at least one of the rows; visits are looked up, half-days are spans."""
        first = self.catalogue.first
        parts = [self.catalogue.visiting(row) for row in rows if row < self.visits]
        for row in rows:
            spans = [(first[s], first[s + 1]) for s in self.sessions_of.get(row, ())]
            parts += [np.arange(begin, end) for begin, end in spans]
        return np.unique(np.concatenate(parts))
