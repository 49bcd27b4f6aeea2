"""The browser of the tests sees what a page does wrong."""

import pytest
from playwright.sync_api import Page

from tests.browser import LET_EVENTS_ARRIVE


def add_to_page(page: Page, html: str) -> None:
    page.evaluate("html => document.body.insertAdjacentHTML('beforeend', html)", html)
    page.evaluate(LET_EVENTS_ARRIVE)


def test_notices_a_request_to_another_host(page, page_faults):
    page.goto("/login/")
    add_to_page(page, "<img src='https://example.invalid/map.png' alt='지도'>")
    assert any(fault.startswith("policy img-src: https://example.invalid") for fault in page_faults)
    page_faults.clear()


def test_notices_an_inline_style(page, page_faults):
    page.goto("/login/")
    add_to_page(page, "<p style='color: red'>빨강</p>")
    assert any(fault.startswith("policy style-src") for fault in page_faults)
    page_faults.clear()


def test_notices_a_script_error(page, page_faults):
    page.goto("/login/")
    page.evaluate("() => { setTimeout(() => { throw new Error('고장') }) }")
    page.evaluate(LET_EVENTS_ARRIVE)
    assert any("고장" in fault for fault in page_faults)
    page_faults.clear()


def test_notices_a_picture_without_words(page, axe):
    page.goto("/login/")
    axe(page)
    add_to_page(page, "<img src='/static/img/favicon.svg'>")
    with pytest.raises(AssertionError, match="image-alt"):
        axe(page)


def test_signs_a_user_in(page, sign_in, nurse):
    sign_in(page, nurse)
    page.goto("/account/password/change/")
    assert page.url.endswith("/account/password/change/")
