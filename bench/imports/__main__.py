"""`python -m bench.imports [--rows N] [--repeat R] [GOAL ...]`: the import goals G1 to G6 and G13.

Each goal runs our way and its peer in alternation, each run in a process of its own, and compares CPU
(client, children and database backend). Lines go to var/bench/imports.jsonl; a missed goal exits 1.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.database import own_database
from bench.goals import Goals
from bench.imports import register

GOALS = ("G1", "G2", "G3", "G4", "G5", "G6", "G13")


def run(case: str, *files: Path) -> dict:
    answer = subprocess.run(
        [sys.executable, "-m", "bench.imports.cases", case, *map(str, files)],
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise SystemExit(f"{case} failed:\n{answer.stderr[-3000:]}")
    return json.loads(answer.stdout.splitlines()[-1])


class Bench:
    def __init__(self, rows: int, repeat: int, folder: Path) -> None:
        self.rows, self.repeat, self.folder = rows, repeat, folder
        self.sheet_rows = max(rows, 50_000)  # of a smaller sheet the start of the reading child is half the cost
        self.goals = Goals("imports", rows=rows)
        self.judge = self.goals.judge
        self.csv = register.write_csv(folder / "register.csv", register.dirty(register.people(rows)))
        self.tables = folder / "tables"
        self.tables.mkdir()

    def alternated(self, *cases: tuple[str, tuple[Path, ...]]) -> list[list[dict]]:
        """Each case `repeat` times, one after the other, so that the machine's moods hit all alike."""
        found: list[list[dict]] = [[] for _ in cases]
        for _ in range(self.repeat):
            for at, (case, files) in enumerate(cases):
                found[at].append(run(case, *files))
        return found

    def g1(self) -> None:
        """Stage, preview and confirm a fresh list, against a raw COPY of the finished rows."""
        run("staged_fresh", self.csv)
        run("keep_tables", self.tables)
        limit, ours = self.alternated(("raw_copy", (self.tables,)), ("staged_fresh", (self.csv,)))
        ratio = cpu(ours) / cpu(limit)
        goal = 4.0 if self.rows <= 20_000 else 3.0 if self.rows <= 200_000 else 2.8
        self.judge(
            "G1", f"{self.rows} rows staged + preview + confirm / raw COPY, CPU", ratio, goal, ours=ours, peer=limit
        )
        self.limit = limit
        peak = max(one["peak_mb"] for one in ours)
        self.judge(
            "G4",
            "CSV import, peak MB of the importing process",
            peak,
            150,
            child=max(one["peak_child_mb"] for one in ours),
        )

    def g2(self) -> None:
        """Next month's list into this month's register."""
        again = register.write_csv(
            self.folder / "next.csv", register.dirty(register.next_month(register.people(self.rows), self.rows))
        )
        found, limits = [], []
        for _ in range(self.repeat):
            limits.append(run("raw_copy", self.tables))
            run("staged_fresh", self.csv)
            found.append(run("staged", again))
        written = found[0]["added"] + found[0]["changed"] + found[0]["moved"]
        goal = (
            4.0 if self.rows <= 20_000 else 3.0 if self.rows <= 200_000 else 2.0
        )  # a small list is mostly its beginning
        self.judge("G2", "monthly list / raw COPY, CPU", cpu(found) / cpu(limits), goal, ours=found, peer=limits)
        self.judge("G2", "rows written of those in the list, %", 100 * written / self.rows, 6.0)
        nothing = run("staged", again)
        self.judge(
            "G2", "rows written by the same file once more", nothing["added"] + nothing["changed"] + nothing["moved"], 0
        )

    def g3(self) -> None:
        """Against stock django-import-export with the same normaliser, at the 10,000 rows the goal names."""
        rows = 10_000
        small = register.write_csv(self.folder / "small.csv", register.people(rows))
        ours, bulk = self.alternated(("staged_fresh", (small,)), ("die_bulk", (small,)))
        self.judge(
            "G3",
            f"import-export use_bulk / ours, {rows} rows, CPU",
            cpu(bulk) / cpu(ours),
            20,
            at_least=True,
            ours=ours,
            peer=bulk,
        )
        ours, default = [run("staged_fresh", small)], [run("die_default", small)]
        self.judge(
            "G3",
            f"import-export default in two steps / ours, {rows} rows, CPU",
            cpu(default) / cpu(ours),
            60,
            at_least=True,
            ours=ours,
            peer=default,
        )

    def g4(self) -> None:
        """The largest sheet in the reading child; the CSV figure comes with G1."""
        found = run("read_ours", self._xlsx())
        self.judge(
            "G4",
            f"XLSX of {self.sheet_rows} rows, peak MB of the reading child",
            found["peak_child_mb"],
            900,
            ours=found,
        )

    def g5(self) -> None:
        """Reading an XLSX, against openpyxl read-only."""
        path = self._xlsx()
        ours, peer = self.alternated(("read_ours", (path,)), ("read_openpyxl", (path,)))
        self.judge(
            "G5",
            f"openpyxl read_only / ours, {self.sheet_rows} rows, CPU",
            cpu(peer) / cpu(ours),
            6,
            at_least=True,
            ours=ours,
            peer=peer,
        )

    def g6(self) -> None:
        """Every dirty file to the row."""
        from bench.imports.dirty import outcome

        rows, wrong, fields, wrong_fields = outcome()
        self.judge(
            "G6", f"rows of dirty files sorted right, % of {rows}", 100 * (rows - wrong) / rows, 100, at_least=True
        )
        self.judge("G6", f"fields right, % of {fields}", 100 * (fields - wrong_fields) / fields, 99.9, at_least=True)

    def g13(self) -> None:
        """Hostile and broken files: refused at once and cheaply."""
        from tests.imports.dirt import FILES

        honest = self.folder / "honest.xlsx"
        honest.write_bytes(FILES["xlsx_named_xls"]().data)
        ground = run("read_ours", honest)["peak_child_mb"]
        for name in (
            "bomb",
            "many_parts",
            "password_xlsx",
            "password_xls",
            "truncated_xlsx",
            "truncated_xls",
            "dtd_in_xlsx",
            "dtd_in_xml",
        ):
            dirt = FILES[name]()
            path = self.folder / dirt.name
            path.write_bytes(dirt.data)
            found = run("read_refused", path)
            if found["code"] != dirt.refused:
                self.judge("G13", f"{name} refused as {dirt.refused}, not {found['code'] or 'at all'}", 1, 0)
            self.judge("G13", f"{name}: seconds", found["wall"], 2.0)
            self.judge("G13", f"{name}: MB more than an honest file", max(0, found["peak_child_mb"] - ground), 64)

    def _xlsx(self) -> Path:
        path = self.folder / "register.xlsx"
        return path if path.exists() else register.write_xlsx(path, register.people(self.sheet_rows))


def cpu(runs: list[dict]) -> float:
    return statistics.median(one["cpu"] for one in runs)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.imports", description=__doc__)
    parser.add_argument("goals", nargs="*", metavar="GOAL", help=", ".join(GOALS))
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PRIVATE_FILES"] = f"{folder}/files"
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seongbuk.settings")
        compileall.compile_dir("common", quiet=1)  # as in the image: the reading child starts for every file
        if {"G1", "G2", "G3"} & set(options.goals or GOALS):
            own_database("bench_imports")
        bench = Bench(options.rows, options.repeat, Path(folder))
        for goal in options.goals or GOALS:
            getattr(bench, goal.lower())()
    bench.goals.finish()


if __name__ == "__main__":
    main()
