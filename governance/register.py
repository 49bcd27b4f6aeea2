"""The register of bodies: for each its members, its meetings of the last quarter, and what needs attention."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Prefetch

from common.months import at_seoul, seoul_date
from governance import bodies, calendars
from governance.bodies import Vacancy
from governance.models import Body, Meeting, Member

WEEKS_BACK, WEEKS_AHEAD = 13, 8


@dataclass(frozen=True)
class Row:
    """One body on a day."""

    body: Body
    members: dict[str, int]
    chair: Member | None
    held: int
    missed: int
    cancelled: int
    following: Meeting | None
    ending: list[Member]
    vacancies: list[Vacancy]
    missing: list[str]

    @property
    def due(self) -> int:
        """Meetings that should have been held."""
        return self.held + self.missed

    @property
    def notices(self) -> list[tuple[str, str]]:
        """What needs attention, as tone and words."""
        found = [("bad", "갖추지 못함")] if self.missing else []
        found += [("warn", f"빠진 주 {self.missed}")] if self.missed else []
        found += [("wait", f"임기 곧 끝남 {len(self.ending)}")] if self.ending else []
        found += [("open", f"빈자리 {len(self.vacancies)}")] if self.vacancies else []
        return found or [("ok", "없음")]

    @property
    def people(self) -> int:
        return sum(self.members.values())


def rows(found: Iterable[Body], *, at: dt.datetime) -> list[Row]:
    """A row for each body of a queryset, in three queries however many there are."""
    today = seoul_date(at)
    first, last = today - dt.timedelta(weeks=WEEKS_BACK), today + dt.timedelta(weeks=WEEKS_AHEAD)
    near = Meeting.objects.filter(
        starts_at__gte=at_seoul(first - dt.timedelta(7), dt.time()),
        starts_at__lt=at_seoul(last + dt.timedelta(7), dt.time()),
    ).order_by("starts_at", "pk")
    found = found.select_related("dong").prefetch_related("members", Prefetch("meetings", near, to_attr="near"))
    return [_row(body, first, today) for body in found]


def _row(body: Body, first: dt.date, today: dt.date) -> Row:
    members = [m for m in body.members.all() if m.sits_on(today)]
    past = calendars.calendar(body, first=first, last=today - dt.timedelta(1), today=today, meetings=body.near)
    states = Counter(slot.state for slot in past)
    open_now = [m for m in body.near if m.state == Meeting.State.OPEN]
    ahead = [m for m in body.near if m.state == Meeting.State.PLANNED and seoul_date(m.starts_at) >= today]
    until = today + dt.timedelta(bodies.WARN_DAYS)
    return Row(
        body=body,
        members={kind: sum(m.kind == kind for m in members) for kind in Member.Kind.values},
        chair=next((m for m in members if m.is_chair), None),
        held=states["held"] + states["open"],
        missed=states["missed"],
        cancelled=states["cancelled"],
        following=next(iter(open_now + ahead), None),
        ending=[m for m in members if m.valid_to and m.valid_to <= until],
        vacancies=bodies.vacancies(body, on=today),
        missing=[c.title for c in bodies.checklist(body, on=today, members=members) if c.is_required and not c.is_met],
    )
