"""Month schedules: drafts made by the solver, compared, changed by hand, published.

A draft changes nothing for residents or staff. Publishing gives every placed visit its day and blocks
both calendars; bookings stay where they were promised.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from importlib.metadata import version
from itertools import pairwise

from django.db import IntegrityError, transaction
from django.db.models import Max

from centers.models import Job, User
from common.months import SEOUL, Month, at_seoul
from common.refusals import Refusal, Stale
from planners.models import Placement, Schedule, Unplanned, Visit, VisitEvent, VisitStaff
from planners.months import schedule_words
from planners.months.month_problem import MonthProblem
from planners.months.planning_units import Unit
from planners.solver import outings
from planners.solver.problem import Plan
from staffing.calendars import absences
from staffing.models.calendars import Half

NOON = 12


class NothingToPlan(Refusal):
    code = "NOTHING_TO_PLAN"


class NoPairs(Refusal):
    code = "NO_PAIRS"


class NotADraft(Refusal):
    code = "NOT_A_DRAFT"


class CalendarTaken(Refusal):
    code = "CALENDAR_TAKEN"


class DraftTooOld(Refusal):
    code = "DRAFT_TOO_OLD"


def check_plannable(month_problem: MonthProblem) -> None:
    """Raises `NoPairs` or `NothingToPlan` with what to do."""
    if not month_problem.pairs:
        raise NoPairs(f"{month_problem.unit.name}에는 이 달에 일하는 방문 조가 없습니다. 먼저 조를 만들어 주세요.")
    if not month_problem.visits and not month_problem.without_consent:
        raise NothingToPlan(
            f"{month_problem.unit.name}의 {month_problem.month.korean}에는 배정할 방문이 없습니다. 대상 추출이 끝났는지 확인해 주세요."
        )


def save_draft(
    month_problem: MonthProblem,
    plan: Plan,
    reasons: dict[int, schedule_words.Reason],
    *,
    by: User | None,
    at: dt.datetime,
    job: Job | None = None,
    base: Schedule | None = None,
    notes: dict | None = None,
    is_trial: bool = False,
    more_half_days: list[dict] | None = None,
) -> Schedule:
    """Keep a solver's plan as the next draft of its unit and month. `reasons` are by visit id.

    It is compared with `base`, or else with the newest version; `notes` are kept with its settings. A trial
    of other prices has no number.
    """
    unit, month = month_problem.unit, month_problem.month
    base = base or newest(unit, month)
    schedule = Schedule.objects.create(
        dong=unit.dong,
        zone=unit.zone,
        month=month.first,
        first_on=month_problem.first_on,
        number=0 if is_trial else next_number(unit, month),
        state=Schedule.State.TRIAL if is_trial else Schedule.State.DRAFT,
        seed=plan.seed,
        settings=month_problem.settings.as_json() | {"expected": _expected(month_problem)} | (notes or {}),
        objective=round(plan.objective),
        lower_bound=plan.lower_bound,
        gap=plan.gap,
        is_proved=plan.proved,
        is_reproducible=plan.reproducible,
        seconds=round(plan.seconds, 2),
        input_hash=month_problem.input_hash,
        more_half_days=more_half_days or [],
        library_versions={name: version(name) for name in ("highspy", "numpy")},
        based_on=base,
        job=job,
        made_by=by,
        made_at=at,
    )
    before = {p.visit_id: p for p in base.placements.all()} if base else {}
    placements = _placements(schedule, month_problem, plan, before)
    Placement.objects.bulk_create(placements, batch_size=500)
    left_out = [
        Unplanned(
            schedule=schedule, visit_id=visit_id, code=r.code, message=r.message, remedy=r.remedy, detail=r.detail
        )
        for visit_id, r in reasons.items()
    ]
    Unplanned.objects.bulk_create(left_out, batch_size=500)
    schedule.outings = len(plan.routes)
    schedule.travel_minutes = _travel(month_problem, plan)
    schedule.capacity = capacity(month_problem, plan)
    schedule.differences = differences(placements, before, base)
    schedule.save(update_fields=["outings", "travel_minutes", "capacity", "differences"])
    return schedule


def _expected(month_problem: MonthProblem) -> dict[str, int]:
    """Visits that wait for consent, and how many of them are expected to get it this month."""
    waiting = Counter(visit.programme.key for visit in month_problem.without_consent)
    return {"waiting": waiting.total(), "agree": month_problem.settings.expected(waiting)}


def _placements(schedule, month_problem, plan, before) -> list[Placement]:
    rows = []
    problem = month_problem.problem
    visit_of = {visit.pk: visit for visit in month_problem.visits}
    for name, route in sorted(plan.routes.items(), key=lambda item: str(item[0])):
        pair, day, half, dong = month_problem.session_of[name]
        session = problem.session_index[name]
        indexes = [problem.visit_index[visit_id] for visit_id in route]
        starts = outings.timetable(problem, session, indexes)
        here = problem.depots[dong.name]
        for order, (index, visit_id, start) in enumerate(zip(indexes, route, starts, strict=True), start=1):
            visit = visit_of[visit_id]
            way = int(problem.travel[here, problem.visits[index].location])
            here = problem.visits[index].location
            row = Placement(
                schedule=schedule,
                visit=visit,
                pair=pair,
                on=day,
                half=half,
                starts_at=at_seoul(day, dt.time(start // 60, start % 60)),
                order=order,
                travel_minutes=way,
                is_locked=_is_locked(visit, before.get(visit_id)),
                change=_change(before.get(visit_id), pair, day, half),
            )
            row.reasons = schedule_words.why_here(row, visit, way, [visit_of[other] for other in route])
            if visit_id in month_problem.broken:
                row.reasons.insert(0, schedule_words.promised_anew(month_problem.broken[visit_id]))
            rows.append(row)
    return rows


def _is_locked(visit: Visit, old: Placement | None) -> bool:
    """Promised, or fixed by the lead; visits that only stay because their day is near are not."""
    return visit.is_locked or visit.state == Visit.State.BOOKED or bool(old and old.is_locked)


def _change(old: Placement | None, pair, day, half) -> str:
    if old is None:
        return "new"
    return "" if (old.pair_id, old.on, old.half) == (pair.pk, day, half) else "moved"


def _travel(month_problem: MonthProblem, plan: Plan) -> int:
    problem, total = month_problem.problem, 0
    for name, route in plan.routes.items():
        depot = problem.depots[problem.sessions[problem.session_index[name]].dong]
        stops = [depot, *(problem.visits[problem.visit_index[v]].location for v in route), depot]
        total += sum(int(problem.travel[a, b]) for a, b in pairwise(stops))
    return total


def capacity(month_problem: MonthProblem, plan: Plan) -> list[dict]:
    """Per pair: half-days it can go out, half-days used, visit and travel minutes."""
    problem = month_problem.problem
    rows = []
    for pair in month_problem.pairs:
        mine = {n: r for n, r in plan.routes.items() if month_problem.session_of[n][0].pk == pair.pk}
        halves = {(day, half) for p, day, half, _ in month_problem.session_of.values() if p.pk == pair.pk}
        minutes = sum(problem.visits[problem.visit_index[v]].duration for route in mine.values() for v in route)
        sub_plan = Plan(0, 0, mine)
        rows.append(
            {
                "pair": pair.name,
                "pair_uid": str(pair.uid),
                "halves": len(halves),
                "used": len(mine),
                "visits": sum(len(route) for route in mine.values()),
                "visit_minutes": int(minutes),
                "travel_minutes": _travel(month_problem, sub_plan),
            }
        )
    return rows


def differences(placements: list[Placement], before: dict[int, Placement], base: Schedule | None) -> dict:
    """Counts against the version before: new, moved, gone, kept."""
    if base is None:
        return {}
    counts = Counter(p.change or "kept" for p in placements)
    gone = set(before) - {p.visit_id for p in placements}
    return {
        "based_on": base.number,
        "new": counts["new"],
        "moved": counts["moved"],
        "kept": counts["kept"],
        "gone": len(gone),
    }


def live(unit: Unit, month: Month) -> Schedule | None:
    return Schedule.objects.filter(dong=unit.dong, zone=unit.zone).for_month(month).live().first()


def newest(unit: Unit, month: Month) -> Schedule | None:
    """The newest draft, or the live version when there is none: what a new draft is compared with."""
    rows = Schedule.objects.filter(dong=unit.dong, zone=unit.zone).for_month(month)
    standing = rows.filter(state__in=[Schedule.State.DRAFT, Schedule.State.PUBLISHED])
    return standing.order_by("-number").first()


def next_number(unit: Unit, month: Month) -> int:
    """The number of the next draft of a unit's month."""
    rows = Schedule.objects.filter(dong=unit.dong, zone=unit.zone).for_month(month)
    return (rows.aggregate(last=Max("number"))["last"] or 0) + 1


