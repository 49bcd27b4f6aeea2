"""`python -m bench.search [--rows N] [--times T] [--repeat R]`: finding residents, goal G11.

Each way of searching runs the application's own search for T different people, first page of 51 rows in
order of names; the peer is LIKE '%…%' over a trigram index, the usual way, built and taken away again in
each round. Lines go to var/bench/search.jsonl; a missed goal exits 1.
"""

from __future__ import annotations

import argparse
import os
import statistics

from bench.database import filled_register


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.search", description=__doc__)
    parser.add_argument("--rows", type=int, default=468_000)
    parser.add_argument("--times", type=int, default=100, help="different searches of each kind and round")
    parser.add_argument("--repeat", type=int, default=2)
    options = parser.parse_args()
    filled_register(options.rows)
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seongbuk.settings")
    django.setup()
    _judged(options)


def _judged(options) -> None:
    from bench.goals import Goals
    from bench.search import cases

    goals = Goals("search", rows=options.rows)
    took: dict[str, list[float]] = {}
    for number in range(options.repeat):
        for kind, seconds in cases.ours(options.times, seed=number).items():
            took.setdefault(kind, []).extend(seconds)
        took.setdefault(cases.PEER, []).extend(cases.trigrams(options.times, seed=number))
    for kind, seconds in took.items():
        middle, late = _quantile(seconds, 0.5), _quantile(seconds, 0.95)
        if kind == cases.PEER:
            goals.tell("peer", f"{kind}: p50 ms", middle, p95=round(late, 2))
            continue
        goals.judge("G11", f"{kind}: p95 ms", late, 100, p50=round(middle, 2), load=os.getloadavg()[0])
        if kind == cases.INSIDE:
            goals.judge("G11", f"{kind}: p50 ms", middle, 5)
    gain = statistics.median(took[cases.PEER]) / statistics.median(took[cases.INSIDE])
    goals.tell("peer", "two syllables over trigrams / ours, p50", gain)
    goals.finish()


def _quantile(seconds: list[float], share: float) -> float:
    ordered = sorted(seconds)
    return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


if __name__ == "__main__":
    main()
