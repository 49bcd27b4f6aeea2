"""Chapters 5 and 6: the day's case meeting, a referral, the committee's decision, a case."""

import datetime as dt

import pytest
from playwright.sync_api import Page, expect

from casemgmt.models import Case, Referral
from common.refusals import Refusal
from governance.models import Meeting
from planners import visits
from planners.models import CaseMeeting, Visit

SUMMARY = "사별 뒤 혼자 지내며 잠을 못 이룹니다. 난방비가 밀렸습니다."


def judge(page: Page, look, calm: Visit, worrying: Visit) -> None:
    """One visit becomes normal and closes; one becomes managed and stays open until somebody helps."""
    page.goto(f"/case-meeting/?visit={calm.uid}")
    expect(page.locator("#open")).to_contain_text("기록이 가리키는 쪽: 정상군")
    look(page, "20-case-meeting-normal")
    page.get_by_role("button", name="정상군").click()
    expect(page.locator(".banner")).to_contain_text("정상군으로 분류했습니다")
    calm.refresh_from_db()
    assert (calm.state, calm.group) == (Visit.State.CLOSED, Visit.Group.NORMAL)
    assert calm.reoffer_on

    page.goto(f"/case-meeting/?visit={worrying.uid}")
    expect(page.locator("#open")).to_contain_text("기록이 가리키는 쪽: 관리대상군")
    expect(page.locator("#open")).to_contain_text("우울")
    look(page, "21-case-meeting-managed")
    page.get_by_role("button", name="관리대상군").click()
    expect(page.locator("main")).to_contain_text("연계 전")
    worrying.refresh_from_db()
    assert (worrying.state, worrying.group, worrying.linked_at) == (Visit.State.DONE, Visit.Group.MANAGED, None)
    with pytest.raises(Refusal, match="연계나 의뢰가 하나는"):
        visits.close(worrying, by=worrying.pair.social, at=worrying.finished_at)


def refer(page: Page, look, visit: Visit) -> Referral:
    """The referral is written inside the meeting; with it the visit closes."""
    form = page.locator(f"#referral-{visit.uid}")
    form.get_by_text("통합사례관리위원회").first.click()
    form.get_by_label("주된 어려움").select_option(label="외로움·고립")
    form.get_by_label("무엇이 어려운지").fill(SUMMARY)
    expect(form.locator("[data-when='destination=agency']")).to_be_hidden()
    form.get_by_text("동의를 지금 받았습니다").click()
    look(page, "22-case-meeting-referral")
    form.get_by_role("button", name="보내기").click()
    expect(form.get_by_role("status")).to_contain_text("위원회")
    expect(page.locator("#judged")).to_contain_text("관리대상군 · 연계함")
    expect(page.locator("#counts")).to_contain_text("연계 1")
    look(page)
    visit.refresh_from_db()
    assert visit.linked_at and visit.state == Visit.State.CLOSED
    referral = Referral.objects.get(visit=visit)
    assert (referral.state, referral.destination) == (Referral.State.SENT, Referral.Destination.COMMITTEE)
    return referral


def close_day(page: Page, look, dong, today: dt.date) -> None:
    page.goto("/case-meeting/")
    page.get_by_role("button", name="회의 마치기").click()
    expect(page.locator(".banner")).to_contain_text("회의를 마쳤습니다")
    look(page, "23-case-meeting-closed")
    counts = CaseMeeting.objects.get(dong=dong, on=today).counts
    assert (counts["normal"], counts["managed"], counts["linked"]) == (1, 1, 1)


def hold_committee(page: Page, look, referral: Referral) -> Case:
    """Agenda, roll call, quorum, decision: a case with a type, one lead agency, a next review and a plan."""
    page.goto("/committees/")
    expect(page.locator("main")).to_contain_text("안건을 기다리는 의뢰")
    look(page, "24-committee")
    page.get_by_role("button", name="안건에 올리기").click()
    expect(page.locator(".banner")).to_contain_text("안건에 올렸습니다")
    page.get_by_role("link", name="안건과 회의 준비").click()
    look(page, "25-meeting-planned")
    meeting = Meeting.objects.get(uid=page.url.split("/meetings/")[1].split("/")[0])
    page.get_by_role("button", name="회의 열기").click()
    expect(page.locator("#quorum")).to_contain_text("정족수 모자람")
    look(page, "26-meeting-open")

    for name in ("최복규", "박현숙", "송미경"):
        page.get_by_role("button", name=f"{name} 출석").click()
        expect(page.get_by_role("button", name=f"{name} 출석")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#quorum")).to_contain_text("정족수 채움")
    person = referral.person
    assert person.name not in page.locator("main").inner_text(), "the pack names nobody"
    if page.get_by_role("button", name="이 안건 시작하기").count():
        page.get_by_role("button", name="이 안건 시작하기").click()

    _decide(page, look)
    case = Case.objects.get(referral=referral)
    assert case.person == person and case.dong == referral.dong
    assert case.lead_agency and case.review_on and case.plan.count() == 1
    assert case.decision.item.meeting == meeting
    look(page, "28-meeting-decided")
    page.get_by_role("button", name="회의 마치기").click()
    dialog = page.get_by_role("dialog")
    if dialog.is_visible():
        dialog.get_by_role("button", name="회의 마치기").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("회의록")
    look(page, "29-minutes")
    meeting.refresh_from_db()
    assert meeting.state == Meeting.State.CLOSED
    page.goto(f"/cases/{case.uid}/")
    expect(page.locator("main")).to_contain_text(case.number)
    look(page, "30-case")
    return case


def _decide(page: Page, look) -> None:
    form = page.locator("#decide")
    form.locator("label", has_text="생활지원").first.click()
    if form.get_by_label("유형을 다르게 정하는 까닭").is_visible():
        form.get_by_label("유형을 다르게 정하는 까닭").fill("생활 문제가 더 급함")
    form.get_by_label("주 사례관리기관").select_option(index=1)
    lead = form.get_by_label("주 사례관리기관").locator("optgroup[label*='생활'] option").first.get_attribute("value")
    form.get_by_label("주 사례관리기관").select_option(lead)
    form.get_by_label("다음 점검일").select_option(index=3)
    form.get_by_label("할 일 1", exact=True).fill("긴급 난방비 신청")
    form.get_by_label("할 일 1 맡을 사람").select_option(index=1)
    form.get_by_label("할 일 1 날짜").fill((dt.date.today() + dt.timedelta(days=7)).isoformat())
    form.get_by_label("찬성").fill("2")
    look(page, "27-meeting-decision")
    form.get_by_role("button", name="결정하고").click()
    expect(page.locator("#said")).to_contain_text("통합사례")