def locked(schedule: Schedule, *, version_seen: int | None = None) -> Schedule:
    """The schedule under a row lock. Raises `Stale` when it changed since it was read."""
    row = Schedule.objects.select_for_update().get(pk=schedule.pk)
    if version_seen is not None and row.version != version_seen:
        raise Stale("그사이 다른 사람이 이 일정을 바꿨습니다. 바뀐 일정을 확인하고 다시 해 주세요.")
    return row


def as_draft(schedule: Schedule) -> None:
    if schedule.state != Schedule.State.DRAFT:
        raise NotADraft("이미 공개되었거나 지난 판이라 고칠 수 없습니다. 새 초안을 만들어 주세요.")


@transaction.atomic
def publish(schedule: Schedule, *, by: User, at: dt.datetime, version_seen: int | None = None) -> Schedule:
    """Make a draft the live month: visits get their day, both calendars are blocked.

    Publishing what is already published does nothing. Visits that were ended or booked elsewhere since
    the draft was made keep what they have. Raises `Stale`, `NotADraft`, `CalendarTaken`,
    `DraftTooOld`.
    """
    already = Schedule.objects.select_for_update().get(pk=schedule.pk)
    if already.state == Schedule.State.PUBLISHED:
        return already
    schedule = locked(schedule, version_seen=version_seen)
    as_draft(schedule)
    unit = Unit(schedule.dong, schedule.zone)
    previous = live(unit, schedule.month_value)
    placements = list(schedule.placements.select_related("pair__nurse", "pair__social", "visit"))
    visits = {
        v.pk: v
        for v in Visit.objects.select_for_update().filter(pk__in=[p.visit_id for p in placements]).order_by("pk")
    }
    if previous:
        previous.state, previous.version = Schedule.State.SUPERSEDED, previous.version + 1
        previous.save(update_fields=["state", "version"])
        _return_to_pool(previous, keep=set(visits), first_on=schedule.horizon, by=by, at=at)
    movable = [p for p in placements if _may_be_placed(visits[p.visit_id], p)]
    _check_ahead(movable, visits, at=at)
    _check_present(movable)
    _check_joined(placements, movable)
    _place(schedule, movable, visits, by=by, at=at)
    schedule.state, schedule.published_by, schedule.published_at = Schedule.State.PUBLISHED, by, at
    schedule.version += 1
    schedule.save(update_fields=["state", "published_by", "published_at", "version"])
    Schedule.objects.filter(
        dong=schedule.dong, zone=schedule.zone, month=schedule.month, state=Schedule.State.DRAFT
    ).exclude(pk=schedule.pk).update(state=Schedule.State.DISCARDED)
    return schedule


