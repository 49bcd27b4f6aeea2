"""What a change of the register means for cases and referrals: their story says it, whoever looks after them is told."""

from __future__ import annotations

from casemgmt.models import Case, CaseEvent, Referral
from planners.models import ChangeNotice
from planners.register_news import Change


def tell_managers(change: Change) -> None:
    """Flag open cases and referrals of people who moved, died or came back. The plan stays; a person decides."""
    cases = list(Case.objects.open().filter(person__in=change.people).select_related("manager"))
    CaseEvent.objects.bulk_create(
        CaseEvent(case=case, act="register", text=f"주민 변동: {change.sentence}", by=change.by, at=change.at)
        for case in cases
    )
    referrals = Referral.objects.filter(person__in=change.people, state__in=Referral.OPEN).order_by("pk")
    notices = [_of_case(case, change) for case in cases] + [_of_referral(row, change) for row in referrals]
    ChangeNotice.objects.bulk_create(notices, batch_size=1000)


def _of_case(case: Case, change: Change) -> ChangeNotice:
    text = f"사례 {case.number}의 주민이 {change.sentence} 계획을 살피고 이을지 마칠지 정해 주세요."
    return _notice(case, change, text, user=case.manager_id, url_name="case")


def _of_referral(referral: Referral, change: Change) -> ChangeNotice:
    text = f"보낸 의뢰의 주민이 {change.sentence} 받는 곳에 알리고 의뢰를 이을지 정해 주세요."
    return _notice(referral, change, text, user=referral.owner_id, url_name="referral_detail")


def _notice(row: Case | Referral, change: Change, text: str, *, user: int | None, url_name: str) -> ChangeNotice:
    return ChangeNotice(
        person_id=row.person_id,
        kind=change.kind,
        text=text[:300],
        dong_id=row.dong_id,
        user_id=user,
        url_name=url_name,
        url_uid=row.uid,
        at=change.at,
    )
