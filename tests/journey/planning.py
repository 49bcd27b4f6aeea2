"""Chapters 2 and 3: the month's targets with their reasons, a promise by phone, the month on the board."""

import re

from playwright.sync_api import Page, expect

from common.months import Month
from planners.models import Consent, ContactAttempt, Person, Schedule, Target, Visit


def list_targets(page: Page, look, months: list[Month]) -> None:
    """The lead fetches the lists of two months; each person on them says why."""
    for month in dict.fromkeys(months):
        page.goto(f"/targets/?month={month}")
        page.get_by_role("button", name="명단 새로 고침").click()
        expect(page.get_by_role("status").or_(page.locator(".banner")).first).to_contain_text("새로 8명")
        assert Target.objects.filter(month=month.first, rule__key="turns_65").count() == 8
    look(page, "04-targets")

    target = Target.objects.filter(month=months[-1].first).select_related("person").order_by("person__name").first()
    page.locator(f"a[href*='{target.uid}']").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(target.person.name)
    why = page.get_by_role("region", name="왜 명단에 있나요").or_(page.locator("section", has_text="왜 명단에 있나요"))
    expect(why.first).to_contain_text("65세가 됩니다")
    expect(why.first).to_contain_text("계획 IV.5-1 ①")
    look(page, "05-target-why")


def book_by_phone(page: Page, look, month: Month) -> Visit:
    """Answer, time, save: three taps while the resident is on the phone. Everybody else agrees one after another."""
    page.goto("/booking/?range=unasked")
    look(page, "06-calls")
    target = Target.objects.filter(month=month.first).order_by("pk").select_related("person").first()
    page.goto(f"/booking/{target.uid}/")
    expect(page.get_by_role("heading", level=1)).to_contain_text(target.person.name)
    look(page, "07-call")
    page.get_by_text("동의하심", exact=True).click()
    page.locator("input[name=slot]:not([value='']) + span").first.click()
    page.get_by_role("button", name="적고 다음 분으로").click()
    expect(page.locator(".banner")).to_contain_text("방문을 약속했습니다")

    visit = Visit.objects.get(target=target)
    assert visit.state == Visit.State.BOOKED and visit.booked_by.username == "social"
    assert {row.user.username for row in visit.staff.all()} == {"nurse", "social"}
    consent = Consent.objects.get(person=target.person, kind=Consent.Kind.VISIT)
    assert (consent.answer, consent.channel, consent.asked_by) == ("given", "phone", "오세진")
    assert ContactAttempt.objects.filter(target=target, result="reached").count() == 1
    return visit


def agree(page: Page, targets) -> None:
    """The social worker calls on: these people agree and get their day by the month's schedule."""
    for target in targets:
        page.goto(f"/booking/{target.uid}/")
        page.get_by_text("동의하심", exact=True).click()
        page.get_by_role("button", name="적고 다음 분으로").click()
        expect(page.locator(".banner")).to_contain_text("동의를 적었습니다")


def refuse(page: Page, target: Target) -> None:
    """One person says no and is not called again."""
    page.goto(f"/booking/{target.uid}/")
    page.get_by_text("거절하심", exact=True).click()
    page.get_by_role("button", name="적고 다음 분으로").click()
    expect(page.locator(".banner")).to_contain_text("더 연락하지 않습니다")
    page.goto("/booking/")
    assert str(target.uid) not in page.content()
    target.refresh_from_db()
    assert target.state == Target.State.REFUSED


def plan_month(page: Page, look, month: Month, promised: Visit) -> Schedule:
    """The lead makes the month with the solver in the background, asks why, moves one visit, publishes."""
    page.goto("/schedules/")
    expect(page.get_by_role("heading", level=1)).to_contain_text(month.korean)
    look(page, "08-month-empty")
    page.get_by_role("button", name="일정 만들기").click()
    expect(page.locator(".job").or_(page.locator("#board")).first).to_be_visible()
    page.locator("#board").or_(page.get_by_role("link", name=re.compile("보기"))).first.wait_for(timeout=90_000)
    if not page.locator("#board").count():
        look(page)
        page.get_by_role("link", name=re.compile("보기")).click()
    draft = Schedule.objects.get(month=month.first)
    assert draft.is_proved and draft.placements.filter(visit=promised, on=promised.on).exists()
    look(page, "09-month-board")

    _ask_why(page, look, draft)
    moved = _move_one(page, draft)
    for view, name in (("days", "11-month-days"), ("pairs", "12-month-pairs")):
        page.goto(f"/schedules/{draft.uid}/?view={view}")
        look(page, name)
    page.goto(f"/schedules/{draft.uid}/")
    page.get_by_role("button", name="공개하기").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("공개합니다")
    dialog.get_by_role("button", name="공개하기").click()
    expect(page.locator(".banner")).to_contain_text("일정을 공개했습니다")
    look(page, "13-month-published")

    draft.refresh_from_db()
    assert draft.state == Schedule.State.PUBLISHED
    moved.refresh_from_db()
    placement = draft.placements.get(visit=moved)
    assert (moved.on, moved.half) == (placement.on, placement.half)
    return draft


def _ask_why(page: Page, look, draft: Schedule) -> None:
    page.locator("a.chip.nw:visible").first.click()
    selected = page.locator("#selected")
    expect(selected).to_contain_text("왜 여기인가")
    assert selected.locator("ul.diff li").count() >= 1
    look(page, "10-month-why")


def _move_one(page: Page, draft: Schedule) -> Visit:
    """Move the visit that is open beside the board into another half-day."""
    uid = re.search("visit=([0-9a-f-]+)", page.url).group(1)
    before = draft.placements.get(visit__uid=uid)
    page.locator("#selected").get_by_role("link", name="옮기기").click()
    page.locator(".spot").first.click()
    expect(page.locator(".banner")).to_contain_text("옮겼습니다")
    after = draft.placements.get(visit__uid=uid)
    assert (after.on, after.half) != (before.on, before.half)
    assert after.is_locked
    return after.visit


def who(names: str) -> list[Person]:
    return list(Person.objects.filter(name__in=names.split()))
