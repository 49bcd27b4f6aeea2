"""The lead's month in a real browser: move by button and key, compare, plan a morning again, publish, print."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from centers import jobs
from centers.models import Job
from common.months import Month
from planners.models import Placement, Replan, Schedule, Visit
from planners.months import month_problem, schedule_reasons, scheduling
from planners.months.month_problem import Unit
from planners.solver import solve
from tests.design.test_gallery import OVERFLOW, SMALL_TARGETS
from tests.planners.test_replanning import second_pair, waiting  # noqa: F401  (a fixture)

pytestmark = pytest.mark.django_db(transaction=True)
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture
def month(today) -> Month:
    return Month.of(today).next


@pytest.fixture
def draft(dong, pair, second_pair, month, today, lead) -> Schedule:  # noqa: F811
    for n in range(6):
        waiting(dong, month, east=n / 1500)
    built = month_problem.build(Unit(dong=dong), month, today=today)
    plan = solve(built.problem, gap=0.05, watchdog=20)
    return scheduling.save_draft(built, plan, schedule_reasons.left_out(built, plan), by=lead, at=timezone.now())


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


def finish_jobs(count: int) -> None:
    """Do what was asked for in the background, here and now."""
    waiting_jobs = list(Job.objects.filter(state=Job.State.WAITING))
    assert len(waiting_jobs) == count
    for job in waiting_jobs:
        assert jobs.run(job.pk, at=timezone.now(), heartbeat=False).state == Job.State.DONE


def confirm(page: Page) -> None:
    page.locator("#confirm [data-confirm-yes]").click()


def url_of(schedule: Schedule) -> str:
    return reverse("schedule", args=[schedule.uid])


def test_moves_a_visit_by_keyboard_and_keeps_it_there(opened, draft, lead, axe):
    place = draft.placements.order_by("starts_at").first()
    page = opened(lead, f"{url_of(draft)}?visit={place.visit.uid}")
    page.get_by_role("link", name="옮기기", exact=True).press("Enter")
    best = page.locator(".spot").first
    expect(page.locator("#selected")).to_be_focused()  # the next Tab is the best place
    expect(page.locator("td.free").first).to_be_visible()
    axe(page)
    best.press("Enter")
    expect(page.get_by_text("옮겼습니다.").first).to_be_visible()
    expect(page.get_by_text("팀장이 이 칸으로 옮겼습니다.")).to_be_visible()
    moved = Placement.objects.get(pk=place.pk)
    assert moved.is_locked
    assert (moved.pair_id, moved.on, moved.half) != (place.pair_id, place.on, place.half)


def test_walks_the_board_with_the_arrow_keys_and_moves_with_m(opened, draft, lead, axe):
    page = opened(lead, url_of(draft))
    chips, stop = page.locator("[data-board] a.chip"), page.locator("[data-board] [tabindex='0']")
    expect(stop).to_have_count(1)  # one stop for Tab, the arrows do the rest
    chips.first.focus()
    page.keyboard.press("ArrowDown")
    expect(chips.first).not_to_be_focused()
    expect(stop).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(chips.first).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(chips.first).not_to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(chips.first).to_be_focused()
    axe(page)
    page.keyboard.press("Enter")
    expect(page.locator("#selected")).to_be_visible()
    expect(page.locator("[data-board] [tabindex='0'][aria-current='true']")).to_have_count(1)
    page.locator("[data-board] a.chip[aria-current='true']").focus()
    page.keyboard.press("m")
    free = page.locator("td.free button")
    expect(free.first).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator("td.free button:focus")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(free).to_have_count(0)
    page.locator("[data-board] a.chip[aria-current='true']").focus()
    page.keyboard.press("m")
    expect(free.first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("팀장이 이 칸으로 옮겼습니다.")).to_be_visible()
    assert draft.placements.filter(is_locked=True).count() == 1


def test_moves_by_the_cell_of_the_board_without_script(opened, draft, lead):
    place = draft.placements.order_by("starts_at").first()
    page = opened(lead, f"{url_of(draft)}?visit={place.visit.uid}&move", java_script_enabled=False)
    page.locator("td.free button").last.click()
    expect(page.get_by_text("옮겼습니다.").first).to_be_visible()
    assert Placement.objects.get(pk=place.pk).is_moved_by_hand


def test_takes_out_locks_and_publishes_once(opened, draft, lead):
    first, second = draft.placements.order_by("starts_at")[:2]
    page = opened(lead, f"{url_of(draft)}?visit={first.visit.uid}")
    page.get_by_role("button", name="빼기").click()
    expect(page.get_by_text("못 넣은 방문 목록에 있습니다.")).to_be_visible()
    page.goto(f"{url_of(draft)}?visit={second.visit.uid}")
    page.get_by_role("button", name="고정", exact=True).click()
    expect(page.get_by_role("button", name="고정 풀기")).to_be_visible()
    page.get_by_role("button", name="공개하기").first.dblclick()
    confirm(page)
    expect(page.get_by_text("일정을 공개했습니다.")).to_be_visible()
    assert Schedule.objects.get(pk=draft.pk).state == Schedule.State.PUBLISHED
    assert Visit.objects.get(pk=second.visit_id).events.filter(act="announced").count() == 1
    assert Visit.objects.get(pk=first.visit_id).state == Visit.State.POOL


def test_refuses_to_publish_what_somebody_changed_in_another_window(opened, draft, lead):
    page = opened(lead, url_of(draft))
    Schedule.objects.filter(pk=draft.pk).update(version=draft.version + 1)
    page.get_by_role("button", name="공개하기").first.click()
    confirm(page)
    expect(page.get_by_text("그사이 다른 사람이 이 일정을 바꿨습니다.")).to_be_visible()


def test_compares_two_settings_and_keeps_one(opened, draft, lead, dong, month, axe):
    page = opened(lead, f"{reverse('schedule_compare')}?month={month}&dong={dong.slug}")
    page.get_by_label("오른쪽").select_option("few_outings")
    page.get_by_role("button", name="두 설정으로 계산").click()
    expect(page.get_by_role("progressbar").first).to_be_visible()
    finish_jobs(2)
    page.reload()
    expect(page.get_by_role("heading", name="숫자로 보기")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="이 안을 초안으로").last.click()
    expect(page.get_by_text("2번째 초안으로 두었습니다.")).to_be_visible()
    assert Schedule.objects.get(number=2).settings["preset"] == "few_outings"


def test_plans_a_morning_again_and_tells_the_partner(opened, draft, lead, pair, axe):
    scheduling.publish(draft, by=lead, at=timezone.now())
    day = Visit.objects.filter(pair=pair).order_by("on").values_list("on", flat=True).first()
    page = opened(lead, f"{reverse('replan')}?user={pair.nurse.uid}&on={day}")
    expect(page.get_by_role("heading", name="자리를 잃는 방문")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="새 자리 찾기").dblclick()
    expect(page.get_by_role("heading", name="새 자리를 찾고 있습니다")).to_be_visible()
    finish_jobs(1)
    page.reload()
    expect(page.get_by_text("다른 자리 고르기").first).to_be_visible()
    axe(page)
    page.get_by_role("button", name="이대로 확정하고 공개").click()
    confirm(page)
    expect(page.get_by_role("heading", name="전화할 목록")).to_be_visible()
    axe(page)
    line = Replan.objects.get().lines.select_related("visit").order_by("was_starts_at").first()
    page.get_by_role("button", name="동의하심").first.click()
    expect(page.get_by_text("통화 결과를 적었습니다.")).to_be_visible()
    visit = Visit.objects.get(pk=line.visit_id)
    assert visit.state == Visit.State.BOOKED
    partner = opened(visit.pair.social, f"{reverse('today')}?on={visit.on}", PHONE)
    expect(partner.get_by_text(visit.person.name).first).to_be_visible()


def test_fits_phones_and_desks_in_light_and_dark(opened, draft, lead, pair, dong, month, axe):
    scheduling.publish(draft, by=lead, at=timezone.now())
    day = Visit.objects.filter(pair=pair).order_by("on").values_list("on", flat=True).first()
    unit = f"month={month}&dong={dong.slug}"
    small = {}
    for address in (
        url_of(draft),
        f"{url_of(draft)}?view=pairs",
        reverse("schedule_changes", args=[draft.uid]),
        f"{reverse('schedule_compare')}?{unit}",
        f"{reverse('replan')}?user={pair.nurse.uid}&on={day}",
        f"{reverse('day_sheets')}?on={day}&dong={dong.slug}",
    ):
        page = opened(lead, address, PHONE)
        axe(page)
        assert page.evaluate(OVERFLOW) == 0, address
        small[address] = page.evaluate(SMALL_TARGETS)
        page.set_viewport_size(WIDE)
        page.emulate_media(color_scheme="dark")
        axe(page)
        assert page.evaluate(OVERFLOW) == 0, address
        page.close()
    assert {name: found for name, found in small.items() if found} == {}
