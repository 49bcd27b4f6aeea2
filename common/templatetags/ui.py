"""Template tags of the design system: icons, states, figures and Korean numbers, names and dates."""

import datetime as dt
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path

from defusedxml import ElementTree
from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from common import figures_svg
from common.hangul import mask_name, particle

register = template.Library()

ICON_NAMES = """
    arrow-left-right arrow-repeat bank bar-chart bell box-arrow-in-right box-arrow-right building calendar-check
    calendar3 camera chat-dots check-lg check2-square chevron-down chevron-left chevron-right clipboard-check clock
    clock-history cloud-upload diagram-3 download exclamation-triangle eye eye-slash file-earmark-arrow-up
    file-earmark-text flag folder2-open funnel gear geo-alt heart-pulse hospital hourglass-split house house-heart
    inbox info-circle journal-text key list list-ul lock lock-fill map megaphone mic paperclip pencil people person
    person-circle person-lines-fill plus-lg printer question-circle search send shield-check shield-lock sort-down
    star telephone three-dots trash unlock upload wifi-off x-lg
"""
ICONS = frozenset(ICON_NAMES.split())
SYMBOLS = {
    "ok": "✓",
    "warn": "▲",
    "wait": "◷",
    "bad": "✕",
    "changed": "△",
    "open": "?",
    "info": "",
    "pri": "",
    "plain": "",
}
WEEKDAYS = "월화수목금토일"
DASH = "–"


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An inlined icon; without `label` it is decoration and hidden from screen readers."""
    if name not in ICONS:
        raise template.TemplateSyntaxError(f"icon {name!r} is not on the allow-list in common.templatetags.ui")
    speech = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html('<svg class="ico" viewBox="0 0 16 16" {}>{}</svg>', speech, _icon_paths(name))


@register.simple_tag
def tag(tone: str, text: object, symbol: str | None = None, extra: str = "") -> SafeString:
    """A state as symbol, word and colour: `{% tag "ok" "서명함" %}`.

    Tones: ok, warn, wait, bad, changed, open, info, pri, plain. `symbol` replaces the usual one,
    `extra` adds classes.
    """
    mark = symbol or SYMBOLS[tone]
    return format_html(
        '<span class="tag {}">{}{}</span>',
        f"{tone} {extra}".strip(),
        format_html('<i aria-hidden="true">{}</i>', mark) if mark else "",
        text,
    )


@register.simple_tag
def meter(part: object, whole: object, tick: object = None, label: str = "", tone: str = "") -> SafeString:
    """A bar of `part` in `whole`; `tick` is a limit in percent of the bar, `tone` is over or ok."""
    share, limit = _percent_of(part, whole), _number(tick)
    spoken = f"{label} {_tidy(share)}%".strip() if share is not None else f"{label} 자료 없음".strip()
    if limit is not None:
        spoken += f", 기준 {_tidy(limit)}%"
    return format_html(
        '<div class="meter {}" role="img" aria-label="{}"><i class="w{}"></i>{}</div>',
        tone,
        spoken,
        width_class(share),
        format_html('<s class="l{}"></s>', width_class(limit)) if limit is not None else "",
    )


@register.simple_tag
def rate(part: object, whole: object) -> SafeString:
    """A rate that never stands alone: `23.1% 93/403`."""
    share = _percent_of(part, whole)
    return format_html(
        '<span class="rate">{} <small>{}/{}</small></span>',
        DASH if share is None else f"{share:.1f}%",
        comma(part),
        comma(whole),
    )


@register.simple_tag
def split_bar(*pairs: object) -> SafeString:
    """A bar split into named parts: `{% split_bar "정상군" 38 "관리대상군" 55 %}`."""
    parts = [(str(name), _number(value) or Decimal(0)) for name, value in zip(pairs[::2], pairs[1::2], strict=True)]
    whole = sum(value for _, value in parts)
    return format_html(
        '<div class="split" role="img" aria-label="{}">{}</div>',
        ", ".join(f"{name} {comma(value)}" for name, value in parts),
        format_html_join("", '<i class="w{}"></i>', ((width_class(_percent_of(v, whole)),) for _, v in parts if whole)),
    )


@register.simple_tag
def score_band(bands: list[dict], now: object = None, last: object = None) -> SafeString:
    """Score bands with the present and the last value.

    `bands` is a list of `{"low", "high", "name", "tone"}` in order, `tone` ok, warn or bad.
    """
    return figures_svg.score_band(bands, now=_number(now), last=_number(last))


@register.simple_tag
def spark(values: list, label: str = "", unit: str = "건") -> SafeString:
    """Small columns beside a number; the last one is the present."""
    return figures_svg.sparkline(values, label=label, unit=unit)


@register.simple_tag
def bars(rows: list[dict], label: str = "", unit: str = "", tick: object = None) -> SafeString:
    """Horizontal bars; `rows` are `{"name", "value"}`, `tick` a common reference value."""
    return figures_svg.bars(rows, label=label, unit=unit, tick=tick)


@register.simple_tag
def trend(points: list[dict], label: str = "", unit: str = "", goal: object = None) -> SafeString:
    """A line over time; `points` are `{"name", "value"}` in order, `goal` a dashed reference."""
    return figures_svg.trend(points, label=label, unit=unit, goal=goal)


@register.simple_tag
def tile_map(tiles: list[dict], label: str = "") -> SafeString:
    """The 20 dongs as tiles; each `{"dong", "text", "level", "url", "current"}`, level 0-4 or None."""
    return figures_svg.tile_map(tiles, label=label)


@register.simple_tag
def map_legend(cuts: list, unit: str = "") -> SafeString:
    """The five steps of the map in words."""
    return figures_svg.legend(cuts, unit=unit)


# ------------------------------------------------------------------ numbers


@register.filter
def comma(value: object) -> str:
    """1234567 -> 1,234,567; nothing -> –."""
    number = _number(value)
    if number is None:
        return DASH
    return f"{number:,f}".rstrip("0").rstrip(".") if number % 1 else f"{int(number):,}"


@register.filter
def percent(value: object, places: int = 1) -> str:
    """A share between 0 and 1 as percent: 0.2307 -> 23.1%."""
    number = _number(value)
    return DASH if number is None else f"{number * 100:.{places}f}%"


@register.filter
def share(part: object, whole: object) -> str:
    """`93|share:403` -> 23.1%; a whole of nothing -> –."""
    value = _percent_of(part, whole)
    return DASH if value is None else f"{value:.1f}%"


@register.filter
def signed(value: object) -> SafeString:
    """A difference with its direction: ▲3, ▽2, 0."""
    number = _number(value)
    if not number:
        return format_html('<span class="sub">{}</span>', DASH if number is None else 0)
    kind, mark, word = ("up", "▲", "많음") if number > 0 else ("dn", "▽", "모자람")
    return format_html(
        '<span class="{}"><span aria-hidden="true">{}</span>{}<span class="vh"> {}</span></span>',
        kind, mark, comma(abs(number)), word,
    )  # fmt: skip


@register.filter
def width_class(value: object) -> int:
    """Whole percent for the classes w0-w100 and l0-l100; a little is never nothing, nearly all never all."""
    number = _number(value)
    if number is None or number <= 0:
        return 0
    if number >= 100:
        return 100
    return min(99, max(1, round(number)))


@register.filter
def minutes(value: object) -> str:
    """Minutes or a timedelta in words: 928 -> 15시간 28분."""
    if value in (None, ""):
        return DASH
    total = int(value.total_seconds() // 60) if isinstance(value, dt.timedelta) else int(value)
    hours, rest = divmod(abs(total), 60)
    words = [f"{hours:,}시간"] if hours else []
    if rest or not hours:
        words.append(f"{rest}분")
    return ("-" if total < 0 else "") + " ".join(words)


@register.filter
def signed_minutes(value: object) -> str:
    """A difference of minutes as it is read aloud: +12분, −5분, 같음."""
    number = _number(value)
    if number is None:
        return DASH
    return "같음" if not number else f"{'+' if number > 0 else '−'}{comma(abs(number))}분"


@register.filter
def seconds(value: object) -> str:
    """Seconds or a timedelta in words: 74 -> 1분 14초; longer than an hour without the seconds."""
    if value in (None, ""):
        return DASH
    total = int(value.total_seconds()) if isinstance(value, dt.timedelta) else int(value)
    if total >= 3600:
        return minutes(total // 60)
    whole, rest = divmod(total, 60)
    return f"{whole}분 {rest}초" if whole else f"{rest}초"


# ------------------------------------------------------------------ dates


@register.filter
def kdate(value: dt.date | dt.datetime | None) -> str:
    """2014년 12월 3일 수요일."""
    day = _local(value)
    return f"{day.year}년 {day.month}월 {day.day}일 {WEEKDAYS[day.weekday()]}요일" if day else DASH


@register.filter
def kday(value: dt.date | dt.datetime | None) -> str:
    """12월 3일 수."""
    day = _local(value)
    return f"{day.month}월 {day.day}일 {WEEKDAYS[day.weekday()]}" if day else DASH


@register.filter
def kday_in(value: dt.date | dt.datetime | None) -> str:
    """12월 3일(수), for use in a sentence, where a particle follows."""
    day = _local(value)
    return f"{day.month}월 {day.day}일({WEEKDAYS[day.weekday()]})" if day else DASH


@register.filter(name="particle")
def particle_after(word: str, pair: str) -> str:
    """`{{ name }}{{ name|particle:"을/를" }}`."""
    return particle(str(word), pair)


@register.filter
def kshort(value: dt.date | dt.datetime | None) -> str:
    """12.3, or 2013.12.3 with `kdots`."""
    day = _local(value)
    return f"{day.month}.{day.day}" if day else DASH


@register.filter
def kdots(value: dt.date | dt.datetime | None) -> str:
    """2014.12.3."""
    day = _local(value)
    return f"{day.year}.{day.month}.{day.day}" if day else DASH


@register.filter
def kmonth(value: object) -> str:
    """2014년 12월, for a date or anything with `year` and `month`."""
    return f"{value.year}년 {value.month}월" if value else DASH


@register.filter
def ktime(value: dt.datetime | dt.time | None) -> str:
    """08:40."""
    if not value:
        return DASH
    moment = _local(value) if isinstance(value, dt.datetime) else value
    return f"{moment:%H:%M}"


@register.filter
def kmoment(value: dt.datetime | None) -> str:
    """12월 3일 수 08:40."""
    return f"{kday(value)} {ktime(value)}" if value else DASH


@register.filter
def half(value: str) -> str:
    """오전 for AM, 오후 for PM."""
    return {"AM": "오전", "PM": "오후"}.get(str(value), DASH)


# ------------------------------------------------------------------ names


@register.filter
def masked(name: object) -> str:
    """A resident's name with its middle hidden: 김순자 -> 김○자, 이솔 -> 이○, 남궁민수 -> 남○○수."""
    return mask_name(str(name or ""))


# ------------------------------------------------------------------ private


@lru_cache(maxsize=len(ICONS))
def _icon_paths(name: str) -> SafeString:
    """The shapes inside the icon's file, without its outer element."""
    root = ElementTree.parse(Path(settings.NPM_ICONS) / f"{name}.svg").getroot()
    shapes = "".join(ElementTree.tostring(child, encoding="unicode").strip() for child in root)
    return mark_safe(shapes.replace("ns0:", "").replace(' xmlns:ns0="http://www.w3.org/2000/svg"', ""))  # noqa: S308


def _number(value: object) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        return Decimal(str(value).replace(",", ""))
    except InvalidOperation:
        return None


def _percent_of(part: object, whole: object) -> Decimal | None:
    numerator, denominator = _number(part), _number(whole)
    return None if numerator is None or not denominator else numerator * 100 / denominator


def _tidy(number: Decimal | None) -> str:
    return DASH if number is None else f"{number:.1f}".removesuffix(".0")


def _local(value: dt.date | dt.datetime | None) -> dt.date | dt.datetime | None:
    if isinstance(value, dt.datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value or None
