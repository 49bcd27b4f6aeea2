"""PyVRP (MIT licence): one vehicle type a session, one client a clock window, for the budget's CPU seconds."""

from time import process_time

import numpy as np
import pyvrp

from bench.scheduler.peers.price_table import PriceTable


class CpuSeconds:
    """Stops by CPU rather than by the clock, so that a busy machine is no handicap."""

    def __init__(self, seconds: float) -> None:
        self.end = process_time() + seconds

    def __call__(self, best_cost: float) -> bool:
        return process_time() > self.end


def plan(content: dict, budget: float, seed: int) -> dict:
    table = PriceTable.of(content)
    data, owner = _data(content, table)
    found = pyvrp.solve(data, stop=CpuSeconds(budget), seed=seed, collect_stats=False, display=False)
    if not found.best.is_feasible():
        return {}
    routes = {}
    for route in found.best.routes():
        session = content["sessions"][route.vehicle_type()]
        routes[session["id"]] = [
            content["visits"][owner[stop.idx]]["id"] for stop in route.schedule() if stop.is_client()
        ]
    return routes


def _data(content: dict, table: PriceTable) -> tuple[pyvrp.ProblemData, list[int]]:
    clients, groups, owner = [], [], []
    for v, visit in enumerate(content["visits"]):
        windows = table.windows(v)
        if not windows:
            continue
        group = len(groups) if len(windows) > 1 else None
        mine = list(range(len(clients), len(clients) + len(windows)))
        if group is not None:
            groups.append(pyvrp.ClientGroup(mine, required=False))
        for begin, end in windows:
            owner.append(v)
            clients.append(
                pyvrp.Client(
                    location=v + 1,
                    delivery=[1],
                    service_duration=visit["duration"],
                    tw_early=begin,
                    tw_late=end,
                    prize=int(visit["prize"]),
                    required=False,
                    group=group,
                )
            )
    vehicles = [
        pyvrp.VehicleType(
            num_available=1,
            capacity=[session["max"]],
            fixed_cost=content["outing_cost"],
            tw_early=session["start"],
            tw_late=session["end"],
            profile=s,
        )
        for s, session in enumerate(content["sessions"])
    ]
    costs = [table.costs(s) for s in range(len(content["sessions"]))]
    travel = table.travel.astype(np.int64)
    places = [pyvrp.Location(0, 0) for _ in range(len(content["visits"]) + 1)]
    data = pyvrp.ProblemData(places, clients, [pyvrp.Depot(0)], vehicles, costs, [travel] * len(costs), groups)
    return data, owner
