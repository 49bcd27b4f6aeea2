"""The watchdog: until when a search may go on, and whether that ever was in its way."""

from __future__ import annotations

from time import monotonic


class Deadline:
    """A moment on the monotonic clock; `kept` turns false once anything was cut short for it."""

    def __init__(self, seconds: float) -> None:
        self.moment = monotonic() + seconds
        self.kept = True
        self.whole: Deadline | None = None

    def part(self, share: float) -> Deadline:
        """An earlier deadline for one phase: this share of what is left. Missing it is told to the whole."""
        part = Deadline(max(self.left(), 0.0) * share)
        part.whole = self
        return part

    def left(self) -> float:
        return self.moment - monotonic()

    def passed(self) -> bool:
        if self.left() <= 0:
            self.miss()
            return True
        return False

    def miss(self) -> None:
        """Remember that something was cut short: what is found may differ the next time."""
        self.kept = False
        if self.whole is not None:
            self.whole.miss()
