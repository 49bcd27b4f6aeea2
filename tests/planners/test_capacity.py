"""Capacity: half-days both people have, what is due, shortage in a sentence, and the pace of months."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from centers.models import Zone, ZoneDong, ZoneScheme
from common.months import Month
from planners import capacity
from planners.months.month_problem import Unit, build
from staffing import staff_times, work_weeks
from tests import factories as f
from tests.cast import posted

pytestmark = pytest.mark.django_db
FEBRUARY = Month(2015, 2)
FIRST = FEBRUARY.first


def month_of(dong, month=FEBRUARY, today=f.TODAY):
    return capacity.center_months([dong], month, today=today)[0]


def due(dong, *, on=dt.date(2015, 2, 20), consent="given", count=1, **given):
    for _ in range(count):
        person = f.PersonFactory(dong=dong)
        target = f.TargetFactory(person=person, due_on=on)
        f.VisitFactory(target=target, **given)
        if consent:
            f.ConsentFactory(person=person, answer=consent)


class TestHalves:
    def test_are_those_both_people_have(self, dong, pair, nurse, social, lead):
        usual = capacity.outing_halves([pair], FIRST, FEBRUARY.last)[pair.pk]
        assert len(usual) == 32  # 20 weekdays, without Monday mornings and Friday afternoons
        day = dt.date(2015, 2, 3)
        staff_times.enter(nurse, "leave", first_on=day, last_on=day, half="AM", by=lead)
        staff_times.enter(social, "training", first_on=day, last_on=day, half="PM", by=lead)
        work_weeks.set_pattern(social, ["1AM", "1PM", "2AM", "2PM"], since=dt.date(2015, 2, 10), by=lead)
        left = capacity.outing_halves([pair], FIRST, FEBRUARY.last)[pair.pk]
        assert left < usual
        assert not {half for on, half in left if on == day}
        assert {on.weekday() for on, _ in left if on >= dt.date(2015, 2, 10)} == {1, 2}

    def test_end_with_the_pair(self, pair):
        pair.valid_to = dt.date(2015, 2, 10)
        pair.save()
        halves = capacity.outing_halves([pair], FIRST, FEBRUARY.last)[pair.pk]
        assert max(on for on, _ in halves) == dt.date(2015, 2, 9)

    def test_are_exactly_those_the_schedule_plans_with(self, dong, pair, nurse, lead):
        staff_times.enter(nurse, "leave", first_on=dt.date(2015, 2, 3), last_on=dt.date(2015, 2, 5), by=lead)
        due(dong)
        problem = build(Unit(dong), FEBRUARY, today=f.TODAY)
        planned = {(on, half) for _, on, half, _ in problem.session_of.values()}
        assert planned == capacity.outing_halves([pair], FIRST, FEBRUARY.last)[pair.pk]


class TestNeeds:
    def test_counts_consent_in_full_and_the_unasked_by_their_share(self, dong, pair):
        due(dong, count=3)
        due(dong, count=5, consent=None)
        due(dong, consent="refused")
        due(dong, on=dt.date(2015, 3, 10))
        center = month_of(dong)
        assert (center.agreed, center.waiting, center.expected, center.needed) == (3, 5, 4, 7)
        assert center.minutes_needed == 7 * 70

    def test_counts_what_is_overdue(self, dong, pair):
        due(dong, on=dt.date(2015, 1, 10))
        assert month_of(dong).overdue == 1

    def test_says_how_much_is_left(self, dong, pair):
        due(dong)
        center = month_of(dong)
        assert not center.is_short
        assert "더 할 수 있습니다" in center.sentence

    def test_says_how_much_is_missing_and_what_would_mend_it(self, dong, pair, nurse, lead):
        staff_times.enter(nurse, "sick", first_on=FIRST, last_on=dt.date(2015, 2, 26), by=lead)
        due(dong, count=6)
        center = month_of(dong)
        assert (center.halves, center.places, center.left) == (1, 2, -4)
        assert "4건이 모자랍니다. 반일을 2번 더" in center.sentence

    def test_asks_for_pairs_where_there_are_none(self, dong):
        assert "방문 조를 먼저" in month_of(dong).sentence

    def test_needs_the_same_number_of_queries_for_many_dongs(self, db):
        def queries(dongs):
            with CaptureQueriesContext(connection) as found:
                capacity.center_months(dongs, FEBRUARY, today=f.TODAY)
            return len(found)

        dongs = [f.DongFactory(name=f"동{n}") for n in range(30)]
        for dong in dongs:
            f.PairFactory(dong=dong)
            due(dong, consent=None)
        assert queries(dongs[:3]) == queries(dongs)


class TestZones:
    def test_weighs_the_child_nurses_of_a_zone_against_its_dongs(self, dong, other_dong):
        scheme = ZoneScheme.objects.create(key="nurse", name="간호사 권역")
        zone = Zone.objects.create(scheme=scheme, name="1권역", order=1)
        for place in (dong, other_dong):
            ZoneDong.objects.create(zone=zone, dong=place, valid_from=dt.date(2014, 1, 1))
        f.PairFactory(kind="child", zone=zone, dong=None, social=None, nurse=posted("child", "서유나", "HC"))
        child = f.ProgrammeFactory(key="child", needs_social_worker=False)
        rule = f.TargetRuleFactory(key="newborn", programme=child)
        for place in (dong, other_dong):
            target = f.TargetFactory(person=f.PersonFactory(dong=place), rule=rule, due_on=dt.date(2015, 2, 20))
            f.VisitFactory(target=target)
            f.ConsentFactory(person=target.person)
        due(dong)
        found = capacity.zone_months([zone], FEBRUARY, today=f.TODAY)[0]
        assert (found.agreed, found.halves, found.pairs[0].pair.nurse.name) == (2, 32, "서유나")
        assert month_of(dong).agreed == 1


class TestPace:
    def test_sets_what_is_needed_beside_what_was_done(self, dong, pair):
        other = f.PairFactory(dong=dong, name="B조")
        due(dong, on=dt.date(2015, 1, 20), count=4)
        for number in range(3):
            day = f.NOW - dt.timedelta(days=number)
            f.VisitFactory(
                target=f.TargetFactory(person=f.PersonFactory(dong=dong), due_on=day.date()),
                pair=pair, state="done", outcome="done", finished_at=day, on=day.date(),
            )  # fmt: skip
        january = capacity.pace(dong, Month(2015, 1))[-1]
        assert (january.due, january.each) == (7, 3.5)
        assert (january.done.get(pair.pk), january.done.get(other.pk, 0), january.total) == (3, 0, 3)


class TestPages:
    @pytest.fixture
    def sign_in_as(self, client):
        def sign_in(user):
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
            return client

        return sign_in

    def test_shows_the_own_center(self, sign_in_as, lead, pair, other_dong):
        client = sign_in_as(lead)
        answer = client.get("/staffing/capacity/").content.decode()
        assert "나갈 수 있는 반일" in answer
        assert client.get("/staffing/capacity/", {"place": other_dong.slug}).status_code == 404

    def test_lays_all_centers_beside_each_other_for_the_office(self, sign_in_as, office, pair, other_dong):
        answer = sign_in_as(office).get("/staffing/capacity/").content.decode()
        assert pair.dong.name in answer
        assert other_dong.name in answer
