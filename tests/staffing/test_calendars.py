"""Calendars: what takes a half-day, what gives way to what, and that nothing stands twice."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from centers.access import Scope
from staffing import calendars, staff_times, work_weeks
from staffing.models import Holiday, StaffTime
from tests import factories as f

MONDAY = dt.date(2015, 1, 12)
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (MONDAY + dt.timedelta(n) for n in range(1, 5))
pytestmark = pytest.mark.django_db


def free(user, first=MONDAY, last=FRIDAY):
    return {f"{day:%a}{half}" for day, half in calendars.working_halves([user], first, last)[user.pk]}


class TestWorkingHalves:
    def test_keeps_the_team_meeting_and_the_records_free_of_visits(self, nurse):
        assert free(nurse) == {"MonPM", "TueAM", "TuePM", "WedAM", "WedPM", "ThuAM", "ThuPM", "FriAM"}

    def test_leaves_out_holidays(self, nurse):
        Holiday.objects.create(on=WEDNESDAY, name="임시공휴일")
        assert not {"WedAM", "WedPM"} & free(nurse)

    def test_follows_the_week_a_dong_decided_from_its_day_on(self, dong, nurse, nurse_elsewhere, lead):
        work_weeks.set_office_week(dong, {"2PM": "사례 공부"}, since=WEDNESDAY, by=lead)
        assert free(nurse) == {"MonPM", "TueAM", "TuePM", "WedAM", "ThuAM", "ThuPM", "FriAM", "FriPM"}
        assert "WedPM" in free(nurse_elsewhere)

    def test_lets_the_district_decide_for_dongs_without_a_week_of_their_own(self, dong, nurse, nurse_elsewhere, lead):
        work_weeks.set_office_week(dong, {"0AM": "팀 회의"}, since=MONDAY, by=lead)
        work_weeks.set_office_week(None, {"3AM": "구 회의"}, since=MONDAY, by=lead)
        assert "ThuAM" in free(nurse)
        assert "ThuAM" not in free(nurse_elsewhere)

    def test_counts_only_the_half_days_somebody_works(self, nurse, lead):
        work_weeks.set_pattern(nurse, ["1AM", "1PM", "2AM"], since=MONDAY, by=lead)
        assert free(nurse) == {"TueAM", "TuePM", "WedAM"}
        assert calendars.absences([nurse], FRIDAY, FRIDAY)[nurse.pk][FRIDAY, "AM"] == "근무 안 함"

    def test_ends_a_pattern_on_the_day_the_next_begins(self, nurse, lead):
        work_weeks.set_pattern(nurse, ["1AM"], since=MONDAY, by=lead)
        work_weeks.set_pattern(nurse, ["3AM"], since=WEDNESDAY, by=lead)
        assert free(nurse) == {"TueAM", "ThuAM"}

    def test_needs_the_same_number_of_queries_for_many(self, dong, django_assert_num_queries):
        few = [f.PostingFactory(dong=dong).user for _ in range(3)]
        many = few + [f.PostingFactory(dong=dong).user for _ in range(27)]
        with django_assert_num_queries(5):
            calendars.working_halves(few, MONDAY, FRIDAY)
        with django_assert_num_queries(5):
            calendars.working_halves(many, MONDAY, FRIDAY)


def enter(user, kind="leave", first_on=TUESDAY, last_on=None, half="", by=None):
    return staff_times.enter(user, kind, first_on=first_on, last_on=last_on or first_on, half=half, by=by or user)


def entered(user):
    rows = StaffTime.objects.filter(user=user).order_by("first_on", "half")
    return [(row.kind, f"{row.first_on:%a}", f"{row.last_on:%a}", row.half) for row in rows]


class TestEntering:
    def test_takes_a_half_day(self, nurse):
        enter(nurse, half="AM")
        assert "TueAM" not in free(nurse)
        assert "TuePM" in free(nurse)

    def test_keeps_morning_and_afternoon_apart(self, nurse):
        enter(nurse, half="AM")
        enter(nurse, "training", half="PM")
        assert len(entered(nurse)) == 2

    @pytest.mark.parametrize("half", ["", "AM"])
    def test_refuses_a_second_entry_and_names_the_first(self, nurse, half):
        enter(nurse, "leave", half=half)
        with pytest.raises(staff_times.AlreadyTaken, match=r"1월 13일.* 연가"):
            enter(nurse, "leave", first_on=MONDAY, last_on=WEDNESDAY)

    def test_keeps_the_same_entry_once(self, nurse):
        assert enter(nurse) == enter(nurse)
        assert len(entered(nurse)) == 1

    def test_lets_illness_cut_duties_and_keeps_what_lies_outside(self, nurse):
        enter(nurse, "training", first_on=MONDAY, last_on=FRIDAY)
        enter(nurse, "sick", first_on=WEDNESDAY, half="AM")
        assert entered(nurse) == [
            ("training", "Mon", "Tue", ""),
            ("sick", "Wed", "Wed", "AM"),
            ("training", "Wed", "Wed", "PM"),
            ("training", "Thu", "Fri", ""),
        ]

    def test_does_not_let_a_duty_cut_leave(self, nurse):
        enter(nurse, "leave")
        with pytest.raises(staff_times.AlreadyTaken):
            enter(nurse, "counter")

    def test_refuses_days_in_the_wrong_order(self, nurse):
        with pytest.raises(staff_times.WrongDays):
            enter(nurse, first_on=WEDNESDAY, last_on=TUESDAY)

    def test_is_kept_from_overlaps_by_the_database(self, nurse):
        StaffTime.objects.create(user=nurse, kind="leave", first_on=MONDAY, last_on=FRIDAY)
        with pytest.raises(IntegrityError, match="staff_time_never_twice"), transaction.atomic():
            StaffTime.objects.create(user=nurse, kind="counter", first_on=TUESDAY, last_on=TUESDAY, half="PM")

    def test_may_lie_over_visits_and_names_them(self, pair, nurse):
        visit = f.standing_visit(pair)
        row = enter(nurse, "sick", first_on=f.TODAY)
        (promise,) = staff_times.promised_during(row)
        assert (promise.title, promise.subject) == ("김○순 님 방문", visit.person_id)
        assert str(visit.uid) in promise.url

    def test_does_not_name_visits_of_the_other_half(self, pair, nurse):
        f.standing_visit(pair)
        assert staff_times.promised_during(enter(nurse, "sick", first_on=f.TODAY, half="PM")) == []

    def test_keeps_who_entered_and_who_took_out(self, nurse):
        row = enter(nurse)
        staff_times.remove(row)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pgh_label FROM staffing_stafftimehistory ORDER BY pgh_id")
            assert [label for (label,) in cursor.fetchall()] == ["insert", "delete"]


class TestReach:
    def test_shows_colleagues_and_lets_people_write_for_themselves(self, nurse, social, nurse_elsewhere):
        rows = [enter(user) for user in (nurse, social, nurse_elsewhere)]
        scope = Scope.of(nurse, f.TODAY)
        assert set(StaffTime.objects.visible_to(scope)) == set(rows[:2])
        assert set(StaffTime.objects.changeable_by(scope)) == {rows[0]}

    def test_lets_the_lead_write_for_the_own_dong(self, lead, nurse, nurse_elsewhere):
        rows = [enter(user) for user in (nurse, nurse_elsewhere)]
        assert set(StaffTime.objects.changeable_by(Scope.of(lead, f.TODAY))) == {rows[0]}
