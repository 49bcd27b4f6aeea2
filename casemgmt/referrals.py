"""Referrals from sending to the proven link: the sender stays responsible until the receiver acts (plan IV.5-2 ①)."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import IntegrityError, transaction

from casemgmt import agencies, needs, sharing
from casemgmt.models import Agency, Case, Referral, ReferralEvent
from centers.models import User
from common.months import SEOUL, seoul_date
from common.refusals import Refusal, Stale
from governance import calendars
from governance.models import AgendaItem, Body
from planners import visits
from planners.models import Consent, Person, Visit

State, Destination = Referral.State, Referral.Destination
LEAD_AFTER, AGENCY_AFTER = dt.timedelta(days=2), dt.timedelta(days=5)
STEPS = ("", "보낸 사람이 확인", "팀장에게 알림", "기관 책임자에게 연락")


class BadReferral(Refusal):
    code = "BAD_REFERRAL"


class AlreadyReferred(Refusal):
    code = "ALREADY_REFERRED"


class CaseIsOpen(Refusal):
    code = "CASE_IS_OPEN"


class IllegalMove(Refusal):
    code = "ILLEGAL_MOVE"


class NoteMissing(Refusal):
    code = "NOTE_MISSING"


class OnTheAgenda(Refusal):
    code = "ON_THE_AGENDA"


class NotInThisDong(Refusal):
    code = "NOT_IN_THIS_DONG"


# ---------------------------------------------------------------- sending


@transaction.atomic
def refer(
    person: Person,
    *,
    visit: Visit | None = None,
    destination: str,
    agency: Agency | None = None,
    service: str = "",
    need: str = "",
    summary: str,
    wishes: str = "",
    consent: Consent | None = None,
    emergency_ground: str = "",
    by: User,
    at: dt.datetime,
    client_key: uuid.UUID | None = None,
) -> Referral:
    """Ask the committee, an agency or a service of the center to help somebody.

    An outside agency needs the person's consent naming it: the one given, or one that stands. Where a life
    is at risk `emergency_ground` says why it is told without (법 제18조②3). A visit counts as linked from
    now on. The same `client_key` answers with the referral made before.
    Raises `BadReferral`, `AlreadyReferred`, `CaseIsOpen`, `ConsentMissing`, `ConsentUnfit`.
    """
    person = Person.objects.select_for_update(of=["self"]).select_related("dong").get(pk=person.pk)
    if client_key and (made := _replayed(client_key, person, by)):
        return made
    _check(person, visit, destination, agency, service, summary)
    is_urgent = needs.is_urgent(need)
    if destination == Destination.AGENCY and agency.is_outside and not (emergency_ground.strip() and is_urgent):
        consent = sharing.fitting(consent, person, recipient=agency.name, on=seoul_date(at))
    elif consent is not None:
        consent = sharing.fitting(consent, person, recipient=recipient(person, destination, agency), on=seoul_date(at))
    due_on, due_at = _due(person, destination, agency, is_urgent, at)
    try:
        with transaction.atomic():
            referral = Referral.objects.create(
                person=person,
                visit=visit,
                dong=visit.dong if visit else person.dong,
                destination=destination,
                agency=agency if destination == Destination.AGENCY else None,
                service=service.strip(),
                need=need.strip(),
                summary=summary.strip(),
                wishes=wishes.strip(),
                consent=consent,
                emergency_ground=emergency_ground.strip() if is_urgent else "",
                is_urgent=is_urgent,
                due_on=due_on,
                due_at=due_at,
                owner=by,
                sent_by=by,
                sent_at=at,
                client_key=client_key,
            )
    except IntegrityError as fault:
        if client_key and (made := _replayed(client_key, person, by)):
            return made
        raise AlreadyReferred("이 주민은 이미 위원회에 의뢰되어 있습니다. 그 의뢰에 내용을 더해 주세요.") from fault
    note(referral, "sent", f"{referral.receiver}에 보냄", by=by, at=at)
    if visit is not None:
        visits.mark_linked(visit, by=by, at=at)
    return referral


def recipient(person: Person, destination: str, agency: Agency | None) -> str:
    """The receiver a consent must name."""
    return agency.name if agency else f"{person.dong.name} 복지통합사례관리위원회"


def _check(person, visit, destination, agency, service, summary) -> None:
    if destination not in Destination.values:
        raise BadReferral("어디로 보낼지 골라 주세요.")
    if person.status == Person.Status.DECEASED:
        raise BadReferral("사망으로 등록된 분입니다. 주민 정보를 먼저 확인해 주세요.")
    if visit is not None and visit.person_id != person.pk:
        raise BadReferral("이 방문은 다른 분의 방문입니다.")
    if not summary.strip():
        raise BadReferral("무엇이 어려운지 적어 주세요. 받는 곳이 바로 알 수 있게 씁니다.")
    open_ones = Referral.objects.open().filter(person=person)
    if destination == Destination.AGENCY:
        if agency is None or not agency.is_active:
            raise BadReferral("보낼 기관을 골라 주세요.")
        if open_ones.filter(agency=agency, service=service.strip()).exists():
            raise AlreadyReferred(f"{agency.name}에 보낸 의뢰가 아직 끝나지 않았습니다. 그 의뢰를 먼저 확인해 주세요.")
    elif destination == Destination.SERVICE:
        if not service.strip():
            raise BadReferral("어떤 서비스인지 골라 주세요.")
        if open_ones.filter(destination=Destination.SERVICE, service=service.strip()).exists():
            raise AlreadyReferred(f"‘{service.strip()}’ 신청이 아직 끝나지 않았습니다.")
    else:
        if case := Case.objects.open().filter(person=person).first():
            raise CaseIsOpen(
                f"이미 통합사례 {case.number}(으)로 돕고 있습니다. 사례 화면에서 점검이나 변경을 올려 주세요."
            )
        if open_ones.filter(destination=Destination.COMMITTEE).exists():
            raise AlreadyReferred("이 주민은 이미 위원회에 의뢰되어 있습니다. 그 의뢰에 내용을 더해 주세요.")


def _due(person, destination, agency, is_urgent, at) -> tuple[dt.date, dt.datetime]:
    if destination != Destination.COMMITTEE or is_urgent:
        return agencies.due(agency, is_urgent=is_urgent, at=at)
    body = Body.objects.case_committees().filter(dong=person.dong).first()
    following = calendars.next_meeting(body, at=at) if body else None
    days = (seoul_date(following.starts_at) - seoul_date(at)).days if following else agencies.SERVICE_DAYS
    return agencies.due_after_days(max(0, days), at=at)


def _replayed(client_key: uuid.UUID, person: Person, by: User) -> Referral | None:
    made = Referral.objects.filter(client_key=client_key).first()
    if made and (made.person_id, made.sent_by_id) != (person.pk, by.pk):
        raise BadReferral("이 의뢰는 이미 다른 내용으로 저장되어 있습니다. 화면을 새로 고쳐 주세요.")
    return made


# ---------------------------------------------------------------- answers


def accept(referral: Referral, *, note: str = "", by: User, at: dt.datetime, version: int | None = None) -> Referral:
    """The receiver's first act: from now on the receiver is responsible."""
    return _act(referral, State.ACCEPTED, "accepted", note, by=by, at=at, version=version)


