"""What comes onto the agenda of a case committee: referrals, due reviews, earlier decisions (plan IV.5-2 ⑤)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from casemgmt import cases, referrals, suggestions
from casemgmt.anonymity import Veil
from casemgmt.models import Case, CaseAgendaItem, PlanItem, Referral
from centers.models import Dong, User
from common.months import seoul_date
from common.refusals import Refusal
from governance import agenda, calendars
from governance.models import AgendaItem, Body, Meeting, Task

Kind = CaseAgendaItem.Kind
LIVE = Q(agenda__item__state__in=AgendaItem.OPEN)
CHECK_TITLE, OVERLAP_TITLE = "지난 회의 결정 점검", "중복·누락 점검"


class NoCommittee(Refusal):
    code = "NO_COMMITTEE"


class NotForTheCommittee(Refusal):
    code = "NOT_FOR_THE_COMMITTEE"


@dataclass(frozen=True)
class Proposal:
    """Something the next meeting should talk about, and why."""

    kind: str
    title: str
    note: str
    minutes: int
    referral: Referral | None = None
    case: Case | None = None

    @property
    def key(self) -> str:
        subject = self.referral or self.case
        return f"{self.kind}:{subject.uid if subject else ''}"


def body_of(dong: Dong) -> Body:
    """The case committee of a dong. Raises `NoCommittee`."""
    body = Body.objects.case_committees().filter(dong=dong).first()
    if body is None:
        raise NoCommittee(f"{dong.name}에 통합사례관리위원회가 아직 없습니다. 거버넌스 화면에서 먼저 만들어 주세요.")
    return body


def waiting(dong: Dong | None) -> QuerySet[Referral]:
    """Referrals to the committee that stand on no agenda yet, urgent and oldest first."""
    rows = Referral.objects.open().filter(dong=dong, destination=Referral.Destination.COMMITTEE).exclude(LIVE)
    return rows.select_related("person", "dong", "sent_by", "owner", "visit__programme").order_by(
        "-is_urgent", "sent_at", "pk"
    )


def due_reviews(dong: Dong | None, *, until: dt.date) -> QuerySet[Case]:
    """Running cases to be looked at by a day, and emergency changes to be ratified, that stand on no agenda yet."""
    rows = Case.objects.served().filter(Q(review_on__lte=until) | Q(needs_ratification=True), dong=dong)
    return rows.exclude(LIVE).select_related("person", "lead_agency").order_by("review_on", "pk")


def proposals(meeting: Meeting) -> list[Proposal]:
    """What the next meeting should talk about: earlier decisions, emergencies, due reviews, new referrals."""
    body, day = meeting.body, seoul_date(meeting.starts_at)
    found = []
    titles = set(meeting.agenda.exclude(state=AgendaItem.State.WITHDRAWN).values_list("title", flat=True))
    done, whole = last_tasks(meeting)
    if whole and CHECK_TITLE not in titles:
        found.append(Proposal("check", CHECK_TITLE, f"{whole}건 가운데 {done}건 이행", 5))
    if body.kind != Body.Kind.CASE_COMMITTEE:
        return found
    for case in due_reviews(body.dong, until=day):
        if case.needs_ratification:
            found.append(Proposal(Kind.RATIFY, case.number, "긴급하게 바꾼 것을 확인", 10, case=case))
        else:
            found.append(Proposal(Kind.REVIEW, case.number, f"{case.get_type_display()} · 다시 살핌", 10, case=case))
    for referral in waiting(body.dong):
        found.append(Proposal(Kind.NEW, referral.code, origin(referral), 10, referral=referral))
    if is_first_of_month(meeting) and OVERLAP_TITLE not in titles and (count := overlaps(body.dong).count()):
        found.append(Proposal("overlap", OVERLAP_TITLE, f"여러 기관이 함께 돕는 {count}명 · 실무위원", 10))
    return found


def origin(referral: Referral) -> str:
    """Where a new case comes from, without saying whose it is."""
    words = "새 사례"
    if referral.visit_id:
        words += f" · {referral.visit.programme.short_name} 방문"
    return f"{words} · 긴급" if referral.is_urgent else words


def last_tasks(meeting: Meeting) -> tuple[int, int]:
    """How many of the last held meeting's tasks are done, of how many."""
    last = meeting.body.meetings.filter(state=Meeting.State.CLOSED, starts_at__lt=meeting.starts_at).first()
    if last is None:
        return 0, 0
    counts = {"done": Count("pk", filter=Q(done_at__isnull=False)), "whole": Count("pk")}
    plans = PlanItem.objects.filter(case__decision__item__meeting=last).aggregate(**counts)
    tasks = Task.objects.filter(decision__item__meeting=last).aggregate(**counts)
    return plans["done"] + tasks["done"], plans["whole"] + tasks["whole"]


