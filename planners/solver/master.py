"""The master problem: choose outings so that no visit or half-day is used twice."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np

from planners.solver.catalogue import Catalogue
from planners.solver.cuts import Cut
from planners.solver.model import INFINITY, OUTINGS, Model

# the first, small relaxation is always solved: without it there is no plan to begin with
LEAST_SECONDS = 1.0


@dataclass(frozen=True, eq=False)
class Duals:
    """Prices of the rows: per visit, per session (its half-days), per cut, pair-day, pair, and per outing."""

    visit: np.ndarray
    session: np.ndarray
    cut: np.ndarray
    day: np.ndarray | None
    load: np.ndarray | None
    count: float = 0.0


@dataclass(frozen=True, eq=False)
class Choice:
    """Outings chosen by an integer solve, and what it proved about the outings it was given."""

    outings: np.ndarray
    bound: float
    finished: bool
    in_time: bool


class Master(Model):
    """The model's relaxation with the columns added so far, and whole choices among any outings."""

    def over(self, catalogue: Catalogue) -> Master:
        """The same problem's master over another catalogue."""
        return Master(catalogue, seed=self.seed, lost=self.lost)

    def start(self, outings: np.ndarray) -> None:
        """Open the relaxation with these outings."""
        self.columns = np.asarray(outings, dtype=np.int64)
        self.relaxed = self.opened(self.columns, whole=False)
        self.relaxed.setOptionValue("presolve", "off")
        self.relaxed.setOptionValue("solver", "simplex")
        self.slack_columns = self.relaxed.getNumCol() - len(self.columns)
        self.row = np.zeros(self.rows)
        self.amounts = np.zeros(self.slack_columns)

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

    def relax(self, *, seconds: float) -> tuple[float, Duals, bool]:
        """Solve the relaxation: the value its duals guarantee, the duals of its rows, whether there was time.

        Without time the duals are those of the last solve (at first none): what they guarantee under the
        limits of the moment is less, but as true.
        """
        self.relaxed.setOptionValue("time_limit", self.relaxed.getRunTime() + max(seconds, LEAST_SECONDS))
        self.relaxed.run()
        status = self.relaxed.getModelStatus()
        if status not in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kTimeLimit):
            raise ArithmeticError("the relaxation has no optimal solution")
        in_time = status == highspy.HighsModelStatus.kOptimal
        if in_time:
            solution = self.relaxed.getSolution()
            self.row = self._of_right_sign(np.array(solution.row_dual))
            self.amounts = np.array(solution.col_value)
        row = self.row = np.append(self.row, np.zeros(self.rows + len(self.cuts) - len(self.row)))
        half_days = np.append(row[: self.catalogue.blank], 0.0)
        session = half_days[self.catalogue.session_rows].sum(axis=1)
        day = None if self.day_row is None else row[self.day_row]
        load = None if self.load_row is None else row[self.load_row]
        if self.round_row is not None:
            load = load + self.slope * row[self.round_row]
        duals = Duals(row[: self.visits], session, row[self.rows :], day, load, float(row[self.count_row]))
        return self._dual_value(row), duals, in_time

    def _of_right_sign(self, row: np.ndarray) -> np.ndarray:
        """Row prices cut back to what weak duality allows, a matter of rounding errors only."""
        lower, upper = self.limits()
        row = np.where(np.isinf(lower), np.minimum(row, 0.0), row)
        row = np.where(np.isinf(upper), np.maximum(row, 0.0), row)
        prizes = slice(self.first_prize_row, self.rows)
        row[prizes] = np.maximum(row[prizes], -self.beyond)
        row[self.count_row] = np.clip(row[self.count_row], -self.beyond, self.beyond)
        if self.load_row is not None:
            row[self.load_row] = np.maximum(row[self.load_row], -self.problem.fairness_price)
        if self.round_row is not None:
            row[self.round_row] = np.maximum(row[self.round_row], -self.problem.fairness_price - row[self.load_row])
        return row

    def _dual_value(self, row: np.ndarray) -> float:
        """What the row prices alone guarantee; it does not lean on the simplex' tolerances.

        Weak duality: right-hand sides, less what leaving a visit out could save. Outings with a negative
        reduced cost are the caller's to subtract.
        """
        booked = np.array([visit.booked is not None for visit in self.problem.visits], dtype=float)
        charged = row[: self.visits] + booked * row[self.lost_row] + row[self.prize_row]
        lower, upper = self.limits()
        sides = np.where(row > 0, lower, upper)
        sides[row == 0] = 0.0
        return float(row @ sides + np.minimum(self.problem.prizes - charged, 0.0).sum())

    def leave_out(self, limits: dict[int, tuple[float, float]]) -> None:
        """Ask for so many visits left out (least, most) by index of their prize in `prizes`, or for `OUTINGS`."""
        self.left_out = dict(limits)
        for group in [*range(len(self.prizes)), OUTINGS]:
            sides = self.left_out.get(group, (-INFINITY, INFINITY))
            self.relaxed.changeRowBounds(self.row_of(group), *sides)

    def left_out_shares(self) -> np.ndarray:
        """How many visits of each prize the relaxation leaves out."""
        out = self.amounts[: self.visits]
        return np.bincount(self.prize_row - self.first_prize_row, out, len(self.prizes))

    def shares(self) -> np.ndarray:
        """How much of each column the relaxation uses."""
        known = self.amounts[self.slack_columns :]
        return np.append(known, np.zeros(len(self.columns) - len(known)))

    def reduced_costs(self, duals: Duals) -> np.ndarray:
        """Reduced cost of every outing of the catalogue."""
        found = self.catalogue.reduced_costs(duals.visit, duals.session)
        if duals.count:
            found -= duals.count
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
        solver = self.opened(outings, whole=True)
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
            in_time=status != highspy.HighsModelStatus.kTimeLimit,
        )

    def _suggest(self, solver, outings: np.ndarray, known: np.ndarray, slacks: int) -> None:
        taken = np.isin(outings, known).astype(float)
        left = np.ones(self.visits + 1)
        left[self.catalogue.stops[known].ravel()] = 0.0
        where = np.append(np.arange(self.visits), slacks + np.arange(len(outings)))
        values = np.append(left[: self.visits], taken)
        solver.setSolution(len(where), where.astype(np.int32), values)

    def fewest_lost(self, outings: np.ndarray, *, seconds: float) -> int:
        """Fewest appointments that stay unkept when only these outings may be made, as far as time allows."""
        solver = self.opened(outings, whole=True)
        booked = [float(visit.booked is not None) for visit in self.problem.visits]
        prices = np.zeros(solver.getNumCol())
        prices[: self.visits] = booked
        solver.setOptionValue("time_limit", max(seconds, LEAST_SECONDS))
        columns = np.arange(len(prices), dtype=np.int32)
        solver.changeColsCost(len(columns), columns, prices)
        solver.run()
        info = solver.getInfo()
        if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return self.lost
        return round(info.objective_function_value)
