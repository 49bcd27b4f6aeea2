"""Calendars in a real browser: an absence over a promised visit, and a month of counter turns."""

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from common.months import SEOUL, Month, seoul_date
from staffing.models import StaffTime
from tests import factories as f

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def coming():
    """The Wednesday of the next week."""
    today = seoul_date(timezone.now())
    return today + dt.timedelta(days=9 - today.weekday())


def test_leads_from_an_absence_to_the_visits_under_it(page: Page, sign_in, axe, pair, nurse, lead, coming):
    f.standing_visit(pair, starts_at=dt.datetime.combine(coming, dt.time(9, 40), SEOUL))
    sign_in(page, lead)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/staffing/calendars/?on={coming}")
    expect(page.get_by_text("오전 방문 9:40").first).to_be_visible()
    axe(page)
    page.get_by_role("link", name="일정 적기").first.click()
    page.get_by_label("누구").select_option(str(nurse.uid))
    page.get_by_label("병가").check()
    page.get_by_role("button", name="적기").click()
    expect(page.get_by_role("heading", name="이 시간에 약속한 방문 1건")).to_be_visible()
    expect(page.get_by_role("link", name="방문 다시 배정하기")).to_be_visible()
    axe(page)
    assert StaffTime.objects.get().user == nurse


def test_puts_a_month_of_turns_into_the_calendars(page: Page, sign_in, axe, nurse, social, lead):
    sign_in(page, lead)
    month = Month.of(timezone.now()).next
    page.goto(f"/staffing/calendars/counter/?month={month}")
    page.get_by_label(nurse.name).check()
    page.get_by_label(social.name).check()
    page.get_by_role("button", name="정하기").click()
    expect(page.get_by_text("미리 보기")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="달력에 넣기").click()
    expect(page.get_by_text("달력에 있음")).to_be_visible()
    assert StaffTime.objects.filter(kind="counter").count() >= 20
