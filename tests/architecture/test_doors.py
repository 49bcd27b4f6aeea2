"""Every URL declares who may open it, and what it writes into the access log."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.urls import URLPattern, URLResolver, get_resolver

from centers.roles import MATRIX, RESOURCES, ROLES, grants
from seongbuk import access_words
from seongbuk.navigation import BY_ROLE

ROOT = Path(__file__).resolve().parent.parent.parent
WITHOUT_SIGN_IN = {"health_live", "health_ready", "account_login", "service_worker", "offline_shell"}
OWN_APPS = {"centers", "staffing", "planners", "governance", "casemgmt", "seongbuk"}
OF_ALLAUTH = re.compile(r"^(account_|mfa_)")


def patterns(resolver=None, prefix=""):
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry, prefix + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield prefix + str(entry.pattern), entry


ALL = list(patterns())


def test_has_pages():
    assert len(ALL) > 30


@pytest.mark.parametrize(("route", "entry"), ALL, ids=[e.name or r for r, e in ALL])
def test_declares_a_permission(route, entry):
    name = entry.name or ""
    if name in WITHOUT_SIGN_IN or OF_ALLAUTH.match(name) or route.startswith("admin/"):
        return
    permission = getattr(entry.callback, "permission", None)
    assert permission is not None, f"{route} carries no @permitted"
    if permission.resource:
        assert permission.resource in RESOURCES
        assert permission.log


@pytest.mark.parametrize(("route", "entry"), ALL, ids=[e.name or r for r, e in ALL])
def test_shows_no_running_numbers_in_urls(route, entry):
    if route.startswith("admin/"):
        return
    assert "<int:pk" not in route
    assert "<int:id" not in route


@pytest.mark.parametrize(("route", "entry"), ALL, ids=[e.name or r for r, e in ALL])
def test_has_words_for_what_it_writes_into_the_access_log(route, entry):
    log = getattr(getattr(entry.callback, "permission", None), "log", "")
    assert not log or re.search("[가-힣]", access_words.words(log)), f"add {log} to seongbuk/access_words.py"


@pytest.mark.parametrize("name", sorted(name for name, app in get_commands().items() if app in OWN_APPS))
def test_has_words_for_what_a_command_writes_into_the_access_log(name):
    log = getattr(load_command_class(get_commands()[name], name), "log", "")
    assert not log or re.search("[가-힣]", access_words.words(log)), f"add {log} to seongbuk/access_words.py"


def test_lets_somebody_open_every_page():
    held = grants()
    for route, entry in ALL:
        permission = getattr(entry.callback, "permission", None)
        if permission and permission.resource:
            roles = [role.code for role in ROLES if held.get((role.code, permission.resource, permission.action))]
            assert roles, f"nobody may open {route}"


def test_gives_each_role_a_row_a_home_and_a_navigation():
    names = {entry.name for _, entry in ALL}
    for role in ROLES:
        assert role.code in MATRIX
        assert role.home in names, f"{role.code} has no home page {role.home}"
        for item in BY_ROLE[role.code]:
            assert item.url_name in names, f"{item.label} leads to {item.url_name}, which is not there"


def test_keeps_style_and_script_out_of_templates():
    wrong = []
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        if re.search(r'\sstyle="', text):
            wrong.append(f"{path.name}: style attribute")
        if re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", text):
            wrong.append(f"{path.name}: inline script")
        if re.search(r"\son(click|change|submit|load|input)=", text):
            wrong.append(f"{path.name}: inline handler")
        if re.search(r'(src|href)="https?://', text):
            wrong.append(f"{path.name}: outside address")
    assert wrong == []


def test_captions_every_table():
    wrong = []
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        tables = len(re.findall(r"<table\b", text))
        captions = len(re.findall(r"<caption\b", text))
        if tables > captions and "templates/django" not in str(path):
            wrong.append(f"{path.name}: {tables} tables, {captions} captions")
    assert wrong == []
