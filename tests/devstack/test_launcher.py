"""The launcher: throwaway servers for a command, lasting ones in the background, one supervisor."""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

PROJECT = Path(__file__).resolve().parent.parent.parent


def launcher_environment() -> dict[str, str]:
    """Ours, without the servers of the tests."""
    return {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}


def devstack(*words: str, folder: Path = PROJECT, **settings: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "devstack", *words],
        cwd=folder,
        env=launcher_environment() | settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def answers(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname, parts.port), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.fixture
def checkout(tmp_path):
    """A copy of the launcher with data of its own."""
    shutil.copytree(PROJECT / "devstack", tmp_path / "devstack", ignore=shutil.ignore_patterns("__pycache__"))
    yield tmp_path
    devstack("services", "stop", folder=tmp_path)
    devstack("demo", "reset", folder=tmp_path)


def addresses(checkout: Path) -> dict[str, str]:
    lines = (checkout / "var" / "services.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_runs_a_command_on_servers_of_its_own():
    done = devstack("run", "--", "sh", "-c", "echo $DATABASE_URL $REDIS_URL; exit 7")
    assert done.returncode == 7
    database, valkey = done.stdout.split()
    assert database.startswith("postgres://app:")
    assert not answers(database)
    assert not answers(valkey)


def test_takes_its_servers_along_when_it_is_killed(eventually):
    launcher = subprocess.Popen(
        [sys.executable, "-m", "devstack", "run", "--", "sh", "-c", "echo $$ $DATABASE_URL $REDIS_URL; exec sleep 60"],
        cwd=PROJECT,
        env=launcher_environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    with launcher:
        command, database, valkey = launcher.stdout.readline().split()
        assert answers(database)
        assert answers(valkey)
        launcher.kill()
        os.kill(int(command), signal.SIGKILL)
    eventually(lambda: not answers(database) and not answers(valkey))


def test_keeps_the_data_of_the_background_servers(checkout):
    assert devstack("services", "start", folder=checkout).returncode == 0
    with psycopg.connect(addresses(checkout)["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    again = devstack("services", "start", folder=checkout)
    assert "run already" in again.stdout
    assert devstack("services", "stop", folder=checkout).returncode == 0
    assert not (checkout / "var" / "services.env").exists()
    devstack("services", "start", folder=checkout)
    with psycopg.connect(addresses(checkout)["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_throws_no_data_away_under_running_servers(checkout):
    devstack("services", "start", folder=checkout)
    refused = devstack("demo", "reset", folder=checkout)
    assert refused.returncode == 1
    assert "make services-stop" in refused.stderr
    assert answers(addresses(checkout)["DATABASE_URL"])


def test_starts_no_demo_on_a_port_that_is_taken(checkout):
    with socket.create_server(("127.0.0.1", 0)) as other_program:
        port = other_program.getsockname()[1]
        refused = devstack("demo", folder=checkout, PORT=str(port))
    assert refused.returncode == 1
    assert refused.stderr == f"devstack: port {port} is taken by another program: `make demo PORT={port + 1}`\n"


def test_starts_no_second_demo(checkout):
    (checkout / "var").mkdir()
    with open(checkout / "var" / "demo.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("http://127.0.0.1:8000/")
        lock.flush()
        refused = devstack("demo", folder=checkout, PORT="8001")
    assert refused.returncode == 1
    assert refused.stderr == "devstack: the demo runs already at http://127.0.0.1:8000/; Ctrl-C there stops it\n"


def supervise(commands: dict[str, str], *, then: str = "") -> subprocess.CompletedProcess:
    """Run shell commands under the supervisor in a process of its own, which `then` may disturb."""
    script = f"""
import os, signal, threading
from devstack.supervise import Supervisor
{then}
raise SystemExit(Supervisor({ {name: ["sh", "-c", line] for name, line in commands.items()} }, os.environ).run())
"""
    return subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=False, timeout=30
    )


def test_ends_everything_when_one_command_ends():
    done = supervise({"web": "sleep 60 & wait", "beat": "echo tick; sleep 0.2; exit 3"})
    assert done.returncode == 3
    assert "beat | tick" in done.stdout
    assert "beat ended with 3" in done.stderr


def test_ends_everything_on_a_signal():
    done = supervise(
        {"web": "sleep 60 & wait", "beat": "sleep 60"},
        then="threading.Timer(0.5, os.kill, [os.getpid(), signal.SIGTERM]).start()",
    )
    assert done.returncode == 0


def test_starts_a_command_again_that_was_killed(tmp_path):
    once = tmp_path / "killed-once"
    worker = f"test -e {once} && {{ echo back; sleep 0.3; exit 0; }}; touch {once}; kill -9 $$"
    done = supervise({"web": "sleep 60", "worker": worker})
    assert "worker was killed (9): starting it again" in done.stderr
    assert "worker | back" in done.stdout
    assert "worker ended with 0: stopping the rest" in done.stderr


def test_gives_up_on_a_command_that_is_killed_again_and_again():
    done = supervise({"web": "sleep 60", "worker": "kill -9 $$"})
    assert done.returncode == 1
    assert done.stderr.count("starting it again") == 4
