"""Both servers together: one folder, one lock, one set of addresses."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from .environment import PROJECT, SERVICES_ENV, VAR, running_services, write_services_env
from .postgres import Postgres
from .processes import DevstackError, is_reachable_by_all
from .valkey import Valkey

SERVERS = (Postgres, Valkey)
THROWAWAY = "devstack-"


@dataclass
class Servers:
    """What was started: addresses to add to the environment, processes to watch, their folder."""

    addresses: dict[str, str] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen] = field(default_factory=dict)
    folder: Path | None = None


def data_folder() -> Path:
    """Where lasting data lives: `var/servers`, or /var/tmp when PostgreSQL's account cannot get there."""
    VAR.mkdir(exist_ok=True)
    local = VAR / "servers"
    if os.geteuid() == 0 and not is_reachable_by_all(local):
        return Path("/var/tmp") / f"devstack-{hashlib.sha256(str(PROJECT).encode()).hexdigest()[:12]}"  # noqa: S108
    return local


@contextmanager
def servers(*, throwaway: bool, durable: bool = True) -> Iterator[Servers]:
    """Run the servers that the environment does not name already.

    Throwaway servers live in a folder of their own and leave nothing behind; without `durable` they
    do not wait for the disk. Lasting ones are shared: whoever comes second uses those that run, and
    `manage.py` finds them by `var/services.env`.
    """
    wanted = [server for server in SERVERS if not os.environ.get(server.variable)]
    if not throwaway and wanted and (running := running_services()):
        yield Servers({server.variable: running[server.variable] for server in wanted})
        return
    if not wanted:
        yield Servers()
        return
    if throwaway:
        sweep()
    base = Path(tempfile.mkdtemp(prefix=THROWAWAY)) if throwaway else data_folder()
    base.mkdir(parents=True, exist_ok=True)
    base.chmod(0o711)  # PostgreSQL's account passes through without looking
    with open(base / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DevstackError("the embedded servers of this folder are starting or stopping already") from None
        try:
            yield from _run(base, wanted, durable=durable, announce=not throwaway)
        finally:
            if throwaway:
                shutil.rmtree(base, ignore_errors=True)


def sweep() -> None:
    """Remove folders of throwaway servers whose launcher was killed before it could."""
    for folder in Path(tempfile.gettempdir()).glob(f"{THROWAWAY}*"):
        with suppress(OSError):  # somebody else's, or gone meanwhile
            if time.time() - folder.stat().st_mtime < 60:  # may be starting right now
                continue
            with open(folder / "lock", "r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)


def _run(base: Path, wanted: list, *, durable: bool, announce: bool) -> Iterator[Servers]:
    started = []
    out = Servers(folder=base)
    try:
        for server in wanted:
            part = server(base, durable=durable)
            started.append(part)
            part.start()
            out.addresses[server.variable] = part.url()
            out.processes[server.__name__] = part.process
        if announce:
            write_services_env(out.addresses)
        yield out
    finally:
        if announce:
            SERVICES_ENV.unlink(missing_ok=True)
        for part in reversed(started):
            part.stop()
