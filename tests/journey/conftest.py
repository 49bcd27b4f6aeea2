"""What the journey starts with: the district's reference data, one dong's staff, and eyes for every page."""

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, expect

from centers.models import Dong
from common.months import Month, at_seoul, seoul_date
from governance import bodies, calendars
from governance.models import Body, Member
from seongbuk import reference
from tests import factories as f
from tests.cast import posted


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/journey" in str(item.path):
            item.add_marker("journey")


PICTURES = Path(settings.BASE_DIR, "var", "journey")
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
expect.set_options(timeout=20_000)  # the machine may be busy; a person would wait as well
TOO_WIDE = """
() => { const page = document.documentElement;
        return page.scrollWidth > page.clientWidth ? `${page.scrollWidth} > ${page.clientWidth}` : "" }
"""


@pytest.fixture
def today() -> dt.date:
    return seoul_date(timezone.now())


@pytest.fixture
def month(today) -> Month:
    """The month that the schedule page offers by itself: this one, or the next one towards its end."""
    return Month.of(today + dt.timedelta(days=10))


@pytest.fixture
def dong(transactional_db, today) -> Dong:
    """장위1동, with everything `load_reference` brings."""
    reference.load(until_year=today.year + 1)
    return Dong.objects.get(name="장위1동")


@pytest.fixture
def other_dong(dong) -> Dong:
    return Dong.objects.get(name="월곡1동")


@pytest.fixture
def lead(dong):
    return posted("lead", "박현숙", "TL", dong)


@pytest.fixture
def committee(dong, lead, manager, nurse, today) -> Body:
    """The case committee of the dong. It meets once a week; today there is one meeting more."""
    founded = at_seoul(today - dt.timedelta(days=70), dt.time(10))
    body = bodies.constitute(
        dong,
        weekday=(today.weekday() + 2) % 5,
        starts_at=dt.time(14),
        place="2층 회의실",
        by=lead,
        at=founded,
        founded_on=founded.date(),
    )
    standing, working = Member.Kind.STANDING, Member.Kind.WORKING
    for name, affiliation, seat, kind, user in (
        ("최복규", "주민대표", "resident", standing, None),
        (lead.name, "동 마을복지센터", "team_lead", standing, lead),
        (manager.name, "동 마을복지센터", "worker", working, manager),
        ("송미경", "희망복지지원단", "hope_team", standing, None),
        ("권재훈", "종합사회복지관", "private_agency", standing, None),
        (nurse.name, "방문간호사", "nurse", standing, nurse),
    ):
        bodies.appoint(
            body,
            name=name,
            affiliation=affiliation,
            seat=seat,
            kind=kind,
            user=user,
            is_chair=seat == "resident",
            is_secretary=user == manager,
            valid_from=founded.date(),
            by=lead,
            at=founded,
        )
    start_of_day = at_seoul(today, dt.time())
    calendars.add_meeting(body, starts_at=at_seoul(today, dt.time(14)), place=body.place, by=manager, at=start_of_day)
    return body


@pytest.fixture
def on_desk(new_context) -> Callable[[], Page]:
    """A fresh browser on a desk."""
    return lambda: new_context(viewport=DESK).new_page()


@pytest.fixture
def on_phone(new_context) -> Callable[[], Page]:
    """A fresh browser in a hand: narrow, touched, not clicked."""
    return lambda: new_context(viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2).new_page()


@pytest.fixture
def signed_in(sign_in) -> Callable:
    """Give a page somebody's session and return it."""

    def as_user(page: Page, user) -> Page:
        sign_in(page, user)
        return page

    return as_user


@pytest.fixture
def look(axe) -> Callable:
    """Look at a page as it stands: titled in Korean, one heading, accessible, no wider than its window.

    With a name, pictures of it are left in `var/journey`: at 1440 and 390 px from a desk, as it is on a phone.
    """
    PICTURES.mkdir(parents=True, exist_ok=True)

    def check(page: Page, name: str = "") -> None:
        expect(page).to_have_title(re.compile("[가-힣]"))
        assert page.locator("html").get_attribute("lang") == "ko"
        assert page.locator("h1").count() == 1, f"{page.url} has {page.locator('h1').count()} main headings"
        is_desk = page.viewport_size == DESK
        axe(page)
        for size in (DESK, PHONE) if is_desk and name else (page.viewport_size,):
            page.set_viewport_size(size)
            assert not page.evaluate(TOO_WIDE), f"{page.url} at {size['width']} px: {page.evaluate(TOO_WIDE)}"
            if name:
                page.evaluate("scrollTo(0, 0)")
                page.screenshot(path=PICTURES / f"{name}-{size['width']}.png", full_page=True)
        if is_desk and name:
            axe(page)
            page.set_viewport_size(DESK)

    return check


@pytest.fixture
def pair(dong, nurse, social):
    return f.PairFactory(dong=dong, nurse=nurse, social=social)
