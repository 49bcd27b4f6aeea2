"""One solver on one month in a process of its own: `worker SOLVER MONTH.json BUDGET SEED CORE`."""

import json
import os
import resource
import sys
from pathlib import Path
from time import perf_counter, process_time


def main(solver: str, month: str, budget: str, seed: str, core: str) -> None:
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"
    if core != "-" and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {int(core)})
    from bench.scheduler.peers import load

    plan, content = load(solver), json.loads(Path(month).read_text())
    wall, cpu = perf_counter(), process_time()
    found = plan(content, float(budget), int(seed))
    answer = found if "routes" in found else {"routes": found}
    answer["routes"] = {str(session): list(route) for session, route in answer["routes"].items()}
    answer |= {
        "cpu": process_time() - cpu,
        "wall": perf_counter() - wall,
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
