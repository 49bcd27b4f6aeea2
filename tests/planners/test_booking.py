"""Promising a visit: who may be promised what, and that nobody is promised twice."""

import datetime as dt
import threading

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from common.months import at_seoul
from planners import booking, booking_slots
from planners.models import Coverage, Visit, VisitEvent, VisitStaff
from staffing.models import Holiday, StaffTime
from tests import factories as f

pytestmark = pytest.mark.django_db
THURSDAY = dt.date(2015, 1, 15)
DAY = dt.timedelta(days=1)


def clock(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    return at_seoul(day, dt.time(hour, minute))


@pytest.fixture
def waiting(rulebook, pair):
    """A visit in the pool, with consent unless told otherwise."""

    def make(said="given", rule="turns_65", **given):
        person = f.PersonFactory(dong=pair.dong)
        if said:
            f.ConsentFactory(person=person, answer=said)
        target = f.TargetFactory(person=person, rule=rulebook[rule])
        return f.VisitFactory(target=target, **given)

    return make


@pytest.fixture
def book(pair, social):
    def promise(visit, starts_at=None, **given):
        starts_at = starts_at or clock(THURSDAY, 10)
        return booking.book(visit, pair=given.pop("pair", pair), starts_at=starts_at, by=social, at=f.NOW)

    return promise


@pytest.fixture
def slots():
    def ask(visit, first=f.TODAY, last=f.TODAY + 30 * DAY, **given):
        return booking_slots.free_slots(visit, first, last, at=given.pop("at", f.NOW), **given)

    return ask


# ------------------------------------------------------------------ the promise


def test_blocks_both_calendars(waiting, book, pair):
    visit = book(waiting())
    assert (visit.state, visit.on, visit.half, visit.order) == ("booked", THURSDAY, "AM", 1)
    rows = VisitStaff.objects.filter(visit=visit)
    assert {row.user for row in rows} == {pair.nurse, pair.social}
    assert {(row.during.lower, row.during.upper) for row in rows} == {(clock(THURSDAY, 10), clock(THURSDAY, 11))}
    assert VisitEvent.objects.get(visit=visit, act="booked").text == "1월 15일 목요일 오전 10:00 방문 약속"


@pytest.mark.parametrize("said", [None, "refused"])
def test_refuses_without_consent(waiting, book, said):
    with pytest.raises(booking.NoConsent):
        book(waiting(said))
    assert not VisitStaff.objects.exists()


def test_refuses_a_day_after_the_consent_has_ended(waiting, book):
    visit = waiting(None)
    f.ConsentFactory(person=visit.person, ends_on=THURSDAY)
    with pytest.raises(booking.NoConsent):
        book(visit)


def test_follows_a_reported_worry_without_asking_first(waiting, book):
    assert book(waiting(None, rule="crisis_report")).state == "booked"


def test_refuses_a_second_promise_for_one_of_the_two_people(waiting, book, pair, nurse, dong):
    book(waiting())
    other = f.PairFactory(dong=dong, name="B조", nurse=nurse, social=f.UserFactory())
    visit = waiting()
    with pytest.raises(booking.SlotTaken) as refused:
        book(visit, clock(THURSDAY, 10, 30), pair=other)
    assert "다른 시간을 골라 주세요" in str(refused.value)
    visit.refresh_from_db()
    assert (visit.state, visit.staff.count()) == ("pool", 0)


def test_replaces_an_earlier_promise_of_the_same_visit(waiting, book):
    visit = book(waiting())
    visit = book(visit, clock(THURSDAY, 10, 30))
    assert VisitStaff.objects.filter(visit=visit, is_active=True).count() == 2
    assert "1월 15일 목요일 오전 10:00에서 바꿈" in VisitEvent.objects.filter(visit=visit).last().text


@pytest.mark.parametrize(
    ("starts_at", "refusal"),
    [
        (clock(THURSDAY, 9), booking.NotFree),  # before leaving the center
        (clock(THURSDAY, 11, 30), booking.NotFree),  # not back by noon
        (clock(THURSDAY + DAY, 14), booking.NotFree),  # Friday afternoon: records
        (clock(dt.date(2015, 1, 19), 10), booking.NotFree),  # Monday morning: meeting
        (clock(dt.date(2015, 1, 17), 10), booking.NotFree),  # Saturday
        (clock(dt.date(2015, 1, 20), 10), booking.NotFree),  # holiday below
        (clock(dt.date(2015, 1, 21), 10), booking.NotFree),  # the nurse's leave below
        (clock(dt.date(2015, 1, 13), 10), booking.NotFree),  # yesterday
    ],
)
def test_refuses_hours_nobody_goes_out(waiting, book, nurse, starts_at, refusal):
    Holiday.objects.create(on=dt.date(2015, 1, 20), name="임시공휴일")
    leave = dt.date(2015, 1, 21)
    StaffTime.objects.create(user=nurse, kind="leave", first_on=leave, last_on=leave, half="AM")
    with pytest.raises(refusal):
        book(waiting(), starts_at)


def test_says_whose_leave_stands_in_the_way(waiting, book, nurse):
    StaffTime.objects.create(user=nurse, kind="leave", first_on=THURSDAY, last_on=THURSDAY)
    with pytest.raises(booking.NotFree, match=r"한지은 님은 그 시간에 나갈 수 없습니다\(연가\)"):
        book(waiting())


def test_refuses_a_third_visit_in_a_morning(waiting, book):
    book(waiting(minutes=45), clock(THURSDAY, 9, 30))
    book(waiting(minutes=45), clock(THURSDAY, 10, 15))
    with pytest.raises(booking.NotFree, match="2건으로 찼습니다"):
        book(waiting(minutes=45), clock(THURSDAY, 11))


def test_refuses_a_pair_of_another_dong(waiting, book, other_dong, nurse_elsewhere):
    stranger = f.PairFactory(dong=other_dong, nurse=nurse_elsewhere, social=f.UserFactory())
    with pytest.raises(booking.WrongPair):
        book(waiting(), pair=stranger)


def test_refuses_visits_that_ended(waiting, book):
    with pytest.raises(booking.NotBookable):
        book(waiting(state="cancelled"))


def test_numbers_the_stops_of_an_outing_by_the_clock(waiting, book):
    late = book(waiting(), clock(THURSDAY, 15))
    early = book(waiting(), clock(THURSDAY, 13, 40))
    late.refresh_from_db()
    early.refresh_from_db()
    assert (early.order, late.order) == (1, 2)


def test_gives_the_time_back_when_a_promise_is_cancelled(waiting, book, social):
    visit = book(waiting())
    with pytest.raises(booking.ReasonMissing):
        booking.cancel_booking(visit, reason="", by=social, at=f.NOW)
    visit = booking.cancel_booking(visit, reason="그날 병원에 가심", by=social, at=f.NOW)
    assert (visit.state, visit.pair, visit.on) == ("pool", None, None)
    assert book(waiting()).state == "booked"


@pytest.mark.django_db(transaction=True)
def test_lets_one_of_two_callers_have_the_slot(rulebook, pair, social):
    visits = []
    for _ in range(2):
        person = f.PersonFactory(dong=pair.dong)
        f.ConsentFactory(person=person)
        visits.append(f.VisitFactory(target=f.TargetFactory(person=person, rule=rulebook["turns_65"])))
    start, said = threading.Barrier(2), []

    def call(visit):
        try:
            start.wait()
            booking.book(visit, pair=pair, starts_at=clock(THURSDAY, 10), by=social, at=f.NOW)
            said.append("booked")
        except booking.SlotTaken as refusal:
            said.append(refusal.code)
        except Exception as fault:
            said.append(repr(fault))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=call, args=[visit]) for visit in visits]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert sorted(said) == ["SLOT_TAKEN", "booked"]
    assert Visit.objects.filter(state="booked").count() == 1
    assert VisitStaff.objects.filter(is_active=True).count() == 2