def reject(referral: Referral, *, reason: str, by: User, at: dt.datetime, version: int | None = None) -> Referral:
    """The receiver says no, with a reason; the sender finds another way."""
    return _act(referral, State.REJECTED, "rejected", reason, by=by, at=at, version=version, needs_text=True)


def finish(referral: Referral, *, result: str, by: User, at: dt.datetime, version: int | None = None) -> Referral:
    """The link is proven: what the person now receives."""
    return _act(referral, State.DONE, "done", result, by=by, at=at, version=version, needs_text=True)


def revoke(referral: Referral, *, reason: str, by: User, at: dt.datetime, version: int | None = None) -> Referral:
    """The sender takes it back, unless it stands on an agenda. Raises `OnTheAgenda`."""
    if referral.agenda.filter(item__state__in=AgendaItem.OPEN).exists():
        raise OnTheAgenda("위원회 안건에 올라 있습니다. 안건에서 내린 뒤 거두어 주세요.")
    return _act(referral, State.REVOKED, "revoked", reason, by=by, at=at, version=version, needs_text=True)


@transaction.atomic
def _act(referral, to, act, text, *, by, at, version, needs_text=False) -> Referral:
    """One move along the table. The same press twice is one act; a stale form is refused.

    Raises `IllegalMove`, `NoteMissing`, `Stale`.
    """
    text = text.strip()
    row = locked(referral)
    if row.state == to:
        last = row.events.last()
        if last and (last.act, last.text, last.by_id) == (act, text[:300], by.pk):
            return row
    if version is not None and version != row.version:
        raise Stale(f"그사이 이 의뢰가 ‘{row.get_state_display()}’(으)로 바뀌었습니다. 확인한 뒤 다시 해 주세요.")
    if to not in Referral.MOVES[row.state]:
        raise IllegalMove(f"이 의뢰는 ‘{row.get_state_display()}’ 상태라서 ‘{State(to).label}’(으)로 바꿀 수 없습니다.")
    if needs_text and not text:
        raise NoteMissing("까닭이나 결과를 한 줄 적어 주세요. 보낸 사람과 주민에게 알려야 합니다.")
    row.state = to
    row.version += 1
    if row.first_act_at is None and to != State.REVOKED:
        row.first_act_at = at
    if to not in Referral.OPEN:
        row.ended_at, row.end_note = at, text[:200]
    row.save()
    note(row, act, text, by=by, at=at)
    return row


