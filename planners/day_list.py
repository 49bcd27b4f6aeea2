"""The day of one person outside: stops in walking order, and the ways between them."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from dataclasses import dataclass, field

from centers.models import User
from common.months import age_on
from planners import child_care, guardians
from planners.models import Consent, Pair, TargetRule, Visit, VisitStaff
from planners.months import travel

WALKABLE_MINUTES = 15
ORDINALS = {2: "두 번째", 3: "세 번째", 4: "네 번째", 5: "다섯 번째"}
_RISKS = ("계단", "개 ", "개있", "위험", "미끄", "공사", "승강기 없", "경사", "골목", "술", "흉기")
_MANNERS = ("귀가", "천천히", "오전", "오후", "병원", "크게", "글", "통역", "낯", "혼자")


@dataclass(frozen=True)
class Note:
    """One thing to know at the door, with the tone of its tag."""

    text: str
    tone: str


@dataclass
class Stop:
    """One visit of the day as its pair sees it."""

    visit: Visit
    who: str  # 65세, 생후 24일, 임신 24주
    story: str  # 첫 방문, 거절 뒤 다시 동의
    notes: list[Note]
    walk: str = ""
    is_now: bool = False

    @property
    def is_done(self) -> bool:
        return self.visit.state not in Visit.STANDING

    @property
    def is_started(self) -> bool:
        return self.visit.state == Visit.State.STARTED

    @property
    def end(self) -> Note:
        """How it ended, for a stop that is done."""
        if self.visit.state == Visit.State.CANCELLED:
            return Note("취소됨", "plain")
        if self.visit.state == Visit.State.FAILED:
            return Note(self.visit.get_outcome_display() or "못 함", "warn")
        return Note("기록 끝" if self.visit.state == Visit.State.DONE else self.visit.get_group_display(), "ok")


@dataclass(frozen=True)
class Route:
    """The stops drawn from above, north up, in a box of 320 by 240."""

    path: str
    dots: list[dict]
    width_metres: int
    words: str


@dataclass
class DayList:
    on: dt.date
    stops: list[Stop] = field(default_factory=list)
    pair: Pair | None = None
    partner: VisitStaff | None = None  # the same for all stops, else told at each stop
    metres: int | None = None
    route: Route | None = None

    @property
    def done(self) -> int:
        return sum(stop.is_done for stop in self.stops)

    @property
    def distance(self) -> str:
        """걷는 길 1.9 km, when all homes have coordinates."""
        return f"걷는 길 {self.metres / 1000:.1f} km" if self.metres else ""


def day_list(visits, user: User, on: dt.date) -> DayList:
    """The visits of a user's day out of a queryset of visits the user may see."""
    rows = list(
        visits.assigned_to(user)
        .on_day(on)
        .exclude(state=Visit.State.POOL)
        .select_related("person__household", "target__rule", "programme", "pair", "dong")
        .prefetch_related("staff__user", "person__consents", "person__pregnancies", "signatures")
        .order_by("starts_at", "order", "pk")
    )
    guardians.attach((visit.person for visit in rows), on=on)
    found = DayList(on, [_stop(visit) for visit in rows])
    if not rows:
        return found
    found.pair = rows[0].pair
    partners = {row.user_id: row for visit in rows for row in visit.staff.all() if _is_partner(row, user)}
    found.partner = next(iter(partners.values())) if len(partners) == 1 else None
    waiting = [stop for stop in found.stops if not stop.is_done]
    now = next((stop for stop in waiting if stop.is_started), waiting[0] if waiting else None)
    if now:
        now.is_now = True
    _walk(found)
    return found


def partners_of(visit: Visit, user: User) -> list[VisitStaff]:
    """Who comes along."""
    return [row for row in visit.staff.all() if _is_partner(row, user)]


def who_is(visit: Visit, on: dt.date) -> str:
    """Age in the words of the programme: 65세, 생후 24일, 임신 24주, 산후 20일."""
    person, kind = visit.person, visit.target.rule.kind
    if kind in (TargetRule.Kind.PREGNANCY_WEEKS, TargetRule.Kind.AFTER_BIRTH):
        pregnancy = max(person.pregnancies.all(), key=lambda p: p.expected_on, default=None)
        if pregnancy and kind == TargetRule.Kind.PREGNANCY_WEEKS:
            return f"임신 {child_care.pregnancy_week(pregnancy.expected_on, on)}주"
        if pregnancy and pregnancy.delivered_on:
            return f"산후 {(on - pregnancy.delivered_on).days}일"
    days = (on - person.birth_on).days
    return child_care.age_in_words(days) if days < 730 else f"{age_on(person.birth_on, on)}세"


