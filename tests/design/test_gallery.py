"""The gallery of all parts in a real browser: accessible, within its frame, usable by keyboard and without script."""

import pytest
from playwright.sync_api import Page, expect

from tests.cast import posted

WIDTHS = {390: 844, 768: 1024, 1440: 900}
SCREENS = ("/styleguide/", "/styleguide/?screen=field")
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL_TARGETS = """() => [...document.querySelectorAll("a, button, summary, input, select, textarea")]
  .filter(node => node.checkVisibility() && !node.closest("p, .banner > .grow, .skip"))
  .map(node => node.matches("[type=radio], [type=checkbox]") ? node.closest("label") : node)
  .map(node => ({ box: node.getBoundingClientRect(), html: node.outerHTML.slice(0, 120) }))
  .filter(({ box }) => box.width > 1 && (box.height < 43.5 || box.width < 43.5))
  .map(({ box, html }) => `${Math.round(box.width)}x${Math.round(box.height)} ${html}`)"""
FOCUS = """() => {
  const node = document.activeElement, shown = node.matches("[type=radio], [type=checkbox]") ? node.closest("label") : node;
  const rings = [node, shown, node.nextElementSibling].filter(Boolean).map(part => getComputedStyle(part));
  const box = shown.getBoundingClientRect();
  const at = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return {
    name: node.tagName + " " + (node.getAttribute("aria-label") || node.textContent || node.name || "").trim().slice(0, 40),
    body: node === document.body,
    ring: rings.some(style => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2),
    inView: box.bottom > 0 && box.top < innerHeight,
    covered: Boolean(at && at.closest(".bar, .sbar, .actbar, .tabbar") && !shown.contains(at) && !at.contains(shown) && !shown.closest(".bar, .sbar, .actbar, .tabbar")),
  };
}"""


@pytest.fixture
def open_page(new_context, sign_in, dong):
    """A page of a signed-in nurse, in the given size, scheme and so on."""
    user = posted("gallery", "한지은", "PN", dong)

    def opened(address: str, width: int = 1440, **options) -> Page:
        phone = {"has_touch": True, "is_mobile": True} if width < 500 else {}
        context = new_context(viewport={"width": width, "height": WIDTHS[width]}, **phone, **options)
        page = context.new_page()
        sign_in(page, user)
        page.goto(address)
        expect(page.locator("h1")).to_be_visible()
        return page

    return opened


@pytest.mark.parametrize("address", SCREENS)
@pytest.mark.parametrize("width", WIDTHS)
def test_is_accessible_and_never_scrolls_sideways(open_page, axe, address, width):
    page = open_page(address, width, color_scheme="light")
    axe(page)
    page.emulate_media(color_scheme="dark")
    axe(page)
    assert page.evaluate(OVERFLOW) == 0


@pytest.mark.parametrize("address", SCREENS)
def test_flows_again_at_320_pixels(open_page, address):
    page = open_page(address, 390)
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate(OVERFLOW) == 0


@pytest.mark.parametrize("address", SCREENS)
def test_gives_thumbs_enough_room(open_page, address):
    page = open_page(address, 390)
    assert page.evaluate(SMALL_TARGETS) == []


@pytest.mark.parametrize("address", SCREENS)
@pytest.mark.parametrize("width", [390, 1440])
def test_shows_where_the_keyboard_is(open_page, address, width):
    page = open_page(address, width)
    seen = []
    for _ in range(160):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        if focus["body"]:
            break
        seen.append(focus["name"])
        assert focus["ring"], f"no ring on {focus['name']}"
        assert focus["inView"], f"out of sight: {focus['name']}"
        assert not focus["covered"], f"hidden under a bar: {focus['name']}"
    assert len(seen) > 15
    assert seen[0].endswith("본문으로 바로가기")


def test_jumps_to_the_content(open_page):
    page = open_page("/styleguide/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_opens_one_menu_at_a_time_and_closes_it_with_escape(open_page):
    page = open_page("/styleguide/")
    summary = page.locator(".menu-me > summary")
    summary.click()
    expect(page.get_by_role("button", name="로그아웃")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="로그아웃")).to_be_hidden()
    expect(summary).to_be_focused()
    summary.click()
    page.locator("h1").click()
    expect(page.get_by_role("button", name="로그아웃")).to_be_hidden()


def test_returns_the_focus_when_a_dialog_closes(open_page, axe):
    page = open_page("/styleguide/")
    opener = page.get_by_role("button", name="창 열기")
    opener.click()
    dialog = page.get_by_role("dialog", name="윤○만 방문 옮기기")
    expect(dialog).to_be_visible()
    axe(page)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()


