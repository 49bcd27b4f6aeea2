"""The month of the whole district on one page: counts only, started once, watched by the policy division."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from centers.models import Job
from common.months import Month, seoul_date
from planners.models import Schedule
from planners.tasks_schedule import DISTRICT
from tests import factories as f
from tests.cast import posted

pytestmark = pytest.mark.django_db
URL = "district_month"


@pytest.fixture
def policy(db):
    return posted("policy", "임정희", "GU")


@pytest.fixture
def month():
    return Month.of(seoul_date(timezone.now())).next


def draft(dong, month, **given) -> Schedule:
    facts = {"number": 1, "outings": 7, "travel_minutes": 140, "is_proved": True, "made_at": timezone.now()}
    return Schedule.objects.create(dong=dong, month=month.first, **(facts | given))


def page(client, month):
    return client.get(reverse(URL), {"month": str(month)})


def test_shows_each_unit_with_its_newest_version_and_where_one_is_missing(
    client, policy, pair, dong, other_dong, month
):
    f.PairFactory(dong=other_dong, nurse=f.UserFactory(), social=f.UserFactory(), name="나조")
    draft(dong, month, outings=3)
    draft(dong, month, number=2, outings=9)
    client.force_login(policy)
    response = page(client, month)
    found = {row.unit.name: row.schedule and row.schedule.outings for row in response.context["rows"]}
    assert found == {"장위1동": 9, "월곡1동": None}
    assert "아직 없음" in response.content.decode()


def test_starts_the_district_once_however_often_the_button_is_pressed(client, policy, pair, month):
    client.force_login(policy)
    for _ in range(2):
        client.post(reverse("district_month_generate"), {"month": str(month)})
    assert Job.objects.get(kind=DISTRICT).key == str(month)
    response = page(client, month)
    assert response.context["job"]["poll_url"]
    assert client.get(response.context["job"]["poll_url"]).status_code == 200


def test_leads_a_team_lead_to_the_own_month_and_lets_nobody_else_start_it(client, lead, nurse, pair, month):
    client.force_login(lead)
    assert page(client, month).url.startswith(reverse("schedules"))
    client.post(reverse("district_month_generate"), {"month": str(month)})
    client.force_login(nurse)
    assert client.post(reverse("district_month_generate"), {"month": str(month)}).status_code == 403
    assert not Job.objects.filter(kind=DISTRICT).exists()


def test_says_that_a_past_month_cannot_be_made(client, policy, pair):
    client.force_login(policy)
    response = client.post(reverse("district_month_generate"), {"month": "2015-03"}, follow=True)
    assert "이미 지나" in response.content.decode()
    assert not Job.objects.exists()


def test_asks_the_database_as_often_for_12_dongs_as_for_2(client, policy, month):
    client.force_login(policy)
    page(client, month)  # the session notes that somebody is there
    counts = []
    for extra in (2, 10):
        for _ in range(extra):
            dong = f.DongFactory(name=f"시험{f.Person.objects.count() + Schedule.objects.count()}동")
            f.PairFactory(dong=dong, nurse=f.UserFactory(), social=f.UserFactory(), name="가조")
            draft(dong, month)
        with CaptureQueriesContext(connection) as seen:
            page(client, month)
        counts.append(len(seen))
    assert counts[0] == counts[1]
