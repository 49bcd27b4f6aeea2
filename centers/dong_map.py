"""The 20 dongs side by side: tiles in five steps, and a ranking, for any figure of a dong."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import floor, log10

from centers.models import Dong
from common.figures_svg import level

STEPS = 4


@dataclass(frozen=True)
class Standing:
    """A dong's place in a ranking; `share` is its bar in percent of the longest."""

    rank: int | None
    dong: Dong
    value: float | int | None
    text: str
    share: float
    current: bool
    detail: tuple = ()


def cuts(values: Iterable[float | None]) -> list[float]:
    """Four ascending round numbers that part the values into five steps of like size; few values, even steps."""
    known = sorted(value for value in values if value is not None)
    if not known or known[0] == known[-1]:
        base = known[0] if known else 0
        return [base + step for step in range(1, STEPS + 1)]
    unit = 10 ** floor(log10((known[-1] - known[0]) / (STEPS + 1))) if known[-1] - known[0] >= STEPS + 1 else 1
    few, parted = len(set(known)) <= STEPS, []
    for step in range(1, STEPS + 1):
        evenly = known[0] + (known[-1] - known[0]) * step / (STEPS + 1)
        quantile = evenly if few else known[min(len(known) - 1, len(known) * step // (STEPS + 1))]
        cut = round(quantile / unit) * unit
        parted.append(max(cut, parted[-1] + unit) if parted else cut)
    return parted


def tiles(standings: Iterable[Standing], marks: list[float], url: Callable[[Dong], str]) -> list[dict]:
    """For `{% tile_map %}`."""
    return [
        {
            "dong": one.dong.name,
            "text": one.text,
            "level": level(one.value, marks),
            "url": url(one.dong),
            "current": one.current,
        }
        for one in standings
    ]


def ranking(rows: Iterable[tuple[Dong, float | int | None, str, tuple]], *, chosen: str = "") -> list[Standing]:
    """Rows of (dong, value, text, detail), the highest first; equal values share a rank, no value has none."""
    ordered = sorted(rows, key=lambda row: (row[1] is None, -(row[1] or 0), row[0].order))
    top = max((value for _, value, *_ in ordered if value), default=0) or 1
    standings: list[Standing] = []
    for place, (dong, value, text, detail) in enumerate(ordered, start=1):
        before = standings[-1] if standings else None
        rank = None if value is None else before.rank if before and before.value == value else place
        standings.append(Standing(rank, dong, value, text, (value or 0) * 100 / top, dong.slug == chosen, detail))
    return standings