def _may_be_placed(visit: Visit, placement: Placement) -> bool:
    """Pool and announced visits move; a booking stays where it was promised."""
    return visit.state in (Visit.State.POOL, Visit.State.ANNOUNCED)


def _check_ahead(placements: list[Placement], visits: dict[int, Visit], *, at: dt.datetime) -> None:
    """Raises `DraftTooOld` when a visit would be announced for a time that has passed."""
    passed = [p for p in placements if p.starts_at <= at and visits[p.visit_id].starts_at != p.starts_at]
    if passed:
        raise DraftTooOld(
            f"초안을 만든 뒤 날이 지나 {len(passed)}건의 방문 시각이 이미 지났습니다. 다시 계산한 뒤 공개해 주세요."
        )


def _check_present(placements: list[Placement]) -> None:
    """Raises `CalendarTaken` when somebody is away on a half-day they would be sent out."""
    if not placements:
        return
    people = {user for p in placements for user in (p.pair.nurse, p.pair.social) if user}
    days = [p.on for p in placements]
    away = absences(people, min(days), max(days))
    for p in sorted(placements, key=lambda p: (p.on, p.half, p.pk)):
        for user in (p.pair.nurse, p.pair.social):
            if user and (why := away.get(user.pk, {}).get((p.on, p.half))):
                raise CalendarTaken(
                    f"{schedule_words.half_day(p.on, p.half)}에 {user.name} 님이 {why}입니다. 다시 계산한 뒤 공개해 주세요."
                )


