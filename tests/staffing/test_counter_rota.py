"""The counter rota: fair, within leave and promises, gaps and streaks named, the same when dealt twice."""

import datetime as dt

import pytest

from common.months import Month
from staffing import counter_rota, staff_times, work_weeks
from staffing.models import StaffTime
from tests import factories as f

JANUARY = Month(2015, 1)
BEFORE = dt.date(2014, 12, 31)
pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(dong):
    return [f.PostingFactory(dong=dong, user__name=name, role="CN").user for name in ("가은", "나래", "다솜", "라온")]


@pytest.fixture
def rota(dong, staff, lead):
    def make(**given):
        facts = {"cycle": "day", "seats": 1, "halves": ["AM", "PM"], "streak_limit": 3, "people": staff}
        return counter_rota.set_rota(dong, since=dt.date(2015, 1, 1), by=lead, **(facts | given))

    return make


def turns_of(user):
    rows = StaffTime.objects.filter(user=user, kind="counter")
    return sum(1 if row.half else 2 for row in rows)


@pytest.mark.parametrize("cycle", ["half", "day"])
def test_deals_the_month_out_evenly(rota, dong, staff, lead, cycle):
    rota(cycle=cycle)
    dealt = counter_rota.generate(dong, JANUARY, by=lead, today=BEFORE)
    assert sum(map(turns_of, staff)) == 44  # 22 weekdays, no holiday in the table
    assert dealt.spread <= 2
    assert dealt.warnings == []


def test_keeps_one_person_for_a_week_and_says_when_that_is_too_long(rota, dong, lead):
    rota(cycle="week")
    dealt = counter_rota.generate(dong, JANUARY, by=lead, today=BEFORE)
    for there in ({u.pk for u in dealt.turns[dt.date(2015, 1, day), "AM"]} for day in (5, 6, 7, 8)):
        assert there == {u.pk for u in dealt.turns[dt.date(2015, 1, 9), "PM"]}
    assert "5일 잇달아" in dealt.warnings[0]


def test_passes_over_people_on_leave_and_those_who_do_not_work_that_day(rota, dong, staff, lead):
    first, second = staff[:2]
    staff_times.enter(first, "leave", first_on=dt.date(2015, 1, 5), last_on=dt.date(2015, 1, 9), by=lead)
    work_weeks.set_pattern(second, ["0AM", "0PM"], since=dt.date(2015, 1, 1), by=lead)
    rota()
    counter_rota.generate(dong, JANUARY, by=lead, today=BEFORE)
    days = set(StaffTime.objects.filter(kind="counter", user=first).values_list("first_on", flat=True))
    assert not days & {dt.date(2015, 1, day) for day in range(5, 10)}
    assert {row.first_on.weekday() for row in StaffTime.objects.filter(kind="counter", user=second)} <= {0}


def test_asks_less_of_part_time_staff(rota, dong, staff, lead):
    work_weeks.set_pattern(staff[0], ["0AM", "0PM", "1AM", "1PM"], since=dt.date(2015, 1, 1), by=lead)
    rota(cycle="half")
    counter_rota.generate(dong, JANUARY, by=lead, today=BEFORE)
    assert turns_of(staff[0]) < min(turns_of(user) for user in staff[1:])


def test_leaves_promised_visits_alone(rota, dong, pair, lead):
    f.standing_visit(pair)
    rota(people=[pair.nurse])
    dealt = counter_rota.generate(dong, JANUARY, by=lead, today=BEFORE)
    assert ((f.TODAY, "AM"), 1) in dealt.gaps
    assert "설 사람이 모자라는 반일" in dealt.warnings[-1]


def test_gives_the_same_when_dealt_twice(rota, dong, lead):
    rota(seats=2)
    counter_rota.generate(dong, JANUARY, by=lead, today=BEFORE)
    before = list(StaffTime.objects.values_list("user", "first_on", "half"))
    counter_rota.generate(dong, JANUARY, by=lead, today=BEFORE)
    assert list(StaffTime.objects.values_list("user", "first_on", "half")) == before


def test_keeps_turns_up_to_today(rota, dong, lead, staff):
    rota()
    counter_rota.generate(dong, JANUARY, by=lead, today=BEFORE)
    past = StaffTime.objects.filter(first_on__lte=f.TODAY)
    before = list(past.values_list("uid", flat=True))
    rota(people=staff[:2])
    counter_rota.generate(dong, JANUARY, by=lead, today=f.TODAY)
    assert list(past.values_list("uid", flat=True)) == before
    assert turns_of(staff[2]) == sum(2 for _ in past.filter(user=staff[2]))


def test_counts_what_was_done_the_months_before(rota, dong, staff, lead):
    for day in range(1, 20):
        StaffTime.objects.create(
            user=staff[0], kind="counter", first_on=dt.date(2014, 12, day), last_on=dt.date(2014, 12, day)
        )
    rota(cycle="half")
    counter_rota.generate(dong, JANUARY, by=lead, today=BEFORE)
    assert turns_of(staff[0]) - 38 < min(turns_of(user) for user in staff[1:])


def test_refuses_more_seats_than_people(rota, staff):
    with pytest.raises(counter_rota.NobodyToTurn):
        rota(seats=2, people=staff[:1])


def test_says_what_to_do_without_a_rota(dong, lead):
    with pytest.raises(counter_rota.NoRota, match="먼저 주기와 사람을"):
        counter_rota.generate(dong, JANUARY, by=lead, today=BEFORE)
