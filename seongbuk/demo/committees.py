"""The case committees of the demo world: members, weekly meetings, referrals and decisions."""

from __future__ import annotations

import datetime as dt
import random

from casemgmt import agencies, case_agenda, committee, referrals, suggestions
from casemgmt.cases import NewPlanItem
from casemgmt.models import CaseAgendaItem, Referral
from centers.models import Dong, User
from common.months import at_seoul
from common.refusals import Refusal
from governance import agenda, bodies, calendars, meetings
from governance.models import Attendance, Body, Meeting, Member
from planners.models import Visit
from seongbuk.demo.accounts import MAIN_DONG

THURSDAY = 3
STARTS_AT = dt.time(14, 0)
SUMMARIES = {
    "isolation": "사별 뒤 혼자 지내며 외출이 줄었습니다. 안부 확인과 이웃 모임 연결이 필요합니다.",
    "income": "난방비와 약값이 부담됩니다. 긴급지원과 급여 신청을 함께 살펴야 합니다.",
    "chronic_illness": "혈압이 조절되지 않고 약을 거릅니다. 방문간호와 병원 연계가 필요합니다.",
    "mental_health": "잠을 못 이루고 우울 선별 점수가 높습니다. 전문 상담이 필요합니다.",
}
SHARED = 0.35  # share of managed visits that go to the committee


def constitute(dong: Dong, cast: dict[str, User], *, founded: dt.datetime, now: dt.datetime) -> Body:
    """The committee of a dong with its members, and its meetings of the coming weeks."""
    founded = at_seoul(founded.date(), dt.time(10))
    body = bodies.constitute(
        dong,
        weekday=THURSDAY,
        starts_at=STARTS_AT,
        place=f"{dong.name} 마을복지센터 2층 회의실",
        by=cast["lead"],
        at=founded,
        founded_on=founded.date(),
    )
    outside = User.objects.filter(username="member").first() if dong.name == MAIN_DONG else None
    seats = (
        ("최복규", "주민대표", "resident", Member.Kind.STANDING, outside, True, False),
        (cast["lead"].name, "동 마을복지센터", "team_lead", Member.Kind.STANDING, cast["lead"], False, False),
        (cast["case"].name, "동 마을복지센터", "worker", Member.Kind.WORKING, cast["case"], False, True),
        ("송미경", "희망복지지원단", "hope_team", Member.Kind.STANDING, None, False, False),
        ("권재훈", "종합사회복지관", "private_agency", Member.Kind.STANDING, None, False, False),
        (cast["nurse"].name, "방문간호사", "nurse", Member.Kind.STANDING, cast["nurse"], False, False),
        ("민경자", "동 복지협의체", "council", Member.Kind.STANDING, None, False, False),
        ("심정숙", "자원봉사캠프", "camp", Member.Kind.STANDING, None, False, False),
        ("하성호", "정신건강증진센터", "", Member.Kind.ADVISORY, None, False, False),
    )
    for name, affiliation, seat, kind, user, chairs, writes in seats:
        bodies.appoint(
            body,
            name=name,
            affiliation=affiliation,
            kind=kind,
            seat=seat,
            user=user,
            is_chair=chairs,
            is_secretary=writes,
            valid_from=founded.date(),
            by=cast["lead"],
            at=founded,
        )
    calendars.plan_meetings(body, until=(now + dt.timedelta(days=35)).date(), by=cast["case"], at=founded)
    return body


def refer(visit: Visit, *, by: User, at: dt.datetime, rng: random.Random) -> Referral:
    """What a managed visit leads to: the committee, or a service of the center."""
    need = rng.choice(list(SUMMARIES))
    if rng.random() < SHARED:
        try:
            return referrals.refer(
                visit.person, visit=visit, destination="committee", need=need, summary=SUMMARIES[need], by=by, at=at
            )
        except Refusal:
            pass  # already on its way there: a service of the center helps meanwhile
    service = {"income": "긴급지원", "isolation": "마음돌보미", "chronic_illness": "방문건강관리"}.get(need, "복지상담")
    sent = referrals.refer(
        visit.person,
        visit=visit,
        destination="service",
        service=service,
        need=need,
        summary=SUMMARIES[need],
        by=by,
        at=at,
    )
    if rng.random() < 0.7:
        referrals.accept(sent, note="담당자가 전화함", by=by, at=at + dt.timedelta(hours=20))
    return sent


def meet(body: Body, day: dt.date, cast: dict[str, User], *, now: dt.datetime) -> None:
    """Hold the meeting of a day, if there was one: decide what waits and open cases."""
    meeting = Meeting.objects.filter(body=body, starts_at__date=day, state=Meeting.State.PLANNED).first()
    if meeting is None or meeting.starts_at > now:
        return
    secretary, at = cast["case"], meeting.starts_at
    proposals = [p for p in case_agenda.proposals(meeting) if p.referral][:4]
    case_agenda.take_up(meeting, [p.key for p in proposals], by=secretary, at=at - dt.timedelta(hours=3))
    meetings.open_meeting(meeting, by=secretary, at=at)
    for member in meetings.seated(meeting):
        state = Attendance.State.ABSENT if member.name == "심정숙" else Attendance.State.PRESENT
        meetings.attend(meeting, member, state=state, by=secretary, at=at)
    for number, item in enumerate(meeting.agenda.order_by("order")):
        moment = at + dt.timedelta(minutes=6 + 11 * number)
        agenda.start_item(item, by=secretary, at=moment - dt.timedelta(minutes=5))
        _decide(item, cast, moment)
    committee.close_meeting(
        Meeting.objects.get(pk=meeting.pk),
        by=secretary,
        at=at + dt.timedelta(minutes=70),
        carry_reason="다음 회의에서 봅니다.",
    )


def _decide(item, cast: dict[str, User], at: dt.datetime) -> None:
    row = CaseAgendaItem.objects.select_related("referral__dong").filter(item=item, referral__isnull=False).first()
    if row is None:
        return
    on = at.date()
    case_type = row.suggested_type or suggestions.suggest(row.referral, on=on).type
    lead = next(
        (load.agency for load in agencies.leads(case_type, dong=row.referral.dong, on=on) if not load.is_full), None
    )
    if lead is None:
        committee.postpone(item, reason="맡을 기관을 더 알아봅니다.", by=cast["case"], at=at)
        return
    plan = [
        NewPlanItem("안부 전화와 방문", due_on=on + dt.timedelta(days=10), owner=cast["social"], amount="전화 주 1회"),
        NewPlanItem("혈압·우울 다시 재기", due_on=on + dt.timedelta(days=14), owner=cast["nurse"], amount="2주마다"),
    ]
    committee.open_case(
        item,
        type=case_type,
        lead_agency=lead,
        review_on=on + dt.timedelta(days=28),
        plan=plan,
        in_favour=5,
        by=cast["case"],
        at=at,
    )
