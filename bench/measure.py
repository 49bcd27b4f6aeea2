"""What a piece of work costs: CPU of this process, its children and its database backend, wall time, peak memory."""

from __future__ import annotations

import json
import os
import resource
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Cost:
    wall: float = 0.0
    cpu_client: float = 0.0
    cpu_database: float = 0.0
    peak_mb: float = 0.0
    peak_child_mb: float = 0.0
    load: float = 0.0

    @property
    def cpu(self) -> float:
        return self.cpu_client + self.cpu_database


def _client_cpu() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _process_cpu(pid: int | None) -> float:
    if not pid:
        return 0.0
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def tree_cpu(root: int) -> float:
    """CPU seconds of a process, what it has reaped, and all living processes below it."""
    parents, times = {}, {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        parents[int(entry.name)] = int(fields[1])
        times[int(entry.name)] = sum(map(int, fields[11:15])) / TICKS
    below, total = {root}, 0.0
    while below:
        total += sum(times.get(pid, 0.0) for pid in below)
        below = {pid for pid, parent in parents.items() if parent in below}
    return total


@contextmanager
def measured(backend: int | None = None):
    """Fill a `Cost` for the block. `backend` is the pid of the database process that serves it."""
    cost = Cost()
    started, client, database = time.perf_counter(), _client_cpu(), _process_cpu(backend)
    yield cost
    cost.wall = time.perf_counter() - started
    cost.cpu_client = _client_cpu() - client
    cost.cpu_database = _process_cpu(backend) - database
    cost.peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    cost.peak_child_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    cost.load = os.getloadavg()[0]


def record(name: str, line: dict) -> None:
    """Append one JSON line to var/bench/NAME.jsonl."""
    path = Path("var/bench")
    path.mkdir(parents=True, exist_ok=True)
    with (path / f"{name}.jsonl").open("a") as file:
        file.write(json.dumps({"at": time.strftime("%Y-%m-%dT%H:%M:%S%z"), **line}, ensure_ascii=False) + "\n")


def as_line(cost: Cost) -> dict:
    return {name: round(value, 3) for name, value in asdict(cost).items()} | {"cpu": round(cost.cpu, 3)}
