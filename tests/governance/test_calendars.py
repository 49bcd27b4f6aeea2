"""When a body meets: rhythm, holidays, missed weeks."""

import datetime as dt

import pytest

from common.months import at_seoul, seoul_date
from governance import calendars, meetings
from governance.models import Meeting
from governance.tasks import lay_meetings
from staffing.models import Holiday
from tests import factories as f
from tests.governance import factories as g

AT = f.NOW
UNTIL = dt.date(2015, 2, 28)


def laid(body):
    return [seoul_date(m.starts_at) for m in body.meetings.order_by("starts_at")]


def test_lays_a_meeting_on_every_thursday(committee, manager):
    calendars.plan_meetings(committee, until=dt.date(2015, 2, 5), by=manager, at=AT)
    assert laid(committee) == [dt.date(2015, 1, 15), dt.date(2015, 1, 22), dt.date(2015, 1, 29), dt.date(2015, 2, 5)]
    assert committee.meetings.order_by("starts_at")[0].starts_at == at_seoul(dt.date(2015, 1, 15), dt.time(14))
    assert sorted(committee.meetings.values_list("number", flat=True)) == [1, 2, 3, 4]


def test_lays_every_second_week_from_the_first_one(committee, manager):
    committee.interval_weeks = 2
    committee.save()
    calendars.plan_meetings(committee, until=dt.date(2015, 2, 12), by=manager, at=AT)
    # counted from 4 December 2014, the first Thursday after the founding
    assert laid(committee) == [dt.date(2015, 1, 15), dt.date(2015, 1, 29), dt.date(2015, 2, 12)]


def test_lays_nothing_twice(committee, manager):
    first = calendars.plan_meetings(committee, until=UNTIL, by=manager, at=AT)
    assert first
    assert calendars.plan_meetings(committee, until=UNTIL, by=manager, at=AT) == []
    assert committee.meetings.count() == len(first)


def test_lays_the_meetings_of_every_complete_body_each_night(committee, other_dong, db):
    incomplete = g.BodyFactory(dong=other_dong)
    assert lay_meetings() == committee.meetings.count() > 6
    assert lay_meetings() == 0
    assert not incomplete.meetings.exists()


def test_does_not_lay_again_what_was_moved(committee, manager):
    calendars.plan_meetings(committee, until=dt.date(2015, 1, 22), by=manager, at=AT)
    meeting = committee.meetings.get(slot_on=dt.date(2015, 1, 22))
    friday = at_seoul(dt.date(2015, 1, 23), dt.time(10))
    meetings.reschedule(meeting, starts_at=friday, place="1층", by=manager, at=AT)
    assert calendars.plan_meetings(committee, until=dt.date(2015, 1, 22), by=manager, at=AT) == []


def test_shifts_a_holiday_to_the_next_working_day_of_the_week(committee, manager):
    Holiday.objects.create(on=dt.date(2015, 1, 22), name="임시공휴일")
    calendars.plan_meetings(committee, until=dt.date(2015, 1, 22), by=manager, at=AT)
    assert laid(committee) == [dt.date(2015, 1, 15), dt.date(2015, 1, 23)]


def test_shifts_back_when_the_rest_of_the_week_is_off(committee, manager):
    for day, name in ((18, "설날 연휴"), (19, "설날"), (20, "설날 연휴")):
        Holiday.objects.create(on=dt.date(2015, 2, day), name=name)
    calendars.plan_meetings(committee, until=dt.date(2015, 2, 19), by=manager, at=AT)
    assert laid(committee)[-1] == dt.date(2015, 2, 17)


def test_shows_a_week_of_holidays_as_a_week_without_a_meeting(committee, manager):
    for day in range(16, 21):
        Holiday.objects.create(on=dt.date(2015, 2, day), name="연휴")
    calendars.plan_meetings(committee, until=dt.date(2015, 2, 19), by=manager, at=AT)
    meeting = committee.meetings.get(slot_on=dt.date(2015, 2, 19))
    assert (meeting.state, meeting.cancel_reason) == (Meeting.State.CANCELLED, "한 주가 모두 휴일")


def test_makes_missed_weeks_visible(committee, manager):
    today = dt.date(2015, 1, 14)
    g.MeetingFactory(
        body=committee, slot_on=dt.date(2014, 12, 18), starts_at=at_seoul(dt.date(2014, 12, 18), dt.time(14))
    )
    closed = g.MeetingFactory(
        body=committee,
        slot_on=dt.date(2014, 12, 11),
        starts_at=at_seoul(dt.date(2014, 12, 12), dt.time(14)),
        state=Meeting.State.CLOSED,
    )
    calendars.plan_meetings(committee, until=dt.date(2015, 1, 22), by=manager, at=AT)
    rows = calendars.calendar(committee, first=dt.date(2014, 12, 1), last=dt.date(2015, 1, 31), today=today)
    assert [(row.on, row.state) for row in rows] == [
        (dt.date(2014, 12, 4), "missed"),  # nobody laid a meeting
        (dt.date(2014, 12, 11), "held"),  # held a day later
        (dt.date(2014, 12, 18), "missed"),  # laid, never opened
        (dt.date(2014, 12, 25), "missed"),
        (dt.date(2015, 1, 1), "missed"),
        (dt.date(2015, 1, 8), "missed"),
        (dt.date(2015, 1, 15), "planned"),
        (dt.date(2015, 1, 22), "planned"),
    ]
    assert rows[1].meeting == closed


def test_finds_the_open_meeting_before_the_next_planned_one(committee, manager):
    planned = g.MeetingFactory(body=committee, starts_at=g.MEETS_AT + dt.timedelta(7))
    assert calendars.next_meeting(committee, at=AT) == planned
    running = g.open_meeting(committee, by=manager)
    assert calendars.next_meeting(committee, at=g.MEETS_AT) == running
    assert calendars.next_meeting(committee, at=g.MEETS_AT, after=running) == planned


def test_lays_the_calendar_further_when_it_has_run_out(committee, manager, meeting):
    found = calendars.next_or_laid(committee, at=g.MEETS_AT, by=manager, after=meeting)
    assert seoul_date(found.starts_at) == dt.date(2015, 1, 22)


def test_asks_for_a_next_meeting_when_there_is_no_rhythm(committee, manager):
    committee.weekday = None
    committee.save()
    with pytest.raises(calendars.NoNextMeeting):
        calendars.next_or_laid(committee, at=AT, by=manager)


def test_adds_one_meeting_outside_the_rhythm_however_often_it_is_pressed(committee, manager):
    moment = at_seoul(dt.date(2015, 1, 19), dt.time(10))
    first = calendars.add_meeting(committee, starts_at=moment, place="", by=manager, at=AT)
    assert calendars.add_meeting(committee, starts_at=moment, place="", by=manager, at=AT) == first
    assert (first.slot_on, first.place) == (None, "2층 회의실")
    with pytest.raises(calendars.InThePast):
        calendars.add_meeting(committee, starts_at=AT - dt.timedelta(1), place="", by=manager, at=AT)
