"""Moving one visit of a draft by hand: every half-day it could go to, what it costs, and why others cannot."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from centers.models import User
from common.hangul import mask_name
from common.months import at_seoul
from common.refusals import Refusal
from planners import month_problem as month_problems
from planners import schedule_words
from planners.models import Placement, Schedule, Unplanned, Visit
from planners.scheduling import as_draft, locked
from planners.solver import outings


class DoesNotFit(Refusal):
    code = "DOES_NOT_FIT"


@dataclass(frozen=True)
class Choice:
    """One half-day of one pair for a visit: minutes of way it adds, days past due, or why it cannot be."""

    session: str
    pair_name: str
    on: dt.date
    half: str
    minutes: int | None
    days_late: int
    starts_at: dt.time | None
    with_whom: tuple[str, ...]
    obstacle: str = ""
    is_current: bool = False

    @property
    def is_possible(self) -> bool:
        return not self.obstacle


class DraftBoard:
    """A draft laid over its month problem, so that moves can be tried without changing anything."""

    def __init__(self, schedule: Schedule, *, today: dt.date):
        self.schedule = schedule
        unit = month_problems.Unit(schedule.dong, schedule.zone)
        self.built = month_problems.build(unit, schedule.month_value, today=today)
        self.problem = self.built.problem
        self.visit_of = {visit.pk: visit for visit in self.built.visits}
        self.routes: dict[str, list[int]] = {}
        for row in schedule.placements.select_related("pair", "visit").order_by("on", "half", "order"):
            name = month_problems.session_id(row.pair, row.on, row.half, row.visit.dong)
            if row.visit_id in self.visit_of and name in self.problem.session_index:
                self.routes.setdefault(name, []).append(row.visit_id)

    def choices(self, visit: Visit) -> list[Choice]:
        """All half-days of all pairs from the next working day on, in order of the calendar."""
        if visit.pk not in self.visit_of:
            return []
        current = next((name for name, route in self.routes.items() if visit.pk in route), None)
        before = self._way_saved(current, visit.pk) if current else 0
        rows = []
        for name, (pair, on, half, dong) in self.built.session_of.items():
            if dong.pk == visit.dong_id:
                rows.append(self._choice(name, pair, on, half, visit, current, before))
        return rows

    def _choice(self, name, pair, on, half, visit, current, before) -> Choice:
        others = [v for v in self.routes.get(name, []) if v != visit.pk]
        session = self.problem.session_index[name]
        whom = tuple(mask_name(self.visit_of[v].person.name) for v in others)
        obstacle, way, start = self._try(session, others, visit, pair, on, half)
        minutes = None if obstacle else 0 if name == current else round(way - before)
        late = max(0, (on - visit.due_on).days)
        return Choice(name, pair.name, on, half, minutes, late, start, whom, obstacle, name == current)

    def _try(self, session: int, others: list[int], visit: Visit, pair, on, half):
        row = self.problem.visit_index[visit.pk]
        if not self.problem.allowed[row, session]:
            return self._why_not(visit, pair, on, half), None, None
        if len(others) >= self.problem.sessions[session].max_visits:
            return "이 반일은 이미 찼습니다.", None, None
        indexes = [self.problem.visit_index[v] for v in others] + [row]
        found = outings.best_order(self.problem, session, indexes)
        if found is None:
            return "다른 방문과 시간이 맞지 않습니다.", None, None
        tour, route = found
        before = outings.best_order(self.problem, session, indexes[:-1]) if others else None
        start = outings.timetable(self.problem, session, route)[route.index(row)]
        return "", tour - (before[0] if before else 0), dt.time(start // 60, start % 60)

    def _way_saved(self, name: str, visit_id: int) -> float:
        """Minutes of way that fall away when the visit leaves its outing."""
        session = self.problem.session_index[name]
        route = [self.problem.visit_index[v] for v in self.routes[name]]
        rest = [v for v in route if self.problem.visits[v].id != visit_id]
        tour = outings.best_order(self.problem, session, route)
        left = outings.best_order(self.problem, session, rest) if rest else None
        return (tour[0] if tour else 0) - (left[0] if left else 0)

    @staticmethod
    def _why_not(visit: Visit, pair, on: dt.date, half: str) -> str:
        if visit.state == Visit.State.BOOKED:
            return "약속한 시각이 있습니다. 옮기려면 먼저 전화로 예약을 바꿔 주세요."
        if on < visit.release_on:
            return f"{schedule_words.short_day(visit.release_on)}부터 방문할 수 있습니다."
        if visit.halves and half not in visit.halves:
            return "주민이 다른 반일을 바랍니다."
        if visit.weekdays and on.weekday() not in visit.weekdays:
            return "주민이 다른 요일을 바랍니다."
        if not set(visit.needs) <= set(pair.skills):
            return "이 조에는 필요한 조건을 갖춘 사람이 없습니다."
        return "바라는 시각 안에 들어가지 않습니다."


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
    for name, route in board.routes.items():
        if visit.pk in route and name != session:
            route.remove(visit.pk)
            _write(schedule, board, name)
    route = board.routes.setdefault(session, [])
    if visit.pk not in route:
        route.append(visit.pk)
    Unplanned.objects.filter(schedule=schedule, visit=visit).delete()
    _write(schedule, board, session, moved=visit.pk)
    Schedule.objects.filter(pk=schedule.pk).update(version=schedule.version + 1)
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
    Schedule.objects.filter(pk=schedule.pk).update(version=schedule.version + 1)
    return row


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
