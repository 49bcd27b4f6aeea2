"""Screening results of visits: written as answers come in, shown in full or only as a class.

A visit keeps the version of the instrument it began with. Whoever may not read health answers sees the
class of a result (정상, 주의, 위험), never its answers or score (security table, row visit record health).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from centers.models import User
from planners.instruments import CLASSES, RANK, TONES, Grade, Instrument, at_hand, current
from planners.models import ScreeningResult, Visit
from planners.questions import Answer


@dataclass(frozen=True)
class Class:
    """A result as colleagues see it who may not read the answers: which check, and its class."""

    purpose: str
    title: str
    level: str
    is_alarm: bool
    is_complete: bool

    @property
    def name(self) -> str:
        return "즉시 연계" if self.is_alarm else CLASSES.get(self.level, "결과 없음")

    @property
    def title_and_name(self) -> str:
        return f"{self.title} {self.name}"

    @property
    def tone(self) -> str:
        return "bad" if self.is_alarm else TONES.get(self.level, "plain")


def used_at(visit: Visit, purpose: str, *, on: dt.date) -> Instrument | None:
    """The version a visit began with, else the current one."""
    for result in visit.screenings.all():
        found = at_hand().get((result.instrument, result.version))
        if found and found.purpose == purpose:
            return found
    return current(purpose, on)


def refresh(visit: Visit, instrument: Instrument, answers: dict[str, Answer], *, by: User, at: dt.datetime) -> Grade:
    """Write the result of the answers given so far; without answers the result goes."""
    grade = instrument.grade(answers)
    if not grade.answered:
        visit.screenings.filter(instrument=instrument.key).delete()
        return grade
    ScreeningResult.objects.update_or_create(
        visit=visit,
        instrument=instrument.key,
        defaults={
            "person_id": visit.person_id,
            "version": instrument.version,
            "answers": {item.key: answers.get(item.key) for item in instrument.asked(answers)},
            "score": grade.score,
            "band": grade.band.key if grade.band else "",
            "is_alarm": grade.is_alarm,
            "is_complete": grade.is_complete,
            "by": by,
            "at": at,
        },
    )
    return grade


def last_result(visit: Visit, instrument: Instrument) -> ScreeningResult | None:
    """The newest finished result of the same instrument from an earlier visit of the person."""
    return (
        ScreeningResult.objects.filter(person=visit.person_id, instrument=instrument.key, is_complete=True)
        .exclude(visit=visit)
        .filter(at__lt=visit.started_at or visit.starts_at or visit.target.created_at)
        .order_by("-at", "-pk")
        .first()
    )


def classes(visit: Visit) -> list[Class]:
    """The results of a visit as classes, the gravest first."""
    found = []
    for result in visit.screenings.all():
        instrument = at_hand().get((result.instrument, result.version))
        band = instrument.band(result.band) if instrument else None
        if band or result.is_alarm:
            title = instrument.short_title if instrument else result.instrument
            purpose = instrument.purpose if instrument else result.instrument
            found.append(Class(purpose, title, band.level if band else "", result.is_alarm, result.is_complete))
    return sorted(found, key=lambda c: (not c.is_alarm, -RANK.index(c.level) if c.level else 0, c.title))


def gravest(found: list[Class]) -> Class | None:
    """The class of the whole health part."""
    return found[0] if found else None
