"""Dashboards: what a month's stored figures say, each number with the way to its list.

Only ready figures are read here (`centers.rollups`); the live exceptions of a morning stand in
`seongbuk.exception_board`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from urllib.parse import urlencode

from django.db.models import Max

from centers import dong_map, rollups
from centers.access import Scope
from centers.indicators import WHOLE, Indicator, Rate, Span, indicator, indicators, rate
from centers.models import Dong, MonthlyStat, StatChange
from common.months import Month
from planners.models import Programme
from planners.reports import business_span

TREND_MONTHS = 8
HEADLINES = ("progress", "due_rate", "answer_rate")
#: what the tile map and the ranking can compare: rates of the business span, counts of the month
COMPARED = {
    "progress": "진도율",
    "due_rate": "기한 준수율",
    "answer_rate": "기한 안 응답률",
    "visits": "이달 방문",
    "managed": "이달 관리대상군",
    "referrals": "이달 보낸 의뢰",
}


@dataclass(frozen=True)
class Number:
    """One figure and where its list is. `linked` is false for people who see figures but no lists."""

    of: Indicator
    value: int
    span: Span
    dong: Dong | None = None
    part: str = WHOLE
    linked: bool = True
    before: int | None = None

    @property
    def query(self) -> str:
        """The list's address behind `/dashboard/list/<indicator>/`."""
        facts = {"month": self.span.last}
        if self.span.first != self.span.last:
            facts["since"] = self.span.first
        if self.dong:
            facts["dong"] = self.dong.slug
        if self.part:
            facts["part"] = self.part
        return urlencode(facts)

    @property
    def change(self) -> int | None:
        return None if self.before is None else self.value - self.before


@dataclass(frozen=True)
class Share:
    """n of N, both with their lists, and the percent cut by the rate's own rule."""

    of: Rate
    part: Number
    whole: Number

    @property
    def percent(self) -> Decimal | None:
        return self.of.of(self.part.value, self.whole.value)


@dataclass(frozen=True)
class ProgrammeLine:
    """One line of the plan's table: 대상, 방문, 진도율, 정상군, 관리대상군."""

    name: str
    progress: Share
    normal: Number
    managed: Number
    pace: Decimal | None
    months: tuple[int, ...]

    @property
    def standing(self) -> tuple[str, str, str]:
        """(tone, symbol, word) against the share whose time has come."""
        if self.pace is None or self.progress.percent is None:
            return "plain", "", "대상 없음"
        if not self.pace and not self.progress.percent:
            return "plain", "", "기한 전"
        if self.progress.percent >= self.pace:
            return "ok", "▲", "앞섬"
        return "warn", "▽", "뒤짐"


