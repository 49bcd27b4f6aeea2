"""Fixtures of the browser tests: a real Chromium that reports everything a page does wrong.

A test that takes `page` fails when any page it opened broke the content security policy, asked
another host for something, or raised a script error.
"""

import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # playwright's synchronous API keeps an event loop in this thread

AXE = Path(settings.BASE_DIR, "node_modules/axe-core/axe.min.js")
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN_AXE = """
rules => axe.run(document, {runOnly: rules}).then(result => result.violations.map(
  violation => `${violation.id} (${violation.impact}): ${violation.nodes.map(node => node.html).join(" | ")}`))
"""
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", event =>
  reportPolicyViolation(`${event.violatedDirective}: ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber}`))
"""
LET_EVENTS_ARRIVE = "() => new Promise(done => setTimeout(done, 20))"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return browser_type_launch_args | {
        "executable_path": os.environ.get("CHROMIUM", "/usr/bin/chromium"),
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-quic",
            "--no-first-run",
        ],
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args, live_server):
    return browser_context_args | {"base_url": live_server.url, "locale": "ko-KR", "timezone_id": "Asia/Seoul"}


@pytest.fixture
def page_faults() -> list[str]:
    """What the pages of this test did wrong. A test that provokes a fault on purpose takes it out."""
    return []


@pytest.fixture
def new_context(new_context, page_faults, live_server):
    """Browser profiles that are watched; a test ends with no fault left."""
    own_host = urlsplit(live_server.url).netloc
    opened: list[BrowserContext] = []

    def watched(**options) -> BrowserContext:
        context = new_context(**options)
        if options.get("java_script_enabled", True):
            opened.append(context)
        context.expose_binding("reportPolicyViolation", lambda source, fault: page_faults.append(f"policy {fault}"))
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("request", lambda request: note_foreign_host(request.url))
        context.on("weberror", lambda error: page_faults.append(f"script: {error.error}"))
        return context

    def note_foreign_host(url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != own_host:
            page_faults.append(f"request to another host: {url}")

    yield watched
    for page in [page for context in opened for page in context.pages]:
        page.evaluate(LET_EVENTS_ARRIVE)
    fail_on(page_faults)


@pytest.fixture
def sign_in(live_server) -> Callable:
    """Sign a user in to a page's browser profile, without the sign-in page."""

    def with_session(page: Page, user) -> None:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        name = settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])

    return with_session


@pytest.fixture
def axe(page_faults) -> Callable:
    """Check the page as it stands now: accessible, within its policy, talking to nobody else."""

    def check(page: Page) -> None:
        page.evaluate(AXE.read_text("utf-8"))
        fail_on(page.evaluate(RUN_AXE, AXE_RULES))
        page.evaluate(LET_EVENTS_ARRIVE)
        fail_on(page_faults)

    return check


def fail_on(faults: list[str]) -> None:
    assert not faults, "\n".join(faults)
