"""What the calendars show: people of a place in rows, half-days in cells, everything that takes them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Q

from centers.models import Dong, Posting, User
from centers.roles import ROLE_BY_CODE
from common.months import SEOUL
from staffing import calendars
from staffing.commitments import Commitment, commitments
from staffing.models import StaffTime
from staffing.models.calendars import Half

#: roles that have a calendar; outside members and tongjang do not
STAFF_ROLES = ("TL", "CN", "PN", "PS", "CM", "DH")
HEALTH_CENTER = "health-center"
#: symbol and class of what stands in a cell
MARKS = {
    "leave": ("–", "aw"),
    "sick": ("–", "aw"),
    "training": ("◇", "du"),
    "meeting": ("◇", "du"),
    "committee": ("◇", "du"),
    "counter": ("□", "ct"),
    "patrol": ("◎", "du"),
    "other": ("◇", "du"),
    "visit": ("✓", "bk"),
}


@dataclass(frozen=True)
class Place:
    """Whose calendars stand together: a dong's center, or the nurses of the health center."""

    dong: Dong | None = None

    @property
    def name(self) -> str:
        return self.dong.name if self.dong else "보건소 우리아이 간호사"

    @property
    def key(self) -> str:
        return self.dong.slug if self.dong else HEALTH_CENTER


@dataclass
class Item:
    """One thing in a cell: its class and symbol, short words, and the entry behind it."""

    kind: str
    words: str
    time: StaffTime | None = None

    @property
    def symbol(self) -> str:
        return MARKS[self.kind][0]

    @property
    def css(self) -> str:
        return MARKS[self.kind][1]


@dataclass
class Cell:
    on: dt.date
    half: str
    items: list[Item] = field(default_factory=list)
    closed: str = ""  # holiday or a rule of the office, for everybody
    off: bool = False  # not part of this person's work

    @property
    def short(self) -> str:
        """One or two syllables for the month."""
        if self.items:
            return "방" if self.items[0].kind == "visit" else self.items[0].words[:1]
        return ""


@dataclass
class Row:
    user: User
    title: str
    cells: list[Cell]
    may_change: bool = False
    visits: int = 0
    free: int = 0

    @property
    def by_day(self) -> list[tuple[Cell, Cell]]:
        """Morning and afternoon of each day."""
        return list(zip(self.cells[::2], self.cells[1::2], strict=True))


@dataclass
class Sheet:
    """People by half-days between two days, with what closes the office and how many may go out."""

    place: Place
    first: dt.date
    last: dt.date
    days: list[dt.date]
    rows: list[Row]
    closed: dict[calendars.HalfDay, str]
    holidays: dict[dt.date, str]
    subjects: set[int]

    def by_day(self) -> list[dict]:
        """For phones: each day with who has what; the same for the whole day is said once."""
        found = []
        for number, day in enumerate(self.days):
            lines = []
            for row in self.rows:
                am, pm = row.cells[2 * number], row.cells[2 * number + 1]
                if said := _said(am, pm):
                    lines.append({"row": row, "said": said})
            shut = [
                f"{Half(half).label} {self.closed[day, half]}" for half in Half.values if (day, half) in self.closed
            ]
            found.append({"on": day, "holiday": self.holidays.get(day, ""), "shut": shut, "lines": lines})
        return found


def _said(am: Cell, pm: Cell) -> list[tuple[str, Item]]:
    """(part of the day, item) in order."""
    both = [item for item in am.items if item.time and any(item.time == other.time for other in pm.items)]
    halves = [("오전", item) for item in am.items if item not in both]
    halves += [("오후", item) for item in pm.items if all(item.time != other.time for other in both) or not item.time]
    return [("하루", item) for item in both] + halves


