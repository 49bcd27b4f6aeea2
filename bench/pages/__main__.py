"""`python -m bench.pages [--rows N] [--seconds S] [--repeat R] [--in-flight F]`: the list of residents, goal G10.

gunicorn as in production serves the real pages of a register of N people; requests come over the
loopback. Each round asks for every kind of page in turn: ours (filtered by dong and name, and deep in
the whole district), and as peers OFFSET with COUNT(*) and one query more for each row. CPU is that of the
web processes and of PostgreSQL, per request. Lines go to var/bench/pages.jsonl; a missed goal exits 1.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from bench.database import PROJECT, filled_register
from bench.goals import Goals
from bench.measure import tree_cpu
from bench.pages import load

OURS = ("ours, dong and name", "ours, deep")
PEERS = {"offset, deep": "OFFSET + COUNT(*)", "n+1": "one query for each row"}


@dataclass
class Round:
    """One kind of page for some seconds."""

    load: load.Load
    cpu_ms: float
    machine_load: float

    def line(self) -> dict:
        return {
            "p50_ms": round(self.load.quantile(0.5), 1),
            "p95_ms": round(self.load.quantile(0.95), 1),
            "per_second": round(self.load.per_second, 1),
            "cpu_ms": round(self.cpu_ms, 2),
            "load": self.machine_load,
        }


@contextlib.contextmanager
def serving():
    """gunicorn on a free port; (port, process id)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "--log-level", "error"),
            *("--bind", f"127.0.0.1:{port}", "--max-requests", "0", "seongbuk.wsgi:application"),
        ],
        cwd=PROJECT,
    )
    try:
        _wait_until_alive(port)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def _wait_until_alive(port: int) -> None:
    for _ in range(240):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz/live", timeout=5)
            return
        except OSError:
            time.sleep(0.25)
    raise SystemExit("gunicorn did not answer")


def postmaster() -> int:
    import psycopg

    with contextlib.closing(psycopg.connect(os.environ["DATABASE_URL"])) as connection:
        pid = connection.info.backend_pid
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def prepared(count: int) -> dict:
    answer = subprocess.run(
        [sys.executable, "-m", "bench.pages.cases", str(count)],
        capture_output=True,
        text=True,
        check=False,
        cwd=PROJECT,
    )
    if answer.returncode:
        raise SystemExit(f"preparing failed:\n{answer.stderr[-3000:]}")
    return json.loads(answer.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.pages", description=__doc__)
    parser.add_argument("--rows", type=int, default=468_000)
    parser.add_argument("--seconds", type=float, default=6.0, help="for each kind of page and round")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--in-flight", type=int, default=8)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["STATIC_ROOT"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "bench.pages.settings"
        filled_register(options.rows)
        subprocess.run([sys.executable, "manage.py", "collectstatic", "-v0", "--noinput"], check=True, cwd=PROJECT)
        facts = prepared(200)
        with serving() as (port, web):
            rounds = _alternated(options, facts, port, web)
    _judged(options, facts, rounds)


def _alternated(options, facts: dict, port: int, web: int) -> dict[str, list[Round]]:
    database = postmaster()
    ask = {"cookie": facts["cookie"], "in_flight": options.in_flight}
    for paths in facts["paths"].values():  # templates compiled, connections open, pages of the index in memory
        load.run(port, paths, seconds=1.0, **ask)
    rounds: dict[str, list[Round]] = {case: [] for case in facts["paths"]}
    for _ in range(options.repeat):
        for case, paths in facts["paths"].items():
            before = tree_cpu(web) + tree_cpu(database)
            found = load.run(port, paths, seconds=options.seconds, **ask)
            spent = tree_cpu(web) + tree_cpu(database) - before
            if found.wrong:
                raise SystemExit(f"{case}: {len(found.wrong)} wrong answers, the first: {found.wrong[0]}")
            rounds[case].append(Round(found, 1000 * spent / len(found.seconds), os.getloadavg()[0]))
    return rounds


def _judged(options, facts: dict, rounds: dict[str, list[Round]]) -> None:
    goals = Goals("pages", rows=options.rows)
    flight = f"{options.in_flight} in flight"

    def median(case: str, value) -> float:
        return statistics.median(value(one) for one in rounds[case])

    for case in OURS:
        lines = [one.line() for one in rounds[case]]
        goals.judge(
            "G10", f"{case}: p95 ms, {flight}", median(case, lambda r: r.load.quantile(0.95)), 100, rounds=lines
        )
        goals.judge("G10", f"{case}: pages a second", median(case, lambda r: r.load.per_second), 100, at_least=True)
        goals.judge("G10", f"{case}: CPU ms a page, web and database", median(case, lambda r: r.cpu_ms), 25)
        goals.judge(
            "G10", f"{case}: statements of the page, its log entry included", facts["statements"][case]["own"], 3
        )
    for case, name in PEERS.items():
        lines = [one.line() for one in rounds[case]]
        goals.tell("peer", f"{name}: p95 ms, {flight}", median(case, lambda r: r.load.quantile(0.95)), rounds=lines)
        goals.tell("peer", f"{name}: pages a second", median(case, lambda r: r.load.per_second))
        goals.tell("peer", f"{name}: CPU ms a page, web and database", median(case, lambda r: r.cpu_ms))
        goals.tell("peer", f"{name}: statements of the page", facts["statements"][case]["own"])
    ratio = median("offset, deep", lambda r: r.cpu_ms) / median("ours, deep", lambda r: r.cpu_ms)
    goals.tell("peer", "CPU of OFFSET + COUNT(*) / ours, deep", ratio)
    goals.finish()


if __name__ == "__main__":
    main()
