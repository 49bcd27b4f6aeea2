"""Runs in isolation: one process per solver and month, one pinned core, solvers in alternation."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.measure import record
from bench.scheduler.audit import audit
from bench.scheduler.peers import can_plan

TIMEOUT = 900


def run(solver: str, content: dict, *, budget: float = 5, seed: int = 0, pinned: bool = True) -> dict:
    """Plan the month with a solver; the figures of its audit beside what it cost."""
    core = str(max(os.sched_getaffinity(0))) if pinned and hasattr(os, "sched_getaffinity") else "-"
    with tempfile.TemporaryDirectory() as folder:
        month = Path(folder) / "month.json"
        month.write_text(json.dumps(content))
        answer = subprocess.run(
            [sys.executable, "-m", "bench.scheduler.worker", solver, str(month), str(budget), str(seed), core],
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
    if answer.returncode:
        raise SystemExit(f"{solver} failed on {content['name']}:\n{answer.stderr[-2000:]}")
    return judged(solver, content, json.loads(answer.stdout.splitlines()[-1]))


def judged(solver: str, content: dict, plan: dict) -> dict:
    """One line of figures from a plan and the independent audit of it."""
    report = audit(content, plan)
    bound = plan.get("lower_bound")
    gap = None
    if bound is not None:
        gap = 0.0 if plan.get("proved") else max(0.0, report.objective - bound) / max(abs(bound), 1.0)
    return {
        "month": content["name"],
        "solver": solver,
        "objective": report.objective,
        "bound": bound,
        "gap": gap,
        "proved": bool(plan.get("proved")),
        "cpu": plan.get("cpu", 0.0),
        "wall": plan.get("wall", 0.0),
        "rss_mb": plan.get("rss_mb", 0.0),
        "visits": len(content["visits"]),
        "planned": report.planned,
        "unplanned": report.unplanned,
        "unplanned_by_tier": report.unplanned_by_tier,
        "late": report.late,
        "travel": report.travel,
        "outings": report.outings,
        "bookings": report.bookings,
        "bookings_kept": report.bookings_kept,
        "moved": report.moved,
        "keepable": report.keepable,
        "minutes_by_pair": report.minutes_by_pair,
        "violations": report.violations,
        "routes": plan["routes"],
    }


def compared(cases, solvers, *, budget: float) -> list[dict]:
    """Every solver on every case in alternation, each line kept in var/bench."""
    lines = []
    for case in cases:
        for solver in solvers:
            if not can_plan(solver, case.content):
                continue
            line = run(solver, case.content, budget=budget) | {"kind": case.kind, "scenario": case.scenario}
            kept(line)
            lines.append(line)
    return lines


def kept(line: dict) -> None:
    record("scheduler", {name: value for name, value in line.items() if name != "routes"})
