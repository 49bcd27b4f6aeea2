"""Small charts and maps drawn on the server: no script, sharp in print, readable under a strict CSP.

Positions across are percent, so a chart fits any width while its letters keep their size. Colours come
from classes in `boards.css`. Every figure carries its numbers in words for screen readers.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

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
    parts = []
    for place, row in enumerate(rows):
        y, value = place * 28, float(row["value"] or 0)
        parts.append(
            format_html(
                '<text class="name" x="0" y="{}">{}</text><rect class="track" x="24%" y="{}" width="62%" height="14" rx="3"/>'
                '<rect class="c0" x="24%" y="{}" width="{}%" height="14" rx="3"/>'
                '<text class="val" x="100%" y="{}" text-anchor="end">{}</text>',
                y + 18,
                row["name"],
                y + 7,
                y + 7,
                f"{value / top * scale:.2f}",
                y + 18,
                f"{_plain(value)}{unit}",
            )  # fmt: skip
        )
    if tick is not None:
        at = f"{24 + float(tick) / top * scale:.2f}%"
        parts.append(format_html('<line class="tick" x1="{0}" x2="{0}" y1="2" y2="{1}"/>', at, len(rows) * 28 - 2))
    spoken = label + ": " + ", ".join(f"{row['name']} {_plain(row['value'])}{unit}" for row in rows)
    return _figure(spoken, len(rows) * 28, parts)


def trend(points: Sequence[Mapping], *, label: str = "", unit: str = "", goal: float | None = None) -> SafeString:
    """A line over time with its first and last values written out; `points` are `{"name", "value"}`."""
    known = [float(point["value"]) for point in points if point["value"] is not None]
    top = max([*known, float(goal or 0)], default=0) * 1.12 or 1
    height, base = 132, 108

    def x(place: int) -> float:
        return 3 + 94 * place / max(1, len(points) - 1)

    def y(value: float) -> float:
        return base - float(value) / top * (base - 18)

    parts = [format_html('<line class="grid" x1="0" x2="100%" y1="{0}" y2="{0}"/>', base)]
    if goal is not None:
        parts.append(format_html('<line class="goal" x1="0" x2="100%" y1="{0}" y2="{0}"/>', f"{y(goal):.1f}"))
        parts.append(format_html('<text x="0" y="{}">목표 {}{}</text>', f"{y(goal) - 5:.1f}", _plain(goal), unit))
    placed = [(place, point) for place, point in enumerate(points) if point["value"] is not None]
    parts += [
        format_html(
            '<line class="trend{}" x1="{}%" y1="{}" x2="{}%" y2="{}"/>',
            "" if b == a + 1 else " gap",
            f"{x(a):.2f}", f"{y(first['value']):.1f}", f"{x(b):.2f}", f"{y(second['value']):.1f}",
        )
        for (a, first), (b, second) in zip(placed, placed[1:], strict=False)
    ]  # fmt: skip
    for place, point in placed:
        last = place == placed[-1][0]
        parts.append(
            format_html(
                '<circle class="dot{}" cx="{}%" cy="{}" r="{}"><title>{} {}{}</title></circle>',
                " last" if last else "",
                f"{x(place):.2f}",
                f"{y(point['value']):.1f}",
                5 if last else 3.5,
                point["name"],
                _plain(point["value"]),
                unit,
            )  # fmt: skip
        )
    for place, point in {placed[0][0]: placed[0][1], placed[-1][0]: placed[-1][1]}.items() if placed else ():
        parts.append(
            format_html(
                '<text class="val" x="{}%" y="{}" text-anchor="{}">{}{}</text>',
                f"{x(place):.2f}",
                f"{y(point['value']) - 10:.1f}",
                _anchor(x(place)),
                _plain(point["value"]),
                unit,
            )  # fmt: skip
        )
    every = max(1, -(-len(points) // 6))
    for place in range(len(points) - 1, -1, -every):
        parts.append(
            format_html(
                '<text x="{}%" y="126" text-anchor="{}">{}</text>',
                f"{x(place):.2f}",
                _anchor(x(place)),
                points[place]["name"],
            )  # fmt: skip
        )
    spoken = label + ": " + ", ".join(f"{point['name']} {_plain(point['value'])}{unit}" for point in points)
    return _figure(spoken, height, parts)


def level(value: float | None, cuts: Sequence[float]) -> int | None:
    """Step 0-4 of a value between four ascending cuts; None for no value."""
    return None if value is None else sum(value >= cut for cut in cuts)


def tile_map(tiles: Sequence[Mapping], *, label: str = "") -> SafeString:
    """The 20 dongs as a grid of links; each tile is `{"dong", "text", "level", "url", "current"}`."""
    parts = []
    for tile in tiles:
        column, row = TILE_PLACES[tile["dong"]]
        step = tile.get("level")
        parts.append(
            format_html(
                '<li class="x{} y{}"><{} class="tile {}"{}><span>{}<span class="d">동</span></span><b>{}</b></{}></li>',
                column,
                row,
                format_html('a href="{}"', tile["url"]) if tile.get("url") else mark_safe("div"),
                "na" if step is None else f"m{step}",
                mark_safe(' aria-current="true"') if tile.get("current") else "",
                tile["dong"].removesuffix("동"),
                tile["text"],
                mark_safe("a" if tile.get("url") else "div"),
            )
        )
    return format_html('<ul class="tiles" aria-label="{}">{}</ul>', label, mark_safe("".join(parts)))


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
        mark_safe("".join(stripes)),
        mark_safe("".join(pins)),
        mark_safe("".join(names)),
    )


def _figure(spoken: str, height: int, parts: Sequence[SafeString]) -> SafeString:
    return format_html(
        '<svg class="fig" width="100%" height="{}" role="img" aria-label="{}">{}</svg>',
        height,
        spoken,
        mark_safe("".join(parts)),
    )


def _anchor(place: float) -> str:
    return "start" if place < 8 else "end" if place > 92 else "middle"


def _plain(value: float | Decimal | None) -> str:
    return "자료 없음" if value is None else f"{float(value):,.1f}".removesuffix(".0")
