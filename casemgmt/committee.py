"""What the decisions of a case committee do: open, decline, review, change, close, postpone (plan IV.5-2 ⑤)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Count

from casemgmt import case_endings, cases, referrals
from casemgmt.anonymity import Veil
from casemgmt.case_agenda import NotForTheCommittee
from casemgmt.cases import NewPlanItem
from casemgmt.models import Agency, Case, CaseAgendaItem, Referral
from centers.models import Posting, User
from common.months import seoul_date
from common.refusals import Refusal, Stale
from governance import agenda, meetings
from governance.bodies import on_day
from governance.models import AgendaItem, Decision, Meeting

Kind = CaseAgendaItem.Kind


class ReasonMissing(Refusal):
    code = "REASON_MISSING"


# ---------------------------------------------------------------- deciding


@transaction.atomic
def save_draft(row: CaseAgendaItem, *, data: dict, version: int, by: User, at: dt.datetime) -> CaseAgendaItem:
    """Keep what the secretary is writing. Two people at once: the later one is told. Raises `Stale`."""
    row = CaseAgendaItem.objects.select_for_update(of=["self"]).select_related("draft_by").get(pk=row.pk)
    if row.draft == data:
        return row
    if row.draft_version != version and row.draft_by_id != by.pk:
        raise Stale(f"{row.draft_by.name} 님이 같은 결정을 쓰고 있습니다. 화면을 새로 고쳐 확인해 주세요.")
    row.draft, row.draft_by, row.draft_at = data, by, at
    row.draft_version += 1
    row.save(update_fields=["draft", "draft_by", "draft_at", "draft_version"])
    return row


@transaction.atomic
def open_case(
    item: AgendaItem,
    *,
    type: str,
    lead_agency: Agency,
    review_on: dt.date,
    plan: Sequence[NewPlanItem],
    in_favour: int,
    by: User,
    at: dt.datetime,
    type_reason: str = "",
    manager: User | None = None,
    version: int | None = None,
    client_key: uuid.UUID | None = None,
) -> Case:
    """Decide that a referral becomes a case, with type, lead agency, next review and first plan.

    A type other than the team's needs a line of reason. However often and by however many people it is
    pressed, one case opens. Raises what `agenda.decide` and `cases.start` raise, and `ReasonMissing`.
    """
    row = _row(item)
    if client_key and Decision.objects.filter(item=item, client_key=client_key).exists():
        return row.referral.case
    referral = _open_referral(row)
    if row.suggested_type and type != row.suggested_type and not type_reason.strip():
        label = Case.Type(row.suggested_type).label
        raise ReasonMissing(f"팀 제안은 {label}이었습니다. 다르게 정하는 까닭을 한 줄 남겨 주세요.")
    veil = Veil.over(referral.person)
    number = cases.next_number(referral.dong, on=seoul_date(at))
    text = (
        f"{number}: 통합사례로 정함. {Case.Type(type).label}, 주 기관 {lead_agency.name}, 다음 점검 {on_day(review_on)}"
    )
    if type_reason.strip():
        text += f". 유형을 다르게 정한 까닭: {veil.hide(type_reason.strip())}"
    decision = agenda.decide(
        item,
        text=text,
        detail={"outcome": "accepted", "number": number, "type": type, "suggested": row.suggested_type},
        in_favour=in_favour,
        version=version,
        client_key=client_key,
        by=by,
        at=at,
    )
    case = cases.start(
        referral,
        number=number,
        type=type,
        suggested_type=row.suggested_type,
        lead_agency=lead_agency,
        manager=manager or default_manager(referral, on=seoul_date(at)),
        review_on=review_on,
        plan=plan,
        decision=decision,
        by=by,
        at=at,
    )
    AgendaItem.objects.filter(pk=item.pk).update(title=number)
    CaseAgendaItem.objects.filter(pk=row.pk).update(case=case, draft="")
    referrals.finish(referral, result=f"통합사례 {number} 시작", by=by, at=at)
    return case


@transaction.atomic
def decline(
    item: AgendaItem,
    *,
    reason: str,
    in_favour: int,
    by: User,
    at: dt.datetime,
    version: int | None = None,
    client_key: uuid.UUID | None = None,
) -> Decision:
    """Decide that a referral does not become a case; the sender is answered with the reason."""
    row = _row(item)
    if client_key and (made := Decision.objects.filter(item=item, client_key=client_key).first()):
        return made
    referral = _open_referral(row)
    if not reason.strip():
        raise ReasonMissing("통합사례로 하지 않는 까닭을 적어 주세요. 보낸 사람에게 그대로 답합니다.")
    words = Veil.over(referral.person).hide(reason.strip())
    decision = agenda.decide(
        item,
        text=f"통합사례로 하지 않음: {words}",
        detail={"outcome": "declined"},
        in_favour=in_favour,
        version=version,
        client_key=client_key,
        by=by,
        at=at,
    )
    CaseAgendaItem.objects.filter(pk=row.pk).update(draft="")
    referrals.reject(referral, reason=reason, by=by, at=at)
    return decision


@transaction.atomic
def decide_case(
    item: AgendaItem,
    *,
    outcome: str,
    text: str,
    in_favour: int,
    by: User,
    at: dt.datetime,
    review_on: dt.date | None = None,
    type: str = "",
    lead_agency: Agency | None = None,
    close_reason: str = "",
    plan: Sequence[NewPlanItem] = (),
    version: int | None = None,
    client_key: uuid.UUID | None = None,
) -> Decision:
    """Decide about a running case: `continue` until the next review, `change` type and lead, or `close` it."""
    row = _row(item)
    if client_key and (made := Decision.objects.filter(item=item, client_key=client_key).first()):
        return made
    case = row.case
    if outcome not in ("continue", "change", "close"):
        raise ReasonMissing("이어 가는지, 바꾸는지, 마치는지 골라 주세요.")
    if not text.strip():
        raise ReasonMissing("무엇을 보고 그렇게 정했는지 한 줄 적어 주세요.")
    words = {"continue": "이어 감", "change": "유형을 바꿈", "close": "종결"}[outcome]
    hidden = Veil.over(case.person).hide(text.strip())
    decision = agenda.decide(
        item,
        text=f"{case.number}: {words}. {hidden}",
        detail={"outcome": outcome, "number": case.number, "type": type or case.type},
        in_favour=in_favour,
        version=version,
        client_key=client_key,
        by=by,
        at=at,
    )
    if outcome == "close":
        case_endings.close(case, reason=close_reason, text=text, decision=decision, by=by, at=at)
    else:
        if outcome == "change":
            if lead_agency is None:
                raise cases.BadLead("주 사례관리기관을 골라 주세요.")
            cases.reassign(case, type=type, lead_agency=lead_agency, reason=text, decision=decision, by=by, at=at)
        if plan:
            cases.add_plan(case, plan, by=by, at=at)
        cases.review(case, text=text, next_on=review_on or case.review_on, by=by, at=at)
    cases.ratify(case, by=by, at=at)
    CaseAgendaItem.objects.filter(pk=row.pk).update(draft="")
    return decision


@transaction.atomic
def postpone(item: AgendaItem, *, reason: str, by: User, at: dt.datetime, version: int | None = None) -> AgendaItem:
    """Carry an item to the next meeting with everything it is about."""
    row = CaseAgendaItem.objects.filter(item=item).select_related("referral__person", "case__person").first()
    if row is None:
        return agenda.postpone(item, reason=reason, by=by, at=at, version=version)
    person = row.case.person if row.case_id else row.referral.person
    moved = agenda.postpone(item, reason=Veil.over(person).hide(reason), by=by, at=at, version=version)
    if not CaseAgendaItem.objects.filter(item=moved).exists():
        CaseAgendaItem.objects.create(
            item=moved,
            referral=row.referral,
            case=row.case,
            kind=row.kind,
            suggested_type=row.suggested_type,
            suggestion=row.suggestion,
            plan=row.plan,
            draft=row.draft,
        )
    return moved


@transaction.atomic
def close_meeting(meeting: Meeting, *, by: User, at: dt.datetime, carry_reason: str = "") -> Meeting:
    """Close a meeting; with a reason, what was not talked about goes to the next one. Raises `OpenItems`."""
    meeting = meetings.locked(meeting)
    if carry_reason.strip() and meeting.state == Meeting.State.OPEN:
        for item in meeting.agenda.filter(state=AgendaItem.State.WAITING).order_by("order", "pk"):
            postpone(item, reason=carry_reason, by=by, at=at)
        for item in meeting.agenda.filter(state=AgendaItem.State.CURRENT):
            postpone(item, reason=carry_reason, by=by, at=at)
    return meetings.close_meeting(meeting, by=by, at=at)


def default_manager(referral: Referral, *, on: dt.date) -> User:
    """Who looks after a new case: the case worker of the dong with the fewest running cases, else the owner."""
    posted = Posting.objects.on(on).filter(dong=referral.dong, role="CM", user__is_active=True).values("user")
    workers = User.objects.filter(pk__in=posted)
    counts = dict(
        Case.objects.served().filter(manager__in=workers).order_by().values_list("manager").annotate(n=Count("pk"))
    )
    return min(workers, key=lambda user: (counts.get(user.pk, 0), user.pk), default=referral.owner or referral.sent_by)


def _row(item: AgendaItem) -> CaseAgendaItem:
    """The subject of an item, after the meeting's row is locked: decisions on one meeting queue up."""
    meetings.locked(item.meeting)
    related = ("referral__person", "referral__dong", "case__person", "case__dong", "case__referral")
    row = CaseAgendaItem.objects.filter(item=item).select_related(*related).first()
    if row is None:
        raise NotForTheCommittee("사례 안건이 아닙니다. 결정을 글로 적어 주세요.")
    return row


def _open_referral(row: CaseAgendaItem) -> Referral:
    if row.referral is None or row.kind != Kind.NEW:
        raise NotForTheCommittee("새 사례 안건이 아닙니다.")
    return row.referral