class Board:
    """The figures of a month for a dong or the district, as a person of `scope` may see them."""

    def __init__(self, scope: Scope, month: Month, *, dong: Dong | None, on: dt.date):
        self.scope, self.month, self.dong, self.on = scope, month, dong, on
        self.span = business_span(month)
        first = min(self.span.first, month.plus(1 - TREND_MONTHS))
        self.stored = rollups.figures(Span(first, month))
        self.linked = may_list(scope)

    def number(self, key: str, *, span: Span | None = None, dong: Dong | None = None, part: str = WHOLE) -> Number:
        """A figure of a span (the month by default) for a dong (the board's by default)."""
        one, span, dong = indicator(key), span or Span.of(self.month), dong or self.dong
        if not one.adds_up and span.first != span.last:
            raise ValueError(f"{key} counts people once and does not add up over months")
        before = None
        if span.first == span.last:
            before = self._stored(span.first.previous, key, dong, part)
        value = sum(self._stored(month, key, dong, part) for month in span.months())
        return Number(one, value, span, dong, part, self.linked, before)

    def share(self, key: str, *, span: Span | None = None, dong: Dong | None = None, part: str = WHOLE) -> Share:
        of = rate(key)
        numbers = (self.number(name, span=span, dong=dong, part=part) for name in (of.part, of.whole))
        return Share(of, *numbers)

    @cached_property
    def headlines(self) -> list[Share]:
        """The rates on top: progress since the programmes began, the others of the month."""
        return [self.share(key, span=self.span if key == "progress" else None) for key in HEADLINES]

    @cached_property
    def programmes(self) -> list[ProgrammeLine]:
        lines = [self._line(one.name, one.key) for one in Programme.objects.all()]
        return [line for line in lines if line.progress.whole.value or line.progress.part.value]

    @cached_property
    def total(self) -> ProgrammeLine:
        return self._line("계", WHOLE)

    def month_lines(self) -> list[tuple[Number, list[tuple[str, Number]]]]:
        """Every indicator of the month with its parts."""
        lines = []
        known = {ask: ask() for ask in {one.parts for one in indicators() if one.part}}
        for one in indicators():
            names = known.get(one.parts, {}) if one.part else {}
            parts = [(words, self.number(one.key, part=key)) for key, words in names.items()]
            lines.append((self.number(one.key), [(words, number) for words, number in parts if number.value]))
        return lines

    def trend(self) -> list[dict]:
        """Visits of the last months, for `{% trend %}`."""
        months = [self.month.plus(-step) for step in range(TREND_MONTHS - 1, -1, -1)]
        return [{"name": f"{m.number}월", "value": self._stored(m, "visits", self.dong, WHOLE)} for m in months]

    def compare(self, key: str, dongs: Iterable[Dong], *, chosen: str) -> list[dong_map.Standing]:
        """The dongs ranked by one of `COMPARED`."""
        rows = []
        for dong in dongs:
            if key in HEADLINES:
                share = self.share(key, span=self.span if key == "progress" else None, dong=dong)
                percent = share.percent
                text = "–" if percent is None else f"{percent}%"
                rows.append((dong, None if percent is None else float(percent), text, (share.part, share.whole)))
            else:
                number = self.number(key, dong=dong)
                rows.append((dong, number.value, f"{number.value:,}", (number,)))
        return dong_map.ranking(rows, chosen=chosen)

    def dong_lines(self, dongs: Iterable[Dong]) -> list[tuple[Dong, ProgrammeLine]]:
        """The plan's table by dong."""
        return [(dong, self._line(dong.name, WHOLE, dong=dong)) for dong in dongs]

    def _line(self, name: str, part: str, *, dong: Dong | None = None) -> ProgrammeLine:
        progress = self.share("progress", span=self.span, dong=dong, part=part)
        return ProgrammeLine(
            name=name,
            progress=progress,
            normal=self.number("normal", span=self.span, dong=dong, part=part),
            managed=self.number("managed", span=self.span, dong=dong, part=part),
            pace=self._pace(dong or self.dong, part, progress.whole.value),
            months=tuple(self._stored(self.month.plus(-n), "visits", dong or self.dong, part) for n in (4, 3, 2, 1, 0)),
        )

    def _pace(self, dong: Dong | None, part: str, targets: int) -> Decimal | None:
        """Percent of the targets whose due day has come; within the running month by days."""
        if not targets:
            return None
        come = sum(self._stored(m, "due", dong, part) for m in self.span.months() if m < Month.of(self.on))
        if Month.of(self.on) <= self.span.last:
            here = Month.of(self.on)
            come += Decimal(self._stored(here, "due", dong, part)) * self.on.day / here.last.day
        return min(Decimal(100), Decimal(come) * 100 / targets)

    def _stored(self, month: Month, key: str, dong: Dong | None, part: str) -> int:
        return self.stored.get((month, key, dong.pk if dong else None, part), 0)


@dataclass(frozen=True)
class Freshness:
    """Whether the stored figures are those of the facts right now."""

    waiting: int
    changed_at: dt.datetime | None

    @classmethod
    def of(cls, span: Span) -> Freshness:
        bounds = (span.first.first, span.last.first)
        waiting = StatChange.objects.filter(month__range=bounds).values("month").distinct().count()
        newest = MonthlyStat.objects.filter(month__range=bounds).aggregate(at=Max("computed_at"))["at"]
        return cls(waiting, newest)


def may_list(scope: Scope) -> bool:
    """Lists behind numbers are for people who see a dong's or all reports, not for figures only."""
    return bool(set(scope.reach("report")) & {"A", "d"})


def places(scope: Scope) -> list[Dong]:
    """Dongs whose figures the person may see, in official order."""
    return list(scope.dongs("report"))


def is_district(scope: Scope) -> bool:
    return bool(set(scope.reach("report")) & {"A", "g"})
