"""Months without wishes, where plans of one price are countless: a good one in time, and an honest bound."""

import gzip
import json
from time import monotonic

import pytest
from django.core.management import call_command

from bench.scheduler.audit import audit
from bench.scheduler.generator import dense_month
from planners.solver import outings, solve
from planners.solver.catalogue import catalogue
from planners.solver.month_file import problem_from
from planners.solver.outings import timetable
from planners.solver.reasons import unplanned_reasons


def as_file(plan):
    return {"objective": plan.objective, "lower_bound": plan.lower_bound, "routes": plan.routes}


def test_returns_a_dense_month_at_its_watchdog():
    content = dense_month(120)
    problem, began = problem_from(content), monotonic()
    plan = solve(problem, watchdog=3)
    assert monotonic() - began < 30
    assert not plan.proved
    assert audit(content, as_file(plan)).violations == []
    assert len(plan.session_of) == 120
    assert 0 <= plan.lower_bound < plan.objective


def test_fills_an_overbooked_month_without_any_time():
    """Half of these visits can be made; whatever fits no more must not be tried one by one."""
    content = dense_month(400)
    problem, began = problem_from(content), monotonic()
    plan = solve(problem, watchdog=0)
    reasons = unplanned_reasons(problem, plan)
    assert monotonic() - began < 60
    assert (plan.proved, plan.reproducible) == (False, False)
    assert audit(content, as_file(plan)).violations == []
    assert len(plan.session_of) > 140
    assert len(reasons) == 400 - len(plan.session_of)


def test_solves_a_file_of_four_hundred_visits(tmp_path, capsys):
    content, month, answer = dense_month(400), tmp_path / "month.json.gz", tmp_path / "plan.json"
    month.write_bytes(gzip.compress(json.dumps(content).encode()))
    began = monotonic()
    call_command("solve_month", str(month), "-o", str(answer), "--watchdog", "10", "--json")
    assert monotonic() - began < 90
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert said["lower_bound"] <= said["objective"]
    assert audit(content, json.loads(answer.read_text())).violations == []


def test_lists_few_outings_of_many_visits():
    assert len(catalogue(problem_from(dense_month(150)))) <= outings.MOST_OUTINGS + 150 * 65


@pytest.mark.parametrize("most", [0, 300, 1_500])
def test_keeps_its_bound_below_the_best_plan_when_outings_are_left_out(monkeypatch, most):
    problem = problem_from(dense_month(12, pairs=1))
    best = solve(problem)
    monkeypatch.setattr(outings, "MOST_OUTINGS", most)
    found = solve(problem, watchdog=20)
    assert found.columns <= best.columns
    assert found.lower_bound <= best.objective <= found.objective


@pytest.mark.parametrize("prices", [{}, {"fairness_price": 0.1, "daily_maximum": 3}, {"daily_maximum": 2}])
def test_proves_a_month_whose_outings_are_not_all_listed(monkeypatch, prices):
    """Whatever could be part of a better plan is listed in the end, at prices that differ by day, pair and load."""
    content = dense_month(14, pairs=2) | prices
    for visit, row in enumerate(content["cost"]):
        content["cost"][visit] = [abs(s["day"] - 2 * visit) for s, _ in zip(content["sessions"], row, strict=True)]
    problem = problem_from(content)
    best = solve(problem, watchdog=60)
    monkeypatch.setattr(outings, "MOST_OUTINGS", 2_000)
    found = solve(problem, watchdog=60)
    assert (best.proved, found.proved, found.objective) == (True, True, best.objective)
    assert found.columns < best.columns
    assert audit(content, as_file(found)).violations == []


def test_keeps_promises_of_one_half_day_however_far_apart(monkeypatch):
    content = dense_month(12, pairs=1)
    problem = problem_from(content)
    session = next(s for s, row in enumerate(content["sessions"]) if row["max"] == 3)
    depot = problem.depots[problem.sessions[session].dong]
    far = sorted(range(12), key=lambda v: -problem.travel[depot, problem.visits[v].location])[:3]
    starts = timetable(problem, session, far)
    for visit, start in zip(far, starts, strict=True):
        content["visits"][visit] |= {"booked": [session, start], "prize": 60_000}
        content["cost"][visit] = [0 if s == session else None for s in range(len(content["sessions"]))]
        content["start_window"][visit] = [
            [start] * 2 if s == session else None for s in range(len(content["sessions"]))
        ]
    monkeypatch.setattr(outings, "MOST_OUTINGS", 0)
    plan = solve(problem_from(content))
    assert set(plan.routes[session]) == set(far)
