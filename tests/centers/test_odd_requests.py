"""Requests that no form of ours makes: an answer that says so, never a page that breaks."""

import datetime as dt

import pytest

from common.asked import asked_day, asked_number, asked_uid, asked_version
from staffing.models import Holiday
from tests.governance import factories as g

pytestmark = pytest.mark.django_db


@pytest.fixture
def sign_in_as(client):
    def sign_in(user):
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return sign_in


@pytest.mark.parametrize("written", ["", "0", "null", "٣", "99999999999999999999", "' OR 1=1 --", None])
def test_takes_no_word_for_an_id(written):
    assert asked_uid(written) is None


@pytest.mark.parametrize("written", ["", "-1", "٣", "²", "1.0", "99999999999999999999", None])
def test_takes_plain_digits_only_for_a_number(written):
    assert asked_number(written) is None


@pytest.mark.parametrize("written", ["", "2026-02-30", "9999-12-31", "0001-01-01", "어제", None])
def test_takes_days_of_our_time_only(written):
    assert asked_day(written) is None


def test_reads_what_makes_sense():
    assert asked_number("12") == 12
    assert asked_number("12", most=9) is None
    assert asked_day("2026-11-28") == dt.date(2026, 11, 28)


def test_takes_a_senseless_version_for_an_old_one():
    assert (asked_version("3"), asked_version("x"), asked_version("")) == (3, -1, None)


def test_says_the_refusal_that_no_page_caught(sign_in_as, lead):
    answer = sign_in_as(lead).post("/targets/extract/", {"month": "2026-13"})
    assert answer.status_code == 422
    assert "‘2026-13’는 달이 아닙니다" in answer.content.decode()


@pytest.mark.parametrize("on", ["9999-12-31", "0001-01-01"])
def test_opens_the_calendar_of_this_week_for_a_day_out_of_time(sign_in_as, lead, on):
    assert sign_in_as(lead).get("/staffing/calendars/", {"on": on}).status_code == 200


@pytest.mark.parametrize("address", ["/targets/?dong=%00", "/schedules/settings/?dong=%00", "/residents/?q=%00"])
def test_reads_over_null_bytes_in_an_address(sign_in_as, lead, address):
    assert sign_in_as(lead).get(address).status_code == 200


def test_asks_for_another_year_when_records_of_another_time_are_wanted(sign_in_as, privacy):
    answer = sign_in_as(privacy).get("/privacy/", {"first": "2026-11-01", "last": "9999-12-31"})
    assert "연도를 다시 확인해 주세요" in answer.content.decode()


def test_keeps_every_holiday_when_the_day_makes_no_sense(sign_in_as, office):
    before = Holiday.objects.count()
    sign_in_as(office).post("/staffing/holidays/change/", {"act": "take_out", "on": "어제"})
    assert Holiday.objects.count() == before


@pytest.mark.parametrize("act", ["attend", "reply"])
def test_knows_no_member_by_a_word(sign_in_as, dong, manager, act):
    meeting = g.open_meeting(g.full_committee(dong), by=manager)
    answer = sign_in_as(manager).post(
        f"/committees/meetings/{meeting.uid}/{act}/", {"member": "null", "state": "present", "coming": "yes"}
    )
    assert answer.status_code == 404