# ------------------------------------------------------------------ free slots


def test_offers_five_slots_that_can_really_be_booked(waiting, slots, book):
    offered = slots(waiting())
    assert len(offered) == 5
    assert offered == sorted(offered, key=lambda s: s.starts_at)
    for slot in offered:
        assert book(waiting(), slot.starts_at).state == "booked"


def test_offers_nothing_where_one_of_the_two_is_away(waiting, slots, social):
    StaffTime.objects.create(user=social, kind="training", first_on=f.TODAY, last_on=f.TODAY + 30 * DAY)
    assert slots(waiting()) == []


def test_offers_no_half_day_of_the_office(waiting, slots):
    offered = slots(waiting(), limit=100)
    assert offered
    weekdays = {(s.starts_at.astimezone().weekday(), s.half) for s in offered}
    assert not weekdays & {(0, "AM"), (4, "PM"), (5, "AM"), (5, "PM"), (6, "AM"), (6, "PM")}


def test_keeps_the_way_between_two_homes_free(waiting, slots, book):
    book(waiting(), clock(THURSDAY, 9, 40))
    there = [s for s in slots(waiting(), THURSDAY, THURSDAY) if s.half == "AM"]
    assert [s.starts_at for s in there] == [clock(THURSDAY, 10, 50)]


