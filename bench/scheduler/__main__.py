"""`python -m bench.scheduler --set smoke|full --solvers ours,human,... --budget 5 [--city] [--joint]`.

Prints a Markdown table and the goals; JSON lines go to var/bench/scheduler.jsonl. Exit code 1 when one of
the goals G1, G3, G4 or G8 is missed.
"""

import argparse
import sys

from bench.scheduler import extras
from bench.scheduler.goals import against_engines, against_the_office, bound_and_rules, failed
from bench.scheduler.peers import MODULES, installed
from bench.scheduler.runs import compared
from bench.scheduler.sets import cases
from bench.scheduler.table import goals_table, table


def main() -> int:
    options = _options()
    wanted = options.solvers.split(",")
    solvers = [solver for solver in wanted if installed(solver)]
    for solver in sorted(set(wanted) - set(solvers)):
        print(f"{solver} is not installed (pip install '.[bench]'); its goals are not measured")
    if options.city:
        print(extras.city())
        return 0
    if options.joint:
        print(extras.joint_zones())
        return 0
    months = cases(options.set)
    lines = compared(months, solvers, budget=options.budget)
    print(table(lines))
    goals = [
        *bound_and_rules(lines),
        *against_engines(lines),
        *against_the_office(lines),
        *_extras(options.set, months),
    ]
    print()
    print(goals_table(sorted(goals, key=lambda goal: int(goal.code[1:]))))
    missed = failed(goals)
    if missed:
        print(f"missed: {', '.join(missed)}")
    return 1 if missed else 0


def _extras(which: str, months: list) -> list:
    few = [month for month in months if month.scenario == "rollout"][:4]
    goals = [extras.tiny(), *extras.replans(2 if which == "smoke" else 12), extras.determinism(few[-2:])]
    goals += [extras.advice(), *extras.reasons()]
    if which == "full":
        goals += [*extras.shared_nurses(months), *extras.fairness(months), *extras.whole_district()]
    return goals


def _options():
    parser = argparse.ArgumentParser(prog="python -m bench.scheduler", description=__doc__)
    parser.add_argument("--set", choices=("smoke", "full"), default="smoke")
    parser.add_argument("--solvers", default="ours,human,insert,vroom,ortools,pyvrp", help=f"of {', '.join(MODULES)}")
    parser.add_argument(
        "--budget", type=float, help="CPU seconds for solvers that never stop by themselves (smoke 3, full 5)"
    )
    parser.add_argument("--city", action="store_true", help="only the 424 dongs of Seoul, ours alone")
    parser.add_argument("--joint", action="store_true", help="only whole zones with both programmes, ours alone")
    options = parser.parse_args()
    options.budget = options.budget or (3 if options.set == "smoke" else 5)
    unknown = set(options.solvers.split(",")) - set(MODULES)
    if unknown or "ours" not in options.solvers.split(","):
        parser.error(f"--solvers is a list of {', '.join(MODULES)} with ours among them")
    return options


if __name__ == "__main__":
    sys.exit(main())
