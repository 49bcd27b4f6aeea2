"""Settings of planning: dated, per dong over the district, never for a month already begun."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, connection

from common.months import Month
from common.refusals import Stale
from planners import programmes
from planners.models import PlanningSettings, Visit
from planners.months import month_problem, planning_settings, setting_lines
from planners.months.month_problem import Unit
from planners.months.planning_settings import BadSetting, Prices, SettingsNotAhead, SettingsUnchanged
from tests import factories as f

AT = dt.datetime(2015, 2, 20, 1, tzinfo=dt.UTC)
MARCH, APRIL = Month(2015, 3), Month(2015, 4)


def change(dong, since=MARCH, **given):
    return planning_settings.change(dong, since=since, **{"reason": "시험", "by": None, "at": AT, **given})


@pytest.mark.django_db
class TestSettings:
    def test_are_the_usual_ones_where_nobody_said_otherwise(self, dong):
        found = planning_settings.in_force(dong, MARCH.first)
        assert found.prices == Prices()
        assert found.daily_maximum is None

    def test_of_a_dong_lie_over_those_of_the_district(self, dong, other_dong):
        change(None, prices={"outing": 35, "late": 500}, daily_maximum=4)
        change(dong, prices={"outing": 50})
        here, there = (planning_settings.in_force(d, MARCH.first) for d in (dong, other_dong))
        assert (here.prices.outing, here.prices.late, here.daily_maximum) == (50, 500, 4)
        assert (there.prices.outing, there.daily_maximum) == (35, 4)

    def test_hold_from_their_month_until_the_next_change(self, dong):
        change(dong, prices={"outing": 30})
        change(dong, since=APRIL, prices={"outing": 10})
        prices = [
            planning_settings.in_force(dong, month.first).prices.outing for month in (MARCH.previous, MARCH, APRIL)
        ]
        assert prices == [20, 30, 10]

    def test_never_change_a_month_that_has_begun(self, dong):
        with pytest.raises(SettingsNotAhead):
            change(dong, since=MARCH.previous, daily_maximum=4)

    def test_that_never_began_stay_in_the_history_and_are_not_used(self, dong):
        change(dong, since=APRIL, prices={"outing": 10})
        change(dong, since=MARCH, prices={"outing": 30}, reason="먼저 바꿈")
        change(dong, since=APRIL, prices={"outing": 15}, reason="다시")
        used = [planning_settings.in_force(dong, month.first).prices.outing for month in (MARCH, APRIL, APRIL.next)]
        assert used == [30, 15, 15]
        versions = setting_lines.versions(setting_lines.items(MARCH.first), setting_lines.rows_of(dong), MARCH.first)
        assert [(v.row.reason, v.row.is_dropped, v.is_coming, v.is_now) for v in versions] == [
            ("다시", False, True, False),
            ("시험", True, False, False),
            ("먼저 바꿈", False, False, True),
        ]
        assert versions[0].changes == [("반일에 한 번 나감", "30분", "15분")]

    def test_say_when_nothing_would_change(self, dong):
        change(dong, daily_maximum=4)
        with pytest.raises(SettingsUnchanged):
            change(dong, since=APRIL, daily_maximum=4)

    @pytest.mark.parametrize(
        "given",
        [
            {"prices": {"tiers": (8000, 20000, 3000, 600)}},
            {"prices": {"booking": 100}},
            {"prices": {"outing": -1}},
            {"prices": {"fairness": 0.3}},
            {"prices": {"nonsense": 1}},
            {"minutes": {"no_such_rule": 60}},
            {"consent_rates": {"no_such_programme": 0.5}},
            {"daily_maximum": 9},
            {"reason": " "},
        ],
    )
    def test_refuse_what_could_not_be_planned_by(self, dong, given):
        with pytest.raises(BadSetting):
            change(dong, **given)
        assert not PlanningSettings.objects.exists()

    def test_cannot_stand_twice_on_one_day_even_past_the_domain(self, dong):
        change(None, daily_maximum=4)
        with pytest.raises(IntegrityError):
            PlanningSettings.objects.create(reason="둘째", valid_from=APRIL.first, at=AT)

    def test_reach_the_month_problem(self, dong, pair):
        change(dong, prices={"outing": 45}, daily_maximum=2)
        built = month_problem.build(Unit(dong=dong), MARCH, today=dt.date(2015, 2, 20))
        assert (built.problem.outing_cost, built.problem.daily_maximum) == (45, 2)
        before = month_problem.build(Unit(dong=dong), MARCH.previous, today=dt.date(2015, 1, 20))
        assert (before.problem.outing_cost, before.problem.daily_maximum) == (20, None)

    def test_give_new_visits_their_minutes(self, rulebook, dong):
        change(dong, minutes={"turns_65": 75})
        person = f.PersonFactory(dong=dong, birth_on=dt.date(1950, 3, 12))
        programmes.extract_targets(MARCH, dongs=[dong], by=None, at=AT)
        assert Visit.objects.get(person=person).minutes == 75

    def test_expect_consents_by_programme(self, dong):
        found = planning_settings.in_force(dong, MARCH.first)
        assert found.expected({"elderly": 10, "child": 10}) == 15


@pytest.mark.django_db(transaction=True)
def test_lets_one_of_two_who_save_the_first_settings_at_once(dong):
    start = Barrier(2)

    def save(reason):
        try:
            start.wait(timeout=30)
            return change(dong, daily_maximum=len(reason), reason=reason, seen="").reason
        except Stale:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        saved = set(pool.map(save, ("겨울", "눈길에서")))
    assert saved == {None, PlanningSettings.objects.get().reason}
