"""Tags and filters of the design system."""

import datetime as dt

import pytest
from django.template import Context, Template, TemplateSyntaxError

from common import figures_svg
from common.templatetags import ui

SEOUL_MORNING = dt.datetime(2014, 12, 2, 23, 40, tzinfo=dt.UTC)
BANDS = [
    {"low": 0, "high": 5, "name": "정상", "tone": "ok"},
    {"low": 6, "high": 9, "name": "주의", "tone": "warn"},
    {"low": 10, "high": 15, "name": "위험", "tone": "bad"},
]


def rendered(source: str, **context) -> str:
    return Template(source).render(Context(context))


def test_shows_a_state_as_symbol_word_and_tone():
    assert rendered('{% tag "ok" "서명함" %}') == '<span class="tag ok"><i aria-hidden="true">✓</i>서명함</span>'
    assert '<i aria-hidden="true">▽</i>' in rendered('{% tag "warn" "뒤짐" "▽" %}')


def test_keeps_the_usual_symbol_when_a_template_has_none_to_give():
    assert "▲" in rendered('{% tag "warn" "주의" missing %}')


def test_escapes_what_people_wrote():
    assert "&lt;b&gt;" in rendered('{% tag "plain" text %}', text="<b>")
    assert "<script>" not in figures_svg.bars([{"name": "<script>", "value": 1}])
    assert "<script>" not in figures_svg.trend([{"name": "<script>", "value": 1}])


def test_refuses_an_unknown_tone_and_an_icon_off_the_list():
    with pytest.raises(KeyError):
        rendered('{% tag "purple" "말" %}')
    with pytest.raises(TemplateSyntaxError):
        rendered('{% icon "bug" %}')


@pytest.mark.parametrize("name", sorted(ui.ICONS))
def test_inlines_each_icon_without_foreign_names(name):
    svg = ui.icon(name)
    assert svg.startswith('<svg class="ico" viewBox="0 0 16 16" aria-hidden="true"><')
    assert "xmlns" not in svg
    assert "ns0" not in svg


def test_names_an_icon_that_stands_alone():
    assert 'role="img" aria-label="전화"' in rendered('{% icon "telephone" "전화" %}')


@pytest.mark.parametrize(
    ("percent", "width"),
    [(None, 0), ("", 0), (-3, 0), (0, 0), (0.2, 1), (23.1, 23), (99.7, 99), (100, 100), (130, 100)],
)
def test_never_rounds_a_little_to_nothing_or_nearly_all_to_all(percent, width):
    assert ui.width_class(percent) == width


def test_says_a_meter_in_words():
    html = rendered('{% meter 93 403 13.2 "방문율" %}')
    assert 'aria-label="방문율 23.1%, 기준 13.2%"' in html
    assert '<i class="w23"></i><s class="l13"></s>' in html


def test_draws_no_tick_without_a_limit_and_no_rate_without_a_whole():
    assert "<s" not in rendered("{% meter 9 14 tick=missing %}")
    assert "자료 없음" in rendered('{% meter 0 0 label="방문율" %}')
    assert rendered("{% rate 0 0 %}") == '<span class="rate">– <small>0/0</small></span>'


def test_writes_a_rate_with_its_parts():
    assert rendered("{% rate 1093 4036 %}") == '<span class="rate">27.1% <small>1,093/4,036</small></span>'


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "–"), (0, "0"), (1234567, "1,234,567"), (12.5, "12.5"), (-3, "-3"), ("", "–"), (100, "100")],
)
def test_groups_digits(value, words):
    assert ui.comma(value) == words


def test_says_the_direction_of_a_difference():
    assert "▲" in ui.signed(3)
    assert "많음" in ui.signed(3)
    assert "▽" in ui.signed(-2)
    assert "모자람" in ui.signed(-2)
    assert ui.signed(0) == '<span class="sub">0</span>'


@pytest.mark.parametrize(
    ("value", "words"),
    [(928, "15시간 28분"), (60, "1시간"), (0, "0분"), (dt.timedelta(minutes=34), "34분"), (None, "–")],
)
def test_says_minutes_in_words(value, words):
    assert ui.minutes(value) == words


@pytest.mark.parametrize(("value", "words"), [(74, "1분 14초"), (9, "9초"), (3700, "1시간 1분"), (None, "–")])
def test_says_seconds_in_words(value, words):
    assert ui.seconds(value) == words


def test_writes_dates_the_korean_way_in_seoul():
    assert ui.kdate(SEOUL_MORNING) == "2014년 12월 3일 수요일"
    assert ui.kdate(dt.date(2015, 1, 8)) == "2015년 1월 8일 목요일"
    assert ui.kmoment(SEOUL_MORNING) == "12월 3일 수 08:40"
    assert ui.kshort(SEOUL_MORNING) == "12.3"
    assert ui.kmonth(dt.date(2014, 12, 1)) == "2014년 12월"
    assert ui.kdate(None) == "–"


@pytest.mark.parametrize(("name", "shown"), [("김순자", "김○자"), ("이솔", "이○"), ("남궁민수", "남○○수"), (None, "")])
def test_hides_the_middle_of_a_name(name, shown):
    assert ui.masked(name) == shown


def test_gives_every_dong_its_own_tile():
    assert len(figures_svg.TILE_PLACES) == 20
    assert len(set(figures_svg.TILE_PLACES.values())) == 20
    html = figures_svg.tile_map([{"dong": "정릉4동", "text": "1,719", "level": 4}])
    assert html.startswith('<ul class="tiles" aria-label=""><li><div class="tile m4"><span>정릉4')
    assert html.count("<li") == 28


@pytest.mark.parametrize(("value", "level"), [(None, None), (999, 0), (1000, 1), (1399, 2), (1600, 4), (5000, 4)])
def test_puts_a_value_on_its_step(value, level):
    assert figures_svg.level(value, (1000, 1200, 1400, 1600)) == level


def test_says_the_steps_so_that_no_value_falls_between():
    html = figures_svg.legend((1000, 1200, 1400, 1600))
    assert [word in html for word in ("1,000 미만", "~1,199", "~1,399", "~1,599", "1,600 이상")] == [True] * 5


def test_marks_the_band_a_score_falls_in():
    html = figures_svg.score_band(BANDS, now=7, last=4)
    assert 'aria-label="지금 7점 주의, 지난 값 4점"' in html
    assert '<i class="w38"></i><i class="in warn w25"></i><i class="w37 end"></i>' in html
    assert '<b class="warn w25">주의 6~9</b>' in html


def test_keeps_two_close_pins_apart():
    assert "last low" in figures_svg.score_band(BANDS, now=7, last=6)
    assert "last low" not in figures_svg.score_band(BANDS, now=12, last=2)


def test_draws_a_score_that_is_not_there_yet():
    assert 'aria-label="아직 점수 없음"' in figures_svg.score_band(BANDS, now=None, last=None)


def test_dots_the_line_over_a_missing_month():
    html = figures_svg.trend([{"name": "1월", "value": 3}, {"name": "2월", "value": None}, {"name": "3월", "value": 5}])
    assert 'class="trend gap"' in html
    assert "2월 자료 없음" in html


def test_draws_empty_figures_without_falling():
    assert "<svg" in figures_svg.sparkline([])
    assert "<svg" in figures_svg.bars([])
    assert "<svg" in figures_svg.trend([])
