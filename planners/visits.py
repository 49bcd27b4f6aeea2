"""The acts of a home visit: start it, sign its parts, finish, take a signature back, link, close.

A visit to a person of 65 is made and finished by one nurse and one social worker (plan IV.5-1 ①); each
signs the part that is theirs, and with the last signature the visit goes to the day's case meeting.
"""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction

from centers.models import User
from common.months import seoul_date
from common.refusals import Refusal
from planners import receipts, volunteering
from planners.missed_visits import NextStep, cannot_meet
from planners.models import Alarm, Target, Visit, VisitAnswer, VisitSignature, VisitStaff
from planners.target_endings import end_target
from planners.visit_forms import form_of
from planners.visit_records import (
    NotYourPart,
    answers_of,
    known_facts,
    locked,
    may_write,
    missing,
    own_part,
    unsealed,
)
from planners.visit_sections import HEALTH, SOCIAL, VisitForm
from planners.visit_states import WrongState, move, tell, write

__all__ = [
    "NextStep",
    "cannot_meet",
    "close",
    "finish",
    "mark_entered",
    "mark_linked",
    "sign",
    "start",
    "take_back",
]

PART_NAMES = {HEALTH: "건강", SOCIAL: "복지"}
#: the two national systems a record is typed into as well (plan IV.5-1 ① step 5), and who does it
SYSTEMS = {"health": "보건정보시스템", "welfare": "행복e음"}


class PairIncomplete(Refusal):
    code = "PAIR_INCOMPLETE"


class NotYet(Refusal):
    code = "NOT_YET"


class NotYourVisit(Refusal):
    code = "NOT_YOUR_VISIT"


class PartIncomplete(Refusal):
    code = "PART_INCOMPLETE"


class NotSigned(Refusal):
    code = "NOT_SIGNED"


class ReasonMissing(Refusal):
    code = "REASON_MISSING"


class NotClassified(Refusal):
    code = "NOT_CLASSIFIED"


class NotLinked(Refusal):
    code = "MANAGED_WITHOUT_LINK"


class AlarmUnanswered(Refusal):
    code = "ALARM_UNANSWERED"


@transaction.atomic
def start(visit: Visit, *, by: User, at: dt.datetime, client_key: uuid.UUID | None = None) -> Visit:
    """The person is met. Starting twice is starting once.

    `at` may be told by a device that was offline; a day already past is allowed and noted as late.
    Raises `PairIncomplete`, `NotYourVisit`, `NotYet`, `WrongState`.
    """
    visit = locked(visit)

    def begin() -> dict:
        if own_part(visit, by) is None:
            raise NotYourVisit("이 방문을 맡은 사람만 시작할 수 있습니다.")
        if visit.state == Visit.State.STARTED:
            return {}
        _need_both(visit)
        today = seoul_date(at)
        if visit.on and visit.on > today:
            raise NotYet(f"{visit.on.month}월 {visit.on.day}일 방문입니다. 당겨서 가려면 일정에서 날을 옮겨 주세요.")
        late = (today - visit.on).days if visit.on else 0
        move(visit, Visit.State.STARTED, started_at=at)
        tell(visit, "started", f"{late}일 늦게 적기 시작함" if late else "방문 시작", by=by, at=at, late_days=late)
        return {}

    receipts.once(visit, client_key, act="start", body={}, by=by, at=at, do=begin)
    return visit


@transaction.atomic
def sign(visit: Visit, part: str, *, by: User, at: dt.datetime, client_key: uuid.UUID | None = None) -> Visit:
    """Sign one's own part, which makes it read only; with the last part the visit is finished.

    Known facts nobody touched are kept as confirmed. Raises `NotYourPart`, `PartIncomplete`,
    `AlarmUnanswered`, `PartSigned`.
    """
    visit = locked(visit)

    def put() -> dict:
        may_write(visit, part, by)
        form = form_of(visit)
        _need_all(visit, form, part, on=seoul_date(at))
        _confirm_facts(visit, form, part, by=by, at=at)
        VisitSignature.objects.create(visit=visit, part=part, by=by, at=at)
        tell(visit, "signed", f"{PART_NAMES[part]} 구획 서명{_changes(visit, form, part)}", by=by, at=at, part=part)
        if visit.state == Visit.State.STARTED and unsigned_parts(visit, form) == []:
            finish(visit, by=by, at=at)
        if unsigned_parts(visit, form) == []:
            volunteering.announce(visit, answers_of(visit, SOCIAL), by=by, at=at)
        return {}

    receipts.once(visit, client_key, act="sign", body={"part": part}, by=by, at=at, do=put)
    visit.refresh_from_db()
    return visit


@transaction.atomic
def finish(visit: Visit, *, by: User, at: dt.datetime) -> Visit:
    """All parts are signed: the record is done and waits for the case meeting. Raises `NotSigned`, `PairIncomplete`."""
    visit = locked(visit)
    form = form_of(visit)
    if names := [PART_NAMES[part] for part in unsigned_parts(visit, form)]:
        raise NotSigned(f"{'·'.join(names)} 구획의 서명이 남았습니다.")
    _need_both(visit)
    move(visit, Visit.State.DONE, finished_at=at, outcome=Visit.Outcome.DONE)
    tell(visit, "finished", "기록을 마쳐 사례회의에 올림", by=by, at=at, **_coded(visit, form))
    if visit.target.state == Target.State.OPEN:
        end_target(visit.target, Target.State.VISITED, reason="방문함", by=by, on=seoul_date(visit.started_at), at=at)
    return visit