def story_of(visit: Visit) -> str:
    """Which time it is, and whether the person had said no before."""
    consents = [c for c in visit.person.consents.all() if c.kind == Consent.Kind.VISIT]
    refused = [c.answered_on for c in consents if c.answer == Consent.Answer.REFUSED]
    given = [c.answered_on for c in consents if c.answer == Consent.Answer.GIVEN]
    if refused and given and max(given) >= max(refused):
        return "거절 뒤 다시 동의"
    if visit.attempt > 1:
        return ORDINALS.get(visit.attempt, f"{visit.attempt}번째")
    return "첫 방문" if visit.is_first else "다시 방문"


def notes_of(visit: Visit) -> list[Note]:
    """What the household's page says about the door, risks first in colour."""
    household = visit.person.household
    notes = [Note(text, tone_of(text)) for text in (household.access_notes if household else ())]
    if visit.person.needs_interpreter:
        notes.append(Note(f"{visit.person.needs_interpreter} 통역", "info"))
    return notes


def tone_of(text: str) -> str:
    """The tone of a note by its words: warn for risks, info for manners, else plain."""
    if any(word in text for word in _RISKS) or text.startswith("개"):
        return "warn"
    return "info" if any(word in text for word in _MANNERS) else "plain"


# ------------------------------------------------------------------ private


def _stop(visit: Visit) -> Stop:
    return Stop(visit, who_is(visit, visit.on), story_of(visit), notes_of(visit))


def _is_partner(row: VisitStaff, user: User) -> bool:
    return row.user_id != user.pk


def _walk(found: DayList) -> None:
    """Minutes between stops: as planned, else from coordinates. Half-days start at the center."""
    places = [_door(stop.visit) for stop in found.stops]
    table = travel.matrix(places)
    for n, stop in enumerate(found.stops):
        planned = stop.visit.travel_minutes
        if n == 0:
            stop.walk = f"센터에서 {_way(planned)}" if planned else ""
            continue
        before = found.stops[n - 1].visit
        if before.half == stop.visit.half or planned is None:
            minutes = planned if planned is not None else int(table[n - 1, n])
            stop.walk = _way(minutes) if minutes else "같은 건물"
        else:
            stop.walk = f"{before.get_half_display()} 끝 · 센터에서 {_way(planned)}" if planned else ""
    if len(places) > 1 and all(place.is_located for place in places):
        found.metres = round(sum(_metres(a, b) for a, b in itertools.pairwise(places)))
        found.route = _route(found.stops, places)


def _route(stops: list[Stop], places: list[travel.Place]) -> Route:
    south, west = min(p.latitude for p in places), min(p.longitude for p in places)
    narrow = math.cos(math.radians(south)) * travel.METRES_PER_DEGREE
    east = [(p.longitude - west) * narrow for p in places]
    north = [(p.latitude - south) * travel.METRES_PER_DEGREE for p in places]
    wide, tall = max(*east, 1), max(*north, 1)
    scale = min(260 / wide, 180 / tall)
    points = [
        (round(160 + (x - wide / 2) * scale), round(120 - (y - tall / 2) * scale))
        for x, y in zip(east, north, strict=True)
    ]
    dots = [
        {"x": x, "y": y, "number": n, "kind": "done" if stop.is_done else "now" if stop.is_now else ""}
        for n, (stop, (x, y)) in enumerate(zip(stops, points, strict=True), 1)
    ]
    path = "M" + " L".join(f"{x} {y}" for x, y in points)
    return Route(path, dots, int(round(320 / scale, -1)), f"방문 {len(stops)}곳을 걷는 차례로 이은 그림")


def _metres(here: travel.Place, there: travel.Place) -> float:
    east = (here.longitude - there.longitude) * math.cos(math.radians(here.latitude))
    return travel.DETOUR * travel.METRES_PER_DEGREE * math.hypot(east, here.latitude - there.latitude)


def _way(minutes: int) -> str:
    return f"걸어서 {minutes}분" if minutes <= WALKABLE_MINUTES else f"버스로 {minutes}분"


def _door(visit: Visit) -> travel.Place:
    household = visit.person.household
    return travel.Place(
        household.longitude if household else None,
        household.latitude if household else None,
        visit.dong.name,
        visit.person.tong,
        household.address if household else "",
    )
