"""`make services` and `make services-stop`: the embedded servers in the background."""

import os
import signal
import subprocess
import sys
import time

from .environment import PROJECT, VAR, is_alive, running_services, services_keeper
from .processes import DevstackError
from .servers import servers


def start(*, seconds: float = 60) -> int:
    """Start the servers in the background unless they run; returns when they answer."""
    if running_services():
        print("PostgreSQL and Valkey run already; addresses in var/services.env")
        return 0
    VAR.mkdir(exist_ok=True)
    log_path = VAR / "services.log"
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    with open(log_path, "wb") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "devstack", "services", "keep"],
            cwd=PROJECT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and keeper.poll() is None:
        if services_keeper() == keeper.pid:
            print("PostgreSQL and Valkey are up; addresses in var/services.env")
            return 0
        time.sleep(0.05)
    raise DevstackError(f"the servers did not start:\n{log_path.read_text()[-3000:]}")


def keep() -> int:
    """Run the servers until a signal comes or one of them dies."""
    ended: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, frame: ended.append(received))
    with servers(throwaway=False) as running:
        while not ended:
            for name, process in running.processes.items():
                if process.poll() is not None:
                    print(f"{name} died: stopping", flush=True)
                    return 1
            time.sleep(0.3)
    return 0


def halt(*, seconds: float = 30) -> int:
    """Stop the servers in the background, if any."""
    if not (keeper := services_keeper()):
        print("no embedded servers are running")
        return 0
    os.kill(keeper, signal.SIGTERM)
    deadline = time.monotonic() + seconds
    while is_alive(keeper):
        if time.monotonic() > deadline:
            raise DevstackError(f"the servers' launcher (process {keeper}) does not stop")
        time.sleep(0.05)
    print("PostgreSQL and Valkey are stopped")
    return 0