@transaction.atomic
def take_back(visit: Visit, part: str, *, reason: str, by: User, at: dt.datetime) -> Visit:
    """Take a signature back to correct the part; the reason stays in the visit's story. Raises `NotYourPart`."""
    visit = locked(visit)
    if own_part(visit, by) != part:
        raise NotYourPart("서명한 구획의 담당자만 서명을 거둘 수 있습니다.")
    if not reason.strip():
        raise ReasonMissing("고치는 까닭을 적어 주세요.")
    signature = VisitSignature.objects.filter(visit=visit, part=part).first()
    if signature is None:
        raise NotSigned("아직 서명하지 않은 구획입니다.")
    signature.delete()
    write(visit)
    tell(visit, "taken_back", f"{PART_NAMES[part]} 구획 서명을 거둠: {reason.strip()}", by=by, at=at, part=part)
    return visit


@transaction.atomic
def mark_linked(visit: Visit, *, by: User, at: dt.datetime) -> Visit:
    """A referral or a plan stands for this visit (told by the case management floor); a managed visit closes."""
    visit = locked(visit)
    if visit.linked_at is None:
        write(visit, linked_at=at)
        tell(visit, "linked", "연계함", by=by, at=at)
    if visit.state == Visit.State.DONE and visit.group == Visit.Group.MANAGED:
        return close(visit, by=by, at=at)
    return visit


@transaction.atomic
def close(visit: Visit, *, by: User, at: dt.datetime) -> Visit:
    """End the visit. Raises `NotClassified`, `NotLinked` (a managed visit needs a referral or a plan)."""
    visit = locked(visit)
    if visit.state == Visit.State.CLOSED:
        return visit
    if not visit.group:
        raise NotClassified("사례회의에서 분류한 뒤에 종결할 수 있습니다.")
    if visit.group == Visit.Group.MANAGED and visit.linked_at is None:
        raise NotLinked("관리대상군은 연계나 의뢰가 하나는 있어야 종결할 수 있습니다.")
    move(visit, Visit.State.CLOSED, closed_at=at)
    tell(visit, "closed", f"{visit.get_group_display()} 종결", by=by, at=at)
    return visit


@transaction.atomic
def mark_entered(visit: Visit, system: str, *, by: User, at: dt.datetime) -> Visit:
    """The record was typed into one of the national systems too; saying so twice is saying so once."""
    visit = locked(visit)
    if visit.finished_at is None:
        raise WrongState("두 구획을 모두 서명한 뒤에 입력했다고 표시할 수 있습니다.")
    if not visit.events.filter(act="entered", detail__system=system).exists():
        tell(visit, "entered", f"{SYSTEMS[system]}에 입력함", by=by, at=at, system=system)
    return visit


def unsigned_parts(visit: Visit, form: VisitForm) -> list[str]:
    """Parts of the form without a signature."""
    signed = set(VisitSignature.objects.filter(visit=visit).values_list("part", flat=True))
    return [part for part in form.parts() if part not in signed]


# ------------------------------------------------------------------ private


def _need_both(visit: Visit) -> None:
    functions = {row.function for row in visit.staff.all()}
    needed = {VisitStaff.Function.NURSE}
    if visit.programme.needs_social_worker:
        needed.add(VisitStaff.Function.SOCIAL)
    if lacking := needed - functions:
        names = "·".join(VisitStaff.Function(function).label for function in sorted(lacking))
        raise PairIncomplete(f"이 방문에는 {names} 담당자가 있어야 합니다. 팀장에게 짝을 정해 달라고 요청해 주세요.")


def _need_all(visit: Visit, form: VisitForm, part: str, *, on: dt.date) -> None:
    if open_questions := missing(visit, form, part, on=on):
        first = open_questions[0][1].text
        raise PartIncomplete(
            f"빈 문항 {len(open_questions)}개를 채우면 서명할 수 있습니다. 먼저 ‘{first}’부터 보아 주세요."
        )
    if part == HEALTH and Alarm.objects.open().filter(visit=visit, receiver=None).exists():
        raise AlarmUnanswered("긴급 알림을 넘겨받을 사람을 먼저 정해 주세요.")


def _confirm_facts(visit: Visit, form: VisitForm, part: str, *, by: User, at: dt.datetime) -> None:
    sections = [section for section in form.sections if section.part == part and section.kind == "facts"]
    fields = [question.key for section in sections for question in section.fields()]
    given = answers_of(visit, part)
    cleared = {row.field for row in visit.answers.all() if row.part == part}
    for field, known in known_facts(visit, fields).items():
        if field not in given and field not in cleared:
            VisitAnswer.objects.create(visit=visit, part=part, field=field, value=unsealed(known), by=by, at=at)


def _changes(visit: Visit, form: VisitForm, part: str) -> str:
    """What was corrected since the signature was last taken back, in words."""
    last = visit.events.filter(act="taken_back", detail__part=part).last()
    if last is None:
        return ""
    places = [form.find(part, row.field) for row in visit.answers.filter(part=part, at__gte=last.at).order_by("field")]
    names = [place[1].text for place in places if place]
    return f" · 고친 항목: {', '.join(names)}" if names else " · 고친 항목 없음"


def _coded(visit: Visit, form: VisitForm) -> dict:
    """Codes of services and welfare needs for the figures of the month; nothing about health."""
    part = next((p for p in (SOCIAL, HEALTH) if form.find(p, "welfare_needs")), SOCIAL)
    answers = answers_of(visit, part)
    states = {f.removeprefix("service-"): v for f, v in answers.items() if f.startswith("service-")}
    return {
        "services": states,
        "needs": answers.get("welfare_needs", []),
        "volunteer": answers.get("volunteer", ""),
        "interests": answers.get("volunteer_interests", []),
        "satisfaction": answers.get("satisfaction", ""),
        "wants_more": answers.get("wants_more", ""),
    }
