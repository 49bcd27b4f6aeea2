"""Goals judged: each figure against its limit, kept as a JSON line and shown in one table."""

from __future__ import annotations

from bench.measure import record


class Goals:
    """Collects what one benchmark measured; `finish` prints the table and exits 1 when a goal is missed."""

    def __init__(self, name: str, *, rows: int) -> None:
        self.name, self.rows = name, rows
        self.lines: list[tuple[str, str, str, str, str]] = []
        self.missed: list[str] = []

    def judge(self, goal: str, what: str, value: float, limit: float, *, at_least: bool = False, **more) -> None:
        """Measured `value` against `limit` (at most it, or with `at_least` no less)."""
        met = value >= limit if at_least else value <= limit
        line = {"goal": goal, "what": what, "rows": self.rows, "value": round(value, 3), "limit": limit, "met": met}
        record(self.name, line | more)
        sign = "≥" if at_least else "≤"
        self._show(goal, what, f"{value:,.2f}", f"{sign} {limit:g}", "met" if met else "MISSED")
        if not met:
            self.missed.append(goal)

    def tell(self, goal: str, what: str, value: float, **more) -> None:
        """A figure without a limit: what a peer took, say."""
        record(self.name, {"goal": goal, "what": what, "rows": self.rows, "value": round(value, 3)} | more)
        self._show(goal, what, f"{value:,.2f}", "", "")

    def _show(self, *line: str) -> None:
        self.lines.append(line)
        print("  ".join(part for part in line if part), flush=True)

    def finish(self) -> None:
        print(f"\n| goal | {self.name}, {self.rows:,} rows | measured | promised | |\n| --- | --- | ---: | --- | --- |")
        for line in self.lines:
            print(f"| {' | '.join(line)} |")
        if self.missed:
            raise SystemExit(f"missed: {', '.join(sorted(set(self.missed)))}")
