"""What must hold for every month, tried on many invented ones."""

import copy

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from bench.scheduler.audit import audit
from bench.scheduler.district import working_days
from bench.scheduler.generator import dong_month, tiny_month, zone_month
from planners.solver import solve
from planners.solver.month_file import problem_from

few = settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@some.composite
def months(draw):
    """A small real month or a tiny one, by its seed."""
    seed = draw(some.integers(0, 10_000))
    kind = draw(some.sampled_from(["dong", "zone", "tiny"]))
    if kind == "tiny":
        return tiny_month(seed)
    if kind == "zone":
        return zone_month(seed % 4, "rollout", 2015, 3, seed)
    return dong_month(draw(some.sampled_from(["보문동", "안암동", "장위3동", "월곡2동"])), "rollout", 2015, 5, seed)


def solved(content):
    return solve(problem_from(content))


@few
@given(months())
def test_never_breaks_a_rule_nor_a_promise(content):
    plan = solved(content)
    report = audit(content, {"objective": plan.objective, "lower_bound": plan.lower_bound, "routes": plan.routes})
    open_days = {day.day for day in working_days(content["year"], content["month"])}
    assert report.violations == []
    assert report.bookings_kept == report.bookings
    assert {content["sessions"][session]["day"] for session in plan.routes} <= open_days


@few
@given(months(), some.data())
def test_never_gets_worse_with_one_more_half_day(content, data):
    session = data.draw(some.integers(0, len(content["sessions"]) - 1))
    more = copy.deepcopy(content)
    number = len(content["sessions"])
    more["sessions"].append(more["sessions"][session] | {"id": number, "resources": [["extra", 0]]})
    for table in ("cost", "start_window"):
        for visit, row in zip(more["visits"], more[table], strict=True):
            row.append(None if visit["booked"] else row[session])
    assert solved(more).objective <= solved(content).objective


@few
@given(months(), some.data())
def test_never_serves_the_others_worse_when_one_withdraws_consent(content, data):
    gone = data.draw(some.integers(0, len(content["visits"]) - 1))
    plan, fewer = solved(content), copy.deepcopy(content)
    for table in ("visits", "cost", "start_window"):
        del fewer[table][gone]
    assert solved(fewer).objective <= plan.objective


@few
@given(months(), some.randoms(use_true_random=False))
def test_gives_the_same_plan_whatever_the_order_of_the_input(content, random):
    visits, sessions = list(range(len(content["visits"]))), list(range(len(content["sessions"])))
    random.shuffle(visits)
    random.shuffle(sessions)
    shuffled = content | {
        "visits": [content["visits"][v] for v in visits],
        "sessions": [content["sessions"][s] for s in sessions],
        "cost": [[content["cost"][v][s] for s in sessions] for v in visits],
        "start_window": [[content["start_window"][v][s] for s in sessions] for v in visits],
    }
    assert solved(shuffled).routes == solved(content).routes


@few
@given(months(), some.randoms(use_true_random=False))
def test_does_not_care_how_places_are_numbered(content, random):
    numbers = list(range(len(content["travel"])))
    random.shuffle(numbers)
    place = {old: new for new, old in enumerate(numbers)}
    renumbered = content | {
        "travel": np.array(content["travel"])[np.ix_(numbers, numbers)].tolist(),
        "depots": {dong: place[old] for dong, old in content["depots"].items()},
        "visits": [visit | {"loc": place[visit["loc"]]} for visit in content["visits"]],
    }
    assert solved(renumbered).routes == solved(content).routes
