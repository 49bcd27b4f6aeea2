"""Goals beyond single months: re-plans, shared nurses, fairness, determinism, reasons, advice, district, city."""

import json
import statistics
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter, process_time

from bench.scheduler import district
from bench.scheduler.audit import audit
from bench.scheduler.everything import least_objective
from bench.scheduler.generator import dong_month, joint_zone_month, tiny_month, zone_month
from bench.scheduler.goals import Goal
from bench.scheduler.replans import after_absence
from bench.scheduler.runs import kept, run
from bench.scheduler.sets import Case, with_fairness, with_home_pattern

CITY_DONGS = 424


def tiny(count: int = 12) -> Goal:
    """Tiny months against trying everything."""
    equal = 0
    for seed in range(count):
        content = tiny_month(seed)
        equal += run("ours", content)["objective"] == least_objective(content)
    return Goal("G8", "tiny months equal to trying everything", f"{equal}/{count}", f"{count}/{count}", equal == count)


def replans(count: int) -> list[Goal]:
    """G9: absences of two days, re-planned with and without a price on moving."""
    moved = keepable = calm_tier_one = free_tier_one = 0
    walls = []
    for number in range(count):
        large = [dong for dong in district.DONGS if dong.population > 20_000]
        dong = large[number % len(large)]
        month = dong_month(dong.name, "stress", 2015, 9, 20 + number)
        routes = run("ours", month)["routes"]
        calm, free = (run("ours", after_absence(month, routes, number, moved=price)) for price in (120, 0))
        for line in (calm, free):
            kept(line | {"kind": "replan", "scenario": "stress"})
        moved, keepable = moved + calm["moved"], keepable + calm["keepable"]
        calm_tier_one += calm["unplanned_by_tier"].get(1, 0)
        free_tier_one += free["unplanned_by_tier"].get(1, 0)
        walls.append(calm["wall"])
    share, wall = moved / max(keepable, 1), statistics.median(walls)
    return [
        Goal("G9", f"visits moved in {count} re-plans", f"{share:.1%} of {keepable}", "<= 10 %", share <= 0.10),
        Goal(
            "G9",
            "first tier unplanned: calm, free",
            f"{calm_tier_one}, {free_tier_one}",
            "equal",
            calm_tier_one <= free_tier_one,
        ),
        Goal("G9", "wall seconds, median", f"{wall:.2f}", "<= 5", wall <= 5),
    ]


def shared_nurses(cases: list[Case]) -> list[Goal]:
    """G10: the dong of each half-day chosen with the plan, against a fixed weekly round."""
    goals = []
    for scenario in ("rollout", "stress"):
        free = fixed = 0
        for case in (c for c in cases if c.kind == "zone" and c.scenario == scenario):
            free += run("ours", case.content)["unplanned_by_tier"].get(1, 0)
            fixed += run("ours", with_home_pattern(case.content))["unplanned_by_tier"].get(1, 0)
        if fixed:
            ratio = free / fixed
            goals.append(
                Goal(
                    "G10",
                    f"first tier missed / fixed round, {scenario}",
                    f"{free}/{fixed} = {ratio:.2f}x",
                    "<= 0.60x",
                    ratio <= 0.6,
                )
            )
    return goals


def fairness(cases: list[Case]) -> list[Goal]:
    """G11: two pairs of a dong, with and without the price of an uneven load."""
    ratios, costs = [], []
    for case in cases:
        pairs = {session["pair"].removesuffix("b") for session in case.content["sessions"]}
        if case.kind != "dong" or len(pairs) != 2:
            continue
        plain = run("ours", with_fairness(case.content, 0.0))
        fair = run("ours", with_fairness(case.content, 0.1))
        minutes = fair["minutes_by_pair"].values()
        ratios.append(max(minutes) / min(minutes))
        unfair = audit(with_fairness(case.content, 0.0), {"routes": fair["routes"]})
        costs.append(unfair.objective / plain["objective"] - 1)
    if not ratios:
        return []
    median, worst, cost = statistics.median(ratios), max(ratios), statistics.median(costs)
    return [
        Goal("G11", "max/min minutes of two pairs", f"median {median:.2f}, worst {worst:.2f}", "<= 1.05, <= 1.15", median <= 1.05 and worst <= 1.15),
        Goal("G11", "cost of fairness, median", f"{cost:+.2%}", "<= +0.3 %", cost <= 0.003),
    ]  # fmt: skip


def determinism(cases: list[Case]) -> Goal:
    """G13: three runs, the last ones at the same time on the same core; routes compared byte by byte."""
    same = 0
    for case in cases:
        first = run("ours", case.content, seed=3)
        with ThreadPoolExecutor(2) as pool:
            under_load = list(pool.map(lambda _, c=case: run("ours", c.content, seed=3), range(2)))
        same += all(json.dumps(line["routes"]) == json.dumps(first["routes"]) for line in under_load)
    return Goal("G13", "identical plans in 3 runs, two under load", f"{same}/{len(cases)}", "all", same == len(cases))


