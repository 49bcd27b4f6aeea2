"""The morning somebody cannot come: what was promised for those half-days gets another place, little else moves.

Only visits somebody expects take part. Those of the absent person look for a new half-day with the
weight of the first tier; all others stay unless making room is worth the price of a broken word. The
next two working days stay as they are otherwise. The proposal is a draft; confirming publishes it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from django.db import transaction

from centers.models import User
from common.months import SEOUL, Month, seoul_date
from common.refusals import Refusal
from planners import booking, outreach, target_endings
from planners.models import ContactAttempt, Pair, Placement, Replan, ReplanLine, Schedule, Unplanned, Visit
from planners.months import month_problem, schedule_words, scheduling
from planners.months.month_problem import MonthProblem, Unit, session_id
from planners.visit_states import tell
from staffing import staff_times
from staffing.calendars import absences, days_between
from staffing.models.calendars import Half, StaffTime

LONGEST_DAYS = 31
BROKEN_PRIZE = 20_000
KINDS = (StaffTime.Kind.SICK, StaffTime.Kind.LEAVE, StaffTime.Kind.TRAINING, StaffTime.Kind.OTHER)


class WrongAbsence(Refusal):
    code = "WRONG_ABSENCE"


class NotOpen(Refusal):
    code = "NOT_OPEN"


class NotReady(Refusal):
    code = "NOT_READY"


@dataclass(frozen=True)
class Absence:
    """Who cannot come, when and why; without `half` whole days."""

    user: User
    first_on: dt.date
    last_on: dt.date
    half: str = ""
    kind: str = StaffTime.Kind.SICK

    def check(self, today: dt.date) -> None:
        """Raises `WrongAbsence` with what to correct."""
        if self.last_on < self.first_on:
            raise WrongAbsence("마지막 날은 첫날과 같거나 뒤여야 합니다.")
        if self.first_on < today:
            raise WrongAbsence("지난 날은 다시 짤 수 없습니다. 오늘이나 그 뒤를 골라 주세요.")
        if (self.last_on - self.first_on).days >= LONGEST_DAYS:
            raise WrongAbsence(f"한 번에 {LONGEST_DAYS}일까지 다시 짭니다. 더 길면 월 일정을 새로 계산해 주세요.")

    def covers(self, visit: Visit) -> bool:
        return self.first_on <= visit.on <= self.last_on and self.half in ("", visit.half)


def affected(absence: Absence) -> list[Visit]:
    """Announced and booked visits that lose their place, in order of time."""
    rows = (
        Visit.objects.filter(state__in=[Visit.State.ANNOUNCED, Visit.State.BOOKED])
        .filter(staff__user=absence.user, staff__is_active=True)
        .exclude(staff__user=absence.user, staff__function="companion")
        .filter(on__range=(absence.first_on, absence.last_on))
        .select_related("person__household", "programme", "dong", "pair__nurse", "pair__social", "target")
        .order_by("starts_at", "pk")
        .distinct()
    )
    return [visit for visit in rows if absence.covers(visit)]


@transaction.atomic
def start(absence: Absence, *, by: User, at: dt.datetime) -> list[Replan]:
    """Write the absence down and open a re-plan for every unit and month it touches; pressed twice it is one.

    No re-plan is needed where nobody was promised anything. Raises `WrongAbsence`, `AlreadyTaken`.
    """
    absence.check(seoul_date(at))
    User.objects.select_for_update().get(pk=absence.user.pk)
    _write_absence(absence, by=by)
    found = {}
    for visit in affected(absence):
        unit = unit_of(visit.pair)
        found.setdefault((unit.key, Month.of(visit.on)), unit)
    return [_opened(absence, unit, month, by=by, at=at) for (_, month), unit in sorted(found.items(), key=_by_key)]


def _by_key(item):
    (key, month), _ = item
    return key, month.first


def unit_of(pair: Pair) -> Unit:
    """The unit a pair is planned with."""
    return Unit(zone=pair.zone) if pair.zone_id else Unit(dong=pair.dong)


def _write_absence(absence: Absence, *, by: User) -> None:
    facts = {"first_on": absence.first_on, "last_on": absence.last_on, "half": absence.half}
    try:
        staff_times.enter(absence.user, absence.kind, **facts, by=by)
    except staff_times.AlreadyTaken:  # part of it is known: add the half-days that are not
        away = absences([absence.user], absence.first_on, absence.last_on).get(absence.user.pk, {})
        for day in days_between(absence.first_on, absence.last_on):
            for half in [absence.half] if absence.half else Half.values:
                if (day, half) not in away:
                    staff_times.enter(absence.user, absence.kind, first_on=day, last_on=day, half=half, by=by)


def _opened(absence: Absence, unit: Unit, month: Month, *, by: User, at: dt.datetime) -> Replan:
    row, _ = Replan.objects.get_or_create(
        user=absence.user,
        dong=unit.dong,
        zone=unit.zone,
        month=month.first,
        first_on=absence.first_on,
        last_on=absence.last_on,
        half=absence.half,
        state=Replan.State.OPEN,
        defaults={"kind": absence.kind, "made_by": by, "made_at": at},
    )
    return row


# ------------------------------------------------------------------ the problem of the day


def problem_of(row: Replan, *, at: dt.datetime) -> MonthProblem:
    """The rest of the month from today on, with everything that is expected and nothing that is not."""
    from planners.solver.replan import with_stability  # the web process only opens re-plans

    today = seoul_date(at)
    unit = Unit(row.dong, row.zone)
    eve = today - dt.timedelta(days=1) if row.month <= today else today  # today itself is planned again
    built = month_problem.build(unit, row.month_value, today=eve)
    built = _only_expected(built)
    known = {visit.pk: session_id(visit.pair, visit.on, visit.half, visit.dong) for visit in built.visits}
    displaced = {visit.pk for visit in built.visits if known[visit.pk] not in built.problem.session_index}
    problem = _with_weight(built, displaced)
    problem = _without_begun(problem, at)
    previous = {visit: session for visit, session in known.items() if visit not in displaced}
    problem = with_stability(problem, previous, price=built.prices.change)
    return replace(built, problem=replace(problem, fairness_price=0.0))


def _only_expected(built: MonthProblem) -> MonthProblem:
    rows = [n for n, visit in enumerate(built.visits) if visit.is_standing]
    tables = {name: getattr(built.problem, name)[rows] for name in ("allowed", "cost", "earliest", "latest")}
    problem = replace(built.problem, visits=tuple(built.problem.visits[n] for n in rows), **tables)
    return replace(built, problem=problem, visits=[built.visits[n] for n in rows], without_consent=[])


def _with_weight(built: MonthProblem, displaced: set[int]):
    """Who lost a place weighs as much as the first tier; the pair they knew and their half-day are preferred.

    For promises that broke the month's problem says so already.
    """
    problem, visits, cost = built.problem, list(built.problem.visits), built.problem.cost.copy()
    for n, visit in enumerate(built.visits):
        if visit.pk not in displaced:
            continue
        visits[n] = replace(visits[n], booked=None, tier=1, prize=float(max(visits[n].prize, BROKEN_PRIZE)))
        for s, session in enumerate(problem.sessions):
            pair, day, half, _ = built.session_of[session.id]
            if visit.pk not in built.broken:
                cost[n, s] += built.prices.other_pair * (pair.pk != visit.pair_id)
                cost[n, s] += built.prices.other_half * (half != visit.half)
            cost[n, s] += built.prices.crisis_day * max(0, (day - visit.on).days)
    return replace(problem, visits=tuple(visits), cost=cost)


def _without_begun(problem, at: dt.datetime):
    """Nobody is sent after a pair that has left: half-days of today that have begun keep only what they hold."""
    local = at.astimezone(SEOUL)
    now = local.hour * 60 + local.minute
    begun = [
        s
        for s, session in enumerate(problem.sessions)
        if (problem.year, problem.month, session.day) == (local.year, local.month, local.day) and session.start <= now
    ]
    allowed = problem.allowed.copy()
    for n in range(len(problem.visits)):
        if problem.booking_of(n) not in begun:
            allowed[n, begun] = False
    return replace(problem, allowed=allowed)


@transaction.atomic
def keep_proposal(row: Replan, draft: Schedule) -> Replan:
    """Hang the solver's draft on the re-plan and write who must be told: the displaced, and who makes room."""
    row = Replan.objects.select_for_update().get(pk=row.pk)
    _still_open(row)
    row.lines.all().delete()
    places = {p.visit_id: p for p in draft.placements.all()}
    absence = Absence(row.user, row.first_on, row.last_on, row.half, row.kind)
    lines = {visit.pk: _line(row, visit) for visit in affected(absence) if _in_unit(row, visit)}
    standing = Visit.objects.filter(pk__in=places, state__in=[Visit.State.ANNOUNCED, Visit.State.BOOKED])
    for visit in standing.select_related("pair").order_by("starts_at", "pk"):
        place = places[visit.pk]
        if visit.pk not in lines and (place.pair_id, place.on, place.half) != (visit.pair_id, visit.on, visit.half):
            lines[visit.pk] = _line(row, visit, is_displaced=False)
    for visit, line in lines.items():
        if visit not in places:
            line.choice = ReplanLine.Choice.POSTPONE
    ReplanLine.objects.bulk_create(lines.values())
    _carry_over(draft)
    Schedule.objects.filter(pk=row.schedule_id, state=Schedule.State.DRAFT).update(state=Schedule.State.DISCARDED)
    row.schedule = draft
    row.save(update_fields=["schedule"])
    return row


