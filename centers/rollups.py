"""Rollup: the months whose facts changed are counted again, so that dashboards only read ready numbers.

Why a stored month equals a recount: triggers leave a marker in the transaction that changes a fact. A
roll takes the month's lock, then deletes the markers it sees, then counts, each in a statement of its
own under READ COMMITTED. What was committed before the delete is in the count; what comes later leaves
a marker of its own. The lock keeps an older count from overwriting a newer one. A crash undoes both.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Max, Min

from centers.indicators import WHOLE, Indicator, Span, indicators
from centers.models import MonthlyStat, StatChange
from common.months import Month

LOCK = 0x5EA2
Place = tuple[str, int | None, str]  # indicator, dong, part


@dataclass(frozen=True)
class Rolled:
    """What one roll did: figures of the month, and how many of them were new, other or gone."""

    rows: int
    changed: int


@dataclass(frozen=True)
class Difference:
    """A stored figure that a recount does not confirm; None where one side has no row."""

    month: Month
    indicator: str
    dong: int | None
    part: str
    stored: int | None
    counted: int | None


def changed_months() -> list[Month]:
    """Months with facts that changed since they were counted, oldest first."""
    return [Month.of(day) for day in StatChange.objects.order_by("month").values_list("month", flat=True).distinct()]


def known_months() -> list[Month]:
    """Every month that has a fact or a figure."""
    bounds = MonthlyStat.objects.aggregate(first=Min("month"), last=Max("month"))
    days = [bounds["first"], bounds["last"]]
    for one in indicators():
        found = (
            one.rows(Span(Month(1900, 1), Month(9998, 12))).order_by().aggregate(first=Min(one.day), last=Max(one.day))
        )
        days += found.values()
    known = [Month.of(day) for day in days if day is not None]
    return list(Span(min(known), max(known)).months()) if known else []


def roll_month(month: Month, *, at: dt.datetime) -> Rolled:
    """Count one month again and store what differs. Safe to run twice and beside others."""
    with transaction.atomic():
        _lock(month)
        StatChange.objects.filter(month=month.first).delete()
        counted = count_month(month)
        return Rolled(rows=len(counted), changed=_store(month, counted, at=at))


def count_month(month: Month) -> dict[Place, int]:
    """All figures of a month from the facts; the only way a figure comes about."""
    return {(one.key, dong, part): value for one in indicators() for (dong, part), value in one.tally(month).items()}


def differences(months: Iterable[Month] | None = None) -> list[Difference]:
    """Recount the months (all known ones by default) and tell what differs from the stored figures."""
    found = []
    for month in known_months() if months is None else months:
        stored = {place: row.value for place, row in _stored(month).items()}
        counted = count_month(month)
        found += [
            Difference(month, *place, stored=stored.get(place), counted=counted.get(place))
            for place in sorted(counted.keys() | stored.keys(), key=str)
            if stored.get(place) != counted.get(place)
        ]
    return found


def settled_differences(month: Month) -> list[Difference]:
    """Differences of a month that no waiting marker explains: something changed a fact unseen."""
    with transaction.atomic():
        _lock(month)
        found = differences([month])
        # read after the recount: a change that came in between has left its marker by now
        return [] if StatChange.objects.filter(month=month.first).exists() else found


def figures(span: Span, keys: Iterable[str] | None = None) -> dict[tuple[Month, str, int | None, str], int]:
    """Stored figures of a span by (month, indicator, dong, part); what is absent is zero."""
    rows = MonthlyStat.objects.filter(month__range=(span.first.first, span.last.first))
    if keys is not None:
        rows = rows.filter(indicator__in=list(keys))
    return {
        (Month.of(month), key, dong, part): value
        for month, key, dong, part, value in rows.values_list("month", "indicator", "dong", "part", "value").order_by()
    }


def figure(one: Indicator, month: Month, *, dong: int | None = None, part: str = WHOLE) -> int:
    return figures(Span.of(month), [one.key]).get((month, one.key, dong, part), 0)


def _lock(month: Month) -> None:
    """Rolls and checks of one month follow each other until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, month.year * 12 + month.number])


def _stored(month: Month) -> dict[Place, MonthlyStat]:
    return {(row.indicator, row.dong_id, row.part): row for row in MonthlyStat.objects.filter(month=month.first)}


def _store(month: Month, counted: dict[Place, int], *, at: dt.datetime) -> int:
    stored = _stored(month)
    new = [
        MonthlyStat(month=month.first, indicator=key, dong_id=dong, part=part, value=value, computed_at=at)
        for (key, dong, part), value in counted.items()
        if (key, dong, part) not in stored
    ]
    other = [row for place, row in stored.items() if place in counted and row.value != counted[place]]
    for row in other:
        row.value, row.computed_at = counted[row.indicator, row.dong_id, row.part], at
    gone = [row.pk for place, row in stored.items() if place not in counted]
    MonthlyStat.objects.bulk_create(new, batch_size=1000)
    MonthlyStat.objects.bulk_update(other, ["value", "computed_at"], batch_size=1000)
    MonthlyStat.objects.filter(pk__in=gone).delete()
    return len(new) + len(other) + len(gone)
