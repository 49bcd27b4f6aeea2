"""What spans dongs in a real browser: the month of all, the nurses' zones evened out, willing residents led on."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from centers import jobs
from centers.models import Job, ZoneDong
from common.months import Month
from governance import groups, volunteers
from governance.models import Organisation, Volunteer
from planners.models import Schedule, ZoneChange
from tests import factories as f
from tests.design.test_gallery import OVERFLOW, SMALL_TARGETS
from tests.planners.test_caseload import SINCE, child  # noqa: F401  (fixtures)
from tests.planners.test_caseload import district as zones_of_two  # noqa: F401
from tests.planners.test_replanning import waiting

pytestmark = pytest.mark.django_db(transaction=True)
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture
def opened(new_context, sign_in):
    def go(user, address: str, size=WIDE, **options) -> Page:
        phone = {"has_touch": True, "is_mobile": True} if size is PHONE else {}
        page = new_context(viewport=size, **phone, **options).new_page()
        sign_in(page, user)
        page.goto(address)
        expect(page.locator("h1")).to_be_visible()
        return page

    return go


@pytest.fixture
def month(today) -> Month:
    return Month.of(today).next


def confirm(page: Page) -> None:
    page.locator("#confirm [data-confirm-yes]").click()


def run_waiting() -> None:
    """Do what was asked for in the background, here and now, until nothing waits."""
    for _ in range(4):
        for job in Job.objects.filter(state=Job.State.WAITING).order_by("-pk"):
            jobs.run(job.pk, at=timezone.now(), heartbeat=False)


def fits(page: Page, axe) -> None:
    """On a phone in light and dark, then on a desk: accessible, nothing sideways, room for a thumb."""
    page.set_viewport_size(PHONE)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        axe(page)
    assert page.evaluate(OVERFLOW) == 0
    assert page.evaluate(SMALL_TARGETS) == []
    page.set_viewport_size(WIDE)
    axe(page)
    assert page.evaluate(OVERFLOW) == 0


def test_makes_the_month_of_all_dongs_with_one_button(opened, office, pair, dong, month, axe):
    waiting(dong, month)
    page = opened(office, f"{reverse('district_month')}?month={month}", PHONE)
    expect(page.get_by_text("아직 없음").first).to_be_visible()
    fits(page, axe)
    page.get_by_role("button", name="모두 만들기").dblclick()
    confirm(page)
    expect(page.get_by_role("progressbar").first).to_be_visible()
    axe(page)
    assert Job.objects.filter(kind="generate_district").count() == 1
    run_waiting()
    page.reload()
    expect(page.get_by_role("heading", name="지난번 계산")).to_be_visible()
    row = page.get_by_role("row", name="장위1동")
    expect(row.get_by_text("초안")).to_be_visible()
    expect(row.get_by_text("증명된 최적")).to_be_visible()
    assert Schedule.objects.get(dong=dong).state == Schedule.State.DRAFT
    fits(page, axe)


def test_evens_out_the_zones_after_a_look_at_both_sides(opened, office, zones_of_two, child, month, axe):  # noqa: F811
    zones, dongs, _ = zones_of_two
    for dong in dongs[:2]:
        for _ in range(6):
            person = f.PersonFactory(dong=dong)
            f.ConsentFactory(person=person)
            f.VisitFactory(person=person, programme=child, dong=dong, release_on=month.first, due_on=month.last)
    page = opened(office, f"{reverse('caseload')}?month={month}", PHONE)
    expect(page.get_by_role("heading", name="고르게 나누는 안")).to_be_visible()
    fits(page, axe)
    page.get_by_text("동을 직접 골라 미리 보기").click()
    page.get_by_label("가람1동").select_option(label="동쪽권역 (지금)")
    page.get_by_role("button", name="미리 보기").click()
    expect(page.get_by_role("heading", name="직접 고른 안")).to_be_visible()
    page.get_by_role("link", name="고르게 나누는 안으로").click()
    page.get_by_role("button", name="1일부터 이대로").click()
    confirm(page)
    expect(page.get_by_text("동 1곳을 새 권역에서 맡습니다.")).to_be_visible()
    assert ZoneDong.objects.get(dong=dongs[1], valid_from=month.first).zone == zones[1]
    page.get_by_role("button", name="되돌리기").click()
    confirm(page)
    expect(page.get_by_text("권역 조정을 되돌렸습니다.")).to_be_visible()
    assert ZoneChange.objects.get().undone_by == office
    assert ZoneDong.objects.get(dong=dongs[1]).zone == zones[0]


def test_leads_a_willing_resident_from_the_list_to_a_group(opened, lead, dong, axe):
    person = f.PersonFactory(dong=dong, name="민가람", mobile="010-2345-6789")
    said = {"interests": ["meals"], "may_be_contacted": True, "note": "", "by": lead, "at": timezone.now()}
    volunteers.enlist(person, **said)
    facts = {"dong": dong, "kind": "club", "name": "책 읽는 모임", "valid_from": SINCE}
    groups.add(Organisation, **facts, by=lead, at=timezone.now())
    page = opened(lead, reverse("volunteers"), PHONE)
    fits(page, axe)
    page.get_by_role("link", name="민가람").click()
    fits(page, axe)
    page.get_by_label("소개할 단체").select_option(label="책 읽는 모임")
    page.get_by_role("button", name="소개함").click()
    expect(page.get_by_text("책 읽는 모임에 소개함")).to_be_visible()
    page.get_by_role("button", name="활동 시작").click()
    expect(page.get_by_text("책 읽는 모임에서 활동을 시작함")).to_be_visible()
    assert Volunteer.objects.get().state == Volunteer.State.ACTIVE