def _carry_over(draft: Schedule) -> None:
    """Visits that had no place before still have none: the re-plan only asked about those that are expected."""
    if draft.based_on is None:
        return
    known = Unplanned.objects.filter(schedule=draft).values("visit")
    rows = Unplanned.objects.filter(schedule=draft.based_on, visit__state=Visit.State.POOL).exclude(visit__in=known)
    Unplanned.objects.bulk_create(
        Unplanned(schedule=draft, visit_id=u.visit_id, code=u.code, message=u.message, remedy=u.remedy, detail=u.detail)
        for u in rows
    )


def _in_unit(row: Replan, visit: Visit) -> bool:
    unit = unit_of(visit.pair)
    same = (unit.dong, unit.zone) == (row.dong, row.zone)
    return same and Month.of(visit.on) == row.month_value


def _line(row: Replan, visit: Visit, *, is_displaced: bool = True) -> ReplanLine:
    return ReplanLine(
        replan=row,
        visit=visit,
        is_displaced=is_displaced,
        was_booked=visit.state == Visit.State.BOOKED,
        was_pair=visit.pair,
        was_on=visit.on,
        was_half=visit.half,
        was_starts_at=visit.starts_at,
    )


def _still_open(row: Replan) -> None:
    if row.state != Replan.State.OPEN:
        raise NotOpen("이미 정해진 일입니다. 새로 바꾸려면 다시 짜기를 한 번 더 눌러 주세요.")


