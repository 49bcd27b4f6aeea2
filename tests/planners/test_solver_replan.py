"""Planning again: an absence moves few visits, breaks no other promise, and loses nobody in silence."""

import numpy as np
import pytest

from bench.scheduler.audit import audit
from bench.scheduler.generator import dense_month, dong_month
from planners.solver import generation, outings, solve
from planners.solver.catalogue import catalogue
from planners.solver.earlier import earlier_outings
from planners.solver.month_file import problem_from
from planners.solver.plan_month import in_order
from planners.solver.replan import changes, with_stability, without_people


@pytest.fixture(scope="module")
def month():
    problem = problem_from(dong_month("장위1동", "stress", 2015, 9, 6))
    return problem, solve(problem)


def absent_on(problem, pair, days):
    return {
        resource
        for session in problem.sessions
        if session.pair.removesuffix("b") == pair and session.day in days
        for resource in session.resources
    }


@pytest.fixture(scope="module")
def after(month):
    problem, plan = month
    busiest = max(plan.routes, key=lambda s: (len(plan.routes[s]), str(s)))
    session = problem.sessions[problem.session_index[busiest]]
    left = without_people(problem, absent_on(problem, session.pair.removesuffix("b"), {session.day, session.day + 1}))
    return left, busiest


def previous_of(problem, plan, left):
    here = {session.id for session in left.sessions}
    return {visit: session for visit, session in plan.session_of.items() if session in here}


def test_takes_the_absent_persons_half_days_away(month, after):
    left, busiest = after
    assert busiest not in {session.id for session in left.sessions}
    assert len(left.sessions) < len(month[0].sessions)


def test_moves_fewer_visits_when_moving_has_a_price(month, after):
    problem, plan = month
    left, _ = after
    previous = previous_of(problem, plan, left)
    calm = solve(with_stability(left, previous))
    free = solve(left)
    moved = [len(changes(p, previous).moved) for p in (calm, free)]
    assert moved[0] <= 0.1 * len(previous)
    assert moved[0] < moved[1]
    assert len(calm.session_of) == len(free.session_of)


def test_keeps_every_promise_that_still_has_its_session(month, after):
    left, _ = after
    plan = solve(with_stability(left, previous_of(*month, left)))
    kept = [plan.session_of.get(v.id) == v.booked[0] for v in left.visits if v.booked]
    assert kept
    assert all(kept)


def test_gives_a_broken_promise_the_first_tier_and_a_new_place(month):
    problem, _ = month
    visit = next(v for v in problem.visits if v.booked)
    session = problem.sessions[problem.session_index[visit.booked[0]]]
    left = without_people(problem, session.resources)
    broken = left.visits[left.visit_index[visit.id]]
    assert broken.booked is None
    assert broken.tier == 1
    assert broken.previous_pair == session.pair
    assert visit.id in solve(left).session_of


def test_leaves_frozen_days_as_they_are(month, after):
    problem, plan = month
    left, _ = after
    previous = previous_of(problem, plan, left)
    day = sorted({s.day for s in left.sessions})[2]
    frozen = solve(with_stability(left, previous, frozen_until=day))
    days = {s.id: s.day for s in left.sessions}
    before = {v for v, s in previous.items() if days[s] <= day}
    found = changes(frozen, previous)
    assert before
    assert not before & set(found.moved)


def test_counts_changes_by_what_happened(month):
    _, plan = month
    route = next(iter(plan.routes.values()))
    previous = dict(plan.session_of)
    del previous[route[0]]
    found = changes(plan, previous | {"gone": 1})
    assert found.added == (route[0],)
    assert found.dropped == ("gone",)
    assert found.moved == ()


def test_stays_within_the_rules_when_planning_again(month, after):
    problem, plan = month
    content = dong_month("장위1동", "stress", 2015, 9, 6)
    left, _ = after
    booked = {v.id for v in problem.visits if v.booked} - {v.id for v in left.visits if v.booked}
    again = solve(with_stability(left, previous_of(problem, plan, left)))
    routes = {s: r for s, r in again.routes.items() if not booked & set(r)}
    assert audit(content, {"routes": routes}).violations == []


def test_begins_with_the_earlier_plan_so_that_no_time_at_all_is_enough_to_keep_it(monkeypatch):
    problem = problem_from(dense_month(24, pairs=1))
    earlier = solve(problem, gap=0.2, watchdog=20)
    calm = with_stability(problem, earlier.session_of)
    monkeypatch.setattr(generation, "rounded", lambda master: np.empty(0, dtype=np.int64))
    plan = solve(calm, watchdog=0)
    assert plan.objective <= earlier.objective
    assert set(changes(plan, earlier.session_of).kept) == set(earlier.session_of)


def test_lists_outings_of_the_earlier_plan_that_a_large_unit_left_out(monkeypatch):
    problem = problem_from(dense_month(24, pairs=1))
    earlier = solve(problem, gap=0.2, watchdog=20)
    monkeypatch.setattr(outings, "MOST_OUTINGS", 0)
    listed = catalogue(in_order(with_stability(problem, earlier.session_of)))
    wider, found = earlier_outings(listed)
    assert len(wider) > len(listed)
    kept = {wider.problem.sessions[wider.session[c]].id: set(wider.route(c)) for c in found}
    assert kept == {s: {wider.problem.visit_index[v] for v in route} for s, route in earlier.routes.items()}
