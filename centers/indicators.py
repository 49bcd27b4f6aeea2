"""Indicators: one object per figure, from which its number, its list, its text and its export all come.

Each app describes its own in `<app>/rollups.py`. A month's number is the count of `rows(span)`, and the
list behind the number is the same query, so the two cannot disagree.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache

from django.db.models import Count, Expression, Model, Q, QuerySet, Sum
from django.utils.module_loading import autodiscover_modules

from common.months import Month, seoul_date
from common.refusals import Refusal
from common.sheets import cut_percent

WHOLE = ""  # the part of a row that is not split


class UnknownIndicator(Refusal):
    code = "UNKNOWN_INDICATOR"


@dataclass(frozen=True)
class Span:
    """Months from the first to the last, both included."""

    first: Month
    last: Month

    @classmethod
    def of(cls, month: Month) -> Span:
        return cls(month, month)

    @property
    def days(self) -> tuple[dt.date, dt.date]:
        """For `__range` on a day."""
        return self.first.first, self.last.last

    def moments(self, path: str) -> Q:
        """The condition that a moment falls into the span, by the calendar of Seoul."""
        return Q(**{f"{path}__gte": self.first.starts_at, f"{path}__lt": self.last.ends_at})

    def months(self) -> Iterator[Month]:
        month = self.first
        while month <= self.last:
            yield month
            month = month.next


@dataclass(frozen=True)
class Line:
    """One row of the list behind a number: what it is about, in words."""

    person: Model
    text: str
    url_name: str = ""
    uid: object = None


@dataclass(frozen=True)
class Indicator:
    """What one figure counts.

    `rows` gives the facts of a span of months; `dong` and `part` are the paths they are split by, `day`
    the path of the day that puts a fact into its month. `distinct` counts each value of a path once, so
    such figures do not add up over months, dongs or parts. `amount` adds a quantity up instead of counting.
    `resource` is the right that shows names in the list.
    """

    key: str
    title: str
    unit: str
    meaning: str
    owner: str
    resource: str
    rows: Callable[[Span], QuerySet]
    day: str
    line: Callable[[Model], Line]
    dong: str = "dong"
    part: str = ""
    parts: Callable[[], Mapping[str, str]] = dict
    distinct: str = ""
    amount: Expression | None = None
    related: tuple[str, ...] = ("person", "dong")

    @property
    def adds_up(self) -> bool:
        """Whether figures of months, dongs and parts may be added."""
        return not self.distinct

    def of(self, span: Span, *, dongs=None, part: str = WHOLE) -> QuerySet:
        """The facts behind one number. `dongs` is a set of keys, or None for the whole district."""
        rows = self.rows(span)
        if dongs is not None:
            rows = rows.filter(**{f"{self.dong}__in": dongs})
        if part:
            rows = rows.filter(**{self.part: part})
        if self.distinct:  # one fact for each value, the newest
            one_each = rows.order_by(self.distinct, f"-{self.day}", "-pk").distinct(self.distinct)
            rows = rows.model._default_manager.filter(pk__in=one_each.values("pk"))
        return rows

    def count(self, span: Span, *, dongs=None, part: str = WHOLE) -> int:
        """The number itself, counted from the facts."""
        rows = self.of(span, dongs=dongs, part=part)
        if self.amount is None:
            return rows.count()
        return rows.aggregate(total=Sum(self.amount))["total"] or 0

    def tally(self, month: Month) -> dict[tuple[int | None, str], int]:
        """The month's figures by (dong, part); a dong of None is the whole district."""
        cut = [self.dong, self.part] if self.part else [self.dong]
        rows = self.rows(Span.of(month)).order_by()
        if self.distinct:
            return self._tally_distinct(rows.values_list(self.distinct, *cut).distinct())
        measure = Count("pk") if self.amount is None else Sum(self.amount)
        figures: dict[tuple[int | None, str], int] = {}
        for *cell, value in rows.values_list(*cut).annotate(value=measure):
            for place in _places(*cell):
                figures[place] = figures.get(place, 0) + (value or 0)
        return {place: value for place, value in figures.items() if value}

    @staticmethod
    def _tally_distinct(rows: Iterable[tuple]) -> dict[tuple[int | None, str], int]:
        """Each value once in every dong and part it was seen in, and once for the district."""
        seen: dict[tuple[int | None, str], set] = defaultdict(set)
        for value, *cell in rows:
            for place in _places(*cell):
                seen[place].add(value)
        return {place: len(values) for place, values in seen.items()}

    def day_of(self, row: Model) -> dt.date:
        value = row
        for name in self.day.split("__"):
            value = getattr(value, name)
        return seoul_date(value)


def _places(dong: int, part: str | None = WHOLE) -> set[tuple[int | None, str]]:
    """The four figures a fact counts towards; fewer where it has no part."""
    return {(dong, part or WHOLE), (dong, WHOLE), (None, part or WHOLE), (None, WHOLE)}


@dataclass(frozen=True)
class Rate:
    """A share of one indicator in another, with its stated rounding (plan III.7 ① cuts: 22.57 % is 22.5 %)."""

    key: str
    title: str
    part: str
    whole: str
    meaning: str
    owner: str
    places: int = 1

    def of(self, part: int, whole: int) -> Decimal | None:
        return cut_percent(part, whole, places=self.places)


@dataclass
class _Registry:
    indicators: dict[str, Indicator] = field(default_factory=dict)
    rates: dict[str, Rate] = field(default_factory=dict)


_registry = _Registry()


def register(*given: Indicator | Rate) -> None:
    """Called by `<app>/rollups.py` when it is imported. A key stands for one definition only."""
    for one in given:
        shelf = _registry.indicators if isinstance(one, Indicator) else _registry.rates
        if one.key in _registry.indicators or one.key in _registry.rates:
            raise ValueError(f"two definitions of {one.key!r}")
        shelf[one.key] = one


@cache
def _known() -> _Registry:
    autodiscover_modules("rollups")
    return _registry


def indicators() -> list[Indicator]:
    return list(_known().indicators.values())


def rates() -> list[Rate]:
    return list(_known().rates.values())


def indicator(key: str) -> Indicator:
    """Raises `UnknownIndicator`."""
    try:
        return _known().indicators[key]
    except KeyError:
        raise UnknownIndicator(f"‘{key}’는 없는 지표입니다. 지표 설명에서 골라 주세요.") from None


def rate(key: str) -> Rate:
    try:
        return _known().rates[key]
    except KeyError:
        raise UnknownIndicator(f"‘{key}’는 없는 지표입니다. 지표 설명에서 골라 주세요.") from None
