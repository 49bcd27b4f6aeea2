"""Runs several commands as one: one log; the first that ends, or a signal, ends them all; a killed one starts again."""

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from .processes import as_child

COLOURS = (36, 33, 35, 32, 34, 31)
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
#: a command that has started so often within a minute and is killed again ends them all
MOST_STARTS = 5


class Supervisor:
    """The running commands and their merged output.

    `commands` maps a name for the log to an argument list. `when_ready` is asked until it returns a
    line, which is printed once. `lost` returns a sentence when something outside has failed.
    """

    def __init__(
        self,
        commands: Mapping[str, Sequence[str]],
        environment: Mapping[str, str],
        *,
        when_ready: Callable[[], str | None] = lambda: None,
        lost: Callable[[], str | None] = lambda: None,
        grace_seconds: float = 20,
    ) -> None:
        self.commands = commands
        self.environment = dict(environment)
        self.when_ready: Callable[[], str | None] | None = when_ready
        self.lost = lost
        self.grace_seconds = grace_seconds
        self.processes: dict[str, subprocess.Popen] = {}
        self.pending: dict[str, bytes] = {}
        self.starts: dict[str, list[float]] = {}
        self.selector = selectors.DefaultSelector()
        self.signals: list[int] = []
        self.stopping_since: float | None = None
        self.exit_code = 0

    def run(self) -> int:
        """Run until everything has ended; 0 when a signal ended it."""
        before = {number: signal.signal(number, lambda got, frame: self.signals.append(got)) for number in SIGNALS}
        try:
            for name, command in self.commands.items():
                self._start(name, command)
            while self._running() or self.selector.get_map():
                self._copy_output(seconds=0.2)
                self._announce()
                self._look_for_an_end()
                self._lose_patience()
        finally:
            self._kill()
            for number, handler in before.items():
                signal.signal(number, handler)
        return self.exit_code

    def _start(self, name: str, command: Sequence[str]) -> None:
        process = subprocess.Popen(
            command,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            **as_child(last_signal=signal.SIGTERM),
        )
        os.set_blocking(process.stdout.fileno(), False)
        self.processes[name] = process
        self.starts.setdefault(name, []).append(time.monotonic())
        self.pending[name] = b""
        self.selector.register(process.stdout, selectors.EVENT_READ, name)

    def _running(self) -> list[subprocess.Popen]:
        return [process for process in self.processes.values() if process.poll() is None]

    def _copy_output(self, *, seconds: float) -> None:
        for key, _ in self.selector.select(seconds):
            chunk = key.fileobj.read(65536)
            if chunk is None:
                continue
            if not chunk:
                self.selector.unregister(key.fileobj)
                chunk = b"\n" if self.pending[key.data] else b""
            *lines, self.pending[key.data] = (self.pending[key.data] + chunk).split(b"\n")
            for line in lines:
                self._say(key.data, line.decode(errors="replace").rstrip())

    def _say(self, name: str, line: str) -> None:
        head = f"{time.strftime('%H:%M:%S')} {name:<{max(map(len, self.commands))}} |"
        if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
            head = f"\x1b[{COLOURS[list(self.commands).index(name) % len(COLOURS)]}m{head}\x1b[0m"
        print(head, line, flush=True)

    def _announce(self) -> None:
        if self.when_ready and self.stopping_since is None and (line := self.when_ready()):
            print(line, flush=True)
            self.when_ready = None

    def _look_for_an_end(self) -> None:
        if self.stopping_since is not None:
            return
        ended = [name for name, process in self.processes.items() if process.poll() is not None]
        if self.signals:
            self._stop()
        elif ended and all(self._was_killed(name) for name in ended):
            for name in ended:
                self._start_again(name)
        elif ended:
            first = next(name for name in ended if not self._was_killed(name))
            code = self.processes[first].returncode
            print(f"{first} ended with {code}: stopping the rest", file=sys.stderr, flush=True)
            self._stop(exit_code=code if code > 0 else 1)
        elif sentence := self.lost():
            print(f"{sentence}: stopping", file=sys.stderr, flush=True)
            self._stop(exit_code=1)

    def _was_killed(self, name: str) -> bool:
        """Whether a signal ended it, as on production where its keeper starts it anew, and not again and again."""
        lately = [start for start in self.starts[name] if time.monotonic() - start < 60]
        return self.processes[name].returncode < 0 and len(lately) < MOST_STARTS

    def _start_again(self, name: str) -> None:
        gone = self.processes[name]
        with suppress(ProcessLookupError):
            os.killpg(gone.pid, signal.SIGKILL)  # children that were left alone
        if gone.stdout.fileno() in {key.fd for key in self.selector.get_map().values()}:
            self.selector.unregister(gone.stdout)
        print(f"{name} was killed ({-gone.returncode}): starting it again", file=sys.stderr, flush=True)
        self._start(name, self.commands[name])

    def _stop(self, *, exit_code: int = 0) -> None:
        self.exit_code = exit_code
        self.stopping_since = time.monotonic()
        for process in self._running():
            process.terminate()

    def _lose_patience(self) -> None:
        if self.stopping_since is None:
            return
        late = time.monotonic() - self.stopping_since > self.grace_seconds
        if not self._running() or late or len(self.signals) > 1:
            self._kill()

    def _kill(self) -> None:
        """End every process group: also the children of a command that went without them."""
        for process in self.processes.values():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