def _check_joined(placements: list[Placement], movable: list[Placement]) -> None:
    """Raises `CalendarTaken` when a half-day got a promise the draft does not know: its way and hours are others now."""
    known = {p.visit_id: p.starts_at for p in placements}
    sent_out = {(p.on, p.half, user) for p in movable for user in (p.pair.nurse_id, p.pair.social_id) if user}
    promised = VisitStaff.objects.filter(
        visit__state=Visit.State.BOOKED,
        visit__on__in={on for on, _, _ in sent_out},
        user__in={user for _, _, user in sent_out},
    )
    for row in promised.select_related("visit", "user").order_by("visit__starts_at", "pk"):
        visit = row.visit
        if (visit.on, visit.half, row.user_id) in sent_out and known.get(visit.pk) != visit.starts_at:
            raise CalendarTaken(
                f"초안을 만든 뒤 {schedule_words.half_day(visit.on, visit.half)}에 {row.user.name} 님의 약속이 새로 잡혔습니다. "
                "다시 계산한 뒤 공개해 주세요."
            )


def _return_to_pool(previous: Schedule, *, keep: set[int], first_on: dt.date, by: User, at: dt.datetime) -> None:
    """Announced visits that the new month no longer holds wait for a place again; they are not lost.

    Days before the new version's first one are not its business: those visits stay with their pair.
    """
    rows = list(
        Visit.objects.select_for_update(of=("self",))
        .filter(schedule__dong=previous.dong, schedule__zone=previous.zone, schedule__month=previous.month)
        .filter(state=Visit.State.ANNOUNCED, on__gte=first_on)
        .exclude(pk__in=keep)
    )
    VisitStaff.objects.filter(visit__in=rows).delete()
    for visit in rows:
        visit.state, visit.pair, visit.on, visit.half, visit.starts_at = Visit.State.POOL, None, None, "", None
        visit.schedule, visit.order, visit.travel_minutes = None, 0, None
        visit.version += 1
    Visit.objects.bulk_update(
        rows,
        ["state", "pair", "on", "half", "starts_at", "schedule", "order", "travel_minutes", "version"],
        batch_size=200,
    )
    _tell(rows, "returned", "새 월 일정에서 빠져 다시 배정을 기다립니다.", by=by, at=at)


