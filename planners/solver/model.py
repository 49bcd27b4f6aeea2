"""The model that HiGHS is given: rows that exclude each other, and the columns of outings in them."""

import highspy
import numpy as np

from planners.solver.catalogue import Catalogue
from planners.solver.cuts import Cut
from planners.solver.problem import Problem

INFINITY = highspy.kHighsInf
#: stands beside the groups of prizes where numbers are limited: how many outings there are
OUTINGS = -1


class Model:
    """Rows of the set packing model, and the columns of any outings of the catalogue in them.

    Rows in this order: a visit is made once or left out at its prize; a person's half-day serves one
    outing; appointments lost never exceed `lost`; where the problem asks, visits of a pair-day, minutes of a
    pair above the mean, and again in whole visits (see `rounded_mean`); how many outings there are; how many visits of each prize are left out; cuts.
    """

    def __init__(self, catalogue: Catalogue, *, seed: int, lost: int) -> None:
        self.catalogue = catalogue
        self.seed = seed
        self.lost = lost
        self.problem = problem = catalogue.problem
        self.visits = len(problem.visits)
        self.lost_row = catalogue.blank
        self.rows = self.lost_row + 1
        pair_days = [(session.pair, session.day) for session in problem.sessions]
        self.day_row = self._family(pair_days, wanted=problem.daily_maximum is not None)
        pairs = [session.pair for session in problem.sessions]
        self.load_row = self._family(pairs, wanted=problem.fairness_price > 0)
        self.slope, self.below_mean = rounded_mean(problem)
        self.round_row = self._family(pairs, wanted=self.load_row is not None and 0 < self.slope < 1)
        self.count_row = self.rows
        self.rows += 1
        self.prizes, group = np.unique(problem.prizes, return_inverse=True)
        self.first_prize_row = self.rows
        self.prize_row = self.rows + group
        self.rows += len(self.prizes)
        self.left_out: dict[int, tuple[float, float]] = {}
        self.cuts: list[Cut] = []

    def _family(self, keys: list, *, wanted: bool) -> np.ndarray | None:
        """Row of each session in a family with one row per distinct key."""
        if not wanted:
            return None
        row = {key: self.rows + position for position, key in enumerate(dict.fromkeys(keys))}
        self.rows += len(row)
        return np.array([row[key] for key in keys], dtype=np.int64)

    def matrix(self, outings: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Starts, row indices and values of the columns of these outings."""
        sessions = self.catalogue.session[outings]
        minutes = self.catalogue.minutes
        base = self.catalogue.rows_of(outings)
        rows = [np.where(base == self.catalogue.blank, -1, base), np.full((len(outings), 1), self.count_row)]
        values = [np.ones(base.shape), np.ones((len(outings), 1))]
        for family, amounts in (
            (self.day_row, self.catalogue.sizes),
            (self.load_row, minutes),
            (self.round_row, self.slope * minutes),
        ):
            if family is not None:
                rows.append(family[sessions][:, None])
                values.append(amounts[outings][:, None].astype(float))
        for position, cut in enumerate(self.cuts):
            inside = np.isin(outings, cut.outings)
            if inside.any():
                rows.append(np.where(inside, self.rows + position, -1)[:, None])
                values.append(np.ones((len(outings), 1)))
        index, value = np.hstack(rows), np.hstack(values)
        used = index >= 0
        starts = np.append(0, np.cumsum(used.sum(axis=1)))
        return starts.astype(np.int32), index[used].astype(np.int32), value[used]

    def _slacks(self) -> tuple[np.ndarray, ...]:
        """Columns that are no outings (cost, upper, starts, index, value).

        First every visit left out, then the minutes of each pair above the mean, then, at a price that
        nothing is worth, visits left out beyond the number asked for, and outings too many or too few.
        """
        index, value, starts = [], [], [0]
        for visit in range(self.visits):
            rows = [visit, int(self.prize_row[visit])]
            if self.problem.visits[visit].booked is not None:
                rows.append(self.lost_row)
            index += rows
            value += [1.0] * len(rows)
            starts.append(len(index))
        loads = [[row] for row in _rows(self.load_row)]
        for rows, row in zip(loads, _rows(self.round_row), strict=False):
            rows.append(row)
        above = [*loads, *([row] for row in range(self.first_prize_row, self.rows)), [self.count_row]]
        for rows, sign in [*((rows, -1.0) for rows in above), ([self.count_row], 1.0)]:
            index += rows
            value += [sign] * len(rows)
            starts.append(len(index))
        more = [self.problem.fairness_price] * len(loads) + [self.beyond] * (len(self.prizes) + 2)
        cost = np.append(self.problem.prizes, more)
        upper = np.append(np.ones(self.visits), [INFINITY] * len(more))
        return cost, upper, np.array(starts, np.int32), np.array(index, np.int32), np.array(value)

    @property
    def beyond(self) -> float:
        """A price above anything a plan can gain."""
        return 10.0 * (1.0 + float(self.problem.prizes.max(initial=0.0)))

    def limits(self) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper sides of all rows."""
        more = len(self.cuts)
        lower, upper = np.full(self.rows + more, -INFINITY), np.ones(self.rows + more)
        upper[self.first_prize_row : self.rows] = INFINITY
        lower[: self.visits] = 1.0
        upper[self.lost_row] = self.lost
        if self.day_row is not None:
            upper[self.day_row] = self.problem.daily_maximum
        if self.load_row is not None:
            upper[self.load_row] = self.problem.mean_load
        if self.round_row is not None:
            upper[self.round_row] = self.slope * self.below_mean
        upper[self.count_row] = INFINITY
        for group, (least, most) in self.left_out.items():
            row = self.row_of(group)
            lower[row], upper[row] = least, most
        return lower, upper

    def row_of(self, group: int) -> int:
        """The row that counts visits left out of the group of a prize, or all outings."""
        return self.count_row if group == OUTINGS else self.first_prize_row + group

    def opened(self, outings: np.ndarray, *, whole: bool) -> highspy.Highs:
        """A HiGHS model over these outings, with whole numbers or relaxed."""
        cost, upper, starts, index, value = self._slacks()
        more_starts, more_index, more_value = self.matrix(outings)
        lp = highspy.HighsLp()
        lp.num_col_ = len(cost) + len(outings)
        lp.num_row_ = self.rows + len(self.cuts)
        lp.col_cost_ = np.concatenate([cost, self.catalogue.cost[outings]])
        lp.col_lower_ = np.zeros(lp.num_col_)
        most = np.full(len(outings), 1.0 if whole else INFINITY)
        lp.col_upper_ = np.concatenate([upper, most])
        lp.row_lower_, lp.row_upper_ = self.limits()
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_ = np.concatenate([starts, starts[-1] + more_starts[1:]])
        lp.a_matrix_.index_ = np.concatenate([index, more_index])
        lp.a_matrix_.value_ = np.concatenate([value, more_value])
        if whole:
            kinds = [highspy.HighsVarType.kInteger] * lp.num_col_
            loads = range(self.visits, len(cost))
            kinds[self.visits : len(cost)] = [highspy.HighsVarType.kContinuous for _ in loads]
            lp.integrality_ = kinds
        solver = highspy.Highs()
        for option, setting in {
            "output_flag": False,
            "threads": 1,
            "parallel": "off",
            "random_seed": self.seed % 2**31,
        }.items():
            solver.setOptionValue(option, setting)
        solver.passModel(lp)
        return solver


def rounded_mean(problem: Problem) -> tuple[float, float]:
    """What minutes above the mean come to when loads grow in steps: a slope, and the load it begins at.

    With visits of an hour and a mean of four and a half, the fifth one of a pair brings half an hour above,
    and no plan gets by with less: minutes above >= slope * (load - load at which it begins).
    """
    unit = int(np.gcd.reduce(problem.durations)) if len(problem.visits) else 0
    if not unit or not problem.fairness_price:
        return 0.0, 0.0
    begins = problem.mean_load // unit * unit
    return (begins + unit - problem.mean_load) / unit, float(begins)


def _rows(family: np.ndarray | None) -> list[int]:
    """The rows of a family, each once."""
    return [] if family is None else list(dict.fromkeys(family.tolist()))
