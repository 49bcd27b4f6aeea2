"""`make demo`: the whole application with invented data on this machine, in one terminal."""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from .environment import PROJECT, VAR, services_keeper
from .processes import DevstackError, stop
from .servers import Servers, data_folder, servers
from .supervise import Supervisor

LOCK = VAR / "demo.lock"
CALM = {
    "PYTHONUNBUFFERED": "1",
    "LOG_LEVEL": "WARNING",
    "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
}
MADE_BY_THE_DEMO = ("files", "static", "beat", "services.log")


def main(arguments: list[str]) -> int:
    """Start the demo, or with `reset` throw its data away; returns the exit code."""
    if arguments == ["reset"]:
        return reset()
    if arguments:
        raise DevstackError("the demo knows only the word `reset`")
    port = int(os.environ.get("PORT") or 8000)
    url = f"http://127.0.0.1:{port}/"
    os.chdir(PROJECT)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # until the supervisor takes over
    with only_one(url), free(port), servers(throwaway=False) as running:
        environment = CALM | os.environ | running.addresses | {"SEONGBUK_MODE": "demo"}
        prepare(environment)
        print("accounts: .venv/bin/python manage.py demo_accounts", flush=True)
        return Supervisor(
            commands(port),
            environment,
            when_ready=lambda: f"ready: {url}" if answers(f"{url}healthz/ready") else None,
            lost=lambda: lost_server(running),
        ).run()


def prepare(environment: dict[str, str]) -> None:
    """Bring database, reference data, demo world and static files up to date; safe to repeat."""
    static = subprocess.Popen([sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"], env=environment)
    data = subprocess.Popen([sys.executable, "-m", "devstack.demo_data"], env=environment)
    try:
        for process, what in ((data, "preparing the data"), (static, "collecting static files")):
            if process.wait():
                raise DevstackError(f"{what} failed")
    finally:
        stop(static)
        stop(data)


def commands(port: int) -> dict[str, list[str]]:
    """The processes of the demo: the same three as in production."""
    celery = [sys.executable, "-m", "celery", "--quiet", "-A", "seongbuk"]
    alone = ["--without-gossip", "--without-mingle"]
    return {
        "web": [
            *(sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "--log-level", "warning"),
            *("--bind", f"127.0.0.1:{port}", "seongbuk.wsgi:application"),
        ],
        "worker": [
            *celery,
            "worker",
            "--queues",
            "default,plan",
            "--concurrency",
            "2",
            "--loglevel",
            "WARNING",
            *alone,
        ],
        "beat": [*celery, "beat", "--schedule", str(VAR / "beat"), "--pidfile=", "--loglevel", "WARNING"],
    }


def answers(url: str) -> bool:
    """Whether a page answers with success right now."""
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310
            return response.status == 200
    except (OSError, urllib.error.URLError):
        return False


def lost_server(running: Servers) -> str | None:
    """A sentence when one of the servers under the demo has gone away."""
    for name, process in running.processes.items():
        if process.poll() is not None:
            return f"{name} died"
    if running.addresses and not running.processes and not services_keeper():
        return "`make services` was stopped"
    return None


@contextmanager
def only_one(url: str) -> Iterator[None]:
    """Hold the lock of this checkout's demo; refuse when another demo holds it."""
    VAR.mkdir(exist_ok=True)
    with open(LOCK, "a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise DevstackError(
                f"the demo runs already at {lock.read().strip() or url}; Ctrl-C there stops it"
            ) from None
        lock.truncate(0)
        lock.write(url)
        lock.flush()
        yield


@contextmanager
def free(port: int) -> Iterator[None]:
    """Say so before the work starts when another program listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise DevstackError(f"port {port} is taken by another program: `make demo PORT={port + 1}`") from None
    yield


def reset() -> int:
    """Throw away the embedded servers' data and everything the demo has made."""
    with only_one("another terminal"):
        if services_keeper():
            raise DevstackError("the embedded servers are running: `make services-stop` first")
        shutil.rmtree(data_folder(), ignore_errors=True)
        for name in MADE_BY_THE_DEMO:
            for path in VAR.glob(f"{name}*"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    print("the demo's data is gone; `make demo` starts over")
    return 0
