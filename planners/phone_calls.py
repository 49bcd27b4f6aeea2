"""One phone call from its result: the answer, the try, and the promise made in the same breath."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.db import transaction

from centers.models import User
from common.months import at_seoul, seoul_date
from common.refusals import Refusal
from planners import booking, consent, outreach
from planners.models import Consent, ContactAttempt, Pair, Target, Visit

GIVEN, REFUSED = Consent.Answer.GIVEN, Consent.Answer.REFUSED
SAME_PRESS = dt.timedelta(seconds=3)


class NoVisitWaits(Refusal):
    code = "NO_VISIT_WAITS"


class UnknownSlot(Refusal):
    code = "UNKNOWN_SLOT"


def settle(
    target: Target,
    result: str,
    *,
    slot: str = "",
    reoffer_days: int | None = None,
    next_on: dt.date | None = None,
    note: str = "",
    by: User,
    at: dt.datetime,
) -> Visit | None:
    """Keep what came of a call; returns the visit when a time was promised.

    `result` is an answer (given, refused) or a result of `ContactAttempt`. A consent stays recorded even
    when the time turns out to be taken: only the promise is refused then. Pressed twice it is one call.
    """
    if _was_just_settled(target, result, note, by=by, at=at):
        booked = target.visits.filter(state=Visit.State.BOOKED).first() if slot else None
        if booked or not slot:
            return booked
    if result not in (GIVEN, REFUSED):
        outreach.record_attempt(target, result, next_on=next_on, note=note, by=by, at=at)
        return None
    today = seoul_date(at)
    outreach.record_attempt(target, ContactAttempt.Result.REACHED, note=note, by=by, at=at)
    asked = {"channel": Consent.Channel.PHONE, "asked_by": by.name, "by": by, "at": at, "on": today, "note": note}
    if result == REFUSED:
        reoffer_on = today + dt.timedelta(days=reoffer_days) if reoffer_days else None
        consent.record_answer(target.person, Consent.Kind.VISIT, REFUSED, reoffer_on=reoffer_on, **asked)
        return None
    if not consent.is_given(target.person, Consent.Kind.VISIT, today):
        consent.record_answer(target.person, Consent.Kind.VISIT, GIVEN, **asked)
    if not slot:
        return None
    visit = waiting_visit(target)
    pair, starts_at = _slot(slot)
    return booking.book(visit, pair=pair, starts_at=starts_at, by=by, at=at)


def _was_just_settled(target: Target, result: str, note: str, *, by: User, at: dt.datetime) -> bool:
    """Whether the same person has just written down the same call; a press under way is waited for."""
    kept = ContactAttempt.Result.REACHED if result in (GIVEN, REFUSED) else result
    with transaction.atomic():
        Target.objects.select_for_update().get(pk=target.pk)
    return target.attempts.filter(result=kept, note=note, by=by, at__gt=at - SAME_PRESS).exists()


def waiting_visit(target: Target) -> Visit:
    """The visit of a target that can be promised. Raises `NoVisitWaits`."""
    visit = target.visits.filter(state__in=booking.BOOKABLE).order_by("-attempt").first()
    if visit is None:
        raise NoVisitWaits("약속을 잡을 방문이 없습니다. 이미 방문을 시작했는지 확인해 주세요.")
    return visit


def _slot(text: str) -> tuple[Pair, dt.datetime]:
    """Pair and start from `uid|2015-01-15T10:00`."""
    uid, _, clock = text.partition("|")
    try:
        pair = Pair.objects.select_related("nurse", "social").get(uid=UUID(uid))
        moment = dt.datetime.strptime(clock, "%Y-%m-%dT%H:%M")
    except (ValueError, Pair.DoesNotExist) as fault:
        raise UnknownSlot("고른 시간을 알 수 없습니다. 목록에서 다시 골라 주세요.") from fault
    return pair, at_seoul(moment.date(), moment.time())
