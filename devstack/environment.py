"""Where the embedded servers keep their things, and how others learn their addresses."""

import os
from collections.abc import Mapping
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
VAR = PROJECT / "var"
SERVICES_ENV = VAR / "services.env"
SERVER_NAMES = ("DATABASE_URL", "REDIS_URL")


def read_services_env() -> None:
    """Name the embedded servers in the environment, unless it already names servers.

    Does nothing while no embedded servers run: then the settings speak for themselves.
    """
    if any(os.environ.get(name) for name in SERVER_NAMES):
        return
    for name, value in running_services().items():
        os.environ.setdefault(name, value)


def running_services() -> dict[str, str]:
    """The addresses of the embedded servers that run now; empty when none do."""
    try:
        lines = SERVICES_ENV.read_text().splitlines()
    except (FileNotFoundError, PermissionError):
        return {}
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    keeper = int(values.pop("DEVSTACK_PID", 0))
    return values if is_alive(keeper) else {}


def services_keeper() -> int:
    """Process id of the launcher that keeps the embedded servers, or 0."""
    try:
        for line in SERVICES_ENV.read_text().splitlines():
            if line.startswith("DEVSTACK_PID="):
                pid = int(line.partition("=")[2])
                return pid if is_alive(pid) else 0
    except (FileNotFoundError, PermissionError):
        pass
    return 0


def write_services_env(addresses: Mapping[str, str]) -> None:
    """Publish the addresses for `manage.py`; only the account that runs the servers may read them."""
    VAR.mkdir(exist_ok=True)
    partial = SERVICES_ENV.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    lines = [f"{name}={value}" for name, value in addresses.items()]
    partial.write_text("\n".join([*lines, f"DEVSTACK_PID={os.getpid()}"]) + "\n")
    partial.rename(SERVICES_ENV)


def is_alive(pid: int) -> bool:
    """Whether a process with this id exists, whoever owns it."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
