"""How many cases there are of each type in each dong, with small counts hidden, for those who plan."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from casemgmt.models import Case
from centers.models import Dong

LEAST = 5
TYPES = Case.Type.values


@dataclass(frozen=True)
class Row:
    """One dong; a count under five is None, and so is a second one that would give it away."""

    dong: Dong
    counts: list[int | None]
    total: int | None


def by_dong() -> tuple[list[Row], list[int | None]]:
    """Rows of all dongs and the totals of the district, of cases with a running plan."""
    counted = Case.objects.served().order_by().values_list("dong", "type").annotate(n=Count("pk"))
    cells = {(dong, case_type): n for dong, case_type, n in counted}
    rows = [_row(dong, [cells.get((dong.pk, t), 0) for t in TYPES]) for dong in Dong.objects.order_by("order")]
    whole = [sum(n for (_, kind), n in cells.items() if kind == t) for t in TYPES]
    return rows, [*hide_small(whole)]


def hide_small(counts: list[int]) -> list[int | None]:
    """Counts from 1 to 4 are hidden; when only one is, the smallest other one goes with it."""
    hidden = {n for n, count in enumerate(counts) if 0 < count < LEAST}
    if len(hidden) == 1:
        others = [n for n, count in enumerate(counts) if count and n not in hidden]
        hidden |= {min(others, key=lambda n: counts[n])} if others else set()
    return [None if n in hidden else count for n, count in enumerate(counts)]


def _row(dong: Dong, counts: list[int]) -> Row:
    total = sum(counts)
    return Row(dong, hide_small(counts), None if 0 < total < LEAST else total)
