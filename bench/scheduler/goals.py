"""The scheduler's goals: what was measured, what was promised, and whether it is met."""

import statistics
from collections import defaultdict
from dataclasses import dataclass

from bench.scheduler.peers import NEEDS

BETTER, MANY_MONTHS = 0.55, 20
ENFORCED = ("G1", "G3", "G4", "G8")


@dataclass(frozen=True)
class Goal:
    """One goal; `met` is None where this run could not measure it."""

    code: str
    what: str
    measured: str
    promised: str
    met: bool | None


def by_month(lines: list[dict], *solvers: str) -> list[tuple[dict, ...]]:
    """The lines of these solvers side by side, for the months that all of them planned."""
    found = defaultdict(dict)
    for line in lines:
        found[line["month"]][line["solver"]] = line
    return [tuple(group[s] for s in solvers) for group in found.values() if all(s in group for s in solvers)]


def of(lines: list[dict], solver: str, **wanted) -> list[dict]:
    return [
        line
        for line in lines
        if line["solver"] == solver and all(line[name] == value for name, value in wanted.items())
    ]


def bound_and_rules(lines: list[dict]) -> list[Goal]:
    """G1, G5, G8 and G15 from our own lines."""
    ours = of(lines, "ours")
    gaps, proved = [line["gap"] for line in ours], sum(line["proved"] for line in ours)
    cpu = sorted(line["cpu"] for line in of(lines, "ours", kind="dong"))
    p95 = cpu[min(len(cpu) - 1, int(0.95 * len(cpu)))]
    broken = sum(len(line["violations"]) for line in ours)
    promised, kept = sum(line["bookings"] for line in ours), sum(line["bookings_kept"] for line in ours)
    memory = max(line["rss_mb"] for line in ours if line["visits"] <= 150)
    good = statistics.median(gaps) <= 0.0005 and max(gaps) <= 0.005 and proved >= 0.9 * len(ours)
    return [
        Goal(
            "G1",
            "gap to the certified bound",
            f"median {statistics.median(gaps):.3%}, max {max(gaps):.3%}, proved {proved}/{len(ours)}",
            "median <= 0.05 %, max <= 0.5 %, proved >= 90 %",
            good,
        ),
        Goal(
            "G5",
            "one dong-month, CPU-s",
            f"median {statistics.median(cpu):.2f}, p95 {p95:.2f}, max {cpu[-1]:.2f}",
            "median <= 1.5, p95 <= 10",
            statistics.median(cpu) <= 1.5 and p95 <= 10,
        ),
        Goal(
            "G8",
            "hard rules, appointments",
            f"{broken} broken, {kept}/{promised} kept",
            "0 broken, all kept",
            broken == 0 and kept == promised,
        ),
        Goal("G15", "peak memory, units <= 150 visits", f"{memory:.0f} MB", "<= 250 MB", memory <= 250),
    ]


def against_engines(lines: list[dict]) -> list[Goal]:
    """G3 and G4, where ready-made engines are installed."""
    engines = [name for name in NEEDS if of(lines, name)]
    goals = []
    if engines:
        pairs = [
            (group[0]["objective"], min(e["objective"] for e in group[1:]))
            for group in by_month(lines, "ours", *engines)
        ]
        worse, better = sum(a > b for a, b in pairs), sum(a < b for a, b in pairs)
        share = better / len(pairs)
        # an engine that finds the optimum of a small month cannot be beaten: the share says something of many
        wanted = BETTER if len(pairs) >= MANY_MONTHS else 0.0
        what = f"best of {', '.join(engines)} per month"
        goals.append(
            Goal(
                "G3",
                what,
                f"{worse} worse, {share:.0%} better",
                "0 worse" + (f", >= {wanted:.0%} better" if wanted else ""),
                worse == 0 and share >= wanted,
            )
        )
    for scenario, most in (("rollout", 1.5), ("stress", 1.2)):
        pairs = [(a["cpu"], b["cpu"]) for a, b in by_month(lines, "ours", "vroom") if a["scenario"] == scenario]
        if pairs:
            ratio = sum(a for a, _ in pairs) / sum(b for _, b in pairs)
            goals.append(Goal("G4", f"CPU / VROOM x5, {scenario}", f"{ratio:.2f}x", f"<= {most}x", ratio <= most))
    return goals


def against_the_office(lines: list[dict]) -> list[Goal]:
    """G7: what the solver is worth beside the rule of thumb."""
    goals = []
    for scenario, name, most in (
        ("rollout", "outings", 0.80),
        ("stress", "outings", 0.88),
        ("rollout", "travel", 0.86),
        ("stress", "travel", 0.86),
        ("pilot", "unplanned", 0.65),
    ):
        pairs = [
            (a[name], b[name])
            for a, b in by_month(lines, "ours", "human")
            if a["scenario"] == scenario and a["kind"] == "dong"
        ]
        if sum(b for _, b in pairs):
            ratio = sum(a for a, _ in pairs) / sum(b for _, b in pairs)
            goals.append(
                Goal("G7", f"{name} / human rule, {scenario}", f"{ratio:.2f}x", f"<= {most:.2f}x", ratio <= most)
            )
    return goals


def failed(goals: list[Goal]) -> list[str]:
    """Codes of the goals that decide the exit code and were measured and missed."""
    return sorted({goal.code for goal in goals if goal.code in ENFORCED and goal.met is False})
