"""OR-Tools routing with guided local search (Apache licence), for the budget's CPU seconds."""

from time import process_time

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from bench.scheduler.peers.price_table import PriceTable

DAY = 24 * 60


def plan(content: dict, budget: float, seed: int) -> dict:
    table, sessions, visits = PriceTable.of(content), content["sessions"], content["visits"]
    manager = pywrapcp.RoutingIndexManager(len(visits) + 1, len(sessions), 0)
    routing = pywrapcp.RoutingModel(manager)
    for s in range(len(sessions)):
        costs = table.costs(s).tolist()
        routing.SetArcCostEvaluatorOfVehicle(routing.RegisterTransitMatrix(costs), s)
    routing.SetFixedCostOfAllVehicles(content["outing_cost"])
    service = [0, *(visit["duration"] for visit in visits)]
    minutes = (table.travel + [[minute] for minute in service]).tolist()
    routing.AddDimension(routing.RegisterTransitMatrix(minutes), DAY, DAY, False, "clock")
    clock = routing.GetDimensionOrDie("clock")
    one = routing.RegisterUnaryTransitVector([0] + [1] * len(visits))
    routing.AddDimensionWithVehicleCapacity(one, 0, [session["max"] for session in sessions], True, "visits")
    for s, session in enumerate(sessions):
        clock.CumulVar(routing.Start(s)).SetRange(session["start"], session["end"])
        clock.CumulVar(routing.End(s)).SetRange(session["start"], session["end"])
    for v, visit in enumerate(visits):
        _visit(routing, clock, table, manager.NodeToIndex(v + 1), v, visit["prize"])
    end = process_time() + budget
    routing.AddSearchMonitor(routing.solver().CustomLimit(lambda: process_time() > end))
    return _routes(content, manager, routing, routing.SolveWithParameters(_parameters(20 * budget)))


def _visit(routing, clock, table: PriceTable, index: int, v: int, prize: int) -> None:
    routing.AddDisjunction([index], int(prize))
    windows = table.windows(v)
    if not windows:
        routing.ActiveVar(index).SetValue(0)
        return
    routing.VehicleVar(index).SetValues([-1, *table.allowed(v)])
    start = clock.CumulVar(index)
    start.SetRange(windows[0][0], max(end for _, end in windows))
    reach = windows[0][1]
    for begin, end in windows[1:]:
        if begin > reach + 1:
            start.RemoveInterval(reach + 1, begin - 1)
        reach = max(reach, end)


def _parameters(budget: float):
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PATH_CHEAPEST_ARC
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(int(budget * 1000))
    return parameters


def _routes(content: dict, manager, routing, solution) -> dict:
    routes: dict = {}
    for s, session in enumerate(content["sessions"] if solution else ()):
        index, route = solution.Value(routing.NextVar(routing.Start(s))), []
        while not routing.IsEnd(index):
            route.append(content["visits"][manager.IndexToNode(index) - 1]["id"])
            index = solution.Value(routing.NextVar(index))
        if route:
            routes[session["id"]] = route
    return routes
