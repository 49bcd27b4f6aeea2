"""How a target ends: with an outcome, by moving or dying, or because its time has passed; and how it comes back.

Nothing due disappears: an end has a state, a day and a reason, and visits not yet begun are cancelled
with both calendars freed.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Max, Q

from centers.models import User
from common.months import birthday, seoul_date
from common.refusals import Refusal
from planners import register_news
from planners.models import (
    FollowUp,
    Person,
    Pregnancy,
    RegisterEvent,
    Target,
    TargetRule,
    Visit,
    VisitEvent,
    VisitStaff,
)
from planners.months import planning_settings
from planners.months.planning_settings import Settings

WAITING = (Visit.State.POOL, Visit.State.ANNOUNCED, Visit.State.BOOKED)
#: a visit without a place in any calendar
EMPTY_PLACE = {
    "state": Visit.State.POOL,
    "pair": None,
    "on": None,
    "half": "",
    "starts_at": None,
    "order": 0,
    "travel_minutes": None,
    "is_locked": False,
    "schedule": None,
    "booked_at": None,
    "booked_by": None,
}
GONE = {
    Person.Status.MOVED: (Target.State.MOVED, "전출하였습니다."),
    Person.Status.DECEASED: (Target.State.DECEASED, "사망하였습니다."),
}
OVERDUE_TERM_DAYS = 14


class TargetEnded(Refusal):
    code = "TARGET_ENDED"


class ReasonMissing(Refusal):
    code = "REASON_MISSING"


@transaction.atomic
def end_target(target: Target, state: str, *, reason: str, by: User | None, on: dt.date, at: dt.datetime) -> Target:
    """End an open target with an outcome. Raises `TargetEnded`, `ReasonMissing`."""
    row = Target.objects.select_for_update().get(pk=target.pk)
    if row.state != Target.State.OPEN:
        raise TargetEnded(f"이미 끝난 대상입니다({row.get_state_display()}).")
    if not reason.strip():
        raise ReasonMissing("끝내는 까닭을 적어 주세요.")
    end_targets([row], state, reason=reason, by=by, on=on, at=at)
    target.state, target.ended_on, target.end_reason = row.state, row.ended_on, row.end_reason
    return target


def end_targets(rows: list[Target], state: str, *, reason: str, by: User | None, on: dt.date, at: dt.datetime) -> None:
    """End many open targets for one reason."""
    for row in rows:
        row.state, row.ended_on, row.end_reason = state, on, reason[:200]
    Target.objects.bulk_update(rows, ["state", "ended_on", "end_reason"], batch_size=1000)
    cancel_visits(rows, reason=reason, by=by, at=at)


def cancel_visits(targets: list[Target], *, reason: str, by: User | None, at: dt.datetime) -> None:
    """Cancel what has not begun. A visit under way is ended by the people who are there."""
    visits = list(Visit.objects.select_for_update().filter(target__in=targets, state__in=WAITING).order_by("pk"))
    Visit.objects.filter(pk__in=[v.pk for v in visits]).update(
        state=Visit.State.CANCELLED, outcome_note=reason[:200], version=F("version") + 1
    )
    VisitStaff.objects.filter(visit__in=visits).update(is_active=False)
    _tell(visits, "cancelled", reason, by=by, at=at)


def visit_for(target: Target, *, settings: Settings, attempt: int = 1) -> Visit:
    """The unsaved visit of a target, in the pool; its minutes are those of the dong's settings."""
    language = target.person.needs_interpreter
    return Visit(
        target=target,
        person=target.person,
        programme=target.programme,
        dong_id=target.dong_id,
        attempt=attempt,
        is_first=target.rule.kind != TargetRule.Kind.FOLLOW_UP,
        minutes=settings.minutes_for(target.rule),
        release_on=target.release_on,
        due_on=target.due_on,
        tier=target.tier,
        needs=[language] if language else [],
    )


def next_visit(
    target: Target, *, reason: str, by: User | None, at: dt.datetime, release_on: dt.date | None = None
) -> Visit:
    """Another try for an open target: a new visit in the pool, numbered after the last one."""
    last = target.visits.aggregate(n=Max("attempt"))["n"] or 0
    settings = planning_settings.in_force(target.dong, target.month)
    visit = visit_for(target, settings=settings, attempt=last + 1)
    visit.release_on = release_on or target.release_on
    visit.due_on = max(visit.due_on, visit.release_on)
    visit.save()
    _tell([visit], "listed", reason, by=by, at=at)
    return visit


