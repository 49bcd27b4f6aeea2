"""The independent auditor: it passes a good plan and catches every way to spoil one."""

import copy

import pytest

from bench.scheduler.audit import audit
from bench.scheduler.generator import dong_month
from planners.solver import solve
from planners.solver.month_file import problem_from


@pytest.fixture(scope="module")
def good():
    content = dong_month("월곡2동", "rollout", 2015, 3, 3)
    plan = solve(problem_from(content))
    routes = {session: list(route) for session, route in plan.routes.items()}
    return content, {"objective": plan.objective, "lower_bound": plan.lower_bound, "routes": routes}


def longest(plan):
    return max(plan["routes"], key=lambda session: (len(plan["routes"][session]), session))


def free_session(content, plan):
    return next(s["id"] for s in content["sessions"] if s["id"] not in plan["routes"])


def twice(content, plan):
    plan["routes"][longest(plan)].append(plan["routes"][longest(plan)][0])


def somewhere_else(content, plan):
    booked = next(visit for visit in content["visits"] if visit["booked"])
    plan["routes"] = {s: [v for v in route if v != booked["id"]] for s, route in plan["routes"].items()}
    plan["routes"][free_session(content, plan)] = [booked["id"]]


def two_places_at_once(content, plan):
    first, second = list(plan["routes"])[:2]
    content["sessions"][first]["resources"] = content["sessions"][second]["resources"]


def too_short_a_day(content, plan):
    content["sessions"][longest(plan)]["end"] -= 120


def another_promise(content, plan):
    booked = next(visit for visit in content["visits"] if visit["booked"])
    booked["booked"] = [booked["booked"][0], booked["booked"][1] + 30]


def empty_outing(content, plan):
    plan["routes"][free_session(content, plan)] = []


def too_many(content, plan):
    content["sessions"][longest(plan)]["max"] = 1


def unknown_visit(content, plan):
    plan["routes"][longest(plan)] = [999]


def unknown_session(content, plan):
    plan["routes"][999] = plan["routes"].pop(longest(plan))


def nicer_objective(content, plan):
    plan["objective"] -= 1


def bound_too_high(content, plan):
    plan["lower_bound"] += 1


SPOILED = [
    twice, somewhere_else, two_places_at_once, too_short_a_day, another_promise, empty_outing, too_many,
    unknown_visit, unknown_session, nicer_objective, bound_too_high,
]  # fmt: skip


def test_passes_a_good_plan(good):
    report = audit(*good)
    assert report.violations == []
    assert report.planned + report.unplanned == len(good[0]["visits"])


@pytest.mark.parametrize("spoil", SPOILED, ids=lambda spoil: spoil.__name__)
def test_catches(good, spoil):
    content, plan = copy.deepcopy(good)
    spoil(content, plan)
    assert audit(content, plan).violations


def test_counts_a_dropped_appointment_apart_from_its_price(good):
    content, plan = copy.deepcopy(good)
    booked = next(visit["id"] for visit in content["visits"] if visit["booked"])
    routes = {s: [v for v in route if v != booked] for s, route in plan["routes"].items()}
    report = audit(content, {"routes": {s: route for s, route in routes.items() if route}})
    assert report.bookings_kept == report.bookings - 1
    assert report.objective > 60_000


def test_prices_an_uneven_load_and_counts_the_visits_of_a_day(good):
    content, plan = copy.deepcopy(good)
    content["fairness_price"] = 0.5
    report = audit(content, plan | {"objective": None})
    fits = [v["duration"] for v, row in zip(content["visits"], content["start_window"], strict=True) if any(row)]
    mean = round(sum(fits) / len({s["pair"] for s in content["sessions"]}))
    over = sum(max(0, minutes - mean) for minutes in report.minutes_by_pair.values())
    assert over > 0
    assert report.objective == plan["objective"] + over / 2
    assert report.violations == []
    content["daily_maximum"] = 1
    assert any("1 allowed" in said for said in audit(content, plan | {"objective": None}).violations)


def test_agrees_with_the_solver_about_fairness_and_daily_maximum():
    content = dong_month("월곡2동", "stress", 2015, 3, 3) | {"fairness_price": 0.1, "daily_maximum": 3}
    plan = solve(problem_from(content))
    routes = {session: list(route) for session, route in plan.routes.items()}
    report = audit(content, {"objective": plan.objective, "lower_bound": plan.lower_bound, "routes": routes})
    assert report.violations == []
