"""A bounded client on the loopback: so many requests in flight, each on a connection that is kept."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Load:
    """Answer times in seconds, and the wall time all of them took."""

    seconds: list[float] = field(default_factory=list)
    wall: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def quantile(self, share: float) -> float:
        """Milliseconds that `share` of the answers kept to."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    @property
    def per_second(self) -> float:
        return len(self.seconds) / self.wall


def run(port: int, paths: Sequence[str], *, cookie: str, in_flight: int, seconds: float) -> Load:
    """Ask for `paths` in turn from `in_flight` connections until the time is over."""
    found, lock = Load(), threading.Lock()
    started = time.perf_counter()

    def ask(first: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        took, wrong, at = [], [], first
        while time.perf_counter() - started < seconds:
            path = paths[at % len(paths)]
            at += in_flight
            begun = time.perf_counter()
            connection.request("GET", path, headers={"Cookie": cookie})
            answer = connection.getresponse()
            body = answer.read()
            took.append(time.perf_counter() - begun)
            if answer.status != 200 or b"</table>" not in body:
                wrong.append(f"{answer.status} {path}")
        connection.close()
        with lock:
            found.seconds += took
            found.wrong += wrong

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(in_flight)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found.wall = time.perf_counter() - started
    return found
