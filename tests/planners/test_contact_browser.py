"""Calls, sheets, lists and residents in a real browser: accessible, for thumbs, with and without script."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from planners.models import Consent, Visit
from tests.cast import posted
from tests.design.test_gallery import OVERFLOW, SMALL_TARGETS

pytestmark = pytest.mark.django_db(transaction=True)
SIZES = {390: 844, 768: 1024, 1440: 900}


@pytest.fixture
def tongjang(dong):
    return posted("tongjang", "민경자", "TJ", dong, tongs=[7])


@pytest.fixture
def opened(new_context, sign_in):
    def go(user, address: str, width: int = 390, **options) -> Page:
        phone = {"has_touch": True, "is_mobile": True} if width < 500 else {}
        page = new_context(viewport={"width": width, "height": SIZES[width]}, **phone, **options).new_page()
        sign_in(page, user)
        page.goto(address)
        expect(page.locator("h1")).to_be_visible()
        return page

    return go


@pytest.fixture
def screens(dong, pair, listed, lead, social, counsellor, tongjang):
    """Who opens which page."""
    target, promised = listed(dong, tong=7), listed(dong, name="박말숙", tong=7, answer="given")
    uid, person = target.uid, promised.person.uid
    return {
        "targets": (lead, reverse("targets")),
        "target": (lead, reverse("target_detail", args=[uid])),
        "crisis": (social, reverse("person_crisis", args=[person])),
        "booking": (social, reverse("booking")),
        "call": (social, reverse("booking_call", args=[uid])),
        "sheet": (tongjang, reverse("consent_sheet")),
        "residents": (counsellor, reverse("residents") + "?q=영순 7통"),
        "person": (counsellor, reverse("person", args=[person])),
        "edit": (counsellor, reverse("person_edit", args=[person])),
        "new": (counsellor, reverse("resident_new")),
    }


def test_is_accessible_and_fits_phones_and_desks(screens, opened, axe):
    small = {}
    for name, (user, address) in screens.items():
        page = opened(user, address)
        axe(page)
        assert page.evaluate(OVERFLOW) == 0, name
        small[name] = page.evaluate(SMALL_TARGETS)
        page.set_viewport_size({"width": 1440, "height": 900})
        page.emulate_media(color_scheme="dark")
        axe(page)
        assert page.evaluate(OVERFLOW) == 0, name
    assert {name: found for name, found in small.items() if found} == {}


def test_promises_a_visit_in_three_taps(opened, screens, social, dong):
    page = opened(*screens["call"])
    page.get_by_text("동의하심").tap()
    page.locator("input[name=slot]").first.locator("xpath=..").tap()
    page.get_by_role("button", name="적고 다음 분으로").tap()
    expect(page.get_by_text("방문을 약속했습니다")).to_be_visible()
    assert Visit.objects.filter(state="booked").count() == 1


def test_promises_a_visit_without_script(opened, screens):
    page = opened(*screens["call"], java_script_enabled=False)
    page.get_by_label("동의하심").check()
    page.locator("input[name=slot]").first.check()
    page.get_by_role("button", name="적고 다음 분으로").click()
    expect(page.get_by_text("방문을 약속했습니다")).to_be_visible()
    page.close()  # nothing more to be heard from a page without script


def test_takes_answers_at_the_door_one_tap_each(opened, screens, tongjang):
    page = opened(*screens["sheet"])
    page.get_by_role("button", name="거절").first.tap()
    expect(page.get_by_text("잘못 눌렀어요")).to_be_visible()
    assert Consent.objects.get(answer="refused").by == tongjang
    page.get_by_role("button", name="잘못 눌렀어요").tap()
    expect(page.get_by_text("답을 되돌렸습니다")).to_be_visible()
    page.get_by_role("button", name="동의", exact=True).first.tap()
    expect(page.locator(".stop.done")).to_have_count(1)
    assert Consent.objects.filter(answer="given", channel="tongjang", withdrawn_on=None).exists()


def test_prints_the_sheet_as_a_table_to_tick(opened, screens):
    page = opened(*screens["sheet"])
    page.emulate_media(media="print")
    expect(page.locator("table caption")).to_contain_text("방문 동의 확인표")
    expect(page.locator(".stops")).to_be_hidden()
