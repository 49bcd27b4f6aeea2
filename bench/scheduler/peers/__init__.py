"""Other ways to plan the same month, measured beside ours and never imported by the application.

Each module has `plan(content, budget, seed)`: a month file's content in, routes by session id out.
"""

from importlib import import_module
from importlib.util import find_spec

MODULES = {
    "ours": "ours",
    "human": "human",
    "insert": "insertion",
    "vroom": "by_vroom",
    "ortools": "by_ortools",
    "pyvrp": "by_pyvrp",
}
NEEDS = {"vroom": "vroom", "ortools": "ortools", "pyvrp": "pyvrp"}
# these cannot say that two sessions share a person
ONE_SESSION_A_PERSON = frozenset(NEEDS)


def installed(solver: str) -> bool:
    return solver not in NEEDS or find_spec(NEEDS[solver]) is not None


def can_plan(solver: str, content: dict) -> bool:
    """Whether the solver can state this month at all."""
    if solver not in ONE_SESSION_A_PERSON:
        return True
    used = [str(resource) for session in content["sessions"] for resource in session["resources"]]
    return len(used) == len(set(used))


def load(solver: str):
    return import_module(f"bench.scheduler.peers.{MODULES[solver]}").plan
