"""Small charts and maps drawn on the server: no script, sharp in print, readable under a strict CSP.

Positions across are percent, so a chart fits any width while its letters keep their size. Colours come
from classes in `boards.css`. Every figure carries its numbers in words for screen readers.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

# Where each dong stands on the tile map, column and row from 1: neighbours stay neighbours.
TILE_PLACES = {
    name: (column, row)
    for row, line in enumerate(
        (
            "정릉4동 . 길음1동 . 장위1동 장위3동 .",
            "정릉3동 정릉2동 정릉1동 길음2동 월곡1동 장위2동 석관동",
            "성북동 돈암2동 동선동 돈암1동 종암동 월곡2동 .",
            ". 삼선동 보문동 안암동 . . .",
        ),
        start=1,
    )
    for column, name in enumerate(line.split(), start=1)
    if name != "."
}


def sparkline(values: Sequence[float], *, label: str = "", unit: str = "건") -> SafeString:
    """Columns 10 px wide; the last one is the present."""
    numbers = [float(value or 0) for value in values]
    top = max(numbers, default=0) or 1
    spoken = f"{label} {', '.join(_plain(number) for number in numbers)}{unit}".strip()
    columns = []
    for place, number in enumerate(numbers):
        height = max(2.0, number / top * 30)
        columns.append((place * 14, f"{30 - height:.1f}", f"{height:.1f}", f"{_plain(number)}{unit}"))
    return format_html(
        '<svg class="spark" width="{}" height="30" role="img" aria-label="{}">{}</svg>',
        max(10, len(numbers) * 14 - 4),
        spoken,
        format_html_join("", '<rect x="{}" y="{}" width="10" height="{}" rx="2"><title>{}</title></rect>', columns),
    )


def bars(rows: Sequence[Mapping], *, label: str = "", unit: str = "", tick: float | None = None) -> SafeString:
    """Horizontal bars with names on the left and values on the right; `rows` are `{"name", "value"}`."""
    top = max([float(row["value"] or 0) for row in rows] + [float(tick or 0)], default=0) or 1
    scale = 62.0  # percent of the width that the longest bar takes
    line = (
        '<text class="name" x="0" y="{}">{}</text>'
        '<rect class="track" x="24%" y="{}" width="62%" height="14" rx="3"/>'
        '<rect class="c0" x="24%" y="{}" width="{}%" height="14" rx="3"/>'
        '<text class="val" x="100%" y="{}" text-anchor="end">{}</text>'
    )
    parts = []
    for place, row in enumerate(rows):
        y, value = place * 28, float(row["value"] or 0)
        words = f"{_plain(value)}{unit}"
        parts.append(format_html(line, y + 18, row["name"], y + 7, y + 7, _of(value / top * scale), y + 18, words))
    if tick is not None:
        at = 24 + float(tick) / top * scale
        parts.append(
            format_html('<line class="tick" x1="{0}%" x2="{0}%" y1="2" y2="{1}"/>', _of(at), len(rows) * 28 - 2)
        )
    return _figure(_spoken(label, rows, unit), len(rows) * 28, parts)


def trend(points: Sequence[Mapping], *, label: str = "", unit: str = "", goal: float | None = None) -> SafeString:
    """A line over time with its first and last values written out; `points` are `{"name", "value"}`.

    A point whose value is None is left out, and the line over it is dotted.
    """
    known = [float(point["value"]) for point in points if point["value"] is not None]
    top = max([*known, float(goal or 0)], default=0) * 1.12 or 1
    height, base = 132, 108

    def x(place: int) -> float:
        return 3 + 94 * place / max(1, len(points) - 1)

    def y(value: float, up: float = 0) -> str:
        return _of(base - float(value) / top * (base - 18) - up)

    def words(value: float) -> str:
        return f"{_plain(value)}{unit}"

    def lift(place: int) -> float:
        """Words stand above their point, under the last one when the line comes down to it and there is room."""
        value, before = float(points[place]["value"]), known[-2] if len(known) > 1 else 0
        return -17 if place == placed[-1][0] and before > value and value / top > 0.22 else 10

    placed = [(place, point) for place, point in enumerate(points) if point["value"] is not None]
    parts = [format_html('<line class="grid" x1="0" x2="100%" y1="{0}" y2="{0}"/>', base)]
    if goal is not None:
        parts.append(format_html('<line class="goal" x1="0" x2="100%" y1="{0}" y2="{0}"/>', y(goal)))
        parts.append(format_html('<text x="0" y="{}">목표 {}</text>', y(goal, 5), words(goal)))
    stroke = '<line class="trend{}" x1="{}%" y1="{}" x2="{}%" y2="{}"/>'
    for (a, first), (b, second) in pairwise(placed):
        gap = "" if b == a + 1 else " gap"
        parts.append(format_html(stroke, gap, _of(x(a)), y(first["value"]), _of(x(b)), y(second["value"])))
    dot = '<circle class="dot{}" cx="{}%" cy="{}" r="{}"><title>{} {}</title></circle>'
    for place, point in placed:
        kind, size = (" last", 5) if place == placed[-1][0] else ("", 3.5)
        name, value = point["name"], point["value"]
        parts.append(format_html(dot, kind, _of(x(place)), y(value), size, name, words(value)))
    named = '<text class="val" x="{}%" y="{}" text-anchor="{}">{}</text>'
    for place, point in dict(placed[:1] + placed[-1:]).items():
        value = point["value"]
        parts.append(format_html(named, _of(x(place)), y(value, lift(place)), _anchor(x(place)), words(value)))
    every = max(1, -(-len(points) // 6))
    for place in range(len(points) - 1, -1, -every):
        axis = '<text x="{}%" y="126" text-anchor="{}">{}</text>'
        parts.append(format_html(axis, _of(x(place)), _anchor(x(place)), points[place]["name"]))
    return _figure(_spoken(label, points, unit), height, parts)


def level(value: float | None, cuts: Sequence[float]) -> int | None:
    """Step 0-4 of a value between four ascending cuts; None for no value."""
    return None if value is None else sum(value >= cut for cut in cuts)


def tile_map(tiles: Sequence[Mapping], *, label: str = "") -> SafeString:
    """The 20 dongs as a grid of links; each tile is `{"dong", "text", "level", "url", "current"}`."""
    by_place = {TILE_PLACES[tile["dong"]]: tile for tile in tiles}
    cells = [by_place.get((column, row)) for row in range(1, 5) for column in range(1, 8)]
    empty = mark_safe('<li aria-hidden="true"></li>')
    return format_html(
        '<ul class="tiles" aria-label="{}">{}</ul>', label, _join(_tile(tile) if tile else empty for tile in cells)
    )


def _tile(tile: Mapping) -> SafeString:
    url, step = tile.get("url"), tile.get("level")
    return format_html(
        '<li><{} class="tile {}"{}><span>{}<span class="d">동</span></span><b>{}</b></{}></li>',
        format_html('a href="{}"', url) if url else "div",
        "na" if step is None else f"m{step}",
        mark_safe(' aria-current="true"') if tile.get("current") else "",
        tile["dong"].removesuffix("동"),
        tile["text"],
        "a" if url else "div",
    )


def legend(cuts: Sequence[float], *, unit: str = "") -> SafeString:
    """The five steps of the map in words, from four ascending cuts of whole numbers."""
    words = [f"{_plain(cuts[0])}{unit} 미만"]
    words += [f"~{_plain(cut - 1)}{unit}" for cut in cuts[1:]]
    words.append(f"{_plain(cuts[-1])}{unit} 이상")
    return format_html(
        '<ul class="legend" aria-label="색 단계">{}</ul>',
        format_html_join("", '<li class="m{}">{}</li>', enumerate(words)),
    )


def score_band(bands: Sequence[Mapping], *, now: Decimal | None, last: Decimal | None) -> SafeString:
    """Bands of a score from low to high with a pin for the present and the last value.

    `bands` are `{"low", "high", "name", "tone"}` without gaps; a band holds every whole score in it,
    so its width counts scores, and a pin stands in the middle of its score.
    """
    floor = bands[0]["low"]
    whole = bands[-1]["high"] - floor + 1

    def at(score: Decimal) -> int:
        return min(99, max(1, round((float(score) - floor + 0.5) / whole * 100)))

    def holds(band: Mapping) -> bool:
        return now is not None and band["low"] <= now <= band["high"]

    widths = [round((band["high"] - band["low"] + 1) / whole * 100) for band in bands]
    widths[-1] = 100 - sum(widths[:-1])
    stripes, names, spoken = [], [], []
    for place, (band, width) in enumerate(zip(bands, widths, strict=True)):
        here = holds(band)
        kind = f"in {band['tone']} " if here else ""
        ending = " end" if place == len(bands) - 1 else ""
        stripes.append(format_html('<i class="{}w{}{}"></i>', kind, width, ending))
        name = f"{band['name']} {band['low']}~{band['high']}"
        names.append(
            format_html('<b class="{} w{}">{}</b>', band["tone"], width, name)
            if here
            else format_html('<span class="w{}">{}</span>', width, name)
        )
        if here:
            spoken.append(f"지금 {_plain(now)}점 {band['name']}")
    pins = []
    if last is not None:
        near = now is not None and abs(at(last) - at(now)) < 19
        low = mark_safe(" low") if near else ""
        pins.append(format_html('<span class="pin last{} l{}">지난 {}</span>', low, at(last), _plain(last)))
        spoken.append(f"지난 값 {_plain(last)}점")
    if now is not None:
        pins.append(format_html('<span class="pin l{}">지금 {}</span>', at(now), _plain(now)))
    return format_html(
        '<div class="band" role="img" aria-label="{}">{}{}</div><div class="bandlab">{}</div>',
        ", ".join(spoken) or "아직 점수 없음",
        _join(stripes),
        _join(pins),
        _join(names),
    )


def _figure(spoken: str, height: int, parts: Sequence[SafeString]) -> SafeString:
    return format_html(
        '<svg class="fig" width="100%" height="{}" role="img" aria-label="{}">{}</svg>',
        height,
        spoken,
        _join(parts),
    )


def _join(parts: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))


def _spoken(label: str, rows: Sequence[Mapping], unit: str) -> str:
    return f"{label}: " + ", ".join(f"{row['name']} {_plain(row['value'])}{unit}" for row in rows)


def _of(value: float) -> str:
    return f"{value:.2f}"


def _anchor(place: float) -> str:
    return "start" if place < 8 else "end" if place > 92 else "middle"


def _plain(value: float | Decimal | None) -> str:
    return "자료 없음" if value is None else f"{float(value):,.1f}".removesuffix(".0")