@transaction.atomic
def reopen_target(target: Target, *, reason: str, by: User | None, at: dt.datetime) -> Visit:
    """Take an end back (a death or move entered wrongly): a new visit waits in the pool."""
    row = Target.objects.select_for_update().select_related("person", "rule", "programme").get(pk=target.pk)
    standing = row.visits.open().first()
    if row.state == Target.State.OPEN and standing:
        return standing
    row.state, row.ended_on, row.end_reason = Target.State.OPEN, None, ""
    row.save(update_fields=["state", "ended_on", "end_reason"])
    return next_visit(row, reason=reason, by=by, at=at)


@dataclass(frozen=True)
class Ended:
    """Keys of what ended for somebody, so that it can be taken back."""

    targets: list[int]
    follow_ups: list[int]


@transaction.atomic
def end_for_person(person: Person, state: str, *, reason: str, by: User | None, on: dt.date, at: dt.datetime) -> Ended:
    """End everything open for somebody who moved away or died; who was to visit is told.

    Targets end on the day `on`; give the day it became known, so that figures of past months stand.
    """
    rows = list(Target.objects.select_for_update().filter(person=person).open().order_by("pk"))
    _end_and_tell(person, rows, state, reason=reason, by=by, on=on, at=at)
    rhythms = FollowUp.objects.filter(person=person, ends_on=None)
    ended = Ended([row.pk for row in rows], list(rhythms.values_list("pk", flat=True)))
    rhythms.update(ends_on=on, end_reason=reason[:200])
    return ended


def _end_and_tell(person: Person, rows: list[Target], state: str, *, reason: str, by, on: dt.date, at) -> None:
    kind = RegisterEvent.Kind.DIED if state == Target.State.DECEASED else RegisterEvent.Kind.MOVED_OUT
    visits = list(Visit.objects.filter(target__in=rows, state__in=WAITING).order_by("pk"))
    told = register_news.tell_staff(visits, kind, what=reason, at=at)
    end_targets(rows, state, reason=reason, by=by, on=on, at=at)
    for dong in {row.dong_id for row in rows}:
        text = f"{reason} 방문 대상 {len(rows)}건이 끝났습니다.{_cancelled(told)}"
        register_news.tell_dong(person, dong, kind, text, at=at)


def _cancelled(told: list) -> str:
    visits = len({notice.visit_id for notice in told})
    return f" 잡혀 있던 약속 {visits}건이 취소되었습니다." if visits else ""


@transaction.atomic
def follow_move(person: Person, *, by: User | None, at: dt.datetime) -> int:
    """Carry open targets to the person's new dong; appointments with the old pair are given back and both told."""
    open_rows = Target.objects.select_for_update(of=("self",)).filter(person=person).open()
    rows = list(open_rows.exclude(dong=person.dong_id).select_related("dong").order_by("pk"))
    if not rows:
        return 0
    visits = list(Visit.objects.select_for_update().filter(target__in=rows, state__in=WAITING).order_by("pk"))
    kind, new = RegisterEvent.Kind.MOVED_WITHIN, person.dong.name
    told = register_news.tell_staff(visits, kind, what=f"{new}으로 이사하셔서 그 동에서 다시 잡습니다.", at=at)
    Target.objects.filter(pk__in=[row.pk for row in rows]).update(dong=person.dong_id)
    empty_places(visits, f"{new} 주민이 되어 배정을 다시 기다립니다.", by=by, at=at, dong=person.dong_id)
    olds = {row.dong_id: row.dong.name for row in rows}
    for old in olds:
        text = f"{new}으로 이사하셨습니다. 방문 대상 {len(rows)}건이 그 동으로 갔습니다.{_cancelled(told)}"
        register_news.tell_dong(person, old, kind, text, at=at)
    text = f"{'·'.join(olds.values())}에서 이사 오셨습니다. 방문 대상 {len(rows)}건이 배정을 기다립니다."
    register_news.tell_dong(person, person.dong_id, kind, text, at=at)
    return len(rows)


def empty_places(visits: list[Visit], reason: str, *, by: User | None, at: dt.datetime, **given) -> None:
    """Put visits back into the pool and free both calendars."""
    VisitStaff.objects.filter(visit__in=visits).delete()
    Visit.objects.filter(pk__in=[v.pk for v in visits]).update(**EMPTY_PLACE, **given, version=F("version") + 1)
    _tell(visits, "returned", reason, by=by, at=at)


def _tell(visits: Iterable[Visit], act: str, text: str, *, by: User | None, at: dt.datetime) -> None:
    events = [VisitEvent(visit=v, act=act, text=text[:300], by=by, at=at) for v in visits]
    VisitEvent.objects.bulk_create(events, batch_size=1000)


# ------------------------------------------------------------------ the nightly look


@dataclass
class Sweep:
    """What a nightly look did: targets ended because people left or time passed, targets moved to a new dong."""

    gone: int = 0
    moved_within: int = 0
    aged_out: int = 0


