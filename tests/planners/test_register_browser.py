"""The register in a real browser: accessible on phones and desks, and a duplicate linked and split by hand."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from planners import duplicate_search, programmes, register_news, residents
from planners.models import DuplicatePair, PersonLink
from planners.residents import Residence
from tests import factories as f
from tests.design.test_gallery import OVERFLOW, SMALL_TARGETS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def opened(new_context, sign_in):
    def go(user, address: str, width: int = 390) -> Page:
        phone = {"has_touch": True, "is_mobile": True} if width < 500 else {}
        page = new_context(viewport={"width": width, "height": 900}, **phone).new_page()
        sign_in(page, user)
        page.goto(address)
        expect(page.locator("h1")).to_be_visible()
        return page

    return go


@pytest.fixture
def twins(dong, lead):
    """Two records of one human in 장위1동, one with a household of its own."""
    facts = {"name": "이순자", "birth_on": dt.date(1950, 1, 20), "sex": "F", "by": lead, "at": timezone.now()}
    home = Residence(dong, 7, 2, "장위로 21길 8", "101호")
    one = residents.move_in(residence=home, on=dt.date(2012, 1, 1), mobile="010-1111-2222", relation="본인", **facts)
    two = residents.move_in(
        residence=Residence(dong, 7, 2, "장위로 3", ""), on=dt.date(2014, 1, 1), mobile="010-1111-2222",
        although_known=True, **facts,
    )  # fmt: skip
    duplicate_search.search(at=timezone.now())
    return one, two, DuplicatePair.objects.get()


@pytest.fixture
def screens(rulebook, twins, dong, lead, counsellor, today):
    """Who opens which page of the register."""
    one, _, pair = twins
    programmes.start_follow_up(
        one, rulebook["intensive"], starts_on=today - dt.timedelta(days=20), reason="약속", by=lead, at=timezone.now()
    )
    register_news.tell_dong(one, dong.pk, "died", "사망하였습니다.", at=timezone.now())
    return {
        "inbox": (lead, reverse("duplicates")),
        "pair": (lead, reverse("duplicate", args=[pair.uid])),
        "find": (lead, reverse("duplicate_new", args=[one.uid])),
        "household": (lead, reverse("household", args=[one.household.uid])),
        "clocks": (lead, reverse("visit_clocks")),
        "changes": (lead, reverse("resident_changes")),
        "person": (lead, reverse("person", args=[one.uid])),
        "check": (counsellor, reverse("resident_new")),
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
        page.context.close()
    assert {name: found for name, found in small.items() if found} == {}


def test_links_two_records_and_splits_them_again(twins, opened, lead):
    one, two, _ = twins
    f.ConsentFactory(person=two)
    page = opened(lead, reverse("duplicates"), width=1440)
    page.get_by_role("link", name="견주어 보기").click()
    expect(page.get_by_role("heading", name="같은 분인가요?")).to_be_visible()
    page.get_by_label("까닭").fill("전화로 확인함")
    page.get_by_role("button", name="같은 분, 연결").click()
    expect(page.get_by_text("정할 것이 없습니다")).to_be_visible()
    link = PersonLink.objects.select_related("kept").get()
    assert link.kept == two, "more stands behind it"
    page.goto(reverse("person", args=[one.uid]))
    expect(page).to_have_url(re.compile(str(two.uid)))
    page.get_by_text("분리하기").click()
    page.get_by_label("다른 분으로 보는 까닭").fill("쌍둥이셨음")
    page.get_by_role("button", name="분리", exact=True).click()
    page.locator("[data-confirm-yes]").click()
    expect(page.get_by_text("제자리로 돌아갔습니다")).to_be_visible()
    assert PersonLink.objects.get().split_at is not None