# ------------------------------------------------------------------ deciding and telling


@transaction.atomic
def confirm(
    row: Replan, choices: dict[int, str], *, by: User, at: dt.datetime, version_seen: int | None = None
) -> Replan:
    """Publish the proposal with the lead's choice for each visit (by visit id); pressed twice it is once.

    Promises that cannot be kept are given back first, so that nobody stands in two places. Raises
    `NotOpen`, `NotReady`, and what `scheduling.publish` raises.
    """
    row = Replan.objects.select_for_update(of=("self",)).select_related("user", "schedule").get(pk=row.pk)
    if row.state == Replan.State.CONFIRMED:
        return row
    _still_open(row)
    if row.schedule is None:
        raise NotReady("아직 새 자리를 찾고 있습니다. 잠시 뒤에 다시 눌러 주세요.")
    scheduling.locked(row.schedule, version_seen=version_seen)
    lines = list(row.lines.select_related("visit__pair", "visit__target").order_by("pk"))
    places = {p.visit_id: p for p in row.schedule.placements.select_related("pair")}
    lost = []
    for line in lines:
        _choose(row, line, choices.get(line.visit_id, line.choice), places, by=by)
        if line.is_displaced and _stands_as_before(line):
            lost.append(line.visit)
    target_endings.empty_places(lost, _reason(row), by=by, at=at)
    scheduling.publish(row.schedule, by=by, at=at)
    for line in lines:
        if line.is_displaced or line.choice != ReplanLine.Choice.REASSIGN:
            tell(line.visit, "replanned", _told(row, line, places), by=by, at=at, choice=line.choice)
    row.state, row.confirmed_by, row.confirmed_at = Replan.State.CONFIRMED, by, at
    row.save(update_fields=["state", "confirmed_by", "confirmed_at"])
    return row


