"""Why visits stay out: every reason is true, because removing it lets the visit in."""

import copy
from dataclasses import replace

import pytest

from bench.scheduler.audit import audit
from bench.scheduler.generator import dong_month, price_tables, zone_month
from planners.solver import solve
from planners.solver.month_file import problem_from
from planners.solver.reasons import (
    CAPACITY,
    MAY_WAIT,
    another_half_day,
    displacement,
    tightest_sessions,
    unplanned_reasons,
    with_another,
)
from planners.solver.slots import SlotAdvisor

FIELDS = {"release": "release", "needs": "needs", "halves": "halves", "weekdays": "weekdays", "window": "window"}


@pytest.fixture(scope="module")
def full():
    """A dong in which more is due than one pair can do."""
    content = dong_month("정릉4동", "pilot", 2015, 3, 1)
    problem = problem_from(content)
    return content, problem, solve(problem)


def refused_by(**wishes):
    """A month whose first visit nobody can make, with its reason and the month's content."""
    content = dong_month("월곡1동", "rollout", 2015, 3, 4)
    content["visits"][0] |= {
        "booked": None, "prize": 20_000, "halves": None, "weekdays": None, "window": None, "needs": ["E"], "release": 1
    } | wishes  # fmt: skip
    price_row(content, 0)
    problem = problem_from(content)
    (reason,) = [r for r in unplanned_reasons(problem, solve(problem)) if r.visit == 0]
    return content, reason


def price_row(content, v):
    priced = copy.deepcopy(content)
    price_tables(priced)
    for table in ("cost", "start_window"):
        content[table][v] = priced[table][v]


@pytest.mark.parametrize(
    ("code", "wishes"),
    [
        ("NOT_RELEASED", {"release": 32}),
        ("NO_SKILL", {"needs": ["E", "sign language"]}),
        ("NO_MATCHING_HALF", {"halves": ["night"]}),
        ("NO_MATCHING_WEEKDAY", {"weekdays": [6]}),
        ("NO_MATCHING_HALF", {"weekdays": [0], "halves": ["AM"]}),
        ("WINDOW_TOO_SHORT", {"window": [700, 710]}),
        ("WINDOW_TOO_SHORT", {"duration": 400}),
        ("STAFF_ABSENT", {"dong": "안암동"}),
    ],
)
def test_names_the_wish_that_keeps_a_visit_out(code, wishes):
    content, reason = refused_by(**wishes)
    assert reason.code == code
    if code == "STAFF_ABSENT":
        return
    content["visits"][0][reason.relaxation.field] = plain(reason.relaxation.value)
    price_row(content, 0)
    assert 0 in solve(problem_from(content)).session_of


def plain(value):
    return list(value) if isinstance(value, tuple) else value


def test_gives_a_reason_for_every_unplanned_visit(full):
    _, problem, plan = full
    reasons = unplanned_reasons(problem, plan)
    left = {visit.id for visit in problem.visits} - set(plan.session_of)
    assert {reason.visit for reason in reasons} == left
    assert any(reason.code == CAPACITY for reason in reasons)


def test_says_full_only_where_one_more_half_day_helps(full):
    _, problem, plan = full
    for reason in unplanned_reasons(problem, plan):
        if reason.code != CAPACITY:
            continue
        session = reason.displacement.session
        alone = replace_prize(problem, reason.visit)
        assert reason.visit in solve(with_another(alone, session)).session_of
        assert reason.week.weekday() == 0


def replace_prize(problem, visit):
    """The problem in which this visit matters more than any other that is not promised."""
    visits = [replace(v, prize=50_000.0) if v.id == visit else v for v in problem.visits]
    return replace(problem, visits=tuple(visits))


def test_names_whom_an_unplanned_visit_would_push_out_at_its_true_price(full):
    content, problem, plan = full
    checked = 0
    for reason in unplanned_reasons(problem, plan):
        found = reason.displacement
        if reason.code != CAPACITY or len(found.instead_of) != 1:
            continue
        prize = problem.visits[problem.visit_index[reason.visit]].prize
        assert found.price >= prize
        routes = {s: [v for v in route if v not in found.instead_of] for s, route in plan.routes.items()}
        routes = {s: route for s, route in routes.items() if route or s == found.session}
        routes[found.session] = best_route(content, found.session, [*routes.get(found.session, []), reason.visit])
        changed = audit(content, {"routes": routes})
        assert changed.violations == []
        assert changed.objective == plan.objective + found.price - prize
        checked += 1
    assert checked > 0


def best_route(content, session, visits):
    from itertools import permutations

    fits = [
        (audit(content, {"routes": {session: list(order)}}).objective, list(order))
        for order in permutations(visits)
        if not audit(content, {"routes": {session: list(order)}}).violations
    ]
    return min(fits)[1]


def test_lets_a_visit_wait_that_would_cost_more_than_waiting_does(full):
    content = copy.deepcopy(full[0])
    content["visits"][0] |= {"booked": None, "prize": 5}
    price_row(content, 0)
    content["visits"][0]["prize"] = 5
    problem = problem_from(content | {"visits": content["visits"][:3], "cost": content["cost"][:3],
                                      "start_window": content["start_window"][:3]})  # fmt: skip
    (reason,) = [r for r in unplanned_reasons(problem, solve(problem)) if r.visit == 0]
    assert reason.code == MAY_WAIT
    worth = [replace(v, prize=reason.relaxation.value + 1) if v.id == 0 else v for v in problem.visits]
    assert 0 in solve(replace(problem, visits=tuple(worth))).session_of


def test_values_one_more_half_day_by_solving_again(full):
    _, problem, plan = full
    session = tightest_sessions(problem, plan)[0]
    more = another_half_day(problem, plan, session)
    again = solve(with_another(problem, session))
    assert more.saving > 0
    assert more.saving == pytest.approx(plan.objective - again.objective, abs=1 + 0.001 * plan.objective)
    assert sum(more.more_by_tier.values()) > 0


def test_says_nothing_can_be_displaced_by_a_visit_that_fits_nowhere(full):
    _, problem, plan = full
    nowhere = problem.allowed.copy()
    visit = next(v.id for v in problem.visits if v.id not in plan.session_of)
    nowhere[problem.visit_index[visit]] = False
    assert displacement(replace(problem, allowed=nowhere), plan, visit) is None


# free slots ---------------------------------------------------------------------------------------


def test_offers_slots_at_the_price_the_whole_plan_would_pay(full):
    content, problem, plan = full
    advisor = SlotAdvisor(problem, plan)
    offered = 0
    for visit in [v.id for v in problem.visits if v.id not in plan.session_of]:
        for slot in advisor.best(visit):
            report = audit(content, {"routes": dict(plan.routes) | {slot.session: slot.route}})
            prize = problem.visits[problem.visit_index[visit]].prize
            assert report.violations == []
            assert report.objective == plan.objective + slot.price - prize
            offered += 1
    visit = next(v for route in plan.routes.values() for v in route if not problem.visits[v].booked)
    here = [slot for slot in advisor.best(visit, count=50) if slot.session == plan.session_of[visit]]
    assert here
    assert here[0].price <= min(slot.price for slot in advisor.best(visit)) + 1e-9 or offered


def test_offers_at_most_five_slots_the_cheapest_first():
    problem = problem_from(zone_month(0, "rollout", 2015, 5, 2))
    advisor = SlotAdvisor(problem, solve(problem, gap=0.01))
    for visit in problem.visits:
        slots = advisor.best(visit.id)
        assert len(slots) <= 5
        assert [slot.price for slot in slots] == sorted(slot.price for slot in slots)