@transaction.atomic
def hand_over(
    referral: Referral, *, to: User, note: str, by: User, at: dt.datetime, version: int | None = None
) -> Referral:
    """Give the care for a referral to a colleague of the dong, with a note. Raises `NoteMissing`, `NotInThisDong`."""
    row = locked(referral)
    if row.owner_id == to.pk:
        return row
    if version is not None and version != row.version:
        raise Stale("그사이 이 의뢰가 바뀌었습니다. 확인한 뒤 다시 해 주세요.")
    if not row.is_open:
        raise IllegalMove("끝난 의뢰는 넘겨줄 수 없습니다.")
    if not note.strip():
        raise NoteMissing("넘겨받는 분이 다시 묻지 않도록 지금까지의 일을 적어 주세요.")
    if not to.is_active or not to.postings.on(seoul_date(at)).filter(dong=row.dong).exists():
        raise NotInThisDong(f"{to.name} 님은 {row.dong.name}에서 일하지 않습니다. 같은 동의 동료를 골라 주세요.")
    row.owner = to
    row.version += 1
    row.save()
    ReferralEvent.objects.create(referral=row, act="handed_over", text=f"{to.name}: {note.strip()}"[:300], by=by, at=at)
    return row


def locked(referral: Referral) -> Referral:
    return (
        Referral.objects.select_for_update(of=["self"]).select_related("dong", "agency", "person").get(pk=referral.pk)
    )


def note(referral: Referral, act: str, text: str, *, by: User, at: dt.datetime) -> None:
    ReferralEvent.objects.create(referral=referral, act=act, text=text[:300], by=by, at=at)


# ---------------------------------------------------------------- who is responsible, what is late


def responsible(referral: Referral) -> str:
    """Who must see to it now: the owner until the receiver's first act, then the receiver."""
    if referral.first_act_at is None or referral.state == State.REJECTED:
        return (referral.owner or referral.sent_by).name
    return referral.receiver


def step(referral: Referral, *, at: dt.datetime) -> int:
    """How far a late answer has been escalated: 0 in time, 1 sender, 2 team lead, 3 head of the agency.

    Urgent ones climb by hours instead of days.
    """
    if referral.state != State.SENT or referral.due_at is None or referral.due_at > at:
        return 0
    late = at - referral.due_at
    unit = dt.timedelta(hours=1) / dt.timedelta(days=1) if referral.is_urgent else 1
    return 3 if late >= AGENCY_AFTER * unit else 2 if late >= LEAD_AFTER * unit else 1


def late_by(referral: Referral, *, at: dt.datetime) -> str:
    """How late, or how much time is left, in words."""
    if referral.state != State.SENT or referral.due_at is None:
        return ""
    delta = referral.due_at - at
    past = delta < dt.timedelta(0)
    if referral.is_urgent:
        minutes = int(abs(delta).total_seconds() // 60)
        words = f"{minutes // 60}시간 {minutes % 60}분" if minutes >= 60 else f"{minutes}분"
        return f"{words} 지남" if past else f"{words} 남음"
    days = (referral.due_on - at.astimezone(SEOUL).date()).days
    return f"{-days}일 지남" if days < 0 else "오늘까지" if days == 0 else f"{days}일 남음"
