"""`python -m bench.slots [--visits N] [--homes H] [--repeat R]`: five free slots while on the phone, goal G12.

A dong of H homes with two pairs whose next month is half full. For each of N residents who agreed, the
application's own `free_slots` looks through 30 days of both calendars with the database; every run counts.
Lines go to var/bench/slots.jsonl; a p95 above 50 ms exits 1. Clock time on a busy machine says little, so
CPU milliseconds of the client and of the database's process stand beside it.
"""

from __future__ import annotations

import argparse
import os

from bench.database import own_database

LIMIT_MS = 50


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.slots", description=__doc__)
    parser.add_argument("--visits", type=int, default=120, help="residents on the phone")
    parser.add_argument("--homes", type=int, default=9_000, help="homes of the dong")
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    own_database(f"bench_slots_{options.homes}_{options.visits}")
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seongbuk.settings")
    django.setup()
    _judged(options)


def _judged(options) -> None:
    from bench.goals import Goals
    from bench.slots import world

    goals = Goals("slots", rows=options.homes)
    visits, now = world.ready(homes=options.homes, visits=options.visits)
    wall, cpu, slots = [], [], 0
    for _ in range(options.repeat):
        for visit in visits:
            cost, found = world.asked(visit, now)
            wall.append(cost.wall * 1000)
            cpu.append(cost.cpu * 1000)
            slots += len(found)
    load = os.getloadavg()[0]
    goals.judge("G12", "five best slots, 30 days, two pairs: p95 ms", _quantile(wall, 0.95), LIMIT_MS, load=load)
    goals.tell("G12", "p50 ms", _quantile(wall, 0.5))
    goals.tell("G12", "mean CPU ms, client and database", sum(cpu) / len(cpu))
    goals.tell("G12", "slots offered on average", slots / len(wall))
    goals.finish()


def _quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


if __name__ == "__main__":
    main()
