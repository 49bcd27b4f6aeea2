"""Alarms at the door: raised by a dangerous answer or by hand, handed to a named colleague who confirms.

Nobody closes an alarm by pressing it away: a receiver is named, takes it over, and says how it ended
(plan IV.5-1 ③: suicide risk goes to the mind carer and the prevention center at once).
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from centers.models import Posting, User
from common.months import seoul_date
from common.refusals import Refusal
from planners.models import Alarm, Visit, VisitEvent

#: roles that may take an alarm over
RECEIVERS = ("TL", "CM", "CN", "PN", "PS", "HC")
#: what is done at the place, ticked one by one
STEPS = {
    Alarm.Kind.SELF_HARM: (
        ("stay", "혼자 두지 않았습니다"),
        ("means", "위험한 것을 치웠습니다"),
        ("family", "가족이나 가까운 사람에게 알렸습니다"),
        ("center", "자살예방센터와 통화했습니다"),
    ),
    Alarm.Kind.ABUSE: (
        ("safe", "지금 안전한 곳에 계십니다"),
        ("report", "112나 보호전문기관에 알렸습니다"),
        ("note", "본 것과 들은 것을 적었습니다"),
    ),
    Alarm.Kind.EMERGENCY: (
        ("call", "119에 전화했습니다"),
        ("stay", "올 때까지 곁에 있었습니다"),
        ("family", "가족에게 알렸습니다"),
    ),
    Alarm.Kind.STAFF: (
        ("left", "그곳을 나왔습니다"),
        ("call", "112에 전화했습니다"),
        ("partner", "짝도 안전합니다"),
    ),
}


class NoReceiver(Refusal):
    code = "NO_RECEIVER"


class NotTheReceiver(Refusal):
    code = "NOT_THE_RECEIVER"


def raise_from_answer(visit: Visit, *, by: User, at: dt.datetime) -> Alarm:
    """The alarm of a dangerous answer; one that is open already stays the one."""
    return _raise(visit, Alarm.Kind.SELF_HARM, from_answer=True, by=by, at=at)


def raise_unhanded(visit: Visit, kind: str, *, by: User, at: dt.datetime) -> Alarm:
    """An alarm that waits for somebody to be named."""
    return _raise(visit, kind, from_answer=False, by=by, at=at)


@transaction.atomic
def raise_alarm(visit: Visit, kind: str, *, receiver: User | None, by: User, at: dt.datetime) -> Alarm:
    """Raise an alarm by hand, or name the receiver of one that is open. Raises `NoReceiver`."""
    if receiver is None or receiver not in receivers(visit, by=by, on=seoul_date(at)):
        raise NoReceiver("넘겨받을 사람을 골라 주세요. 먼저 전화로 알리면 빠릅니다.")
    alarm = _raise(visit, kind, from_answer=False, by=by, at=at)
    alarm.receiver, alarm.accepted_at = receiver, None
    alarm.save(update_fields=["receiver", "accepted_at"])
    _tell(visit, "alarm_handed", f"{receiver.name} 님에게 넘겼습니다({alarm.get_kind_display()}).", by=by, at=at)
    return alarm


@transaction.atomic
def tick(alarm: Alarm, steps: list[str], *, by: User, at: dt.datetime) -> Alarm:
    """Note what was done at the place. Raises `NotTheReceiver`."""
    if by.pk not in {alarm.receiver_id, alarm.raised_by_id, *alarm.visit.staff.values_list("user", flat=True)}:
        raise NotTheReceiver("방문한 사람이나 넘겨받은 사람만 적을 수 있습니다.")
    alarm.steps = [key for key, _ in STEPS[alarm.kind] if key in steps]
    alarm.save(update_fields=["steps"])
    return alarm


@transaction.atomic
def accept(alarm: Alarm, *, by: User, at: dt.datetime) -> Alarm:
    """The receiver has it now. Raises `NotTheReceiver`."""
    alarm = Alarm.objects.select_for_update().get(pk=alarm.pk)
    if alarm.receiver_id != by.pk:
        raise NotTheReceiver("넘겨받기로 한 사람만 확인할 수 있습니다.")
    if alarm.accepted_at is None:
        alarm.accepted_at = at
        alarm.save(update_fields=["accepted_at"])
        minutes = int((at - alarm.raised_at).total_seconds() // 60)
        _tell(alarm.visit, "alarm_accepted", f"{by.name} 님이 넘겨받았습니다. 알린 지 {minutes}분.", by=by, at=at)
    return alarm


@transaction.atomic
def close(alarm: Alarm, *, note: str, by: User, at: dt.datetime) -> Alarm:
    """How it ended, said by the receiver. Raises `NotTheReceiver`, `NoReceiver`."""
    alarm = Alarm.objects.select_for_update().get(pk=alarm.pk)
    if alarm.receiver_id != by.pk or alarm.accepted_at is None:
        raise NotTheReceiver("넘겨받아 확인한 사람만 마칠 수 있습니다.")
    if not note.strip():
        raise NoReceiver("어떻게 되었는지 적어 주세요.", code="NOTE_MISSING")
    if alarm.closed_at is None:
        alarm.closed_at, alarm.closing_note = at, note.strip()[:1000]
        alarm.save(update_fields=["closed_at", "closing_note"])
        _tell(alarm.visit, "alarm_closed", f"{by.name} 님이 긴급 알림을 마쳤습니다.", by=by, at=at)
    return alarm


def receivers(visit: Visit, *, by: User, on: dt.date) -> list[User]:
    """Colleagues of the dong who can take an alarm over, the team lead first."""
    postings = Posting.objects.on(on).filter(dong=visit.dong_id, role__in=RECEIVERS, user__is_active=True)
    rows = sorted(postings.select_related("user"), key=lambda p: (RECEIVERS.index(p.role), p.user.name))
    return list(dict.fromkeys(row.user for row in rows if row.user_id != by.pk))


# ------------------------------------------------------------------ private


def _raise(visit: Visit, kind: str, *, from_answer: bool, by: User, at: dt.datetime) -> Alarm:
    alarm, is_new = Alarm.objects.get_or_create(
        visit=visit,
        kind=kind,
        closed_at=None,
        defaults={
            "person_id": visit.person_id,
            "dong_id": visit.dong_id,
            "is_from_answer": from_answer,
            "raised_by": by,
            "raised_at": at,
        },
    )
    if is_new:
        _tell(visit, "alarm_raised", f"긴급 알림: {alarm.get_kind_display()}", by=by, at=at)
    return alarm


def _tell(visit: Visit, act: str, text: str, *, by: User, at: dt.datetime) -> None:
    VisitEvent.objects.create(visit=visit, act=act, text=text, by=by, at=at)
