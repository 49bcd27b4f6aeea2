"""The master problem in HiGHS: choose outings so that no visit or half-day is used twice."""

from dataclasses import dataclass

import highspy
import numpy as np

from planners.solver.catalogue import Catalogue
from planners.solver.cuts import Cut

INFINITY = highspy.kHighsInf
ALMOST = 1e-6


@dataclass(frozen=True, eq=False)
class Duals:
    """Prices of the rows: per visit, per session (its half-days), per cut, pair-day and pair."""

    visit: np.ndarray
    session: np.ndarray
    cut: np.ndarray
    day: np.ndarray | None
    load: np.ndarray | None


@dataclass(frozen=True, eq=False)
class Choice:
    """Outings chosen by an integer solve, and what it proved about the outings it was given."""

    outings: np.ndarray
    bound: float
    finished: bool
    exact: bool
    in_time: bool


class Master:
    """Rows of the set packing model and the columns taken from the catalogue so far.

    Rows: a visit is made once or left out at its prize; a person's half-day serves one outing;
    appointments lost never exceed `lost`; and, where the problem asks, visits of a pair-day and
    minutes of a pair above the mean.
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
        self.columns = np.empty(0, dtype=np.int64)
        self.cuts: list[Cut] = []

    def _family(self, keys: list, *, wanted: bool) -> np.ndarray | None:
        """Row of each session in a family with one row per distinct key."""
        if not wanted:
            return None
        row = {key: self.rows + position for position, key in enumerate(dict.fromkeys(keys))}
        self.rows += len(row)
        return np.array([row[key] for key in keys], dtype=np.int64)

    # columns --------------------------------------------------------------------------------

    def matrix(self, outings: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Starts, row indices and values of the columns of these outings."""
        sessions = self.catalogue.session[outings]
        base = self.catalogue.rows_of(outings)
        rows = [np.where(base == self.catalogue.blank, -1, base)]
        values = [np.ones(base.shape)]
        for family, amounts in (
            (self.day_row, self.catalogue.sizes),
            (self.load_row, self.catalogue.minutes),
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

        First every visit left out, then the minutes of each pair above the mean.
        """
        index, value, starts = [], [], [0]
        for visit in range(self.visits):
            rows = [visit]
            if self.problem.visits[visit].booked is not None:
                rows.append(self.lost_row)
            index += rows
            value += [1.0] * len(rows)
            starts.append(len(index))
        loads = [] if self.load_row is None else dict.fromkeys(self.load_row.tolist())
        for row in loads:
            index.append(row)
            value.append(-1.0)
            starts.append(len(index))
        cost = np.append(self.problem.prizes, [self.problem.fairness_price] * len(loads))
        upper = np.append(np.ones(self.visits), [INFINITY] * len(loads))
        return cost, upper, np.array(starts, np.int32), np.array(index, np.int32), np.array(value)

    def _limits(self) -> tuple[np.ndarray, np.ndarray]:
        more = len(self.cuts)
        lower, upper = np.full(self.rows + more, -INFINITY), np.ones(self.rows + more)
        lower[: self.visits] = 1.0
        upper[self.lost_row] = self.lost
        if self.day_row is not None:
            upper[self.day_row] = self.problem.daily_maximum
        if self.load_row is not None:
            upper[self.load_row] = self.problem.mean_load
        return lower, upper

    def _opened(self, outings: np.ndarray, *, whole: bool) -> highspy.Highs:
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
        lp.row_lower_, lp.row_upper_ = self._limits()
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

    # relaxation -----------------------------------------------------------------------------

    def start(self, outings: np.ndarray) -> None:
        """Open the relaxation with these outings."""
        self.columns = np.asarray(outings, dtype=np.int64)
        self.relaxed = self._opened(self.columns, whole=False)
        self.relaxed.setOptionValue("presolve", "off")
        self.relaxed.setOptionValue("solver", "simplex")
        self.slack_columns = self.relaxed.getNumCol() - len(self.columns)

    def add(self, outings: np.ndarray) -> None:
        """Add outings to the relaxation, keeping its basis."""
        starts, index, value = self.matrix(outings)
        nothing, endless = np.zeros(len(outings)), np.full(len(outings), INFINITY)
        cost = self.catalogue.cost[outings]
        self.relaxed.addCols(len(outings), cost, nothing, endless, len(index), starts[:-1], index, value)
        self.columns = np.concatenate([self.columns, outings])

    def tighten(self, cuts: list[Cut]) -> None:
        """Add cuts to the relaxation."""
        for cut in cuts:
            where = self.slack_columns + np.flatnonzero(np.isin(self.columns, cut.outings))
            ones = np.ones(len(where))
            self.relaxed.addRow(-INFINITY, 1.0, len(where), where.astype(np.int32), ones)
        self.cuts += cuts

    def relax(self) -> tuple[float, Duals]:
        """Solve the relaxation: the value its duals guarantee, and the duals of its rows."""
        self.relaxed.run()
        if self.relaxed.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise ArithmeticError("the relaxation has no optimal solution")
        row = np.array(self.relaxed.getSolution().row_dual)
        row[self.visits :] = np.minimum(row[self.visits :], 0.0)
        if self.load_row is not None:
            row[self.load_row] = np.maximum(row[self.load_row], -self.problem.fairness_price)
        half_days = np.append(row[: self.catalogue.blank], 0.0)
        session = half_days[self.catalogue.session_rows].sum(axis=1)
        day = None if self.day_row is None else row[self.day_row]
        load = None if self.load_row is None else row[self.load_row]
        return self._dual_value(row), Duals(row[: self.visits], session, row[self.rows :], day, load)

    def _dual_value(self, row: np.ndarray) -> float:
        """What the row prices alone guarantee; it does not lean on the simplex' tolerances.

        Weak duality for all prices of the right sign: right-hand sides, less what leaving a visit out
        could save. Outings with a negative reduced cost are the caller's to subtract.
        """
        booked = np.array([visit.booked is not None for visit in self.problem.visits], dtype=float)
        left_out = self.problem.prizes - row[: self.visits] - booked * row[self.lost_row]
        _, upper = self._limits()
        return float(row @ upper + np.minimum(left_out, 0.0).sum())

    def shares(self) -> np.ndarray:
        """How much of each column the relaxation uses."""
        return np.array(self.relaxed.getSolution().col_value)[self.slack_columns :]

    def reduced_costs(self, duals: Duals) -> np.ndarray:
        """Reduced cost of every outing of the catalogue."""
        found = self.catalogue.reduced_costs(duals.visit, duals.session)
        for cut, dual in zip(self.cuts, duals.cut, strict=True):
            if dual:
                found[cut.outings] -= dual
        if duals.day is not None:
            found -= duals.day[self.catalogue.session] * self.catalogue.sizes
        if duals.load is not None:
            found -= duals.load[self.catalogue.session] * self.catalogue.minutes
        return found

    def price(self, outings: np.ndarray) -> float:
        """Objective of a choice of outings that exclude nothing twice."""
        left = np.ones(self.visits + 1)
        left[self.catalogue.stops[outings].ravel()] = 0.0
        price = self.catalogue.cost[outings].sum() + (self.problem.prizes * left[:-1]).sum()
        if self.load_row is not None:
            rows = self.load_row[self.catalogue.session[outings]]
            loads = np.bincount(rows, weights=self.catalogue.minutes[outings])
            price += self.problem.fairness_price * np.maximum(loads - self.problem.mean_load, 0).sum()
        return float(price)

    # whole outings --------------------------------------------------------------------------

    def choose(
        self,
        outings: np.ndarray,
        *,
        seconds: float,
        gap: float,
        nodes: int,
        known: np.ndarray | None = None,
    ) -> Choice | None:
        """Best whole choice among the outings, or None if time ended before there was one.

        `known` is a choice to improve upon; a difference below one step of the objective is not
        looked for.
        """
        solver = self._opened(outings, whole=True)
        for option, setting in {
            "time_limit": max(seconds, 0.01),
            "mip_max_nodes": nodes,
            "mip_rel_gap": gap,
            "mip_abs_gap": max(self.problem.step - 1e-3, 0.0),
        }.items():
            solver.setOptionValue(option, setting)
        slacks = solver.getNumCol() - len(outings)
        if known is not None:
            self._suggest(solver, outings, known, slacks)
        solver.run()
        info = solver.getInfo()
        if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return None
        chosen = np.array(solver.getSolution().col_value)[slacks:] > 0.5
        status = solver.getModelStatus()
        return Choice(
            outings=outings[chosen],
            bound=info.mip_dual_bound,
            finished=status == highspy.HighsModelStatus.kOptimal,
            exact=gap == 0.0,
            in_time=status != highspy.HighsModelStatus.kTimeLimit,
        )

    def _suggest(self, solver, outings: np.ndarray, known: np.ndarray, slacks: int) -> None:
        taken = np.isin(outings, known).astype(float)
        left = np.ones(self.visits + 1)
        left[self.catalogue.stops[known].ravel()] = 0.0
        where = np.append(np.arange(self.visits), slacks + np.arange(len(outings)))
        values = np.append(left[: self.visits], taken)
        solver.setSolution(len(where), where.astype(np.int32), values)

    def fewest_lost(self, outings: np.ndarray) -> int:
        """Fewest appointments that stay unkept when only these outings may be made."""
        solver = self._opened(outings, whole=True)
        booked = [float(visit.booked is not None) for visit in self.problem.visits]
        prices = np.zeros(solver.getNumCol())
        prices[: self.visits] = booked
        columns = np.arange(len(prices), dtype=np.int32)
        solver.changeColsCost(len(columns), columns, prices)
        solver.run()
        return round(solver.getInfo().objective_function_value)