@transaction.atomic
def keep_true(*, by: User | None, at: dt.datetime) -> Sweep:
    """End what moves, deaths and time have overtaken, whoever wrote the register (bulk imports too)."""
    today = seoul_date(at)
    done = Sweep()
    for status, (state, reason) in GONE.items():
        people: dict[Person, list[Target]] = defaultdict(list)
        for row in _open().filter(person__status=status):
            people[row.person].append(row)
        for person, rows in people.items():
            _end_and_tell(person, rows, state, reason=reason, by=by, on=today, at=at)
            done.gone += len(rows)
    movers = {row.person_id: row.person for row in _open().exclude(dong=F("person__dong"))}
    for person in movers.values():
        done.moved_within += follow_move(person, by=by, at=at)
    for kind, why in _TOO_LATE.items():
        idle = _open().filter(rule__kind=kind).exclude(pk__in=_busy(today))
        late = [(row, reason) for row, reason in why(list(idle), today) if reason]
        for reason in {reason for _, reason in late}:
            rows = [row for row, said in late if said == reason]
            end_targets(rows, Target.State.AGED_OUT, reason=reason, by=by, on=today, at=at)
            done.aged_out += len(rows)
    return done


def _open():
    rows = Target.objects.open().select_for_update(of=("self",))
    return rows.select_related("person__dong", "rule").order_by("pk")


def _busy(today: dt.date):
    """Targets whose visit is promised or under way: time does not end those."""
    promised = Q(state__in=[Visit.State.ANNOUNCED, Visit.State.BOOKED], on__gte=today)
    under_way = Q(state__in=[Visit.State.STARTED, Visit.State.DONE])
    return Visit.objects.filter(promised | under_way).values("target_id")


Judged = list[tuple[Target, str]]


def late_for_age(rows: list[Target], today: dt.date) -> Judged:
    """65 is the year of the visit: at 66 it is over."""
    judged = []
    for row in rows:
        ends_at = row.rule.parameters.get("ends_at_age")
        over = ends_at and birthday(row.person.birth_on, ends_at) <= today
        judged.append((row, f"방문하지 못한 채 {ends_at}세가 되었습니다." if over else ""))
    return judged


def late_for_birth(rows: list[Target], today: dt.date) -> Judged:
    return [(row, "산후 4주가 지나도록 방문하지 못했습니다." if row.due_on < today else "") for row in rows]


def late_for_pregnancy(rows: list[Target], today: dt.date) -> Judged:
    """A birth ends the visit before birth; the one after birth takes over."""
    ids = [int(row.occurrence.removeprefix("p")) for row in rows]
    pregnancies = Pregnancy.objects.in_bulk(ids)
    judged = []
    for row, key in zip(rows, ids, strict=True):
        pregnancy = pregnancies.get(key)
        if pregnancy is None or (pregnancy.ended_on and pregnancy.ended_on <= today):
            reason = "임신이 끝난 것으로 알려졌습니다."
        elif pregnancy.delivered_on and pregnancy.delivered_on <= today:
            reason = "방문하기 전에 출산하여 산후 방문으로 이어집니다."
        elif pregnancy.expected_on + dt.timedelta(days=OVERDUE_TERM_DAYS) < today:
            reason = "출산 예정일이 지났습니다."
        else:
            reason = ""
        judged.append((row, reason))
    return judged


def late_for_follow_up(rows: list[Target], today: dt.date) -> Judged:
    """A missed occurrence gives way when the next one of the same rhythm opens."""
    series = {(row.person_id, row.rule_id) for row in rows}
    newest: dict[tuple[int, int], dt.date] = {}
    opened = Target.objects.filter(person__in={p for p, _ in series}, rule__in={r for _, r in series})
    for person, rule, release_on in opened.filter(release_on__lte=today).values_list("person", "rule", "release_on"):
        newest[person, rule] = max(newest.get((person, rule), release_on), release_on)
    judged = []
    for row in rows:
        over = row.due_on < today and newest.get((row.person_id, row.rule_id), row.release_on) > row.release_on
        judged.append((row, "이번 회차를 방문하지 못해 다음 회차로 넘어갔습니다." if over else ""))
    return judged


def is_over(target: Target, on: dt.date) -> bool:
    """Whether the time of a target has passed on a day, whatever its state."""
    why = _TOO_LATE.get(target.rule.kind)
    return bool(why and why([target], on)[0][1])


_TOO_LATE: dict[str, Callable[[list[Target], dt.date], Judged]] = {
    TargetRule.Kind.TURNS_AGE: late_for_age,
    TargetRule.Kind.BIRTH: late_for_birth,
    TargetRule.Kind.AFTER_BIRTH: late_for_birth,
    TargetRule.Kind.PREGNANCY_WEEKS: late_for_pregnancy,
    TargetRule.Kind.FOLLOW_UP: late_for_follow_up,
}
