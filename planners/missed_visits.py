"""When nobody could be met: each outcome has a next step with a day, so that nothing due disappears.

Source of the steps: plan IV.5-1 ① (consent, tongjang), product bar "outcomes"; the days are settings
of this module.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from centers.models import User
from common.months import seoul_date
from common.refusals import Refusal
from planners import receipts, visit_alarms
from planners.models import Alarm, Consent, ConsentWording, ContactAttempt, Target, Visit
from planners.target_endings import end_for_person, end_targets, next_visit
from planners.visit_records import locked
from planners.visit_states import move, tell
from staffing.calendars import working_days

ABSENCES_BEFORE_TONGJANG = 3
REFUSAL_DAYS, HOSPITAL_DAYS, UNSAFE_DAYS = 180, 14, 7
UNSAFE_NOTE = "지난 방문 때 위험해 돌아옴"


class NoteMissing(Refusal):
    code = "NOTE_MISSING"


class NotAnOutcome(Refusal):
    code = "NOT_AN_OUTCOME"


@dataclass(frozen=True)
class NextStep:
    """What happens now, by when, and the visit that takes the place of the missed one, if any."""

    text: str
    due_on: dt.date
    visit: Visit | None = None


@dataclass(frozen=True)
class _Miss:
    visit: Visit
    note: str
    by: User
    at: dt.datetime

    @property
    def on(self) -> dt.date:
        return seoul_date(self.at)


@transaction.atomic
def cannot_meet(
    visit: Visit, outcome: str, *, note: str = "", by: User, at: dt.datetime, client_key: uuid.UUID | None = None
) -> NextStep:
    """Write why the visit was not made and take its next step.

    Raises `NotAnOutcome`, `NoteMissing` (an unsafe visit says what happened), `WrongState`.
    """
    visit = locked(visit)

    def act() -> dict:
        if outcome not in _STEPS:
            raise NotAnOutcome("만나지 못한 까닭을 골라 주세요.")
        if outcome == Visit.Outcome.UNSAFE and not note.strip():
            raise NoteMissing("무엇이 위험했는지 한 줄 적어 주세요. 다음에 가는 사람이 읽습니다.")
        move(visit, Visit.State.FAILED, outcome=outcome, outcome_note=note.strip()[:200], finished_at=at)
        visit.staff.update(is_active=False)
        step = _STEPS[outcome](_Miss(visit, note.strip(), by, at))
        due = f"{step.due_on.month}월 {step.due_on.day}일"
        tell(visit, "not_met", f"{visit.get_outcome_display()} · {step.text}({due}까지)", by=by, at=at, outcome=outcome)
        uid = str(step.visit.uid) if step.visit else ""
        return {"text": step.text, "due_on": step.due_on.isoformat(), "visit": uid}

    body = {"outcome": outcome, "note": note}
    result, _ = receipts.once(visit, client_key, act="not_met", body=body, by=by, at=at, do=act)
    follower = Visit.objects.filter(uid=result["visit"]).first() if result["visit"] else None
    return NextStep(result["text"], dt.date.fromisoformat(result["due_on"]), follower)


def working_day_after(day: dt.date, count: int) -> dt.date:
    """The `count`-th working day after a day."""
    return working_days(day + dt.timedelta(1), day + dt.timedelta(count * 2 + 21))[count - 1]


# ------------------------------------------------------------------ one function for each outcome


def _absent(miss: _Miss) -> NextStep:
    times = miss.visit.target.visits.filter(outcome=Visit.Outcome.ABSENT).count()
    after = working_day_after(miss.on, 1)
    follower = _again(miss, after, f"{times}번째로 집에 안 계셔서 다시 잡습니다.")
    if times < ABSENCES_BEFORE_TONGJANG:
        _contact(miss, after, ContactAttempt.Result.NO_ANSWER, Consent.Channel.VISIT, "집에 안 계심. 전화로 다시 약속")
        return NextStep("전화해서 약속을 다시 잡습니다", after, follower)
    check_on = working_day_after(miss.on, 2)
    _contact(
        miss, check_on, ContactAttempt.Result.CALL_LATER, Consent.Channel.TONGJANG, f"{times}번 안 계심. 통장 안부 확인"
    )
    tell(miss.visit, "tongjang_check", "복지통장에게 안부 확인을 부탁함", by=miss.by, at=miss.at, due_on=str(check_on))
    return NextStep("복지통장에게 안부 확인을 부탁합니다", check_on, follower)


def _refused(miss: _Miss) -> NextStep:
    """A refusal stops every contact of the programme until the day of the next offer."""
    visit, reoffer_on = miss.visit, miss.on + dt.timedelta(days=REFUSAL_DAYS)
    wording = ConsentWording.objects.on(miss.on).filter(kind=Consent.Kind.VISIT).order_by("-valid_from").first()
    Consent.objects.create(
        person=visit.person,
        kind=Consent.Kind.VISIT,
        answer=Consent.Answer.REFUSED,
        channel=Consent.Channel.VISIT,
        wording=wording.version if wording else "at-the-door",
        asked_by=miss.by.name,
        answered_on=miss.on,
        reoffer_on=reoffer_on,
        note=miss.note[:200],
        by=miss.by,
        at=miss.at,
    )
    rows = list(Target.objects.select_for_update().filter(person=visit.person, programme=visit.programme).open())
    end_targets(rows, Target.State.REFUSED, reason="방문을 거절하심", by=miss.by, on=miss.on, at=miss.at)
    return NextStep("그날까지 다시 연락하지 않고, 그날 새로 여쭙니다", reoffer_on)


def _moved(miss: _Miss) -> NextStep:
    end_for_person(
        miss.visit.person, Target.State.MOVED, reason="찾아가니 이사하심", by=miss.by, on=miss.on, at=miss.at
    )
    return NextStep("주민등록 전출을 확인합니다", working_day_after(miss.on, 3))


def _hospital(miss: _Miss) -> NextStep:
    back_on = miss.on + dt.timedelta(days=HOSPITAL_DAYS)
    follower = _again(miss, back_on, "입원·입소하셔서 나오신 뒤로 미룹니다.")
    _contact(miss, back_on, ContactAttempt.Result.CALL_LATER, Consent.Channel.PHONE, "입원·입소. 나오셨는지 여쭙기")
    return NextStep("나오셨는지 전화로 여쭙니다", back_on, follower)


def _deceased(miss: _Miss) -> NextStep:
    end_for_person(
        miss.visit.person, Target.State.DECEASED, reason="돌아가신 것을 알게 됨", by=miss.by, on=miss.on, at=miss.at
    )
    return NextStep("사망 신고와 유족 지원을 확인합니다", working_day_after(miss.on, 1))


def _unsafe(miss: _Miss) -> NextStep:
    """The lead is told at once; the next visit waits until they have talked about who goes along."""
    household = miss.visit.person.household
    if household and UNSAFE_NOTE not in household.access_notes:
        household.access_notes = [UNSAFE_NOTE, *household.access_notes]
        household.save(update_fields=["access_notes"])
    visit_alarms.raise_unhanded(miss.visit, Alarm.Kind.STAFF, by=miss.by, at=miss.at)
    follower = _again(miss, miss.on + dt.timedelta(days=UNSAFE_DAYS), "위험해서 돌아와 함께 갈 사람을 정합니다.")
    return NextStep("팀장과 안전을 의논하고 함께 갈 사람을 정합니다", working_day_after(miss.on, 1), follower)


def _again(miss: _Miss, release_on: dt.date, reason: str) -> Visit | None:
    """A new visit for the same target; none when the target has ended meanwhile."""
    target = miss.visit.target
    if target.state != Target.State.OPEN:
        return None
    return next_visit(target, reason=reason, by=miss.by, at=miss.at, release_on=release_on)


def _contact(miss: _Miss, next_on: dt.date, result: str, channel: str, note: str) -> None:
    ContactAttempt.objects.create(
        target=miss.visit.target, result=result, channel=channel, next_on=next_on, note=note, by=miss.by, at=miss.at
    )


_STEPS: dict[str, Callable[[_Miss], NextStep]] = {
    Visit.Outcome.ABSENT: _absent,
    Visit.Outcome.REFUSED: _refused,
    Visit.Outcome.MOVED: _moved,
    Visit.Outcome.HOSPITAL: _hospital,
    Visit.Outcome.DECEASED: _deceased,
    Visit.Outcome.UNSAFE: _unsafe,
}
