"""Factories of bodies, members and meetings. All people are invented."""

import datetime as dt

import factory
from factory.django import DjangoModelFactory

from common.months import at_seoul, seoul_date
from governance import agenda, meetings
from governance.models import AgendaItem, Attendance, Body, Meeting, Member
from tests import factories as f

THURSDAY = dt.date(2015, 1, 15)
MEETS_AT = at_seoul(THURSDAY, dt.time(14))


class BodyFactory(DjangoModelFactory):
    class Meta:
        model = Body

    kind = Body.Kind.CASE_COMMITTEE
    dong = factory.SubFactory(f.DongFactory)
    name = factory.LazyAttribute(lambda o: f"{o.dong.name} 복지통합사례관리위원회")
    founded_on = dt.date(2014, 12, 1)
    weekday = 3
    starts_at = dt.time(14)
    place = "2층 회의실"


class MemberFactory(DjangoModelFactory):
    class Meta:
        model = Member

    body = factory.SubFactory(BodyFactory)
    name = "최민규"
    affiliation = factory.Sequence(lambda n: f"주민대표 {n}")
    kind = Member.Kind.STANDING
    seat = Member.Seat.RESIDENT
    valid_from = dt.date(2014, 12, 1)


class MeetingFactory(DjangoModelFactory):
    class Meta:
        model = Meeting

    body = factory.SubFactory(BodyFactory)
    number = factory.Sequence(lambda n: n + 1)
    starts_at = MEETS_AT
    place = "2층 회의실"


class AgendaItemFactory(DjangoModelFactory):
    class Meta:
        model = AgendaItem

    meeting = factory.SubFactory(MeetingFactory)
    order = factory.Sequence(lambda n: n + 1)
    title = "겨울 난방 자원 나누기"


SEATS = (
    ("최민규", "주민대표", Member.Seat.RESIDENT),
    ("박현숙", "동 복지팀장", Member.Seat.TEAM_LEAD),
    ("송미경", "희망복지지원단", Member.Seat.HOPE_TEAM),
    ("권재훈", "장위종합복지관", Member.Seat.PRIVATE_AGENCY),
    ("한지은", "방문간호사", Member.Seat.NURSE),
    ("민경자", "동 복지협의체", Member.Seat.COUNCIL),
    ("심영숙", "자원봉사캠프장", Member.Seat.CAMP),
)


def full_committee(dong, **given) -> Body:
    """A committee that lacks nothing it must have: chair, secretary, five deciding and two resource members."""
    body = BodyFactory(dong=dong, **given)
    for place, (name, affiliation, seat) in enumerate(SEATS):
        MemberFactory(
            body=body, name=name, affiliation=affiliation, seat=seat, is_chair=place == 0, is_secretary=place == 2
        )
    return body


def open_meeting(body, *, by, at=MEETS_AT, present: int = 5, **given) -> Meeting:
    """A meeting that is open, with the first `present` members in the room."""
    meeting = MeetingFactory(body=body, starts_at=at, **given)
    meeting = meetings.open_meeting(meeting, by=by, at=at)
    for member in body.members.on(seoul_date(at)).order_by("pk")[:present]:
        meetings.attend(meeting, member, state=Attendance.State.PRESENT, by=by, at=at)
    return meeting


def current_item(meeting, *, by, at=MEETS_AT, title="겨울 난방 자원 나누기") -> AgendaItem:
    """An item that is being talked about."""
    return agenda.start_item(agenda.add_item(meeting, title=title, by=by, at=at), by=by, at=at)
