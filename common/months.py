"""Months and days as the office counts them: by the calendar of Asia/Seoul."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from .refusals import Refusal

SEOUL = ZoneInfo("Asia/Seoul")
WEEKDAYS = "월화수목금토일"
_WRITTEN = re.compile(r"(\d{4})-(\d{1,2})")


class NotAMonth(Refusal):
    code = "NOT_A_MONTH"


@dataclass(frozen=True, order=True)
class Month:
    """One calendar month, e.g. ``Month(2015, 1)``; orders and hashes like a value."""

    year: int
    number: int

    @classmethod
    def of(cls, day: dt.date | dt.datetime) -> Month:
        """The month a day, or a moment seen from Seoul, falls in."""
        day = seoul_date(day)
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Month:
        """From ``YYYY-MM``. Raises `NotAMonth`."""
        found = _WRITTEN.fullmatch((text or "").strip())
        if not found or not 1 <= int(found[2]) <= 12 or not 1900 <= int(found[1]) <= 9998:
            raise NotAMonth(f"‘{text}’는 달이 아닙니다. 2015-01처럼 연도와 월을 적어 주세요.")
        return cls(int(found[1]), int(found[2]))

    @property
    def first(self) -> dt.date:
        return dt.date(self.year, self.number, 1)

    @property
    def last(self) -> dt.date:
        return dt.date(self.year, self.number, calendar.monthrange(self.year, self.number)[1])

    @property
    def next(self) -> Month:
        return self.plus(1)

    @property
    def previous(self) -> Month:
        return self.plus(-1)

    @property
    def starts_at(self) -> dt.datetime:
        return dt.datetime.combine(self.first, dt.time(), SEOUL)

    @property
    def ends_at(self) -> dt.datetime:
        """The first moment after the month."""
        return self.next.starts_at

    @property
    def korean(self) -> str:
        return f"{self.year}년 {self.number}월"

    def plus(self, months: int) -> Month:
        index = self.year * 12 + self.number - 1 + months
        return Month(index // 12, index % 12 + 1)

    def days(self) -> list[dt.date]:
        return [self.first.replace(day=n) for n in range(1, self.last.day + 1)]

    def __contains__(self, day: dt.date | dt.datetime) -> bool:
        return Month.of(day) == self

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


def seoul_date(moment: dt.date | dt.datetime) -> dt.date:
    """The calendar day in Seoul of a moment (aware) or a plain date."""
    if isinstance(moment, dt.datetime):
        return moment.astimezone(SEOUL).date()
    return moment


def at_seoul(day: dt.date, clock: dt.time) -> dt.datetime:
    """The aware moment of a wall clock time in Seoul."""
    return dt.datetime.combine(day, clock, SEOUL)


def age_on(birth_on: dt.date, day: dt.date) -> int:
    """Full years (만 나이)."""
    return day.year - birth_on.year - ((day.month, day.day) < (birth_on.month, birth_on.day))


def birthday(birth_on: dt.date, age: int) -> dt.date:
    """The day somebody turns `age`; 29 February counts as 1 March in a common year (민법 제158조)."""
    try:
        return birth_on.replace(year=birth_on.year + age)
    except ValueError:
        return dt.date(birth_on.year + age, 3, 1)
