"""Minutes on the way between homes and the center, from coordinates when there are any.

Walking up to where a bus is quicker: 2 + min(1.35 d / 67, 8 + 1.35 d / 200), d in metres, rounded up
to five minutes so that promised times are round. Without coordinates the tong decides.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

DETOUR, WALK_METRES, BUS_METRES, BUS_WAIT, START = 1.35, 67, 200, 8, 2
ROUND_TO = 5
METRES_PER_DEGREE = 111_320
SAME_DOOR, SAME_TONG, SAME_DONG, OTHER_DONG = 0, 5, 10, 20


@dataclass(frozen=True)
class Place:
    """A door: coordinates in degrees or None, and what is known without them."""

    longitude: float | None
    latitude: float | None
    dong: str = ""
    tong: int | None = None
    address: str = ""

    @property
    def is_located(self) -> bool:
        return self.longitude is not None and self.latitude is not None


def matrix(places: list[Place]) -> np.ndarray:
    """Square matrix of whole minutes between places, symmetric, zero on the diagonal."""
    table = _by_distance(places)
    for i, here in enumerate(places):
        for j in range(i):
            there = places[j]
            if here.address and here.address == there.address and here.dong == there.dong:
                minutes = SAME_DOOR
            elif here.is_located and there.is_located:
                continue
            elif here.dong != there.dong:
                minutes = OTHER_DONG
            else:
                minutes = SAME_TONG if here.tong is not None and here.tong == there.tong else SAME_DONG
            table[i, j] = table[j, i] = minutes
    np.fill_diagonal(table, 0)
    return table


def _by_distance(places: list[Place]) -> np.ndarray:
    longitude = np.array([p.longitude if p.is_located else 0.0 for p in places])
    latitude = np.array([p.latitude if p.is_located else 0.0 for p in places])
    mean = math.radians(float(latitude[latitude != 0].mean())) if (latitude != 0).any() else 0.0
    east = (longitude[:, None] - longitude[None, :]) * METRES_PER_DEGREE * math.cos(mean)
    north = (latitude[:, None] - latitude[None, :]) * METRES_PER_DEGREE
    metres = DETOUR * np.hypot(east, north)
    minutes = START + np.minimum(metres / WALK_METRES, BUS_WAIT + metres / BUS_METRES)
    return (np.ceil(minutes / ROUND_TO) * ROUND_TO).astype(np.int64)
