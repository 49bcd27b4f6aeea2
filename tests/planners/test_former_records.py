"""Past records of somebody who moved to another dong: the old dong reads them for 90 days."""

import datetime as dt

import pytest
from django.urls import reverse

from centers.access import Scope
from planners import residents
from planners.models import Visit
from planners.residents import Residence
from tests import factories as f

pytestmark = pytest.mark.django_db
VISITED = dt.date(2014, 9, 1)
MOVED = dt.date(2014, 10, 1)


@pytest.fixture
def visit(dong, other_dong, pair, nurse):
    home = f.HouseholdFactory(dong=dong)
    person = f.PersonFactory(dong=dong, household=home)
    person.memberships.create(household=home, valid_from=dt.date(2010, 1, 1))
    made = f.VisitFactory(
        target=f.TargetFactory(person=person, dong=dong), pair=pair, state="closed", group="normal", on=VISITED
    )
    made.staff.create(user=nurse, function="nurse", is_active=False)
    residents.move_within(person, Residence(other_dong, None, None, "월곡로 1"), on=MOVED, by=None, at=f.NOW)
    return made


def readable(user, on):
    return Visit.objects.readable_by(Scope.of(user, on)).exists()


@pytest.mark.parametrize("days", [0, 89])
def test_stay_with_the_old_dong_for_ninety_days(visit, nurse, lead, days):
    assert readable(lead, MOVED + dt.timedelta(days))
    assert readable(nurse, MOVED + dt.timedelta(days))


def test_are_closed_to_the_old_dong_afterwards(visit, nurse, lead):
    late = MOVED + dt.timedelta(90)
    assert not readable(lead, late)
    assert not readable(nurse, late)
    assert Visit.objects.visible_to(Scope.of(lead, late)).exists(), "figures of past months keep their lists"


def test_answer_like_records_that_do_not_exist(client, visit, lead):
    client.force_login(lead)
    assert client.get(reverse("visit", args=[visit.uid])).status_code == 404


def test_of_somebody_who_came_back_are_open_again(visit, lead, dong):
    residents.move_within(visit.person, Residence(dong, None, None, "장위로 5"), on=MOVED + dt.timedelta(30), by=None, at=f.NOW)  # fmt: skip
    assert readable(lead, MOVED + dt.timedelta(200))
