"""The screens of figures in a real browser: accessible, within their policy, never wider than the window."""

import pytest
from django.conf import settings

import centers.reference
import staffing.reference
from planners.models import Alarm
from tests import factories as f
from tests.cast import posted

WIDTHS = (390, 768, 1440)


@pytest.fixture
def world(facts, lead, office, privacy, dong, nurse, manager):
    """The small facts of three months, the reference tables, and one alarm on the lead's board."""
    folder = settings.BASE_DIR / "fixtures" / "reference"
    centers.reference.load(folder)
    staffing.reference.load(folder)
    posted("head", "이정국", "DH", dong)
    visit = f.VisitFactory(target=f.TargetFactory(person=f.PersonFactory(dong=dong)))
    Alarm.objects.create(
        visit=visit, person=visit.person, dong=dong, kind="emergency", raised_by=nurse, raised_at=f.NOW
    )
    return {"lead": lead, "office": office, "privacy": privacy}


@pytest.mark.parametrize(
    ("who", "address"),
    [
        ("lead", "/lead/"),
        ("lead", "/dashboard/?month=2015-01"),
        ("lead", "/dashboard/list/visits/?month=2015-01&since=2014-11"),
        ("lead", "/dashboard/indicators/"),
        ("lead", "/reports/targets/?month=2015-01"),
        ("office", "/dashboard/?month=2015-01"),
        ("office", "/staffing/"),
        ("office", "/staffing/jangwi1-dong/"),
        ("office", "/reports/"),
        ("office", "/reports/staffing_headcount/"),
        ("privacy", "/privacy/"),
        ("privacy", "/privacy/mine/"),
    ],
)
def test_can_be_read_and_used_by_everybody(world, page, sign_in, axe, who, address):
    sign_in(page, world[who])
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.goto(address).status == 200
        axe(page)
        spill = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert spill <= 0, f"{address} is {spill} px too wide at {width}"


def test_gives_every_exception_one_act_that_leads_somewhere(world, page, sign_in):
    sign_in(page, world["lead"])
    page.goto("/lead/")
    acts = page.locator(".exc > li .act").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert acts
    assert page.locator(".exc > li").count() == len(acts)
    for address in acts:
        assert page.goto(address).status == 200


def test_downloads_the_staff_table_from_the_page(world, page, sign_in):
    sign_in(page, world["office"])
    page.goto("/staffing/")
    with page.expect_download() as coming:
        page.get_by_role("button", name="XLSX").click()
    assert coming.value.suggested_filename.startswith("동주민센터_정원_및_현원")
