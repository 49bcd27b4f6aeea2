"""VROOM at its highest exploration level on one thread (BSD licence; the engine behind openrouteservice)."""

import vroom

from bench.scheduler.peers.price_table import PriceTable

LEVEL = 5
PRIORITY_UNIT = 600
PROMISED = 100


def plan(content: dict, budget: float, seed: int) -> dict:
    table, problem = PriceTable.of(content), vroom.Input()
    for s, session in enumerate(content["sessions"]):
        profile = f"session {s}"
        problem.set_durations_matrix(profile, table.travel.astype("uint32"))
        problem.set_costs_matrix(profile, table.costs(s, forbidden=1_000_000).astype("uint32"))
        problem.add_vehicle(
            vroom.Vehicle(
                s,
                start=0,
                end=0,
                profile=profile,
                skills={v + 1 for v, row in enumerate(content["cost"]) if row[s] is not None},
                time_window=vroom.TimeWindow(session["start"], session["end"]),
                max_tasks=session["max"],
                costs=vroom.VehicleCosts(fixed=content["outing_cost"]),
            )
        )
    for v, visit in enumerate(content["visits"]):
        windows = table.windows(v)
        if windows:
            priority = PROMISED if visit["booked"] else min(99, round(visit["prize"] / PRIORITY_UNIT))
            problem.add_job(
                vroom.Job(
                    v,
                    location=v + 1,
                    default_service=visit["duration"],
                    skills={v + 1},
                    priority=priority,
                    time_windows=[vroom.TimeWindow(*window) for window in _merged(windows)],
                )
            )
    return _routes(content, problem.solve(exploration_level=LEVEL, nb_threads=1))


def _merged(windows):
    """Windows of one half of the day may touch between sessions; VROOM wants them apart."""
    merged = [list(windows[0])]
    for begin, end in windows[1:]:
        if begin <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([begin, end])
    return merged


def _routes(content: dict, solution) -> dict:
    steps = solution.routes
    routes: dict = {}
    for vehicle, kind, job in zip(steps["vehicle_id"], steps["type"], steps["id"], strict=True):
        if kind == "job":
            name = content["sessions"][int(vehicle)]["id"]
            routes.setdefault(name, []).append(content["visits"][int(job)]["id"])
    return routes