def reasons() -> list[Goal]:
    """G14: every unplanned visit has a reason, and removing the named cause lets it in."""
    from dataclasses import replace

    from planners.solver import solve
    from planners.solver.month_file import problem_from
    from planners.solver.reasons import CAPACITY, MAY_WAIT, unplanned_reasons, with_another

    unplanned = named = helped = 0
    for name in district.PILOT_TARGETS:
        content = dong_month(name, "pilot", 2015, 3, 1)
        problem = problem_from(content)
        plan = solve(problem)
        found = unplanned_reasons(problem, plan)
        unplanned += len(problem.visits) - len(plan.session_of)
        named += len(found)
        for reason in found:
            row = problem.visit_index[reason.visit]
            urgent = replace(problem.visits[row], prize=50_000.0)
            visits = (*problem.visits[:row], urgent, *problem.visits[row + 1 :])
            if reason.code == CAPACITY:
                wider = with_another(replace(problem, visits=visits), reason.displacement.session)
                helped += reason.visit in solve(wider, gap=0.01).session_of
            elif reason.code == MAY_WAIT:
                helped += reason.visit in solve(replace(problem, visits=visits), gap=0.01).session_of
            elif reason.relaxation is not None:
                helped += _relaxed(content, row, reason.relaxation)
    return [
        Goal("G14", "unplanned visits with a reason", f"{named}/{unplanned}", "all", named == unplanned),
        Goal("G14", "removing the cause lets it in", f"{helped}/{named}", ">= 95 %", helped >= 0.95 * named),
    ]


def _relaxed(content: dict, row: int, relaxation) -> bool:
    """Whether some session takes the visit once the named wish is relaxed."""
    from bench.scheduler.generator import start_window

    value = list(relaxation.value) if isinstance(relaxation.value, tuple) else relaxation.value
    visit = content["visits"][row] | {relaxation.field: value}
    return any(start_window(content, visit, session) for session in content["sessions"])


def advice() -> Goal:
    """G12 without a database: five slots for a resident on the phone."""
    from planners.solver import solve
    from planners.solver.month_file import problem_from
    from planners.solver.slots import SlotAdvisor

    milliseconds = []
    for content in (dong_month("종암동", "stress", 2015, 3, 1), zone_month(3, "rollout", 2015, 3, 1)):
        problem = problem_from(content)
        advisor = SlotAdvisor(problem, solve(problem, gap=0.01))
        for visit in problem.visits:
            began = perf_counter()
            advisor.best(visit.id)
            milliseconds.append(1000 * (perf_counter() - began))
    p95 = statistics.quantiles(milliseconds, n=20)[-1]
    return Goal("G12", "five free slots in memory, ms p95", f"{p95:.2f}", "<= 1", p95 <= 1)


def whole_district() -> list[Goal]:
    """G6: twenty dongs and four zones on two cores, every unit in a process of its own."""
    months = [dong_month(dong.name, "rollout", 2015, 3, 1) for dong in district.DONGS]
    months += [zone_month(zone, "rollout", 2015, 3, 1) for zone in range(4)]
    began = perf_counter()
    with ThreadPoolExecutor(2) as pool:
        lines = list(pool.map(lambda content: run("ours", content, pinned=False), months))
    wall, cpu = perf_counter() - began, sum(line["cpu"] for line in lines)
    return [
        Goal("G6", "district month, wall s with start-up of 24 processes", f"{wall:.1f}", "<= 120", wall <= 120),
        Goal("G6", "district month, solver CPU-s", f"{cpu:.1f}", "<= 60", cpu <= 60),
    ]


def city(dongs: int = CITY_DONGS) -> str:
    """All dongs of Seoul, as our twenty over and over with new seeds; CPU seconds a dong."""
    from planners.solver import solve
    from planners.solver.month_file import problem_from

    lines = []
    for load in ("rollout", "stress"):
        seconds, proved, visits = [], 0, 0
        for number in range(dongs):
            dong = district.DONGS[number % len(district.DONGS)]
            problem = problem_from(dong_month(dong.name, load, 2015, 3, 1000 + number))
            began = process_time()
            plan = solve(problem, gap=0.001)
            seconds.append(process_time() - began)
            proved, visits = proved + plan.proved, visits + len(problem.visits)
        lines.append(
            f"{dongs} dongs, {load}: {visits} visits, {sum(seconds):.0f} CPU-s, a dong median "
            f"{statistics.median(seconds):.3f}, mean {statistics.mean(seconds):.3f}, max {max(seconds):.1f}; "
            f"{proved} proved"
        )
        kept({"city": lines[-1]})
    return "\n".join(lines)


def joint_zones() -> str:
    """Whole zones, elder pairs and maternal nurses sharing social workers; a table of its own."""
    rows = []
    for load in ("rollout", "stress"):
        for zone in range(4):
            line = run("ours", joint_zone_month(zone, load, 2015, 3, 1))
            kept(line | {"kind": "joint", "scenario": load})
            rows.append(
                f"{line['month']}: {line['visits']} visits, objective {line['objective']:.0f}, gap {line['gap']:.3%}, "
                f"{line['cpu']:.1f} CPU-s, {line['rss_mb']:.0f} MB, {len(line['violations'])} violations"
            )
    return "\n".join(rows)
