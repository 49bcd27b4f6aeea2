"""추계와 실제: what the coming months are expected to bring, beside what the lists hold, never mixed (plan III.7 ①).

Who turns 65 is counted in the register; births, which nobody knows ahead, are taken from the same months
of the year before, as the plan did for the pilot.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count

from centers.models import Dong
from common.months import Month, birthday
from planners.models import Person, Target, TargetRule

MONTHS = 8  # as long as the pilot
AGE = 65
BIRTHS = (TargetRule.Kind.BIRTH, TargetRule.Kind.AFTER_BIRTH)


@dataclass(frozen=True)
class Outlook:
    """A month: expected and listed, for those turning 65 and for births. Listed is None before the list is made."""

    month: Month
    elders: int
    elders_listed: int | None
    births: int
    births_listed: int | None


def outlook(dongs: Iterable[Dong], first: Month) -> list[Outlook]:
    """The months from `first` on, in three queries."""
    dongs, last = list(dongs), first.plus(MONTHS - 1)
    here = Person.objects.living_here().filter(dong__in=dongs)
    turning = here.turning(AGE, first.first, last.last).order_by().values_list("birth_on", flat=True)
    elders = Counter(Month.of(birthday(day, AGE)) for day in turning)
    born = here.filter(birth_on__range=(first.plus(-12).first, last.plus(-12).last)).order_by()
    births = Counter(Month.of(day).plus(12) for day in born.values_list("birth_on", flat=True))
    listed = _listed(dongs, first, last)
    made = {month for month, _ in listed}
    return [
        Outlook(
            month,
            elders[month],
            listed.get((month, "elders"), 0) if month in made else None,
            births[month],
            listed.get((month, "births"), 0) if month in made else None,
        )
        for month in (first.plus(n) for n in range(MONTHS))
    ]


def _listed(dongs: list[Dong], first: Month, last: Month) -> dict[tuple[Month, str], int]:
    """How many the lists hold by month and kind; a month without any list has no key."""
    rows = Target.objects.filter(listed_dong__in=dongs, month__range=(first.first, last.first))
    found: Counter = Counter()
    for month, kind, count in rows.order_by().values_list("month", "rule__kind").annotate(n=Count("pk")):
        group = "elders" if kind == TargetRule.Kind.TURNS_AGE else "births" if kind in BIRTHS else "other"
        found[Month.of(month), group] += count
    return found
