"""A running integrated case: opened with its plan, reviewed, led by exactly one agency (plan IV.5-2 ⑤)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from casemgmt import agencies
from casemgmt.models import Agency, Case, CaseEvent, CaseLead, CaseNumber, PlanItem, Referral
from centers.models import Dong, User
from common.hangul import particle
from common.months import seoul_date
from common.refusals import Refusal, Stale
from governance.models import Decision, Member

State, Type = Case.State, Case.Type
REVIEW_WITHIN_DAYS = 190


class IllegalMove(Refusal):
    code = "ILLEGAL_MOVE"


class NoteMissing(Refusal):
    code = "NOTE_MISSING"


class BadReviewDay(Refusal):
    code = "BAD_REVIEW_DAY"


class BadPlan(Refusal):
    code = "BAD_PLAN"


class BadLead(Refusal):
    code = "BAD_LEAD"


class AgencyFull(Refusal):
    code = "AGENCY_FULL"


class NotInThisDong(Refusal):
    code = "NOT_IN_THIS_DONG"


class CaseIsOpen(Refusal):
    code = "CASE_IS_OPEN"


@dataclass(frozen=True)
class NewPlanItem:
    """One line of the service plan: what, by when, and one owner (an employee or a member)."""

    what: str
    due_on: dt.date
    owner: User | None = None
    member: Member | None = None
    agency: Agency | None = None
    starts_on: dt.date | None = None
    amount: str = ""


# ---------------------------------------------------------------- opening


def next_number(dong: Dong, *, on: dt.date) -> str:
    """장위1-15-047: the dong, the year, the next running number. Holds its row until the transaction ends."""
    CaseNumber.objects.get_or_create(dong=dong, year=on.year)
    row = CaseNumber.objects.select_for_update(of=["self"]).get(dong=dong, year=on.year)
    row.last += 1
    row.save(update_fields=["last"])
    return f"{dong.name.removesuffix('동')}-{on.year % 100:02d}-{row.last:03d}"


@transaction.atomic
def start(
    referral: Referral,
    *,
    number: str,
    type: str,
    suggested_type: str,
    lead_agency: Agency,
    manager: User | None,
    review_on: dt.date,
    plan: Sequence[NewPlanItem],
    decision: Decision,
    by: User,
    at: dt.datetime,
) -> Case:
    """Open the case a committee decided on. Raises `BadReviewDay`, `BadPlan`, `BadLead`, `AgencyFull`, `CaseIsOpen`."""
    today = seoul_date(at)
    check_review_day(review_on, on=today)
    check_plan(plan, on=today, needed=True)
    check_lead(lead_agency, type, referral, on=today)
    try:
        with transaction.atomic():
            case = Case.objects.create(
                number=number,
                person_id=referral.person_id,
                dong_id=referral.dong_id,
                referral=referral,
                type=type,
                suggested_type=suggested_type,
                lead_agency=lead_agency,
                manager=manager,
                opened_on=today,
                review_on=review_on,
                decision=decision,
            )
    except IntegrityError as fault:
        raise CaseIsOpen("이 주민의 통합사례가 이미 열려 있습니다. 사례 화면에서 이어 주세요.") from fault
    CaseLead.objects.create(case=case, agency=lead_agency, valid_from=today, decision=decision, by=by)
    _add_plan(case, plan)
    note(case, "opened", f"{case.get_type_display()}, 주 기관 {lead_agency.name}", by=by, at=at)
    return case


def check_review_day(review_on: dt.date, *, on: dt.date) -> None:
    if not on < review_on <= on + dt.timedelta(REVIEW_WITHIN_DAYS):
        raise BadReviewDay("다음 점검일은 내일부터 여섯 달 사이의 날로 정해 주세요.")


def check_plan(plan: Sequence[NewPlanItem], *, on: dt.date, needed: bool) -> None:
    if needed and not plan:
        raise BadPlan("할 일을 하나 넘게 적어 주세요. 누가 언제까지 하는지가 있어야 합니다.")
    for line in plan:
        if not line.what.strip():
            raise BadPlan("무엇을 할지 적어 주세요.")
        if line.owner is None and line.member is None:
            raise BadPlan(f"‘{line.what}’{particle(line.what, '을/를')} 맡을 사람을 골라 주세요.")
        if line.due_on < on:
            raise BadPlan(f"‘{line.what}’의 날짜가 지났습니다. 오늘이나 그 뒤의 날로 정해 주세요.")


def check_lead(agency: Agency, type: str, referral: Referral, *, on: dt.date) -> None:
    """The lead must be of a kind the type allows and have room. Raises `BadLead`, `AgencyFull`."""
    if type not in Type.values:
        raise BadLead("사례 유형을 골라 주세요.")
    rows = agencies.leads(type, dong=referral.dong, person=referral.person, on=on)
    load = next((row for row in rows if row.agency.pk == agency.pk), None)
    if load is None:
        raise BadLead(
            f"{agency.name}{particle(agency.name, '은/는')} ‘{Type(type).label}’ 사례의 주 기관이 될 수 없습니다. 목록에서 골라 주세요."
        )
    if load.is_full:
        raise AgencyFull(
            f"{agency.name}{particle(agency.name, '은/는')} 한도 {load.limit}가구가 모두 찼습니다. 다른 기관을 골라 주세요."
        )


# ---------------------------------------------------------------- the plan


@transaction.atomic
def add_plan(case: Case, lines: Sequence[NewPlanItem], *, by: User, at: dt.datetime) -> list[PlanItem]:
    """Add lines to the plan of a running case. Raises `BadPlan`, `IllegalMove`."""
    case = locked(case)
    if case.state not in (State.OPEN, State.MONITORING):
        raise IllegalMove("끝난 사례에는 계획을 더할 수 없습니다. 다시 연 뒤에 더해 주세요.")
    check_plan(lines, on=seoul_date(at), needed=True)
    made = _add_plan(case, lines)
    note(case, "planned", ", ".join(line.what for line in lines), by=by, at=at)
    return made


def _add_plan(case: Case, lines: Sequence[NewPlanItem]) -> list[PlanItem]:
    return PlanItem.objects.bulk_create(
        PlanItem(
            case=case,
            what=line.what.strip(),
            agency=line.agency,
            owner=line.owner,
            owner_member=None if line.owner else line.member,
            starts_on=line.starts_on,
            due_on=line.due_on,
            amount=line.amount.strip(),
        )
        for line in lines
    )


@transaction.atomic
def finish_plan_item(item: PlanItem, *, by: User, at: dt.datetime) -> PlanItem:
    """Say that a line of the plan is done; a second press keeps the first."""
    item = PlanItem.objects.select_for_update(of=["self"]).select_related("case").get(pk=item.pk)
    if item.done_at is None:
        item.done_at, item.done_by = at, by
        item.save(update_fields=["done_at", "done_by"])
        note(item.case, "plan_done", item.what, by=by, at=at)
    return item


# ---------------------------------------------------------------- reviewing and changing


@transaction.atomic
def review(
    case: Case,
    *,
    text: str,
    next_on: dt.date,
    by: User,
    at: dt.datetime,
    state: str | None = None,
    version: int | None = None,
) -> Case:
    """Note how it goes and when it is looked at again; the state may go to 점검 and back.

    Raises `NoteMissing`, `BadReviewDay`, `IllegalMove`, `Stale`.
    """
    case = locked(case)
    if is_repeat(case, "reviewed", text, by):
        return case
    check_version(case, version)
    if case.state not in (State.OPEN, State.MONITORING) or state not in (None, State.OPEN, State.MONITORING):
        raise IllegalMove(f"‘{case.get_state_display()}’ 상태의 사례는 점검할 수 없습니다. 먼저 다시 열어 주세요.")
    if not text.strip():
        raise NoteMissing("무엇이 달라졌는지 한 줄이라도 적어 주세요.")
    check_review_day(next_on, on=seoul_date(at))
    case.review_on, case.state = next_on, state or case.state
    saved(case)
    note(case, "reviewed", text, by=by, at=at)
    return case


@transaction.atomic
def reassign(
    case: Case,
    *,
    type: str,
    lead_agency: Agency,
    reason: str,
    by: User,
    at: dt.datetime,
    decision: Decision | None = None,
    version: int | None = None,
) -> Case:
    """Change the type and with it the lead agency, by a decision of the committee.

    Without a decision it is an emergency: it counts at once and the next meeting ratifies it.
    Raises `NoteMissing`, `BadLead`, `AgencyFull`, `IllegalMove`, `Stale`.
    """
    case = locked(case)
    if (case.type, case.lead_agency_id) == (type, lead_agency.pk):
        return case
    check_version(case, version)
    if case.state not in (State.OPEN, State.MONITORING):
        raise IllegalMove("끝난 사례의 유형은 바꿀 수 없습니다.")
    if not reason.strip():
        raise NoteMissing("유형이나 주 기관을 바꾸는 까닭을 적어 주세요.")
    today = seoul_date(at)
    if lead_agency.pk != case.lead_agency_id:
        check_lead(lead_agency, type, case.referral, on=today)
        case.leads.filter(valid_to=None).update(valid_to=today)
        CaseLead.objects.create(
            case=case, agency=lead_agency, valid_from=today, reason=reason[:200], decision=decision, by=by
        )
    elif lead_agency.kind not in [
        a.agency.kind for a in agencies.leads(type, dong=case.dong, person=case.person, on=today)
    ]:
        raise BadLead(
            f"{lead_agency.name}{particle(lead_agency.name, '은/는')} ‘{Type(type).label}’ 사례의 주 기관이 될 수 없습니다. 다시 정해 주세요."
        )
    before = f"{case.get_type_display()}·{case.lead_agency.name}"
    case.type, case.lead_agency = type, lead_agency
    case.needs_ratification = decision is None
    saved(case)
    words = f"{before} → {case.get_type_display()}·{lead_agency.name}. {reason.strip()}"
    note(case, "reassigned" if decision else "reassigned_urgently", words, by=by, at=at)
    return case


@transaction.atomic
def ratify(case: Case, *, by: User, at: dt.datetime) -> Case:
    """The committee confirms what was changed in an emergency."""
    case = locked(case)
    if case.needs_ratification:
        case.needs_ratification = False
        saved(case)
        note(case, "ratified", "위원회가 긴급 결정을 추인함", by=by, at=at)
    return case


@transaction.atomic
def hand_over(case: Case, *, to: User, text: str, by: User, at: dt.datetime, version: int | None = None) -> Case:
    """Give a case to a colleague of the dong, with a note. Raises `NoteMissing`, `NotInThisDong`, `Stale`."""
    case = locked(case)
    if case.manager_id == to.pk:
        return case
    check_version(case, version)
    if not text.strip():
        raise NoteMissing("넘겨받는 분이 다시 묻지 않도록 지금까지의 일을 적어 주세요.")
    if not to.is_active or not to.postings.on(seoul_date(at)).filter(dong=case.dong).exists():
        raise NotInThisDong(f"{to.name} 님은 {case.dong.name}에서 일하지 않습니다. 같은 동의 동료를 골라 주세요.")
    case.manager = to
    saved(case)
    note(case, "handed_over", f"{to.name}: {text.strip()}", by=by, at=at)
    return case


# ---------------------------------------------------------------- states


def locked(case: Case) -> Case:
    related = ("dong", "person", "lead_agency", "referral__dong", "referral__person")
    return Case.objects.select_for_update(of=["self"]).select_related(*related).get(pk=case.pk)


def check_version(case: Case, version: int | None) -> None:
    if version is not None and version != case.version:
        raise Stale("그사이 다른 사람이 이 사례를 고쳤습니다. 바뀐 내용을 확인한 뒤 다시 해 주세요.")


def note(case: Case, act: str, text: str, *, by: User, at: dt.datetime) -> None:
    """Write a line into the story of a case."""
    CaseEvent.objects.create(case=case, act=act, text=text.strip(), by=by, at=at)


def move(case: Case, to: str) -> None:
    if to not in Case.MOVES[case.state]:
        raise IllegalMove(
            f"사례 {case.number}{particle(case.number, '은/는')} ‘{case.get_state_display()}’ 상태라서 ‘{State(to).label}’{particle(State(to).label, '으로/로')} 바꿀 수 없습니다."
        )
    case.state = to


def saved(case: Case) -> None:
    case.version += 1
    case.save()


def is_repeat(case: Case, act: str, text: str, by: User) -> bool:
    last = case.events.last()
    return bool(last) and (last.act, last.text, last.by_id) == (act, text.strip(), by.pk)
