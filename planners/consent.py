"""Consent in four kinds: asking with a dated wording, answers, refusal and withdrawal.

The newest answer that stands decides. A refusal of the visit stops everything that would contact the
person, at once; it is offered again only on a day agreed, or when something new has happened in their
life since (a birth, turning 65). A worry that somebody reported is followed up all the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import F

from centers.models import User
from common.refusals import Refusal
from planners import target_endings
from planners.models import Consent, ConsentWording, FollowUp, Person, Target, TargetRule, Visit
from planners.target_endings import ReasonMissing

Kind, Answer, Channel = Consent.Kind, Consent.Answer, Consent.Channel
#: followed up without asking first (plan IV.5-1 ③)
WITHOUT_CONSENT = (TargetRule.Kind.CRISIS_REPORT,)
ASKED_AGAIN_BY_LIFE = (
    TargetRule.Kind.TURNS_AGE,
    TargetRule.Kind.BIRTH,
    TargetRule.Kind.AFTER_BIRTH,
    TargetRule.Kind.PREGNANCY_WEEKS,
)


MISTAKE_WITHIN = dt.timedelta(hours=1)
REFUSED = "방문을 거절하셨습니다."


class NoWording(Refusal):
    code = "NO_WORDING"


class NotAResident(Refusal):
    code = "NOT_A_RESIDENT"


class AgencyMissing(Refusal):
    code = "AGENCY_MISSING"


class AlreadyWithdrawn(Refusal):
    code = "ALREADY_WITHDRAWN"


class WrongDay(Refusal):
    code = "WRONG_DAY"


class TooLateToTakeBack(Refusal):
    code = "TOO_LATE_TO_TAKE_BACK"


def wording(kind: str, on: dt.date) -> ConsentWording:
    """The text to be read on a day. Raises `NoWording`."""
    row = ConsentWording.objects.on(on).filter(kind=kind).order_by("-valid_from", "-pk").first()
    if row is None:
        raise NoWording(f"{Kind(kind).label} 동의의 안내문이 없습니다. 구청 복지정책과에 알려 주세요.")
    return row


def newest(people: Iterable[int], kind: str, on: dt.date) -> dict[int, Consent]:
    """Person id -> the newest answer that stands on a day, in one query."""
    rows = Consent.objects.filter(person__in=people, kind=kind, answered_on__lte=on).standing_on(on)
    rows = rows.order_by("person_id", "-answered_on", "-pk").distinct("person_id")
    return {row.person_id: row for row in rows}


def is_given(person: Person, kind: str, on: dt.date, *, recipient: str = "") -> bool:
    """Whether the person's newest standing answer is yes; sharing is asked for each agency by name."""
    rows = Consent.objects.filter(person=person, kind=kind, answered_on__lte=on).standing_on(on)
    if kind == Kind.SHARE:
        rows = rows.filter(recipient=recipient)
    last = rows.order_by("-answered_on", "-pk").first()
    return last is not None and last.answer == Answer.GIVEN


def may_contact(target: Target, last: Consent | None, on: dt.date) -> bool:
    """Whether somebody may call about a target, given the person's newest answer on visits."""
    if last is None or last.answer == Answer.GIVEN or target.rule.kind in WITHOUT_CONSENT:
        return True
    if last.reoffer_on and last.reoffer_on <= on:
        return True
    return target.rule.kind in ASKED_AGAIN_BY_LIFE and target.release_on > last.answered_on


@transaction.atomic
def record_answer(
    person: Person,
    kind: str,
    answer: str,
    *,
    channel: str,
    asked_by: str,
    by: User,
    at: dt.datetime,
    on: dt.date,
    recipient: str = "",
    items: Iterable[str] = (),
    ends_on: dt.date | None = None,
    reoffer_on: dt.date | None = None,
    note: str = "",
) -> Consent:
    """Keep an answer with the wording of its day. Refusing a visit ends open targets and follow-ups.

    The same answer by the same channel on the same day is kept once. Raises `NotAResident`,
    `NoWording`, `AgencyMissing`, `WrongDay`.
    """
    person = Person.objects.select_for_update().get(pk=person.pk)
    if person.status != Person.Status.RESIDENT:
        raise NotAResident(f"{person.get_status_display()} 처리된 주민입니다. 연락하지 말고 명부를 확인해 주세요.")
    if kind == Kind.SHARE and not recipient.strip():
        raise AgencyMissing("어느 기관에 제공하는지 적어 주세요.")
    if reoffer_on and reoffer_on <= on:
        raise WrongDay("다시 안내하는 날은 오늘보다 뒤여야 합니다.")
    facts = {
        "person": person,
        "kind": kind,
        "answer": answer,
        "channel": channel,
        "recipient": recipient,
        "answered_on": on,
        "wording": wording(kind, on).version,
    }
    same = Consent.objects.filter(**facts, withdrawn_on=None).first()
    if same:
        return same
    row = Consent.objects.create(
        **facts,
        items=list(items),
        asked_by=asked_by,
        ends_on=ends_on,
        reoffer_on=reoffer_on if answer == Answer.REFUSED else None,
        note=note,
        by=by,
        at=at,
    )
    if kind == Kind.VISIT and answer == Answer.REFUSED:
        stop_contacts(person, reason=REFUSED, by=by, on=on, at=at)
    return row


