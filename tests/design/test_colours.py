"""The colour roles, checked by arithmetic: every pair that carries text reads well in both schemes."""

import re
from itertools import product
from pathlib import Path

import pytest
from django.conf import settings

TOKENS = Path(settings.BASE_DIR, "static/css/tokens.css").read_text("utf-8")
KRDS = Path(settings.BASE_DIR, "node_modules/krds-uiux/resources/css/token/krds_tokens.css").read_text("utf-8")
SCHEMES = ("light", "dark")
TEXT_PAIRS = [
    *product(("ink", "sub", "faint"), ("card", "page", "sunk")),
    *product(("ink", "sub"), ("pri-soft", "ok-soft", "warn-soft", "bad-soft", "info-soft")),
    *product(("pri", "ok", "warn", "bad", "info"), ("card", "page", "sunk")),
    *((tone, f"{tone}-soft") for tone in ("pri", "ok", "warn", "bad", "info")),
    ("pri-deep", "pri-soft"),
    ("pri-ink", "pri"),
    ("pri-ink", "pri-deep"),
    ("card", "sub"),
    ("card", "warn"),
    ("bad", "pri-soft"),
    *product(("navy-ink", "navy-mid", "navy-sub"), ("navy", "navy-lift")),
    *(("mi", f"m{step}") for step in range(3)),
    *(("mx", f"m{step}") for step in (3, 4)),
]
EDGE_PAIRS = [*product(("edge", "field", "pri", "focus"), ("card", "page")), ("navy-ink", "navy"), ("warn", "line")]


def roles(scheme: str) -> dict[str, str]:
    """Role -> literal colour; dark starts from light and replaces."""
    light, _, dark = TOKENS.partition("@media screen and (prefers-color-scheme: dark)")
    dark = dark.partition("@media")[0]
    found = {}
    for block in (light, dark) if scheme == "dark" else (light,):
        for name, value in re.findall(r"--([\w-]+):\s*(?:var\(--krds[\w-]+, )?(#[0-9a-f]{6})", block):
            found[name] = value
    return found


def luminance(colour: str) -> float:
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_keeps_text_readable(scheme, text, ground):
    colours = roles(scheme)
    assert contrast(colours[text], colours[ground]) >= 4.5, f"{text} on {ground}"


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("edge", "ground"), EDGE_PAIRS)
def test_keeps_edges_and_bars_visible(scheme, edge, ground):
    colours = roles(scheme)
    assert contrast(colours[edge], colours[ground]) >= 3, f"{edge} on {ground}"


def test_gives_a_dark_colour_for_every_light_one():
    light, dark = roles("light"), roles("dark")
    kept = {name for name in light if light[name] == dark[name]}
    assert kept == {"navy-ink", "navy-mid"}


def test_falls_back_to_the_very_value_of_krds():
    krds = dict(re.findall(r"(--krds[\w-]+):\s*([^;]+);", KRDS))

    def resolved(name: str) -> str:
        value = krds[name].strip()
        return resolved(value[4:-1]) if value.startswith("var(") else value.lower()

    pairs = re.findall(r"var\((--krds[\w-]+), (#[0-9a-f]{6})\)", TOKENS)
    assert len(pairs) >= 6
    assert {name: resolved(name) for name, _ in pairs} == dict(pairs)
