"""The parent's side: starts the reading child, watches the clock, and turns frames into rows."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from . import wire
from .refusals import Unreadable, unreadable

PROJECT = Path(__file__).resolve().parent.parent.parent
Row = tuple[int, list[wire.Cell]]


@dataclass(frozen=True)
class Limits:
    """What one file may cost. The defaults allow one sheet of the whole district, about 468,000 rows."""

    file_bytes: int = 100 << 20
    rows: int = 500_000
    columns: int = 500
    memory_bytes: int = 1536 << 20
    cpu_seconds: int = 120
    wall_seconds: int = 300


@dataclass(frozen=True)
class Sheet:
    """A sheet and its first rows. Merges are 0-based (row, column, row, column), inclusive."""

    index: int
    name: str
    hidden: bool
    head: list[Row]
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_columns: frozenset[int] = frozenset()
    last_row: int = 0
    width: int = 0
    encoding: str = ""
    delimiter: str = ""


class Book:
    """An open file. `kind` is xlsx, xls, csv, html or xml."""

    def __init__(self, process: subprocess.Popen, watch: _Watch) -> None:
        self._process, self._watch = process, watch
        facts = self._json(self._frame())
        self.kind: str = facts["kind"]
        self.is_1904: bool = facts["is_1904"]
        self.sheets = [_sheet(index, one) for index, one in enumerate(facts["sheets"])]

    def chunks(self, index: int) -> Iterator[list[Row]]:
        """All rows with content of one sheet, some hundreds at a time. Raises `Unreadable`."""
        try:
            self._process.stdin.write(f"{index}\n".encode())
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._watch.reason() from None
        while True:
            kind, body = self._frame()
            if kind == b"J":
                self._json((kind, body))
            if not body:
                return
            yield wire.read_rows(body)

    def _frame(self) -> tuple[bytes, bytes]:
        frame = wire.receive(self._process.stdout)
        if frame is None:
            raise self._watch.reason()
        return frame

    @staticmethod
    def _json(frame: tuple[bytes, bytes]) -> dict:
        facts = json.loads(frame[1])
        if "refused" in facts:
            raise Unreadable(facts["message"], code=facts["refused"])
        return facts


def _sheet(index: int, facts: dict) -> Sheet:
    head = wire.read_rows(wire.ROW_END.join(facts["head"]).encode("utf-8", "surrogatepass")) if facts["head"] else []
    return Sheet(
        index=index,
        name=facts["name"],
        hidden=facts["hidden"],
        head=head,
        merges=[tuple(merge) for merge in facts["merges"]],
        hidden_columns=frozenset(facts.get("hidden_columns", ())),
        **{key: facts[key] for key in ("last_row", "width", "encoding", "delimiter") if key in facts},
    )


class _Watch:
    """Ends the child when its time is over, and tells why it ended."""

    def __init__(self, process: subprocess.Popen, seconds: float) -> None:
        self.process, self.late = process, False
        self.timer = threading.Timer(seconds, self._end)
        self.timer.daemon = True
        self.timer.start()

    def _end(self) -> None:
        self.late = True
        self.process.kill()

    def reason(self) -> Unreadable:
        code = self.process.wait()
        if self.late or code in (-signal.SIGXCPU, -signal.SIGKILL):
            return unreadable("TOO_SLOW")
        if code in (-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS):
            return unreadable("TOO_MUCH_MEMORY")
        return unreadable("CORRUPT_FILE")


def _child_environment() -> dict[str, str]:
    """Nothing of ours: no keys, no addresses of servers."""
    return {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONDONTWRITEBYTECODE": "1",
        "RUST_BACKTRACE": "0",
        "LC_ALL": "C.UTF-8",
    }


@contextlib.contextmanager
def reading(source: str | os.PathLike | int, limits: Limits | None = None) -> Iterator[Book]:
    """Open a file by path or by descriptor (such as a memfd). Raises `Unreadable`."""
    limits = limits or Limits()
    opened = os.open(source, os.O_RDONLY) if not isinstance(source, int) else None
    fd = source if opened is None else opened
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "common.spreadsheets.child", str(fd), json.dumps(asdict(limits))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=(fd,),
            cwd=PROJECT,
            env=_child_environment(),
        )
    finally:
        if opened is not None:
            os.close(opened)
    watch = _Watch(process, limits.wall_seconds)
    try:
        yield Book(process, watch)
    finally:
        watch.timer.cancel()
        with contextlib.suppress(OSError):
            process.stdin.close()
        process.stdout.close()
        process.kill()
        process.wait()


def annotated(fd: int, orders: dict, limits: Limits | None = None) -> bytes:
    """An .xlsx with comments and reasons, made by a bounded child (`annotate`). Raises `Unreadable`."""
    limits = limits or Limits()
    try:
        answer = subprocess.run(
            [sys.executable, "-m", "common.spreadsheets.annotate", str(fd), json.dumps(asdict(limits))],
            input=json.dumps(orders).encode(),
            capture_output=True,
            pass_fds=(fd,),
            cwd=PROJECT,
            env=_child_environment(),
            timeout=limits.wall_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise unreadable("TOO_SLOW") from late
    if answer.returncode:
        raise unreadable("CORRUPT_FILE")
    return answer.stdout
