"""The month solver: as good as trying everything, honest about its bound, true to promises."""

import pytest

from bench.scheduler.audit import audit
from bench.scheduler.everything import least_objective
from bench.scheduler.generator import dong_month, price_tables, tiny_month, zone_month
from planners.solver import generation, solve
from planners.solver.month_file import problem_from


def as_file(plan):
    return {"objective": plan.objective, "lower_bound": plan.lower_bound, "routes": plan.routes}


@pytest.mark.parametrize("seed", range(12))
def test_finds_what_trying_everything_finds(seed):
    content = tiny_month(seed)
    plan = solve(problem_from(content))
    assert plan.proved
    assert plan.objective == least_objective(content)
    assert audit(content, as_file(plan)).violations == []


@pytest.mark.parametrize(
    "content",
    [
        dong_month("월곡2동", "rollout", 2015, 3, 3),
        dong_month("장위1동", "stress", 2015, 9, 3),
        dong_month("정릉4동", "pilot", 2015, 3, 3),
        zone_month(0, "rollout", 2015, 5, 3),
    ],
    ids=lambda content: content["name"],
)
def test_proves_a_month_and_keeps_every_promise(content):
    plan = solve(problem_from(content))
    report = audit(content, as_file(plan))
    assert plan.proved
    assert plan.lower_bound == plan.objective
    assert report.violations == []
    assert report.bookings > 0
    assert report.bookings_kept == report.bookings


def test_gives_the_same_plan_twice():
    problem = problem_from(dong_month("길음1동", "stress", 2015, 3, 5))
    first, second = solve(problem, seed=4), solve(problem, seed=4)
    assert first.routes == second.routes
    assert first.reproducible


def test_finds_the_same_objective_with_another_seed():
    problem = problem_from(zone_month(3, "rollout", 2015, 3, 5))
    assert solve(problem, seed=1).objective == solve(problem, seed=2).objective


def test_lets_the_nurse_choose_the_dong_of_each_half_day():
    content = zone_month(1, "rollout", 2015, 3, 2)
    plan = solve(problem_from(content))
    dongs = {content["sessions"][session]["dong"] for session in plan.routes}
    halves = [(s["pair"], s["day"], s["half"]) for s in (content["sessions"][n] for n in plan.routes)]
    assert len(dongs) > 1
    assert len(halves) == len(set(halves))


def test_stops_at_the_watchdog_with_a_usable_plan_that_says_so():
    content = dong_month("종암동", "stress", 2015, 3, 1)
    plan = solve(problem_from(content), watchdog=0.05)
    report = audit(content, as_file(plan))
    assert not plan.reproducible
    assert not plan.proved
    assert report.violations == []
    assert report.bookings_kept == report.bookings


def test_plans_nothing_when_there_is_nothing_to_plan():
    content = tiny_month(0)
    for empty in ({"visits": [], "cost": [], "start_window": []}, {"sessions": [], **no_sessions(content)}):
        plan = solve(problem_from(content | empty))
        assert plan.routes == {}
        assert plan.proved


def no_sessions(content):
    visits = [visit | {"booked": None} for visit in content["visits"]]
    return {"visits": visits, "cost": [[] for _ in visits], "start_window": [[] for _ in visits]}


# promises -----------------------------------------------------------------------------------------


def promised(content, v, s, start):
    """Give visit row v an appointment in session row s and take every other place away."""
    content["visits"][v] |= {"booked": [s, start], "prize": 60_000}
    for other in range(len(content["sessions"])):
        content["cost"][v][other] = 0 if other == s else None
        content["start_window"][v][other] = [start, start] if other == s else None


def free_month():
    content = dong_month("월곡1동", "rollout", 2015, 3, 8)
    for visit in content["visits"]:
        visit["booked"] = None
    return content


def test_reports_two_promises_at_one_time_and_keeps_one():
    content = free_month()
    promised(content, 0, 4, 900)
    promised(content, 1, 4, 915)
    plan = solve(problem_from(content))
    assert [(c.visits, c.cause) for c in plan.conflicts] == [((0, 1), "NOT_TOGETHER")]
    assert audit(content, as_file(plan)).bookings_kept == 1


def test_reports_promises_that_need_one_person_in_two_places():
    content = free_month()
    content["sessions"][6]["resources"] = content["sessions"][4]["resources"]
    promised(content, 0, 4, 870)
    promised(content, 1, 6, 870)
    plan = solve(problem_from(content))
    assert [(c.sessions, c.cause) for c in plan.conflicts] == [((4, 6), "SAME_PERSON")]
    assert audit(content, as_file(plan)).bookings_kept == 1


def test_reports_a_promise_outside_the_calendar_and_looks_for_another_place():
    content = free_month()
    content["cost"][0][4] = content["start_window"][0][4] = None
    content["visits"][0]["booked"] = [4, 870]
    plan = solve(problem_from(content))
    assert [(c.visits, c.cause) for c in plan.conflicts] == [((0,), "OUTSIDE_CALENDAR")]
    assert 0 in plan.session_of


# options ------------------------------------------------------------------------------------------


def most_on_one_day(content, plan):
    days: dict = {}
    for session, route in plan.routes.items():
        key = content["sessions"][session]["pair"], content["sessions"][session]["day"]
        days[key] = days.get(key, 0) + len(route)
    return max(days.values())


def test_limits_the_visits_of_a_pair_on_one_day():
    content = dong_month("길음1동", "stress", 2015, 9, 2)
    assert most_on_one_day(content, solve(problem_from(content))) > 4
    limited = solve(problem_from(content | {"daily_maximum": 4}))
    assert limited.proved
    assert most_on_one_day(content, limited) == 4


def test_evens_out_two_pairs_for_a_small_price():
    content = dong_month("삼선동", "rollout", 2015, 3, 1)
    for session in content["sessions"]:
        session["pair"] = session["pair"].removesuffix("b")
    plain = solve(problem_from(content))
    fair = solve(problem_from(content | {"fairness_price": 0.1}))
    spread = [spread_of(content, plan) for plan in (plain, fair)]
    assert fair.proved
    assert spread[1] <= min(spread[0], 60)
    own = audit(content, {"routes": fair.routes}).objective
    assert own <= plain.objective * 1.01


def spread_of(content, plan):
    minutes = audit(content, {"routes": plan.routes}).minutes_by_pair
    return max(minutes.values()) - min(minutes.values())


def test_proves_a_month_with_room_to_spare_by_the_number_of_outings(monkeypatch):
    """Every day looks alike: only asking for seven outings or eight closes the gap without a long search."""
    content = dong_month("장위1동", "rollout", 2015, 3, 1)
    alike = {"booked": None, "prize": 8000, "tier": 2, "due": 31, "release": 1, "needs": ["E"]}
    alike |= dict.fromkeys(("halves", "weekdays", "window", "prev_pair", "pref"))
    content["visits"] = [visit | alike for visit in content["visits"][:17]]
    content["travel"] = [[-(-minutes // 5) * 5 for minutes in row] for row in content["travel"]]
    price_tables(content)
    days = [session["day"] for session in content["sessions"]]
    content["cost"] = [[None if c is None else days[s] for s, c in enumerate(row)] for row in content["cost"]]
    monkeypatch.setattr(generation, "NODES", 20)
    assert solve(problem_from(content)).proved
