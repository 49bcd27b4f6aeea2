"""Cheapest insertion by tier: the most urgent first, always where it adds least."""

from bench.scheduler.peers.by_hand import Month


def plan(content: dict, budget: float, seed: int) -> dict:
    month = Month(content)
    visits, sessions = content["visits"], range(len(content["sessions"]))
    left = month.promise()
    for tier in sorted({visits[v]["tier"] for v in left}):
        waiting = [v for v in left if visits[v]["tier"] == tier]
        options = {v: _options(month, v, sessions) for v in waiting}
        while options:
            v, (price, s, route) = min(
                ((v, min(found)) for v, found in options.items() if found),
                default=(None, (0, 0, [])),
                key=lambda o: o[1][:2],
            )
            if v is None or price > visits[v]["prize"]:
                break
            month.place(s, route)
            del options[v]
            for other, found in options.items():
                touched = {s, *(t for _, t, _ in found if month.addition(other, t) is None)}
                kept = [option for option in found if option[1] not in touched]
                options[other] = kept + _options(month, other, [s])
    return month.by_id()


def _options(month: Month, v: int, sessions) -> list[tuple[int, int, list[int]]]:
    found = ((month.addition(v, s), s) for s in sessions)
    return [(option[0], s, option[1]) for option, s in found if option is not None]