@transaction.atomic
def withdraw(consent: Consent, *, reason: str, by: User, on: dt.date, at: dt.datetime) -> Consent:
    """Take a given consent back (법 제37조). A withdrawn visit consent stops contacts like a refusal.

    Raises `AlreadyWithdrawn`, `ReasonMissing`.
    """
    row = Consent.objects.select_for_update().get(pk=consent.pk)
    if row.withdrawn_on or row.answer != Answer.GIVEN:
        raise AlreadyWithdrawn("이미 철회했거나 거절한 동의입니다.")
    if not reason.strip():
        raise ReasonMissing("철회를 어떻게 받았는지 적어 주세요.")
    same = Consent.objects.filter(person=row.person, kind=row.kind, recipient=row.recipient, answer=Answer.GIVEN)
    same.filter(withdrawn_on=None).update(withdrawn_on=on, note=reason[:200])
    row.refresh_from_db()
    if row.kind == Kind.VISIT:
        stop_contacts(row.person, reason="방문 동의를 철회하셨습니다.", by=by, on=on, at=at)
    return row


def stop_contacts(person: Person, *, reason: str, by: User, on: dt.date, at: dt.datetime) -> int:
    """End open targets (except worries that were reported) and every follow-up; returns how many targets."""
    rows = Target.objects.select_for_update(of=("self",)).filter(person=person).open()
    rows = list(rows.exclude(rule__kind__in=WITHOUT_CONSENT).order_by("pk"))
    target_endings.end_targets(rows, Target.State.REFUSED, reason=reason, by=by, on=on, at=at)
    FollowUp.objects.filter(person=person, ends_on=None).update(ends_on=on, end_reason=reason)
    return len(rows)


@transaction.atomic
def offer_again(*, by: User | None, at: dt.datetime, on: dt.date) -> int:
    """Open again what was refused until a day that has come, while the rule's time has not passed.

    Part of the nightly look; returns how many targets are open again.
    """
    rows = Target.objects.filter(
        state=Target.State.REFUSED, person__status=Person.Status.RESIDENT, rule__kind__in=ASKED_AGAIN_BY_LIFE
    )
    rows = rows.filter(
        person__consents__kind=Kind.VISIT,
        person__consents__answer=Answer.REFUSED,
        person__consents__reoffer_on__lte=on,
        person__consents__answered_on=F("ended_on"),
    )
    rows = list(rows.select_related("person", "rule").distinct().order_by("pk"))
    last = newest({row.person_id for row in rows}, Kind.VISIT, on)
    again = 0
    for row in rows:
        answer = last.get(row.person_id)
        is_over = target_endings.is_over(row, on)
        if answer and answer.answer == Answer.REFUSED and answer.answered_on == row.ended_on and not is_over:
            visit = target_endings.reopen_target(row, reason="다시 안내하기로 한 날입니다.", by=by, at=at)
            Visit.objects.filter(pk=visit.pk).update(
                release_on=on, due_on=max(visit.due_on, on + dt.timedelta(days=30))
            )
            again += 1
    return again


@transaction.atomic
def take_back(consent: Consent, *, by: User, at: dt.datetime) -> Consent:
    """Undo an answer pressed by mistake, by who wrote it, within the hour; what it ended is open again.

    Raises `TooLateToTakeBack`.
    """
    row = Consent.objects.select_for_update().get(pk=consent.pk)
    if row.by_id != by.pk or at - row.at > MISTAKE_WITHIN or row.withdrawn_on:
        raise TooLateToTakeBack("한 시간 안에 적은 사람만 되돌릴 수 있습니다. 새 답을 여쭈어 적어 주세요.")
    row.withdrawn_on, row.note = row.answered_on, "잘못 적어 되돌림"
    row.save(update_fields=["withdrawn_on", "note"])
    if row.kind == Kind.VISIT and row.answer == Answer.REFUSED:
        ended = Target.objects.filter(person=row.person_id, state=Target.State.REFUSED, ended_on=row.answered_on)
        for target in ended:
            target_endings.reopen_target(target, reason="거절로 잘못 적은 것을 되돌렸습니다.", by=by, at=at)
        FollowUp.objects.filter(person=row.person_id, ends_on=row.answered_on, end_reason=REFUSED).update(
            ends_on=None, end_reason=""
        )
    return row