def _choose(row: Replan, line: ReplanLine, choice: str, places: dict[int, Placement], *, by: User) -> None:
    """Keep the choice; a visit that is not given a new place leaves the proposal."""
    if choice not in ReplanLine.Choice.values or (choice == "reassign" and line.visit_id not in places):
        choice = ReplanLine.Choice.POSTPONE
    line.choice = choice
    line.save(update_fields=["choice"])
    if choice == ReplanLine.Choice.REASSIGN or line.visit_id not in places:
        return
    row.schedule.placements.filter(visit=line.visit_id).delete()
    said = "이번은 전화로 대신합니다." if choice == ReplanLine.Choice.PHONE else "뒤로 미뤘습니다."
    Unplanned.objects.update_or_create(
        schedule=row.schedule,
        visit_id=line.visit_id,
        defaults={
            "code": "TAKEN_OUT",
            "message": f"{row.user.name} 님이 못 나와 {said}",
            "remedy": "다음 계산 때 다시 들어갑니다.",
        },
    )


def _stands_as_before(line: ReplanLine) -> bool:
    """Whether the visit still waits where the absence hit it: nobody has started or re-booked it since."""
    visit = line.visit
    return visit.state in (Visit.State.ANNOUNCED, Visit.State.BOOKED) and visit.starts_at == line.was_starts_at


def _reason(row: Replan) -> str:
    return f"{row.user.name} 님이 {row.get_kind_display()}라 다시 잡습니다."


def _told(row: Replan, line: ReplanLine, places: dict[int, Placement]) -> str:
    if line.choice == ReplanLine.Choice.PHONE:
        return f"{_reason(row)} 이번에는 방문 대신 전화로 안부를 여쭙니다."
    if line.choice == ReplanLine.Choice.POSTPONE:
        return f"{_reason(row)} 새 날은 아직 없습니다."
    place = places[line.visit_id]
    return f"{_reason(row)} {schedule_words.half_day(place.on, place.half)} {place.pair.name}가 갑니다."


@transaction.atomic
def drop(row: Replan) -> Replan:
    """Leave everything as it is: the absence stays written down, the proposal is thrown away."""
    row = Replan.objects.select_for_update().get(pk=row.pk)
    if row.state == Replan.State.DROPPED:
        return row
    _still_open(row)
    Schedule.objects.filter(pk=row.schedule_id, state=Schedule.State.DRAFT).update(state=Schedule.State.DISCARDED)
    row.state = Replan.State.DROPPED
    row.save(update_fields=["state"])
    return row


@transaction.atomic
def call(row: Replan, visit: Visit, answer: str, *, by: User, at: dt.datetime) -> ReplanLine:
    """What came of telling one resident: agreed (the new time becomes a promise), told, or no answer.

    Raises `NotOpen` before the plan is confirmed, and what `booking.book` raises.
    """
    line = ReplanLine.objects.select_for_update().get(replan=row, visit=visit)
    if row.state != Replan.State.CONFIRMED:
        raise NotOpen("먼저 바뀐 일정을 확정한 뒤 전화해 주세요.")
    if line.answer == answer and answer != ReplanLine.Answer.NO_ANSWER:
        return line
    visit = Visit.objects.select_related("pair", "target").get(pk=visit.pk)
    if answer == ReplanLine.Answer.AGREED and visit.state != Visit.State.BOOKED:
        if visit.state != Visit.State.ANNOUNCED:
            raise NotReady("이 방문에는 아직 새 시각이 없습니다. 전화예약에서 시각을 골라 주세요.")
        booking.book(visit, pair=visit.pair, starts_at=visit.starts_at, by=by, at=at)
    elif answer == ReplanLine.Answer.NO_ANSWER:
        outreach.record_attempt(
            visit.target, ContactAttempt.Result.NO_ANSWER, next_on=seoul_date(at), note="바뀐 방문 알림", by=by, at=at
        )
    else:
        said = "전화로 안부를 여쭘" if line.choice == ReplanLine.Choice.PHONE else "바뀐 것을 전화로 알림"
        tell(visit, "told", said, by=by, at=at)
    line.answer, line.called_by, line.called_at = answer, by, at
    line.save(update_fields=["answer", "called_by", "called_at"])
    return line
