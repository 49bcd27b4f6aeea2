"""Pages of the calendars: who sees and writes whose time, absences over visits, weeks, turns, holidays."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from common.months import SEOUL, Month, seoul_date
from staffing import counter_rota, staff_times, work_weeks
from staffing.models import Holiday, OfficeWeek, StaffTime, WorkPattern
from tests import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def today():
    return seoul_date(timezone.now())


@pytest.fixture
def coming(today):
    """The Wednesday of the next week."""
    return today + dt.timedelta(days=9 - today.weekday())


def text(answer):
    return answer.content.decode()


def form(user, on, **given):
    return {"user": user.uid, "kind": "leave", "first_on": on, "last_on": "", "half": "", "note": ""} | given


class TestWeek:
    def test_shows_the_people_of_the_own_dong(self, sign_in_as, nurse, social, nurse_elsewhere, coming):
        staff_times.enter(social, "training", first_on=coming, last_on=coming, half="PM", by=social)
        answer = sign_in_as(nurse).get("/staffing/calendars/", {"on": coming})
        assert social.name in text(answer)
        assert "교육" in text(answer)
        assert nurse_elsewhere.name not in text(answer)

    def test_shows_visits_without_the_resident(self, sign_in_as, pair, nurse, coming):
        starts_at = dt.datetime.combine(coming, dt.time(9, 40), SEOUL)
        visit = f.standing_visit(pair, starts_at=starts_at)
        answer = text(sign_in_as(nurse).get("/staffing/calendars/", {"on": coming}))
        assert "방문 9:40" in answer
        assert visit.person.name not in answer

    def test_shows_another_dong_to_nobody_but_the_offices(self, sign_in_as, nurse, other_dong, officer):
        assert sign_in_as(nurse).get("/staffing/calendars/", {"place": other_dong.slug}).status_code == 404
        assert sign_in_as(officer).get("/staffing/calendars/", {"place": other_dong.slug}).status_code == 200

    def test_shows_a_child_nurse_her_own_calendar_only(self, sign_in_as, dong):
        mine = f.PostingFactory(role="HC", dong=None, user__name="서유나").user
        f.PostingFactory(role="HC", dong=None, user__name="문가영")
        answer = text(sign_in_as(mine).get("/staffing/calendars/"))
        assert "서유나" in answer
        assert "문가영" not in answer

    def test_names_a_holiday(self, sign_in_as, nurse, coming):
        Holiday.objects.create(on=coming, name="임시공휴일")
        for view in ("week", "month"):
            assert "임시공휴일" in text(sign_in_as(nurse).get("/staffing/calendars/", {"on": coming, "view": view}))

    @pytest.mark.parametrize("view", ["week", "month"])
    def test_needs_the_same_number_of_queries_for_many(self, sign_in_as, dong, lead, coming, view):
        client = sign_in_as(lead)

        def queries():
            with CaptureQueriesContext(connection) as found:
                client.get("/staffing/calendars/", {"on": coming, "view": view})
            return len(found)

        for _ in range(3):
            staff_times.enter(f.PostingFactory(dong=dong).user, "leave", first_on=coming, last_on=coming, by=lead)
        client.get("/staffing/calendars/", {"on": coming, "view": view})
        few = queries()
        for _ in range(27):
            staff_times.enter(f.PostingFactory(dong=dong).user, "leave", first_on=coming, last_on=coming, by=lead)
        assert queries() == few


class TestEntering:
    def test_lets_a_person_enter_the_own_leave(self, sign_in_as, nurse, coming):
        answer = sign_in_as(nurse).post("/staffing/calendars/enter/", form(nurse, coming, half="AM"))
        assert answer.status_code == 302
        row = StaffTime.objects.get()
        assert (row.user, row.half, row.by, row.last_on) == (nurse, "AM", nurse, coming)

    def test_does_not_let_a_person_enter_for_a_colleague(self, sign_in_as, nurse, social, coming):
        answer = sign_in_as(nurse).post("/staffing/calendars/enter/", form(social, coming))
        assert answer.status_code == 422
        assert not StaffTime.objects.exists()

    def test_lets_the_lead_enter_for_the_own_dong_only(self, sign_in_as, lead, nurse, nurse_elsewhere, coming):
        client = sign_in_as(lead)
        assert client.post("/staffing/calendars/enter/", form(nurse, coming)).status_code == 302
        assert client.post("/staffing/calendars/enter/", form(nurse_elsewhere, coming)).status_code == 422

    def test_keeps_a_double_click_once(self, sign_in_as, nurse, coming):
        client = sign_in_as(nurse)
        for _ in range(2):
            assert client.post("/staffing/calendars/enter/", form(nurse, coming)).status_code == 302
        assert StaffTime.objects.count() == 1

    def test_says_what_stands_there_already(self, sign_in_as, nurse, coming):
        staff_times.enter(nurse, "leave", first_on=coming, last_on=coming, by=nurse)
        answer = sign_in_as(nurse).post("/staffing/calendars/enter/", form(nurse, coming, half="PM"))
        assert answer.status_code == 422
        assert "이미 적힌 일정이 있습니다" in text(answer)

    def test_leads_to_the_promised_visits_and_to_replanning(self, sign_in_as, pair, nurse, lead, coming):
        starts_at = dt.datetime.combine(coming, dt.time(9, 40), SEOUL)
        visit = f.standing_visit(pair, starts_at=starts_at)
        answer = sign_in_as(lead).post("/staffing/calendars/enter/", form(nurse, coming, kind="sick"), follow=True)
        assert "약속한 방문 1건" in text(answer)
        assert f"/visits/{visit.uid}/" in text(answer)
        assert (
            f"/schedules/replan/?user={nurse.uid}&amp;on={coming}&amp;until={coming}&amp;half=&amp;kind=sick"
            in text(answer)
        )

    def test_takes_an_entry_out_once_and_for_all(self, sign_in_as, nurse, coming):
        row = staff_times.enter(nurse, "leave", first_on=coming, last_on=coming, by=nurse)
        client = sign_in_as(nurse)
        for _ in range(2):
            answer = client.post(f"/staffing/calendars/{row.uid}/take-out/", follow=True)
            assert answer.status_code == 200
        assert not StaffTime.objects.exists()

    def test_keeps_others_from_taking_it_out(self, sign_in_as, nurse, lead_elsewhere, coming):
        row = staff_times.enter(nurse, "leave", first_on=coming, last_on=coming, by=nurse)
        client = sign_in_as(lead_elsewhere)
        client.post(f"/staffing/calendars/{row.uid}/take-out/")
        assert StaffTime.objects.exists()
        assert client.get(f"/staffing/calendars/{row.uid}/").status_code == 404


class TestWeeks:
    def test_sets_the_half_days_somebody_works(self, sign_in_as, lead, nurse, today):
        given = {"act": "pattern", "user": nurse.uid, "halves": ["0AM", "1AM"], "since": today, "note": "육아"}
        assert sign_in_as(lead).post("/staffing/calendars/weeks/", given).status_code == 302
        assert WorkPattern.objects.get().halves == ["0AM", "1AM"]

    def test_sets_the_half_days_the_center_keeps(self, sign_in_as, lead, dong, today):
        given = {"act": "office", "since": today, "why_2AM": "사례 공부"}
        assert sign_in_as(lead).post("/staffing/calendars/weeks/", given).status_code == 302
        row = OfficeWeek.objects.get()
        assert (row.dong, row.closed) == (dong, {"2AM": "사례 공부"})

    def test_belongs_to_the_lead(self, sign_in_as, nurse):
        assert sign_in_as(nurse).get("/staffing/calendars/weeks/").status_code == 404

    def test_keeps_a_pattern_of_nothing_out(self, sign_in_as, lead, nurse, today):
        given = {"act": "pattern", "user": nurse.uid, "since": today}
        assert sign_in_as(lead).post("/staffing/calendars/weeks/", given).status_code == 422
        with pytest.raises(work_weeks.NoHalfLeft):
            work_weeks.set_pattern(nurse, [], since=today, by=lead)


class TestCounter:
    def test_goes_from_a_decision_to_turns_in_the_calendars(self, sign_in_as, lead, nurse, social, dong, today):
        client, month = sign_in_as(lead), Month.of(today).next
        given = {"act": "rota", "cycle": "day", "seats": 1, "halves": ["AM", "PM"], "streak_limit": 3}
        given |= {"people": [nurse.uid, social.uid], "since": today, "month": month}
        assert client.post("/staffing/calendars/counter/", given).status_code == 302
        assert "미리 보기" in text(client.get("/staffing/calendars/counter/", {"month": month}))
        client.post("/staffing/calendars/counter/", {"act": "generate", "month": month})
        assert StaffTime.objects.filter(kind="counter", user__in=[nurse, social]).count() >= 20
        assert "달력에 있음" in text(client.get("/staffing/calendars/counter/", {"month": month}))

    def test_warns_of_a_streak_that_is_too_long(self, sign_in_as, lead, nurse, dong, today):
        facts = {"cycle": "day", "seats": 1, "halves": ["AM"], "streak_limit": 2, "people": [nurse]}
        counter_rota.set_rota(dong, **facts, since=today, by=lead)
        answer = text(sign_in_as(lead).get("/staffing/calendars/counter/", {"month": Month.of(today).next}))
        assert "잇달아 섭니다" in answer


class TestHolidays:
    def test_lets_the_office_add_and_take_out_a_day(self, sign_in_as, office, today):
        client = sign_in_as(office)
        client.post("/staffing/holidays/change/", {"act": "add", "on": today, "name": "임시공휴일"})
        assert Holiday.objects.get().name == "임시공휴일"
        client.post("/staffing/holidays/change/", {"act": "take_out", "on": today, "year": today.year})
        assert not Holiday.objects.exists()

    def test_fills_a_year_and_keeps_what_was_added(self, sign_in_as, office):
        Holiday.objects.create(on=dt.date(2015, 8, 14), name="광복 70주년 임시공휴일")
        sign_in_as(office).post("/staffing/holidays/change/", {"act": "fill", "year": 2015})
        assert Holiday.objects.filter(on__year=2015).count() > 10
        assert Holiday.objects.get(on=dt.date(2015, 8, 14)).name == "광복 70주년 임시공휴일"

    def test_shows_the_table_to_a_lead_without_the_buttons(self, sign_in_as, lead, today):
        Holiday.objects.create(on=today, name="임시공휴일")
        client = sign_in_as(lead)
        answer = text(client.get("/staffing/holidays/"))
        assert "임시공휴일" in answer
        assert "하루 더하기" not in answer
        assert client.post("/staffing/holidays/change/", {"act": "fill"}).status_code == 403
