"""An independent check of a plan against its month: it shares no code with the solver.

It recomputes every clock time, resource, appointment and price from the file's own lists.
"""

from collections import Counter
from dataclasses import dataclass, field
from itertools import permutations


@dataclass
class Audit:
    """What an auditor found: broken rules, the recomputed objective, and the plan's figures."""

    objective: float
    violations: list[str] = field(default_factory=list)
    planned: int = 0
    unplanned: int = 0
    planned_by_tier: dict[int, int] = field(default_factory=dict)
    unplanned_by_tier: dict[int, int] = field(default_factory=dict)
    outings: int = 0
    travel: int = 0
    late: int = 0
    bookings: int = 0
    bookings_kept: int = 0
    moved: int = 0
    keepable: int = 0
    minutes_by_pair: dict[str, int] = field(default_factory=dict)


def audit(content: dict, plan: dict) -> Audit:
    """Check `plan` (routes by session id) against the month file's content."""
    report = Audit(objective=0.0)
    sessions = {str(session["id"]): index for index, session in enumerate(content["sessions"])}
    visits = {str(visit["id"]): index for index, visit in enumerate(content["visits"])}
    place: dict[int, int] = {}
    used: dict[str, str] = {}
    for name, route in plan["routes"].items():
        if str(name) not in sessions:
            report.violations.append(f"unknown session {name}")
            continue
        s = sessions[str(name)]
        unknown = [v for v in route if str(v) not in visits]
        if unknown:
            report.violations.append(f"session {name}: unknown visits {unknown}")
            continue
        rows = [visits[str(v)] for v in route]
        for v in rows:
            if v in place:
                report.violations.append(f"visit {content['visits'][v]['id']} planned twice")
            place[v] = s
        for resource in content["sessions"][s]["resources"]:
            if str(resource) in used:
                report.violations.append(f"{resource} used by sessions {used[str(resource)]} and {name}")
            used[str(resource)] = str(name)
        _check_outing(content, s, rows, report)
    _check_visits(content, place, sessions, report)
    _check_days(content, place, report)
    report.objective += _unfairness(content, report)
    claimed = plan.get("objective")
    if claimed is not None and abs(claimed - report.objective) > 1e-6:
        report.violations.append(f"objective says {claimed}, is {report.objective}")
    bound = plan.get("lower_bound")
    if bound is not None and bound > report.objective + 1e-6:
        report.violations.append(f"lower bound {bound} above objective {report.objective}")
    return report


def _check_outing(content: dict, s: int, route: list[int], report: Audit) -> None:
    session = content["sessions"][s]
    if not route:
        report.violations.append(f"session {session['id']}: an outing without visits")
        return
    if len(route) > session["max"]:
        report.violations.append(f"session {session['id']}: {len(route)} visits, {session['max']} allowed")
    problem, tour = drive(content, s, route)
    if problem:
        report.violations.append(f"session {session['id']}: {problem}")
    report.outings += 1
    report.travel += tour
    report.objective += content["outing_cost"] + tour
    report.objective += sum(content["cost"][v][s] or 0 for v in route)
    load = sum(content["visits"][v]["duration"] for v in route)
    pair = session["pair"]
    report.minutes_by_pair[pair] = report.minutes_by_pair.get(pair, 0) + load


def drive(content: dict, s: int, route: list[int]) -> tuple[str, int]:
    """The first broken rule on the way, if any, and the minutes of the tour."""
    session, travel = content["sessions"][s], content["travel"]
    depot = here = content["depots"][session["dong"]]
    clock, tour, problem = session["start"], 0, ""
    for v in route:
        visit = content["visits"][v]
        window = content["start_window"][v][s]
        clock += travel[here][visit["loc"]]
        tour += travel[here][visit["loc"]]
        here = visit["loc"]
        if content["cost"][v][s] is None or window is None:
            problem = problem or f"visit {visit['id']} is not allowed here"
            continue
        opens, closes = window
        if visit["booked"] and str(visit["booked"][0]) == str(session["id"]):
            opens, closes = max(opens, visit["booked"][1]), min(closes, visit["booked"][1])
        clock = max(clock, opens)
        if clock > closes:
            problem = problem or f"visit {visit['id']} starts at {clock}, latest {closes}"
        clock += visit["duration"]
    clock += travel[here][depot]
    tour += travel[here][depot]
    if clock > session["end"]:
        problem = problem or f"back at {clock}, due {session['end']}"
    return problem, tour


def _check_visits(content: dict, place: dict[int, int], sessions: dict[str, int], report: Audit) -> None:
    previous = content.get("previous_plan") or {}
    for v, visit in enumerate(content["visits"]):
        s, tier = place.get(v), visit["tier"]
        table = report.unplanned_by_tier if s is None else report.planned_by_tier
        table[tier] = table.get(tier, 0) + 1
        if s is None:
            report.objective += visit["prize"]
            report.unplanned += 1
        else:
            report.planned += 1
            report.late += int(1 <= visit["due"] < content["sessions"][s]["day"])
        if visit["booked"]:
            report.bookings += 1
            report.bookings_kept += int(s is not None and s == sessions.get(str(visit["booked"][0])))
        before = previous.get(str(visit["id"]))
        if before is not None and str(before) in sessions:
            report.keepable += 1
            report.moved += int(s is None or s != sessions[str(before)])


def _check_days(content: dict, place: dict[int, int], report: Audit) -> None:
    """No pair makes more visits a day than the file's `daily_maximum`."""
    most, made = content.get("daily_maximum"), Counter()
    for s in place.values():
        made[content["sessions"][s]["pair"], content["sessions"][s]["day"]] += 1
    for (pair, day), count in sorted(made.items()):
        if most is not None and count > most:
            report.violations.append(f"{pair}, day {day}: {count} visits, {most} allowed")


def _unfairness(content: dict, report: Audit) -> float:
    """`fairness_price` for every minute of a pair above the mean of what fits anywhere at all."""
    pairs = {session["pair"] for session in content["sessions"]}
    if not pairs:
        return 0.0
    fits = sum(v["duration"] for v, windows in zip(content["visits"], _windows(content), strict=True) if any(windows))
    mean = round(fits / len(pairs))
    over = sum(max(0, minutes - mean) for minutes in report.minutes_by_pair.values())
    return over * (content.get("fairness_price") or 0)


def _windows(content: dict) -> list[list[bool]]:
    """Whether each visit may go to each session."""
    found = []
    for visit, costs, windows in zip(content["visits"], content["cost"], content["start_window"], strict=True):
        row = []
        for session, cost, window in zip(content["sessions"], costs, windows, strict=True):
            opens, closes = window or (1, 0)
            if visit["booked"] and str(visit["booked"][0]) == str(session["id"]):
                opens, closes = max(opens, visit["booked"][1]), min(closes, visit["booked"][1])
            row.append(cost is not None and opens <= closes)
        found.append(row)
    return found


def drivable(content: dict, s: int, visits: list[int]) -> bool:
    """Whether these visits (by row) can be made in one outing of session row s, in any order."""
    if len(visits) > content["sessions"][s]["max"]:
        return False
    return any(not drive(content, s, list(route))[0] for route in permutations(visits))
