"""The pages outside the daily screens: sign-in, account, refusals and faults."""

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import expect

from tests.cast import posted

PASSWORD = "a-long-enough-sentence-for-tests"
ACCOUNT_PAGES = {
    "/account/password/change/": "비밀번호 바꾸기",
    "/account/second-factor/": "2단계 확인",
    "/account/confirm/": "본인인지 확인합니다",
}


@pytest.fixture
def user(dong):
    user = posted("door", "한지은", "PN", dong)
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.mark.parametrize("width", [390, 1440])
def test_signs_in_with_a_name_and_a_password(new_context, axe, user, width):
    page = new_context(viewport={"width": width, "height": 844}).new_page()
    page.goto("/login/")
    axe(page)
    page.emulate_media(color_scheme="dark")
    axe(page)
    expect(page.get_by_label("아이디")).to_be_focused()
    page.keyboard.type("door")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login/" not in url)


def test_says_what_is_wrong_with_a_sign_in_and_moves_there(page, axe, user):
    page.goto("/login/")
    page.get_by_label("아이디").fill("door")
    page.get_by_label("비밀번호").fill("not-the-password")
    page.get_by_role("button", name="로그인").click()
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("고칠 곳이 1군데 있습니다")
    expect(summary).to_be_focused()
    expect(page.get_by_label("아이디")).to_have_value("door")
    axe(page)


@pytest.mark.parametrize(("address", "heading"), ACCOUNT_PAGES.items())
def test_keeps_the_account_pages_accessible_and_korean(page, sign_in, axe, user, address, heading):
    sign_in(page, user)
    page.goto(address)
    expect(page.locator("h1")).to_have_text(heading)
    axe(page)
    assert not page.locator("label, button, p, .help").filter(has_text="Password").count()


def test_explains_what_is_not_found(page, sign_in, axe, user):
    sign_in(page, user)
    answer = page.goto("/no-such-page/")
    assert answer.status == 404
    expect(page.locator("h1")).to_have_text("찾는 것이 없습니다")
    axe(page)


@pytest.mark.parametrize("name", ["403", "403_csrf", "404", "429", "500", "503", "lockout"])
def test_draws_fault_pages_without_any_context(name):
    """A fault may have taken the database, the session and the context processors with it."""
    html = render_to_string(f"{name}.html")
    assert html.count("<h1>") == 1
    assert 'lang="ko"' in html
    assert "<script" not in html
