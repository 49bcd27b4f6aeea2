"""`solve_month`: the bare month solver on a file, without a database.

The month is read from JSON or gzipped JSON and the plan written beside it. Nothing of the office's data
is touched, so nothing is asked of the account and nothing is logged.
"""

import json
import sys
from pathlib import Path

from django.core.management.base import BaseCommand

from planners.solver import Plan, solve
from planners.solver.month_file import BadMonth, read_month, write_plan


class Command(BaseCommand):
    help = "Solve a month file exactly and write its plan (file format: bench/scheduler/README.md)."
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("instance", type=Path, metavar="INSTANCE.json[.gz]")
        parser.add_argument("-o", "--output", type=Path, required=True, metavar="PLAN.json")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--gap", type=_share, default=0.0, help="stop within this share of the bound, e.g. 0.001")
        parser.add_argument("--watchdog", type=float, default=60, help="seconds after which the best plan is taken")
        parser.add_argument("--json", action="store_true", help="print nothing but one JSON object")

    def handle(self, *args, **options):
        try:
            problem = read_month(options["instance"])
            plan = solve(problem, seed=options["seed"], gap=options["gap"], watchdog=options["watchdog"])
            _write(plan, options["output"])
        except BadMonth as refusal:
            if not options["json"]:
                self.stderr.write(refusal.message)
            self._say({"refused": refusal.code, "message": refusal.message})
            sys.exit(1)
        if not options["json"]:
            self.stdout.write(_sentence(plan, len(problem.visits)))
        self._say(
            {
                "objective": plan.objective,
                "lower_bound": plan.lower_bound,
                "proved": plan.proved,
                "gap": round(plan.gap, 6),
                "seconds": round(plan.seconds, 3),
                "cpu_seconds": round(plan.cpu_seconds, 3),
                "reproducible": plan.reproducible,
                "booking_conflicts": [list(conflict.visits) for conflict in plan.conflicts],
            }
        )

    def _say(self, answer: dict) -> None:
        self.stdout.write(json.dumps(answer, ensure_ascii=False))


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share < 1:  # also refuses what is no number
        raise ValueError(text)
    return share


def _write(plan: Plan, path: Path) -> None:
    try:
        write_plan(plan, path)
    except OSError as error:
        raise BadMonth("FILE_UNWRITABLE", f"{path} 에 쓸 수 없습니다. 다른 경로를 적어 주세요.") from error


def _sentence(plan: Plan, visits: int) -> str:
    planned = len(plan.session_of)
    proof = "최적임이 증명되었습니다" if plan.proved else f"최적과의 차이는 {plan.gap:.2%} 이내입니다"
    return f"방문 {visits}건 가운데 {planned}건을 외출 {len(plan.routes)}회에 배정했습니다. {proof}."