def test_asks_before_it_sends(open_page):
    page = open_page("/styleguide/")
    sent = []
    page.on("request", lambda request: sent.append(request.method) if request.is_navigation_request() else None)
    page.evaluate("document.querySelector('[data-confirm] button').removeAttribute('formmethod')")
    page.get_by_role("button", name="한 번 더 묻는 단추").click()
    dialog = page.get_by_role("dialog", name="한 번 더 확인해 주세요")
    expect(dialog).to_contain_text("조원 6명에게 알립니다")
    dialog.get_by_role("button", name="그만두기").click()
    expect(dialog).to_be_hidden()
    assert sent == []
    page.get_by_role("button", name="한 번 더 묻는 단추").click()
    with page.expect_navigation():
        dialog.get_by_role("button", name="공개하기").click()
    assert sent == ["POST"]


SLOW_FORM = """() => {
  const form = document.createElement("form");
  form.method = "post"; form.id = "twice"; form.action = "/twice/";
  form.innerHTML = '<label>이름 <input name="n"></label><button name="act" value="save">저장해 보기</button>';
  form.addEventListener("submit", event => { window.sends = (window.sends || 0) + 1; window.value = event.submitter?.value; });
  document.querySelector("main").append(form);
}"""


def add_slow_form(page):
    """A form whose answer has no content, which keeps the page here."""
    page.route("**/twice/", lambda route: route.fulfill(status=204))
    page.evaluate(SLOW_FORM)


def test_sends_a_form_once_however_often_it_is_pressed(open_page):
    page = open_page("/styleguide/")
    add_slow_form(page)
    button = page.get_by_role("button", name="저장해 보기")
    button.evaluate("button => { button.click(); button.click(); button.click() }")
    expect(button).to_be_disabled()
    assert page.evaluate("[window.sends, window.value]") == [1, "save"]
    page.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(button).to_be_enabled()


def test_does_not_send_while_a_syllable_is_being_composed(open_page):
    page = open_page("/styleguide/")
    add_slow_form(page)
    page.locator("#twice input").focus()
    compose = "new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, isComposing: true })"
    page.evaluate(f"document.activeElement.dispatchEvent({compose}); document.querySelector('#twice').requestSubmit()")
    assert page.evaluate("window.sends") is None
    page.wait_for_timeout(200)
    page.keyboard.press("Enter")
    assert page.evaluate("window.sends") == 1


def test_says_a_notice_aloud_and_lets_it_be_closed(open_page, axe):
    page = open_page("/styleguide/")
    page.evaluate(
        "document.dispatchEvent(new CustomEvent('toast', { detail: { text: '<b>옮겼습니다</b>', tone: 'bad' } }))"
    )
    expect(page.locator("#live")).to_have_text("<b>옮겼습니다</b>")
    notice = page.locator("#toasts .banner")
    expect(notice).to_contain_text("<b>옮겼습니다</b>")
    axe(page)
    notice.get_by_role("button", name="알림 닫기").click()
    expect(notice).to_have_count(0)


def test_tells_when_the_connection_is_gone(open_page):
    page = open_page("/styleguide/")
    banner = page.locator("[data-offline]")
    expect(banner).to_be_hidden()
    page.context.set_offline(True)
    expect(banner).to_be_visible()
    page.context.set_offline(False)
    expect(banner).to_be_hidden()


def test_hints_at_sideways_scrolling_only_where_a_table_spills(open_page):
    page = open_page("/styleguide/", 390)
    wide = page.get_by_role("region", name="정원 현원 표")
    expect(wide).to_have_class("scroll spills")
    expect(wide).to_have_attribute("tabindex", "0")
    wide = open_page("/styleguide/", 1440).get_by_role("region", name="정원 현원 표")
    expect(wide).to_have_class("scroll")


def test_works_without_script(open_page):
    page = open_page("/styleguide/", 390, java_script_enabled=False)
    page.locator(".menu-all > summary").click()
    expect(page.get_by_role("navigation", name="전체 메뉴")).to_be_visible()
    expect(page.get_by_role("button", name="로그아웃")).to_be_visible()
    expect(page.locator("[data-print]")).to_be_hidden()
    page.close()  # without script there is nothing left to wait for


def test_prints_on_white_without_bars_even_in_the_dark(open_page):
    page = open_page("/styleguide/", color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.locator(".bar")).to_be_hidden()
    expect(page.get_by_role("button", name="창 열기")).to_be_hidden()
    expect(page.locator(".print-head")).to_contain_text("한지은")
    colours = "() => { const s = getComputedStyle(document.body); return [s.backgroundColor, s.color] }"
    assert page.evaluate(colours) == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]


def test_warns_before_the_idle_limit_and_stays_on_request(new_context, sign_in, dong, axe):
    context = new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    sign_in(page, posted("idle", "한지은", "PN", dong))
    page.clock.install()
    page.goto("/styleguide/")
    limit = int(page.locator("body").get_attribute("data-session-seconds"))
    warning = page.get_by_role("dialog", name="곧 자동으로 로그아웃됩니다")
    page.clock.run_for((limit - 200) * 1000)
    expect(warning).to_be_hidden()
    page.clock.run_for(60_000)
    expect(warning).to_contain_text("2분")
    axe(page)
    with page.expect_response("**/stay/") as answer:
        warning.get_by_role("button", name="계속 쓰기").click()
    assert answer.value.status == 204
    expect(warning).to_be_hidden()
