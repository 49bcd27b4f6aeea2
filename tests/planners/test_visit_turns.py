"""When a visit's turn comes: a month that is busy evenly, with urgent visits first."""

import datetime as dt
from collections import Counter

import pytest

from planners.months import month_problem, scheduling, visit_turns
from planners.months.month_problem import Unit
from planners.months.planning_settings import Prices
from staffing.calendars import working_days
from tests.planners.test_schedules import MONTH, TODAY, draft, waiting_visit

pytestmark = pytest.mark.django_db


def turns(visits):
    return visit_turns.turns(visits, working_days(MONTH.first, MONTH.last))


def test_spreads_a_month_over_its_weeks(dong, pair):
    for n in range(20):
        waiting_visit(dong, east=n / 900)
    weeks = Counter(place.on.isocalendar().week for place in draft(dong).placements.all())
    assert len(weeks) == 5
    assert max(weeks.values()) <= 7


def test_brings_urgent_and_overdue_visits_to_the_front(dong, pair):
    usual = [waiting_visit(dong) for _ in range(12)]
    urgent, overdue = waiting_visit(dong, tier=1), waiting_visit(dong, due=dt.date(2015, 2, 10))
    places = {p.visit_id: p.on for p in draft(dong).placements.all()}
    assert max(places[urgent.pk], places[overdue.pk]) <= dt.date(2015, 3, 6)
    assert max(places[v.pk] for v in usual) > dt.date(2015, 3, 20)
    assert not {urgent.pk, overdue.pk} & set(turns([urgent, overdue]))


def test_keeps_the_turn_between_the_first_and_the_last_day_of_a_visit(dong):
    visits = [waiting_visit(dong, due=dt.date(2015, 3, 10)) for _ in range(3)]
    assert sorted(turns(visits).values()) == [dt.date(2015, 3, 3), dt.date(2015, 3, 5), dt.date(2015, 3, 9)]


def test_comes_to_neighbours_together(dong):
    visits = [waiting_visit(dong) for _ in range(20)]
    for n, visit in enumerate(visits):
        visit.person.household.tong = n % 2 + 1
    found = turns(visits)
    first, second = ([found[v.pk] for v in visits if v.person.household.tong == tong] for tong in (1, 2))
    assert max(first) <= min(second)


def test_leaves_who_was_told_a_day_on_that_day(dong, pair, lead):
    visits = [waiting_visit(dong, east=n / 900) for n in range(8)]
    scheduling.publish(draft(dong), by=lead, at=dt.datetime(2015, 2, 20, 2, tzinfo=dt.UTC))
    for visit in visits:
        visit.refresh_from_db()
    assert turns(visits) == {visit.pk: visit.on for visit in visits}


def test_lets_an_office_put_everything_to_the_front_instead(dong, pair):
    visit = waiting_visit(dong)
    built = month_problem.build(Unit(dong=dong), MONTH, today=TODAY, prices=Prices(later_day=1, turn_day=0))
    costs = built.problem.cost[built.problem.visit_index[visit.pk]]
    assert list(costs) == [session.day for session in built.problem.sessions]