def people_of(place: Place, first: dt.date, last: dt.date) -> list[tuple[User, str]]:
    """(person, role) posted there between two days, the lead first, each once."""
    rows = Posting.objects.filter(Q(valid_to=None) | Q(valid_to__gt=first), valid_from__lte=last)
    rows = rows.filter(dong=place.dong, role__in=STAFF_ROLES) if place.dong else rows.filter(dong=None, role="HC")
    found: dict[int, tuple[User, str]] = {}
    for row in sorted(rows.select_related("user"), key=lambda row: (_order(row.role), row.user.name, row.user_id)):
        if row.user.is_active:
            found.setdefault(row.user_id, (row.user, ROLE_BY_CODE[row.role].title))
    return list(found.values())


def _order(role: str) -> int:
    return STAFF_ROLES.index(role) if role in STAFF_ROLES else len(STAFF_ROLES)


def week_of(day: dt.date) -> tuple[dt.date, dt.date]:
    """Monday and Friday of the week a day is in; a weekend belongs to the week that comes."""
    monday = day - dt.timedelta(days=day.weekday())
    if day.weekday() >= calendars.SATURDAY:
        monday += dt.timedelta(days=7)
    return monday, monday + dt.timedelta(days=4)


def sheet(place: Place, first: dt.date, last: dt.date, *, changeable: set[int], only: int | None = None) -> Sheet:
    """The calendars of a place. `changeable` are ids of people the viewer may write for."""
    people = [(user, title) for user, title in people_of(place, first, last) if only is None or user.pk == only]
    ids = [user.pk for user, _ in people]
    days = [day for day in calendars.days_between(first, last) if day.weekday() < calendars.SATURDAY]
    closed = calendars.closed_halves(first, last, place.dong)
    holidays = calendars.holidays(first, last)
    times, away = _times(ids, first, last), calendars.absences(ids, first, last)
    promised: dict[tuple[int, dt.date, str], list[Commitment]] = defaultdict(list)
    subjects = set()
    for one in commitments(ids, first, last):
        promised[one.user_id, one.on, one.half].append(one)
        if one.subject:
            subjects.add(one.subject)
    rows = []
    for user, title in people:
        cells = []
        for day in days:
            for half in Half.values:
                cell = Cell(day, half, closed=closed.get((day, half), ""))
                cell.items = [_entry(time) for time in times.get((user.pk, day, half), ())]
                if there := promised.get((user.pk, day, half)):
                    cell.items.append(Item("visit", _visits(there)))
                cell.off = not cell.items and away.get(user.pk, {}).get((day, half)) == calendars.NOT_AT_WORK
                cells.append(cell)
        visits = sum(len(found) for (pk, _, _), found in promised.items() if pk == user.pk)
        free = sum(not (cell.items or cell.closed or cell.off) for cell in cells)
        rows.append(Row(user, title, cells, user.pk in changeable, visits, free))
    return Sheet(place, first, last, days, rows, closed, holidays, subjects)


def _times(ids: list[int], first: dt.date, last: dt.date) -> dict[tuple[int, dt.date, str], list[StaffTime]]:
    found: dict[tuple[int, dt.date, str], list[StaffTime]] = defaultdict(list)
    for row in StaffTime.objects.filter(user__in=ids).between(first, last):
        for day in calendars.days_between(max(row.first_on, first), min(row.last_on, last)):
            for half in [row.half] if row.half else Half.values:
                found[row.user_id, day, half].append(row)
    return found


def _entry(time: StaffTime) -> Item:
    return Item(time.kind, time.get_kind_display(), time)


def _visits(there: list[Commitment]) -> str:
    starts = [f"{one.starts_at.astimezone(SEOUL):%-H:%M}" for one in there]
    return f"방문 {starts[0]}" if len(starts) == 1 else f"방문 {len(starts)}건 {starts[0]}"


def heading(first: dt.date, last: dt.date) -> str:
    """1월 12일 ~ 16일, or 1월 26일 ~ 2월 6일."""
    until = f"{last.day}일" if last.month == first.month else f"{last.month}월 {last.day}일"
    return f"{first.month}월 {first.day}일 ~ {until}"
