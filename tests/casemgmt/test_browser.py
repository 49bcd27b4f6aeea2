"""Casework in a real browser: accessible in every size and scheme, live in the meeting, whole without script."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from casemgmt import packs, referrals
from casemgmt.models import Agency, Case, CaseAgendaItem, Referral
from governance import agenda, calendars
from planners.models import ConsentWording
from tests import factories as f
from tests.casemgmt import factories as c
from tests.casemgmt.conftest import outside_member
from tests.governance import factories as g

WIDTHS = {390: 844, 768: 1024, 1440: 900}
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL_TARGETS = """() => [...document.querySelectorAll("main a, main button, main summary, main input, main select, main textarea")]
  .filter(node => node.checkVisibility() && !node.closest("p, td > span, dd, .agenda li > a") && node.type !== "hidden")
  .map(node => node.matches("[type=radio], [type=checkbox]") ? node.closest("label") : node)
  .map(node => ({ box: node.getBoundingClientRect(), html: node.outerHTML.slice(0, 120) }))
  .filter(({ box }) => box.width > 1 && (box.height < 43.5 || box.width < 24))
  .map(({ box, html }) => `${Math.round(box.width)}x${Math.round(box.height)} ${html}`)"""


@pytest.fixture
def world(transactional_db, dong, lead, manager, social, nurse):
    """A committee in session with a new case on the table, one running case, referrals on their way."""
    now = timezone.now()
    body = g.full_committee(dong)
    agencies = c.lead_agencies(dong)
    live = g.open_meeting(body, by=manager, at=now - dt.timedelta(minutes=1))
    earlier = c.opened_case(
        c.ReferralFactory(person=f.PersonFactory(dong=dong, name="이순자"), sent_by=social),
        live,
        agencies["care_support"],
        by=manager,
        at=now,
        review_on=timezone.localdate() + dt.timedelta(28),
        plan=c.plan_by(manager, due_on=timezone.localdate() + dt.timedelta(7)),
    )
    person = f.PersonFactory(dong=dong, name="김영순")
    visit = c.done_visit(person, nurse, social)
    referral = referrals.refer(
        person, visit=visit, destination="committee", need="isolation", summary=c.SUMMARY, by=social, at=now
    )
    item = c.on_the_table(referral, live, by=manager, at=now)
    agenda.add_item(live, title="겨울 난방 자원 나누기", by=manager, at=now)
    sent = referrals.refer(
        f.PersonFactory(dong=dong, name="박정희"),
        destination="agency",
        agency=agencies["living_support"],
        need="income",
        summary="월세가 밀렸습니다.",
        by=social,
        at=now - dt.timedelta(9),
    )
    calendars.plan_meetings(body, until=timezone.localdate() + dt.timedelta(30), by=manager, at=now)
    planned = calendars.next_meeting(body, at=now, after=live)
    ConsentWording.objects.create(
        kind="share", version="share-2014-11", title="제공 동의", script="…", valid_from=dt.date(2014, 11, 1)
    )
    return {
        "body": body,
        "live": live,
        "item": item,
        "case": earlier,
        "sent": sent,
        "planned": planned,
        "agencies": agencies,
        "person": person,
        "visit": visit,
    }


@pytest.fixture
def opened(new_context, sign_in):
    def go(user, name, *args, width=1440, query="", **options) -> Page:
        phone = {"has_touch": True, "is_mobile": True} if width < 500 else {}
        page = new_context(viewport={"width": width, "height": WIDTHS[width]}, **phone, **options).new_page()
        sign_in(page, user)
        page.goto(reverse(name, args=args) + query)
        expect(page.locator("h1")).to_be_visible()
        return page

    return go


PAGES = {
    "referrals": [("referrals", ""), ("referral_detail", "sent"), ("referral_for_visit", "visit")],
    "agencies": [("agencies", ""), ("agency_new", "")],
    "meetings": [("committee", "body"), ("meeting", "live"), ("meeting", "planned"), ("meeting_minutes", "live")],
    "cases": [("cases", ""), ("case", "case")],
    "bodies": [
        ("governance", ""),
        ("body", "body"),
        ("body_new", ""),
        ("body_rules", "body"),
        ("body_appoint", "body"),
    ],
}


@pytest.mark.parametrize("group", PAGES)
def test_is_accessible_fits_every_size_and_suits_thumbs(world, opened, axe, lead, group):
    """Light on a phone, dark on a desk; nothing scrolls sideways."""
    page = opened(lead, "referrals", width=390)
    for name, subject in PAGES[group]:
        page.set_viewport_size({"width": 390, "height": 844})
        page.emulate_media(color_scheme="light")
        page.goto(reverse(name, args=[world[subject].uid] if subject else []))
        axe(page)
        assert page.evaluate(OVERFLOW) == 0, name
        assert page.evaluate(SMALL_TARGETS) == [], name
        page.set_viewport_size({"width": 768, "height": 1024})
        assert page.evaluate(OVERFLOW) == 0, name
        page.set_viewport_size({"width": 1440, "height": 900})
        page.emulate_media(color_scheme="dark")
        axe(page)
        assert page.evaluate(OVERFLOW) == 0, name


@pytest.mark.parametrize("width", [390, 1440])
def test_is_accessible_for_outside_members(world, opened, axe, width):
    outsider = outside_member(world["body"])
    page = opened(outsider, "meeting", world["live"].uid, width=width)
    axe(page)
    page.get_by_label(re.compile("그렇게 하겠습니다")).check()
    page.get_by_role("button", name="자료 열기").click()
    expect(page.get_by_role("heading", name=re.compile("무엇이 어려운가"))).to_be_visible()
    axe(page)
    assert page.evaluate(OVERFLOW) == 0
    assert "김영순" not in page.content()
    page.goto(reverse("committee", args=[world["body"].uid]))
    axe(page)


def test_counts_the_clock_on_from_the_servers_time(world, opened, manager):
    page = opened(manager, "meeting", world["live"].uid)
    clock = page.locator("[data-clock]")
    first = clock.inner_text()
    expect(clock).not_to_have_text(first, timeout=5000)
    assert re.fullmatch(r"\d\d:\d\d", clock.inner_text())


def test_keeps_quorum_and_votes_up_to_date_while_people_arrive(world, opened, manager):
    page = opened(manager, "meeting", world["live"].uid)
    expect(page.locator("#quorum")).to_contain_text("출석 5, 필요 4")
    row = page.locator("#roll li", has_text="민경자")
    row.get_by_role("button", name="출석").click()
    expect(page.locator("#quorum")).to_contain_text("출석 6")
    page.locator("#roll li", has_text="박현숙").get_by_role("button", name="불참").click()
    expect(page.locator("#votes")).to_contain_text("출석한 결정 위원 4명")


def test_offers_only_agencies_that_may_lead_the_chosen_type(world, opened, manager):
    page = opened(manager, "meeting", world["live"].uid)
    lead_agency = page.get_by_label("주 사례관리기관")
    expect(lead_agency).to_have_value(re.compile("^care_support:"))
    expect(page.get_by_label("유형을 다르게 정하는 까닭")).to_be_hidden()
    page.get_by_label("전문개입").check()
    expect(lead_agency).to_have_value(re.compile("^specialised:"))
    expect(page.get_by_label("유형을 다르게 정하는 까닭")).to_be_visible()


def test_keeps_a_decision_being_written_and_makes_it_once(world, opened, manager):
    page = opened(manager, "meeting", world["live"].uid)
    page.get_by_label("할 일 1", exact=True).fill("말벗 짝짓기")
    page.get_by_label("할 일 1 맡을 사람").select_option(value=f"u:{manager.uid}")
    page.get_by_label("할 일 1 날짜").fill((timezone.localdate() + dt.timedelta(5)).isoformat())
    expect(page.locator("#draft-saved")).to_contain_text("저절로 저장", timeout=10000)
    page.reload()  # the tab was lost: everything is still there
    expect(page.get_by_label("할 일 1", exact=True)).to_have_value("말벗 짝짓기")
    page.get_by_role("button", name=re.compile("^결정하고")).dblclick()
    expect(page.get_by_text("통합사례 장위1-")).to_be_visible()
    assert Case.objects.filter(referral__person=world["person"]).count() == 1
    expect(page.locator(".agenda li[aria-current]")).to_contain_text("겨울 난방")


def test_runs_a_whole_meeting_without_script(world, opened, manager):
    page = opened(manager, "meeting", world["live"].uid, java_script_enabled=False)
    page.get_by_label("할 일 1", exact=True).fill("말벗 짝짓기")
    page.get_by_label("할 일 1 맡을 사람").select_option(value=f"u:{manager.uid}")
    page.get_by_label("할 일 1 날짜").fill((timezone.localdate() + dt.timedelta(5)).isoformat())
    page.get_by_label("주 사례관리기관").select_option(value=f"care_support:{world['agencies']['care_support'].uid}")
    page.get_by_role("button", name=re.compile("^결정하고")).click()
    expect(page.get_by_text("통합사례 장위1-")).to_be_visible()
    page.get_by_label("무엇을 정했는지").fill("등유를 열 가구에 나눔")
    page.get_by_role("button", name=re.compile("^결정하고")).click()
    page.get_by_role("button", name="회의 마치기").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("회의록")


def test_folds_away_what_does_not_apply_to_a_referral(world, opened, counsellor):
    outside = c.AgencyFactory(name="달빛상담소", kind=Agency.Kind.OTHER)
    page = opened(counsellor, "referral_new", query=f"?person={f.PersonFactory(dong=world['body'].dong).uid}")
    agency = page.locator("select[name=agency]")
    expect(agency).to_be_hidden()
    page.get_by_role("radio", name="기관", exact=True).check()
    expect(agency).to_be_visible()
    agency.select_option(value=str(world["agencies"]["living_support"].uid))
    expect(page.get_by_text("받는 곳에 알려도 된다는 동의")).to_be_hidden()
    agency.select_option(value=str(outside.uid))
    page.get_by_label("받는 곳에 알려도 된다는 동의").check()
    expect(page.get_by_label("동의를 받은 방법")).to_be_visible()
    page.get_by_label("주된 어려움").select_option("isolation")
    page.get_by_label("무엇이 어려운지").fill("말벗이 필요합니다.")
    page.get_by_role("button", name="보내기").dblclick()
    expect(page.get_by_role("heading", level=1)).to_contain_text("달빛상담소")
    assert Referral.objects.get(agency=outside).consent.recipient == "달빛상담소"


def test_shows_the_pack_to_outside_members_on_screen_only(world, opened):
    outsider = outside_member(world["body"])
    packs.pledge(CaseAgendaItem.objects.get(item=world["item"]), by=outsider, at=timezone.now())
    page = opened(outsider, "meeting", world["live"].uid)
    expect(page.locator(".pack")).to_be_visible()
    assert outsider.name in page.locator(".watermark span").first.get_attribute("data-mark")
    page.emulate_media(media="print")
    expect(page.locator(".pack")).to_be_hidden()
