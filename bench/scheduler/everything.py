"""Trying everything: the least objective of a tiny month, found without any solver."""

from itertools import combinations, permutations

from bench.scheduler.audit import drive


def least_objective(content: dict) -> float:
    """Over every set of visits in every session, all combinations that share no visit and no person."""
    visits = range(len(content["visits"]))
    states = {(frozenset(), frozenset()): 0.0}
    for s, session in enumerate(content["sessions"]):
        resources = frozenset(map(str, session["resources"]))
        options = [
            (frozenset(chosen), price)
            for size in range(1, session["max"] + 1)
            for chosen in combinations(visits, size)
            if (price := _cheapest(content, s, chosen)) is not None
        ]
        for (made, used), so_far in list(states.items()):
            if resources & used:
                continue
            for chosen, price in options:
                if not chosen & made:
                    key = (made | chosen, used | resources)
                    states[key] = min(states.get(key, float("inf")), so_far + price)
    prizes = [visit["prize"] for visit in content["visits"]]
    return min(price + sum(prizes[v] for v in visits if v not in made) for (made, _), price in states.items())


def _cheapest(content: dict, s: int, chosen) -> float | None:
    if any(content["cost"][v][s] is None for v in chosen):
        return None
    tours = []
    for order in permutations(chosen):
        problem, tour = drive(content, s, list(order))
        tours += [tour] if not problem else []
    if not tours:
        return None
    return content["outing_cost"] + min(tours) + sum(content["cost"][v][s] for v in chosen)
