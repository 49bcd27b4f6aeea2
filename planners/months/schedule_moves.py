"""Moving one visit of a draft by hand: every half-day it could go to, what it costs, and why others cannot."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from django.db import transaction

from centers.models import User
from common.hangul import mask_name
from common.months import at_seoul
from common.refusals import Refusal
from planners.models import Placement, Schedule, Unplanned, Visit
from planners.months import month_problem as month_problems
from planners.months import schedule_words
from planners.months.scheduling import as_draft, capacity, locked
from planners.solver import outings
from planners.solver.problem import Plan

#: what a change by hand changes in the sums of a pair
SUMS = ("used", "visits", "visit_minutes", "travel_minutes")


class DoesNotFit(Refusal):
    code = "DOES_NOT_FIT"


@dataclass(frozen=True)
class Choice:
    """One half-day of one pair for a visit: what the plan would pay for it, in words, or why it cannot be.

    `price` is in minutes against where the visit stands now (or against leaving it out); small is good.
    """

    session: str
    pair_id: int
    pair_name: str
    on: dt.date
    half: str
    price: int
    starts_at: dt.time | None
    with_whom: tuple[str, ...]
    words: tuple[str, ...]
    obstacle: str = ""
    is_current: bool = False

    @property
    def is_possible(self) -> bool:
        return not self.obstacle

    @property
    def is_open(self) -> bool:
        """Whether the visit could be put there now."""
        return self.is_possible and not self.is_current


@dataclass(frozen=True)
class _Way:
    """A visit tried in an outing: price of it there, minutes of way it adds, its start, or the obstacle."""

    price: float = 0.0
    minutes: int = 0
    start: int = 0
    obstacle: str = ""


class DraftBoard:
    """A draft laid over its month problem, so that moves can be tried without changing anything."""

    def __init__(self, schedule: Schedule, *, today: dt.date):
        self.schedule = schedule
        unit = month_problems.Unit(schedule.dong, schedule.zone)
        eve = today - dt.timedelta(days=1) if schedule.horizon == today else today
        self.built = month_problems.build(unit, schedule.month_value, today=eve)
        self.problem = self.built.problem
        self.visit_of = {visit.pk: visit for visit in self.built.visits}
        self.routes: dict[str, list[int]] = {}
        for row in schedule.placements.select_related("pair", "visit__dong").order_by("on", "half", "order"):
            name = month_problems.session_id(row.pair, row.on, row.half, row.visit.dong)
            if row.visit_id in self.visit_of and name in self.problem.session_index:
                self.routes.setdefault(name, []).append(row.visit_id)
        self.used = {name: route for name, route in self.routes.items() if route}

    def plan(self) -> Plan:
        """The outings as they stand now."""
        return Plan(0, 0, {name: tuple(route) for name, route in self.routes.items() if route})

    def choices(self, visit: Visit) -> list[Choice]:
        """All half-days of all pairs from the next working day on, in order of the calendar."""
        if visit.pk not in self.visit_of:
            return []
        visit = self.visit_of[visit.pk]
        current = next((name for name, route in self.routes.items() if visit.pk in route), None)
        now = self._tried(current, visit) if current else _Way()
        return [
            self._choice(name, visit, current, now)
            for name, (_, _, _, dong) in self.built.session_of.items()
            if dong.pk == visit.dong_id
        ]

    def _choice(self, name: str, visit: Visit, current: str | None, now: _Way) -> Choice:
        pair, on, half, _ = self.built.session_of[name]
        others = [v for v in self.routes.get(name, []) if v != visit.pk]
        whom = tuple(mask_name(self.visit_of[v].person.name) for v in others)
        tried = now if name == current else self._tried(name, visit)
        if tried.obstacle:
            return Choice(name, pair.pk, pair.name, on, half, 0, None, whom, (), tried.obstacle, name == current)
        start = dt.time(tried.start // 60, tried.start % 60)
        words = self._words(visit, pair, on, half, tried, now, is_new_outing=not others)
        price = round(tried.price - now.price)
        return Choice(name, pair.pk, pair.name, on, half, price, start, whom, words, "", name == current)

    def _words(self, visit, pair, on, half, tried: _Way, now: _Way, *, is_new_outing: bool) -> tuple[str, ...]:
        """What the price is made of, biggest first."""
        said = []
        if on > visit.due_on:
            said.append(f"기한 {(on - visit.due_on).days}일 지남")
        if visit.state == Visit.State.ANNOUNCED and (visit.pair_id, visit.on, visit.half) != (pair.pk, on, half):
            said.append("안내한 날이 바뀜")
        if self.built.previous_pair.get(visit.person_id, pair.pk) != pair.pk:
            said.append("지난번과 다른 조")
        if is_new_outing:
            said.append("반일 한 번 더 나감")
        more = tried.minutes - now.minutes
        said.append(f"길 {more:+d}분" if more else "길 그대로")
        return tuple(said)

    def _tried(self, name: str, visit: Visit) -> _Way:
        """The visit in an outing beside the others there."""
        pair, on, half, _ = self.built.session_of[name]
        session, row = self.problem.session_index[name], self.problem.visit_index[visit.pk]
        others = [v for v in self.routes.get(name, []) if v != visit.pk]
        if not self.problem.allowed[row, session]:
            return _Way(obstacle=self._why_not(visit, pair, on, half))
        if elsewhere := self._elsewhere(name, visit):
            return _Way(obstacle=f"이 반일에는 {elsewhere}에 갑니다.")
        if len(others) >= self.problem.sessions[session].max_visits:
            return _Way(obstacle="이 반일은 이미 찼습니다.")
        indexes = [self.problem.visit_index[v] for v in others]
        found = outings.best_order(self.problem, session, [*indexes, row])
        if found is None:
            return _Way(obstacle="다른 방문과 시각이 맞지 않습니다.")
        tour, route = found
        rest = outings.best_order(self.problem, session, indexes) if others else None
        minutes = tour - (rest[0] if rest else 0)
        price = float(self.problem.cost[row, session]) + minutes + (0 if others else self.problem.outing_cost)
        start = outings.timetable(self.problem, session, route)[route.index(row)]
        return _Way(price, round(minutes), start)

    def _elsewhere(self, name: str, visit: Visit) -> str:
        """The other dong the pair serves on that half-day, if any: a person goes out once."""
        mine = set(self.problem.resources_of(self.problem.session_index[name]))
        for other, route in self.used.items():
            busy = other != name and [v for v in route if v != visit.pk]
            if busy and mine & set(self.problem.resources_of(self.problem.session_index[other])):
                return self.built.session_of[other][3].name
        return ""

    def _why_not(self, visit: Visit, pair, on: dt.date, half: str) -> str:
        if visit.state == Visit.State.BOOKED:
            return "약속한 시각이 있습니다. 옮기려면 먼저 전화로 예약을 바꿔 주세요."
        if self.problem.visits[self.problem.visit_index[visit.pk]].booked:
            return "이틀 안의 방문은 그대로 둡니다. 바꾸려면 ‘오늘 다시 짜기’를 써 주세요."
        if on < visit.release_on:
            return f"{schedule_words.short_day(visit.release_on)}부터 방문할 수 있습니다."
        if visit.halves and half not in visit.halves:
            return "주민이 다른 반일을 바랍니다."
        if visit.weekdays and on.weekday() not in visit.weekdays:
            return "주민이 다른 요일을 바랍니다."
        if not set(visit.needs) <= set(pair.skills):
            return "이 조에는 필요한 조건을 갖춘 사람이 없습니다."
        return "바라는 시각 안에 들어가지 않습니다."


def best(choices: list[Choice], count: int) -> list[Choice]:
    """The cheapest places a visit could go to, best first."""
    return sorted((c for c in choices if c.is_open), key=lambda c: (c.price, c.on, c.half, c.pair_id))[:count]


def obstacles(choices: list[Choice]) -> list[tuple[str, int]]:
    """Why half-days are out of reach and how many each keeps away, commonest first."""
    return Counter(c.obstacle for c in choices if c.obstacle).most_common()


@transaction.atomic
def move(
    schedule: Schedule, visit: Visit, session: str, *, by: User, today: dt.date, version_seen: int | None = None
) -> Placement:
    """Put a visit of a draft (placed or left out) into another half-day, and time both outings anew.

    Raises `DoesNotFit` with the obstacle, `Stale`, `NotADraft`.
    """
    schedule = locked(schedule, version_seen=version_seen)
    as_draft(schedule)
    board = DraftBoard(schedule, today=today)
    choice = next((c for c in board.choices(visit) if c.session == session), None)
    if choice is None:
        raise DoesNotFit("그 반일에는 나갈 수 있는 조가 없습니다. 다른 칸을 골라 주세요.")
    if choice.obstacle:
        raise DoesNotFit(
            f"{schedule_words.half_day(choice.on, choice.half)} {choice.pair_name}에는 넣을 수 없습니다. {choice.obstacle}"
        )
    before = board.plan()
    for name, route in board.routes.items():
        if visit.pk in route and name != session:
            route.remove(visit.pk)
            _write(schedule, board, name)
    route = board.routes.setdefault(session, [])
    if visit.pk not in route:
        route.append(visit.pk)
    Unplanned.objects.filter(schedule=schedule, visit=visit).delete()
    _write(schedule, board, session, moved=visit.pk)
    _keep_sums(schedule, board, before)
    return schedule.placements.get(visit=visit)


@transaction.atomic
def take_out(
    schedule: Schedule, visit: Visit, *, by: User, today: dt.date, version_seen: int | None = None
) -> Unplanned:
    """Leave a visit out of a draft by hand; it waits in the list of visits without a place."""
    schedule = locked(schedule, version_seen=version_seen)
    as_draft(schedule)
    if visit.state == Visit.State.BOOKED:
        raise DoesNotFit("약속한 방문은 뺄 수 없습니다. 먼저 전화로 예약을 취소해 주세요.")
    board = DraftBoard(schedule, today=today)
    before = board.plan()
    for name, route in board.routes.items():
        if visit.pk in route:
            route.remove(visit.pk)
            _write(schedule, board, name)
    schedule.placements.filter(visit=visit).delete()
    row, _ = Unplanned.objects.get_or_create(
        schedule=schedule,
        visit=visit,
        defaults={
            "code": "TAKEN_OUT",
            "message": f"{by.name} 님이 초안에서 뺐습니다.",
            "remedy": "넣을 칸을 고르면 다시 들어갑니다.",
        },
    )
    _keep_sums(schedule, board, before)
    return row


def _keep_sums(schedule: Schedule, board: DraftBoard, before: Plan) -> None:
    """Carry a change by hand into what the version says of itself: half-days, ways, what each pair does.

    Only the outings that changed are counted anew. What was proved was proved of the plan before.
    """
    after = board.plan()
    earlier = {row["pair_uid"]: row for row in capacity(board.built, before)}
    change = {
        row["pair_uid"]: {key: row[key] - earlier[row["pair_uid"]][key] for key in SUMS}
        for row in capacity(board.built, after)
    }
    for row in schedule.capacity:
        for key, more in change.get(row["pair_uid"], {}).items():
            row[key] += more
    schedule.outings += len(after.routes) - len(before.routes)
    schedule.travel_minutes += sum(more["travel_minutes"] for more in change.values())
    schedule.is_proved, schedule.gap, schedule.lower_bound = False, None, None
    schedule.version += 1
    schedule.save(update_fields=["capacity", "outings", "travel_minutes", "is_proved", "gap", "lower_bound", "version"])


def _write(schedule: Schedule, board: DraftBoard, name: str, moved: int | None = None) -> None:
    """Store the order and times of one outing after its visits changed."""
    pair, on, half, dong = board.built.session_of[name]
    problem, session = board.problem, board.problem.session_index[name]
    if not board.routes[name]:
        return
    tour = outings.best_order(problem, session, [problem.visit_index[v] for v in board.routes[name]])
    if tour is None:
        raise DoesNotFit("이 반일의 방문 시각이 서로 맞지 않습니다. 다른 칸을 골라 주세요.")
    route = tour[1]
    board.routes[name] = [problem.visits[index].id for index in route]
    starts = outings.timetable(problem, session, route)
    here = problem.depots[dong.name]
    companions = [board.visit_of[problem.visits[index].id] for index in route]
    for order, (index, start) in enumerate(zip(route, starts, strict=True), start=1):
        visit = board.visit_of[problem.visits[index].id]
        way = int(problem.travel[here, problem.visits[index].location])
        here = problem.visits[index].location
        row = schedule.placements.filter(visit=visit).first() or Placement(schedule=schedule, visit=visit, change="new")
        row.pair, row.on, row.half, row.order, row.travel_minutes = pair, on, half, order, way
        row.starts_at = at_seoul(on, dt.time(start // 60, start % 60))
        if visit.pk == moved:
            row.is_moved_by_hand, row.is_locked = True, True
            row.change = row.change or "moved"
        row.reasons = schedule_words.why_here(row, visit, way, companions)
        if row.is_moved_by_hand:
            row.reasons = ["팀장이 이 칸으로 옮겼습니다.", *row.reasons]
        row.save()