def test_prefers_the_pair_that_went_last_time(waiting, slots, pair, dong):
    other = f.PairFactory(dong=dong, name="B조", nurse=f.UserFactory(), social=f.UserFactory())
    visit = waiting()
    f.VisitFactory(
        target=f.TargetFactory(person=visit.person, occurrence="x"), state="done", pair=other, on=dt.date(2014, 12, 1)
    )
    offered = slots(visit)
    assert {s.pair for s in offered} == {other}
    assert offered[0].why == "지난번에 간 조입니다"


def test_respects_the_first_day_wishes_and_language(waiting, slots, pair):
    visit = waiting(release_on=dt.date(2015, 1, 20), halves=["PM"], weekdays=[1, 3])
    days = {(s.starts_at.astimezone().weekday(), s.half) for s in slots(visit, limit=50)}
    assert days == {(1, "PM"), (3, "PM")}
    assert slots(waiting(needs=["베트남어"])) == []
    pair.skills = ["베트남어"]
    pair.save()
    assert slots(waiting(needs=["베트남어"]))


def test_asks_for_an_hours_notice_today(waiting, slots):
    offered = slots(waiting(), f.TODAY, f.TODAY, at=clock(f.TODAY, 13, 30))
    assert [s.starts_at for s in offered] == [clock(f.TODAY, 14, 30)]


def test_finds_the_childrens_nurse_by_zone(rulebook, waiting, dong, slots):
    from centers.models import Zone, ZoneDong, ZoneScheme

    zone = Zone.objects.create(scheme=ZoneScheme.objects.create(key="nurse", name="권역"), name="장위", order=1)
    ZoneDong.objects.create(zone=zone, dong=dong, valid_from=dt.date(2014, 1, 1))
    alone = f.PairFactory(kind="child", name="아이1", dong=None, zone=zone, nurse=f.UserFactory(), social=None)
    visit = waiting(rule="newborn", minutes=90)
    assert {s.pair for s in slots(visit)} == {alone}
    assert Coverage.objects.exists()


def test_shows_both_calendars(waiting, book, pair, nurse):
    book(waiting(), clock(THURSDAY, 10))
    StaffTime.objects.create(user=nurse, kind="leave", first_on=THURSDAY, last_on=THURSDAY, half="PM")
    week = booking_slots.pair_week(pair, THURSDAY, dt.date(2015, 1, 16))
    assert [user.name for user in week.people] == ["한지은", "오세진"]
    said = {day: [[(name, c.state, c.text) for name, c in cells] for cells in halves] for day, halves in week.days}
    assert said[THURSDAY] == [
        [("", "busy", "방문 10:00")],
        [("한지은", "away", "연가"), ("오세진", "free", "비어 있음")],
    ]
    assert said[dt.date(2015, 1, 16)][1] == [("", "closed", "기록 정리")]


def test_costs_the_same_number_of_queries_for_one_and_many_visits(waiting, slots, book):
    def queries():
        with CaptureQueriesContext(connection) as counted:
            slots(visit)
        return len(counted)

    visit = waiting()
    few = queries()
    for day in (15, 20, 21, 22, 27):
        book(waiting(), clock(dt.date(2015, 1, day), 14))
    assert queries() == few
