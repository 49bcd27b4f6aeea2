"""A dong in figures: the newest table of each kind, and how it changed since the one before."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from centers import figures
from centers.models import Figure, FigureAcceptance, ZoneDong, ZoneScheme
from common.months import seoul_date
from tests import factories as f

pytestmark = pytest.mark.django_db


def state(dong, day, total, basic):
    for order, (column, value) in enumerate((("total", total), ("basic_livelihood", basic))):
        Figure.objects.create(
            table="recipients", as_of=day, row_key=dong.name, row_type="dong", row_order=1, dong=dong,
            column=column, column_order=order, value=value,
        )  # fmt: skip


@pytest.fixture
def two_months(dong):
    state(dong, dt.date(2014, 11, 30), 5000, 865)
    state(dong, dt.date(2014, 12, 31), 5012, 860)


def test_tells_the_newest_value_and_what_changed(dong, two_months):
    whole, basic, *rest = figures.courses("recipients", dong)
    assert (whole.is_sum, whole.now, whole.change) == (True, 5012, 12)
    assert (basic.now, basic.change) == (860, Decimal(-5))
    assert {course.now for course in rest} == {None}


def test_shows_the_trend_to_those_of_the_dong(client, dong, lead, lead_elsewhere, two_months):
    page = reverse("dong", args=[dong.slug])
    client.force_login(lead)
    text = client.get(page).content.decode()
    assert "5,012" in text
    assert "<svg" in text
    client.force_login(lead_elsewhere)
    assert client.get(page).status_code == 404


def test_draws_no_trend_of_a_single_day(client, dong, lead):
    state(dong, dt.date(2014, 11, 30), 5000, 865)
    client.force_login(lead)
    assert "바뀐 수" not in client.get(reverse("dong", args=[dong.slug])).content.decode()


def test_answers_a_dong_without_figures(client, dong, lead):
    client.force_login(lead)
    assert "현황 수치가 없습니다" in client.get(reverse("dong", args=[dong.slug])).content.decode()


def test_keeps_figures_of_other_dongs_apart(dong, other_dong, two_months):
    assert figures.courses("recipients", other_dong) == ()


def test_says_beside_a_figure_who_took_it_in_and_why(client, dong, lead, officer, two_months):
    for day, reason in ((dt.date(2014, 12, 31), "원본 표가 그러함"), (dt.date(2014, 11, 30), "지난달의 까닭")):
        FigureAcceptance.objects.create(
            table="recipients", as_of=day, row=dong.name, column="total", rule="합계 = 급여 14종의 합", printed="5,012",
            computed="860", reason=reason, by=officer, at=f.NOW,
        )  # fmt: skip
    client.force_login(lead)
    text = client.get(reverse("dong", args=[dong.slug])).content.decode()
    assert "원본 표가 그러함" in text
    assert officer.name in text
    assert "지난달의 까닭" not in text


def test_names_the_zones_of_each_scheme_with_their_days(client, dong, lead):
    today = seoul_date(timezone.now())
    for key, name in (("nurse", "우리아이 간호사 권역"), ("hub", "거점기관 권역")):
        scheme = ZoneScheme.objects.create(key=key, name=name)
        zone = scheme.zones.create(name=f"{key}-동쪽", order=1)
        ZoneDong.objects.create(zone=zone, dong=dong, valid_from=dt.date(2014, 11, 1))
    gone = ZoneScheme.objects.get(key="hub").zones.create(name="hub-옛날", order=2)
    ZoneDong.objects.create(zone=gone, dong=dong, valid_from=dt.date(2010, 1, 1), valid_to=today)
    client.force_login(lead)
    text = client.get(reverse("dong", args=[dong.slug])).content.decode()
    assert "nurse-동쪽" in text
    assert "hub-동쪽" in text
    assert "hub-옛날" not in text
