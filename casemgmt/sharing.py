"""Consent to tell an agency about somebody: one for each receiver, naming the items, ending by itself (법 제17조)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from centers.models import User
from common.months import seoul_date
from common.refusals import Refusal
from planners import consent
from planners.models import Consent, Person

LASTS_DAYS = 365
ITEMS = {
    "contact": "이름과 연락처",
    "needs": "어려움과 욕구",
    "household": "가족과 사는 형편",
    "welfare": "복지급여 현황",
    "screening": "건강 검사 판정",
}


class ConsentMissing(Refusal):
    code = "CONSENT_MISSING"


class ConsentUnfit(Refusal):
    code = "CONSENT_UNFIT"


def standing(person: Person, *, recipient: str, on: dt.date) -> Consent | None:
    """The newest answer about a receiver, if it is yes and holds on the day."""
    newest = (
        Consent.objects.filter(person=person, kind=Consent.Kind.SHARE, recipient=recipient, answered_on__lte=on)
        .order_by("-answered_on", "-pk")
        .first()
    )
    return newest if newest and holds(newest, on=on) else None


def holds(row: Consent, *, on: dt.date) -> bool:
    """Whether an answer is yes, not withdrawn and not past its end on a day."""
    return (
        row.answer == Consent.Answer.GIVEN
        and row.answered_on <= on
        and (row.withdrawn_on is None or row.withdrawn_on > on)
        and (row.ends_on is None or row.ends_on > on)
    )


@transaction.atomic
def record(
    person: Person,
    *,
    recipient: str,
    items: Sequence[str],
    channel: str,
    by: User,
    at: dt.datetime,
    ends_on: dt.date | None = None,
) -> Consent:
    """Write down that somebody agreed to be named to a receiver. Raises `ConsentUnfit`, `NoWording`."""
    chosen = [item for item in ITEMS if item in items]
    if not chosen or len(chosen) != len(set(items)):
        raise ConsentUnfit("알려도 되는 항목을 하나 넘게 골라 주세요.")
    if channel not in Consent.Channel.values:
        raise ConsentUnfit("어떻게 동의를 받았는지 골라 주세요.")
    day = seoul_date(at)
    end = ends_on or day + dt.timedelta(LASTS_DAYS)
    if end <= day:
        raise ConsentUnfit("동의가 끝나는 날은 오늘 뒤여야 합니다.")
    return consent.record_answer(
        person,
        Consent.Kind.SHARE,
        Consent.Answer.GIVEN,
        channel=channel,
        asked_by=by.name,
        recipient=recipient,
        items=chosen,
        ends_on=end,
        by=by,
        at=at,
        on=day,
    )


def fitting(given: Consent | None, person: Person, *, recipient: str, on: dt.date) -> Consent:
    """The consent a referral may rest on: the one given, or the one that stands. Raises `ConsentMissing`, `ConsentUnfit`."""
    if given is None:
        given = standing(person, recipient=recipient, on=on)
        if given is None:
            raise ConsentMissing(
                f"{recipient}에 알려도 된다는 본인의 동의가 없습니다. 동의를 받아 적은 뒤 보내 주세요."
            )
        return given
    if given.person_id != person.pk or given.kind != Consent.Kind.SHARE or given.recipient != recipient:
        raise ConsentUnfit(f"이 동의는 {recipient}에 알리는 동의가 아닙니다. 받는 곳마다 동의가 따로 있어야 합니다.")
    if not holds(given, on=on):
        raise ConsentUnfit("철회했거나 기간이 끝난 동의입니다. 다시 여쭤본 뒤 보내 주세요.")
    return given