def overlaps(dong: Dong | None) -> QuerySet:
    """People whom two agencies or more have been asked to help at the same time (중복·누락 관리)."""
    rows = Referral.objects.open().filter(dong=dong, agency__isnull=False).order_by().values("person")
    return rows.annotate(helpers=Count("agency", distinct=True)).filter(helpers__gte=2)


def is_first_of_month(meeting: Meeting) -> bool:
    return seoul_date(meeting.starts_at).day <= 7


# ---------------------------------------------------------------- putting onto the agenda


@transaction.atomic
def put_on_agenda(
    referral: Referral,
    *,
    by: User,
    at: dt.datetime,
    meeting: Meeting | None = None,
    suggested_type: str = "",
    plan: Sequence[dict] = (),
) -> AgendaItem:
    """Put a referral on the agenda of the next meeting of its dong; with that the committee has taken it.

    The type is suggested from the facts unless the team names one. A second press answers with the same item.
    Raises `NotForTheCommittee`, `NoCommittee`, `NoNextMeeting`.
    """
    row = referrals.locked(referral)
    if row.destination != Referral.Destination.COMMITTEE or not row.is_open:
        raise NotForTheCommittee("위원회에 보낸, 아직 끝나지 않은 의뢰만 안건으로 올릴 수 있습니다.")
    if standing := row.agenda.filter(item__state__in=AgendaItem.OPEN).select_related("item__meeting").first():
        return standing.item
    meeting = meeting or calendars.next_or_laid(body_of(row.dong), at=at, by=by)
    _same_dong(meeting, row.dong_id)
    found = suggestions.suggest(row, on=seoul_date(at))
    item = agenda.add_item(meeting, title=row.code, note=origin(row), by=by, at=at)
    CaseAgendaItem.objects.create(
        item=item,
        referral=row,
        kind=Kind.NEW,
        suggested_type=suggested_type or found.type,
        suggestion=found.as_rows(),
        plan={"lines": list(plan)} if plan else "",
    )
    if row.state == Referral.State.SENT:
        referrals.accept(row, note=f"{meeting.when} 회의에 올림", by=by, at=at)
    return item


@transaction.atomic
def put_case(
    case: Case,
    *,
    kind: str = Kind.REVIEW,
    by: User,
    at: dt.datetime,
    meeting: Meeting | None = None,
    note: str = "",
    suggested_type: str = "",
) -> AgendaItem:
    """Put a case on the next agenda: to look again, to change its type, to close it. Raises `NotForTheCommittee`."""
    row = cases.locked(case)
    if row.state == Case.State.CLOSED:
        raise NotForTheCommittee("끝난 사례입니다. 다시 연 뒤에 올려 주세요.")
    if standing := row.agenda.filter(item__state__in=AgendaItem.OPEN).select_related("item__meeting").first():
        return standing.item
    meeting = meeting or calendars.next_or_laid(body_of(row.dong), at=at, by=by)
    _same_dong(meeting, row.dong_id)
    words = note.strip() or f"{row.get_type_display()} · {Kind(kind).label}"
    item = agenda.add_item(meeting, title=row.number, note=Veil.over(row.person).hide(words)[:200], by=by, at=at)
    CaseAgendaItem.objects.create(item=item, case=row, kind=kind, suggested_type=suggested_type)
    cases.note(row, "on_agenda", f"{meeting.when} 회의에 올림: {Kind(kind).label}", by=by, at=at)
    return item


@transaction.atomic
def take_up(meeting: Meeting, keys: Sequence[str], *, by: User, at: dt.datetime) -> list[AgendaItem]:
    """Put the chosen proposals on the agenda, in the order they were proposed."""
    made = []
    for proposal in proposals(meeting):
        if proposal.key not in keys:
            continue
        if proposal.referral:
            made.append(put_on_agenda(proposal.referral, meeting=meeting, by=by, at=at))
        elif proposal.case:
            made.append(put_case(proposal.case, kind=proposal.kind, meeting=meeting, by=by, at=at))
        else:
            facts = {"title": proposal.title, "note": proposal.note, "minutes": proposal.minutes}
            made.append(agenda.add_item(meeting, first=proposal.kind == "check", by=by, at=at, **facts))
    return made


def _same_dong(meeting: Meeting, dong_id: int) -> None:
    if meeting.body.dong_id != dong_id or meeting.body.kind != Body.Kind.CASE_COMMITTEE:
        raise NotForTheCommittee("다른 동의 회의에는 올릴 수 없습니다.")
