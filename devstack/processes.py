"""Starting and stopping child processes that can never outlive their parent."""

import ctypes
import os
import pwd
import signal
import socket
import subprocess
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class DevstackError(RuntimeError):
    """Something about this machine stops the embedded servers; the text says what to do."""


def server_account() -> pwd.struct_passwd | None:
    """The account PostgreSQL runs as, or None for ourselves.

    PostgreSQL refuses to run as root, and looks its account up, so it has to exist.
    """
    if os.geteuid() != 0:
        return None
    for name in (os.environ.get("DEVSTACK_USER"), "nobody", "postgres", "daemon"):
        try:
            entry = pwd.getpwnam(name or "")
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return entry
    raise DevstackError("running as root and no unprivileged account found: set DEVSTACK_USER")


def is_reachable_by_all(path: Path) -> bool:
    """Whether any account may pass every folder above `path`."""
    return all(folder.stat().st_mode & 0o001 for folder in path.resolve().parents)


def is_readable_by_all(path: Path) -> bool:
    """Whether any account may get to `path` and read it."""
    return is_reachable_by_all(path) and bool(path.stat().st_mode & 0o004)


def private_folder(path: Path, owner: pwd.struct_passwd | None = None) -> Path:
    """Make `path` a folder that only `owner` (default: we) can enter."""
    path.mkdir(parents=True, exist_ok=True)
    if owner:
        os.chown(path, owner.pw_uid, owner.pw_gid)
    path.chmod(0o700)
    return path


def as_child(owner: pwd.struct_passwd | None = None, *, last_signal: int | None = None) -> dict:
    """Arguments for `subprocess` that run a command as `owner`, in a process group of its own.

    `last_signal` is what the kernel sends the child when we die, even by kill -9 (Linux only).
    """
    arguments: dict = {"stdin": subprocess.DEVNULL, "process_group": 0}
    if owner:
        arguments |= {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": [], "cwd": "/"}
    if last_signal and libc is not None:
        parent = os.getpid()

        def follow_parent() -> None:  # runs after the change of user, which would clear it
            libc.prctl(PR_SET_PDEATHSIG, last_signal, 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

        arguments["preexec_fn"] = follow_parent
    return arguments


def stop(process: subprocess.Popen | None, stop_signal: int = signal.SIGTERM, *, seconds: float = 20) -> None:
    """Ask a process to end, and end it after `seconds`."""
    if process is None or process.poll() is not None:
        return
    process.send_signal(stop_signal)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    """A TCP port on the loopback address that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
