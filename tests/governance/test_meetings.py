"""One meeting: its states, who is there, and the text of its minutes."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from common.refusals import Stale
from governance import meetings
from governance.models import Attendance, Meeting, Member
from tests.governance import factories as g

AT = g.MEETS_AT
State = Meeting.State
ACTS = {
    State.OPEN: lambda m, by: meetings.open_meeting(m, by=by, at=AT),
    State.CLOSED: lambda m, by: meetings.close_meeting(m, by=by, at=AT),
    State.CANCELLED: lambda m, by: meetings.cancel_meeting(m, reason="방역", by=by, at=AT),
    State.PLANNED: lambda m, by: meetings.reschedule(m, starts_at=AT + dt.timedelta(1), place="1층", by=by, at=AT),
}


@pytest.mark.parametrize("start", State)
@pytest.mark.parametrize("to", State)
def test_moves_only_along_the_table(committee, manager, start, to):
    meeting = g.MeetingFactory(body=committee, state=start)
    allowed = to in Meeting.MOVES[start] or start == to
    if allowed:
        assert ACTS[to](meeting, manager).state == to
    else:
        with pytest.raises(meetings.IllegalMove):
            ACTS[to](meeting, manager)
        meeting.refresh_from_db()
        assert meeting.state == start


def test_opens_only_on_its_day(committee, manager):
    meeting = g.MeetingFactory(body=committee)
    with pytest.raises(meetings.NotToday):
        meetings.open_meeting(meeting, by=manager, at=AT + dt.timedelta(1))


def test_opens_once_however_often_it_is_pressed(committee, manager):
    meeting = g.MeetingFactory(body=committee)
    meetings.open_meeting(meeting, by=manager, at=AT)
    again = meetings.open_meeting(meeting, by=manager, at=AT + dt.timedelta(minutes=3))
    assert again.opened_at == AT
    assert meeting.events.filter(act="opened").count() == 1


def test_refuses_a_second_open_meeting_of_a_body(meeting, committee, manager):
    other = g.MeetingFactory(body=committee)
    with pytest.raises(meetings.AnotherIsOpen):
        meetings.open_meeting(other, by=manager, at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Meeting.objects.filter(pk=other.pk).update(state=State.OPEN)


def test_closes_only_when_every_item_has_an_outcome(meeting, manager):
    g.AgendaItemFactory(meeting=meeting)
    with pytest.raises(meetings.OpenItems, match="1건"):
        meetings.close_meeting(meeting, by=manager, at=AT)


def test_keeps_a_week_with_items_from_being_cancelled(committee, manager):
    item = g.AgendaItemFactory(meeting__body=committee)
    with pytest.raises(meetings.OpenItems):
        meetings.cancel_meeting(item.meeting, reason="방역", by=manager, at=AT)


def test_wants_a_reason_for_a_week_without_a_meeting(committee, manager):
    with pytest.raises(meetings.IllegalMove):
        meetings.cancel_meeting(g.MeetingFactory(body=committee), reason=" ", by=manager, at=AT)


def test_needs_more_than_half_of_the_standing_members(committee, manager):
    meeting = g.open_meeting(committee, by=manager, present=3)
    counted = meetings.quorum(meeting)
    assert (counted.seats, counted.present, counted.needed, counted.is_met, counted.short_by) == (7, 3, 4, False, 1)
    meetings.attend(meeting, committee.members.get(seat="nurse"), state="present", by=manager, at=AT)
    meetings.attend(meeting, committee.members.get(seat="council"), state="present", by=manager, at=AT)
    counted = meetings.quorum(meeting)
    assert (counted.present, counted.is_met) == (5, True)
    assert counted.voters == 4  # the council links resources and does not vote on cases


def test_counts_somebody_late_once_they_have_come(committee, manager):
    meeting = g.open_meeting(committee, by=manager, present=3)
    member = committee.members.get(seat="nurse")
    meetings.attend(meeting, member, state=Attendance.State.LATE, by=manager, at=AT)
    assert (meetings.quorum(meeting).present, meetings.quorum(meeting).late) == (3, 1)
    meetings.attend(meeting, member, state=Attendance.State.PRESENT, by=manager, at=AT)
    assert meetings.quorum(meeting).present == 4
    assert meeting.attendance.filter(member=member).count() == 1


def test_takes_no_attendance_before_the_meeting_is_open(committee, manager):
    meeting = g.MeetingFactory(body=committee)
    with pytest.raises(meetings.MeetingNotOpen):
        meetings.attend(meeting, committee.members.first(), state="present", by=manager, at=AT)


def test_takes_no_attendance_of_strangers_or_former_members(meeting, manager, other_dong):
    stranger = g.MemberFactory(body=g.BodyFactory(dong=other_dong))
    former = g.MemberFactory(body=meeting.body, name="남보라", valid_to=dt.date(2015, 1, 10))
    for member in (stranger, former):
        with pytest.raises(meetings.NotAMember):
            meetings.attend(meeting, member, state="present", by=manager, at=AT)


def test_forecasts_the_quorum_from_the_answers(committee, manager):
    meeting = g.MeetingFactory(body=committee)
    coming = list(committee.members.order_by("pk"))
    for member in coming[:3]:
        meetings.reply(meeting, member, is_coming=True, by=manager, at=AT)
    meetings.reply(meeting, coming[3], is_coming=False, by=manager, at=AT)
    expected = meetings.forecast(meeting)
    assert (expected.present, expected.absent, expected.late, expected.short_by) == (3, 1, 3, 1)
    meetings.reply(meeting, coming[3], is_coming=True, by=manager, at=AT)
    assert meetings.forecast(meeting).is_met


def test_seats_advisers_only_when_they_are_asked(committee, manager):
    from governance import agenda

    adviser = g.MemberFactory(body=committee, name="윤정호", kind=Member.Kind.ADVISORY, seat="mental_health")
    item = g.AgendaItemFactory(meeting__body=committee)
    assert adviser not in meetings.seated(item.meeting)
    agenda.invite(item, adviser, by=manager, at=AT)
    assert adviser in meetings.seated(item.meeting)
    assert meetings.quorum(item.meeting).seats == 7


def test_keeps_both_texts_when_two_people_write_the_minutes(meeting, manager, lead):
    meetings.save_note(meeting, text="난방비를 먼저 돕기로 함", version=1, by=manager, at=AT)
    with pytest.raises(Stale):
        meetings.save_note(meeting, text="다음 주에 다시 봄", version=1, by=lead, at=AT)
    meeting.refresh_from_db()
    assert (meeting.minutes_note, meeting.note_version) == ("난방비를 먼저 돕기로 함", 2)


def test_saves_the_same_note_twice_without_a_conflict(meeting, manager):
    for _ in range(2):
        meetings.save_note(meeting, text="난방비를 먼저 돕기로 함", version=1, by=manager, at=AT)
    meeting.refresh_from_db()
    assert meeting.note_version == 2


def test_refuses_to_move_a_meeting_somebody_else_moved(committee, manager):
    meeting = g.MeetingFactory(body=committee)
    seen = meeting.version
    meetings.reschedule(meeting, starts_at=AT + dt.timedelta(1), place="1층", by=manager, at=AT, version=seen)
    with pytest.raises(Stale):
        meetings.reschedule(meeting, starts_at=AT + dt.timedelta(2), place="1층", by=manager, at=AT, version=seen)
