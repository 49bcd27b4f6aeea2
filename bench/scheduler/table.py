"""The result as Markdown: one row per scenario and solver, then the goals."""

import statistics
from collections import defaultdict

from bench.scheduler.goals import Goal

MARK = {True: "met", False: "MISSED", None: "not measured"}


def table(lines: list[dict]) -> str:
    """Medians and sums by scenario and solver; `over best` is the objective above the best one found."""
    best: dict[str, float] = {}
    for line in lines:
        best[line["month"]] = min(best.get(line["month"], float("inf")), line["objective"])
    groups = defaultdict(list)
    for line in lines:
        groups[(line["kind"], line["scenario"], line["solver"])].append(line)
    rows = [
        "| unit, load | solver | months | over best: median / max | unplanned | kept | outings | travel | late | CPU-s: sum / median | peak MB |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for (kind, scenario, solver), found in groups.items():
        over = [line["objective"] / max(best[line["month"]], 1.0) - 1 for line in found]
        total = {name: sum(line[name] for line in found) for name in ("unplanned", "outings", "travel", "late", "cpu")}
        kept = f"{sum(line['bookings_kept'] for line in found)}/{sum(line['bookings'] for line in found)}"
        cpu = statistics.median(line["cpu"] for line in found)
        rows.append(
            f"| {kind}, {scenario} | {solver} | {len(found)} | {statistics.median(over):.2%} / {max(over):.1%} "
            f"| {total['unplanned']} | {kept} | {total['outings']} | {total['travel']} | {total['late']} "
            f"| {total['cpu']:.1f} / {cpu:.2f} | {max(line['rss_mb'] for line in found):.0f} |"
        )
    return "\n".join(rows)


def goals_table(goals: list[Goal]) -> str:
    rows = ["| goal | measure | measured | promised | |", "| --- | --- | --- | --- | --- |"]
    rows += [f"| {g.code} | {g.what} | {g.measured} | {g.promised} | {MARK[g.met]} |" for g in goals]
    return "\n".join(rows)