def _place(
    schedule: Schedule, placements: list[Placement], visits: dict[int, Visit], *, by: User, at: dt.datetime
) -> None:
    placed, staff, changed = [], [], []
    for placement in placements:
        visit = visits[placement.visit_id]
        if (visit.pair_id, visit.starts_at) != (placement.pair_id, placement.starts_at):
            changed.append(visit)
        visit.state, visit.schedule, visit.pair = Visit.State.ANNOUNCED, schedule, placement.pair
        visit.on, visit.half, visit.starts_at = placement.on, placement.half, placement.starts_at
        visit.order, visit.travel_minutes = placement.order, placement.travel_minutes
        visit.is_locked = placement.is_locked
        visit.version += 1
        placed.append(visit)
        staff += staff_of(visit, placement.pair)
    VisitStaff.objects.filter(visit__in=placed).delete()
    Visit.objects.bulk_update(
        placed,
        ["state", "schedule", "pair", "on", "half", "starts_at", "order", "travel_minutes", "is_locked", "version"],
        batch_size=200,
    )
    try:
        with transaction.atomic():
            VisitStaff.objects.bulk_create(staff, batch_size=500)
    except IntegrityError as fault:
        raise CalendarTaken(
            "초안을 만든 뒤 누군가의 시간에 다른 약속이 생겨 그대로 공개할 수 없습니다. 다시 계산한 뒤 공개해 주세요."
        ) from fault
    _tell(changed, "announced", "월 일정에 들어갔습니다.", by=by, at=at)


def staff_of(visit: Visit, pair) -> list[VisitStaff]:
    """The rows that block the calendars of the pair for a visit with a start."""
    during = (visit.starts_at, visit.starts_at + dt.timedelta(minutes=visit.minutes))
    people = [(pair.nurse_id, VisitStaff.Function.NURSE), (pair.social_id, VisitStaff.Function.SOCIAL)]
    return [
        VisitStaff(visit=visit, user_id=user, function=function, during=during) for user, function in people if user
    ]


def _tell(visits: list[Visit], act: str, text: str, *, by: User, at: dt.datetime) -> None:
    VisitEvent.objects.bulk_create(
        [VisitEvent(visit=v, act=act, text=text, by=by, at=at) for v in visits], batch_size=500
    )


@transaction.atomic
def discard(schedule: Schedule, *, version_seen: int | None = None) -> Schedule:
    """Throw a draft away."""
    schedule = locked(schedule, version_seen=version_seen)
    as_draft(schedule)
    schedule.state, schedule.version = Schedule.State.DISCARDED, schedule.version + 1
    schedule.save(update_fields=["state", "version"])
    return schedule


@transaction.atomic
def lock(placement: Placement, *, is_locked: bool, version_seen: int | None = None) -> Placement:
    """Keep a placed visit where it is in later calculations, or let it go."""
    schedule = locked(placement.schedule, version_seen=version_seen)
    as_draft(schedule)
    placement.is_locked = is_locked
    placement.save(update_fields=["is_locked"])
    Visit.objects.filter(pk=placement.visit_id).update(is_locked=is_locked)
    Schedule.objects.filter(pk=schedule.pk).update(version=schedule.version + 1)
    return placement


@transaction.atomic
def place_by_hand(visit: Visit, *, pair, starts_at: dt.datetime, by: User, at: dt.datetime) -> Visit:
    """Bring one open visit to a pair and a start of today, as a lead does in the morning.

    Raises `CalendarTaken` when one of the two is busy then.
    """
    visit = Visit.objects.select_for_update().get(pk=visit.pk)
    local = starts_at.astimezone(SEOUL)
    visit.state = Visit.State.BOOKED if visit.state == Visit.State.BOOKED else Visit.State.ANNOUNCED
    visit.pair, visit.on, visit.starts_at = pair, local.date(), starts_at
    visit.half = Half.AM if local.hour < NOON else Half.PM
    visit.version += 1
    VisitStaff.objects.filter(visit=visit).delete()
    try:
        with transaction.atomic():
            VisitStaff.objects.bulk_create(staff_of(visit, pair))
    except IntegrityError as fault:
        raise CalendarTaken(
            "그 시간에는 두 사람 가운데 한 사람에게 다른 방문이 있습니다. 다른 시각을 골라 주세요."
        ) from fault
    visit.save()
    _tell([visit], "moved", f"{local:%H:%M} 방문으로 당김", by=by, at=at)
    return visit
