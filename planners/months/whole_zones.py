"""A whole zone solved at once, taken apart again: a draft for the zone's nurses and one for each dong.

Drafts are looked at, changed and published where people work; only the search needs to see the whole.
"""

from __future__ import annotations

from dataclasses import replace

from common.months import Month
from planners.months.month_problem import MonthProblem
from planners.months.planning_units import Unit
from planners.months.schedule_words import Reason
from planners.solver.objective import objective
from planners.solver.problem import Plan


def parts(built: MonthProblem, plan: Plan, reasons: dict[int, Reason]) -> list[tuple[MonthProblem, Plan, dict]]:
    """The problem, plan and reasons of each unit that gets a draft; a plain unit is its own only part.

    The bound of a part is what is left of the whole's bound when the other parts stay as they are.
    """
    if not built.unit.is_whole:
        return [(built, plan, reasons)]
    slack = max(plan.objective - plan.lower_bound, 0.0)
    found = []
    for unit in built.unit.parts(built.month):
        mine = _problem_of(built, unit, built.month)
        ids = {visit.pk for visit in mine.visits}
        pairs = {pair.pk for pair in mine.pairs}
        routes = {name: route for name, route in plan.routes.items() if built.session_of[name][0].pk in pairs}
        price = _price(built, routes, ids)
        part = replace(plan, routes=routes, objective=price, lower_bound=price - slack)
        waiting = {visit.pk for visit in mine.without_consent}
        found.append((mine, part, {pk: why for pk, why in reasons.items() if pk in ids | waiting}))
    return found


def _problem_of(built: MonthProblem, unit: Unit, month: Month) -> MonthProblem:
    """The whole problem seen by one unit: its own visits and pairs in the same model."""
    pairs = {pair.pk for pair in unit.pairs(month)}
    own = set(unit.visits(month).values_list("pk", flat=True))
    return replace(
        built,
        unit=unit,
        pairs=[pair for pair in built.pairs if pair.pk in pairs],
        visits=[visit for visit in built.visits if visit.pk in own],
        without_consent=[visit for visit in built.without_consent if visit.pk in own],
    )


def _price(built: MonthProblem, routes: dict, visits: set[int]) -> float:
    """Objective of these routes, counting only these visits as left out."""
    problem = built.problem
    rows = {problem.session_index[s]: [problem.visit_index[v] for v in route] for s, route in routes.items()}
    others = sum(float(row.prize) for row in problem.visits if row.id not in visits)
    return objective(problem, rows) - others
