"""How an integrated case ends, is looked after for three months, and comes back (plan IV.5-2 ⑤: 사후관리)."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction

from casemgmt import cases
from casemgmt.models import Case, CaseFollowUp, CaseLead
from centers.models import User
from common.months import Month, seoul_date
from governance.models import Decision

State = Case.State
FOLLOW_UP_MONTHS = (1, 3)
#: why a case ends; True: there is nobody left to follow up
CLOSE_REASONS = {
    "goals_met": ("목표를 이룸", False),
    "declined": ("본인이 더 바라지 않음", False),
    "other_agency": ("다른 기관이 이어서 맡음", False),
    "institution": ("시설 입소·장기 입원", False),
    "moved": ("다른 곳으로 이사", True),
    "deceased": ("사망", True),
}


@transaction.atomic
def close(
    case: Case,
    *,
    reason: str,
    text: str = "",
    by: User,
    at: dt.datetime,
    decision: Decision | None = None,
    version: int | None = None,
) -> Case:
    """End a case for one of `CLOSE_REASONS`; it is followed up after one and three months.

    Somebody who moved away or died is not followed up. Raises `NoteMissing`, `BadPlan`, `IllegalMove`, `Stale`.
    """
    case = cases.locked(case)
    if case.closed_on and case.close_reason.startswith(CLOSE_REASONS.get(reason, ("\0",))[0]):
        return case
    cases.check_version(case, version)
    if reason not in CLOSE_REASONS:
        raise cases.NoteMissing("사례를 마치는 까닭을 골라 주세요.")
    words, nobody_left = CLOSE_REASONS[reason]
    to = State.CLOSED if nobody_left else State.FOLLOW_UP
    cases.move(case, to)
    left = case.plan.filter(done_at=None).count()
    if left and reason == "goals_met":
        raise cases.BadPlan(f"끝나지 않은 할 일이 {left}건 있습니다. 마친 뒤 종결하거나 다른 까닭을 골라 주세요.")
    today = seoul_date(at)
    case.closed_on = today
    case.close_reason = f"{words}: {text.strip()}"[:200] if text.strip() else words
    case.leads.filter(valid_to=None).update(valid_to=today)
    cases.saved(case)
    if not nobody_left:
        CaseFollowUp.objects.bulk_create(
            CaseFollowUp(case=case, months=months, due_on=_months_after(today, months)) for months in FOLLOW_UP_MONTHS
        )
    cases.note(case, "closed", case.close_reason, by=by, at=at)
    return case


@transaction.atomic
def follow_up(row: CaseFollowUp, *, outcome: str, text: str, by: User, at: dt.datetime) -> CaseFollowUp:
    """Note how somebody is after the case; the last one ends it. Raises `NoteMissing`, `IllegalMove`."""
    case = cases.locked(row.case)
    row = CaseFollowUp.objects.select_for_update(of=["self"]).get(pk=row.pk)
    if row.done_at is not None:
        return row
    if case.state != State.FOLLOW_UP:
        raise cases.IllegalMove("사후관리 중인 사례가 아닙니다.")
    if outcome not in CaseFollowUp.Outcome.values or not text.strip():
        raise cases.NoteMissing("어떻게 지내시는지 고르고 한 줄 적어 주세요.")
    row.outcome, row.note, row.done_at, row.by = outcome, text.strip(), at, by
    row.save()
    cases.note(case, "followed_up", f"{row.months}개월: {row.get_outcome_display()}. {text.strip()}", by=by, at=at)
    needs_help = case.follow_ups.filter(outcome=CaseFollowUp.Outcome.NEEDS_HELP).exists()
    if not needs_help and not case.follow_ups.filter(done_at=None).exists():
        cases.move(case, State.CLOSED)
        cases.saved(case)
        cases.note(case, "settled", "사후관리를 마침", by=by, at=at)
    return row


@transaction.atomic
def reopen(
    case: Case, *, reason: str, review_on: dt.date, by: User, at: dt.datetime, version: int | None = None
) -> Case:
    """Take a case up again under its number. Raises `NoteMissing`, `CaseIsOpen`, `IllegalMove`, `Stale`."""
    case = cases.locked(case)
    if case.state == State.OPEN and cases.is_repeat(case, "reopened", reason, by):
        return case
    cases.check_version(case, version)
    if case.state not in (State.FOLLOW_UP, State.CLOSED):
        raise cases.IllegalMove("이미 진행 중인 사례입니다.")
    if not reason.strip():
        raise cases.NoteMissing("다시 여는 까닭을 적어 주세요.")
    cases.check_review_day(review_on, on=seoul_date(at))
    cases.move(case, State.OPEN)
    case.closed_on, case.close_reason, case.review_on = None, "", review_on
    try:
        with transaction.atomic():
            cases.saved(case)
    except IntegrityError as fault:
        raise cases.CaseIsOpen("이 주민의 다른 통합사례가 열려 있습니다. 그 사례에서 이어 주세요.") from fault
    case.follow_ups.filter(done_at=None).delete()
    CaseLead.objects.create(
        case=case, agency=case.lead_agency, valid_from=seoul_date(at), reason=f"다시 엶: {reason}"[:200], by=by
    )
    cases.note(case, "reopened", reason, by=by, at=at)
    return case


def _months_after(day: dt.date, months: int) -> dt.date:
    month = Month.of(day).plus(months)
    return min(month.last, month.first + dt.timedelta(day.day - 1))
