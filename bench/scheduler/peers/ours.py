"""Our own solver, called the way the application calls it."""

from planners.solver import solve
from planners.solver.month_file import problem_from

GAP = 0.0


def plan(content: dict, budget: float, seed: int) -> dict:
    found = solve(problem_from(content), seed=seed, gap=GAP)
    return {
        "routes": found.routes,
        "objective": found.objective,
        "lower_bound": found.lower_bound,
        "proved": found.proved,
        "reproducible": found.reproducible,
    }
