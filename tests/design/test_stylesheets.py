"""The stylesheets stay small, speak in roles and never reach outside."""

import re
from pathlib import Path

from django.conf import settings

STYLES = sorted(Path(settings.BASE_DIR, "static/css").glob("*.css"))
TEMPLATES = sorted(Path(settings.BASE_DIR, "templates").rglob("*.html"))


def test_keeps_the_parts_under_72_kilobytes_and_the_screens_under_twenty():
    sizes = {path.name: path.stat().st_size for path in STYLES}
    screens = sum(sizes.pop(name) for name in ("screens.css", "casework.css", "visit.css"))
    assert screens <= 20 * 1024
    assert sum(sizes.values()) <= 72 * 1024


def test_names_colours_only_as_roles():
    for path in STYLES:
        if path.name not in {"tokens.css", "print.css"}:
            text = re.sub(r"url\([^)]*\)", "", path.read_text("utf-8"))
            assert not re.findall(r"#[0-9a-f]{3,8}\b", text), path.name


def test_uses_only_roles_that_exist():
    text = "".join(path.read_text("utf-8") for path in STYLES)
    used = set(re.findall(r"var\(--([\w-]+)", text)) - set(re.findall(r"--([\w-]+):", text))
    assert {name for name in used if not name.startswith("krds-")} == set()


def test_loads_nothing_from_another_host():
    for path in STYLES:
        for address in re.findall(r"url\(\"?([^)\"]*)", path.read_text("utf-8")):
            assert address.startswith(("../v/", "data:image/svg+xml,")), address


def test_finds_no_inline_style_or_script_in_any_template():
    for path in TEMPLATES:
        text = re.sub(r"{%.*?%}", "", path.read_text("utf-8"))
        assert not re.search(r"\sstyle\s*=|<style|\son\w+\s*=|javascript:|hx-on", text), path
        for script in re.findall(r"<script\b[^>]*>", text):
            assert "src=" in script or 'type="application/json"' in script, path
        assert not re.search(r"(?:href|src|action)=\"(?:https?:)?//", text), path
