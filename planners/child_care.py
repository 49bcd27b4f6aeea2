"""What matters at a child's age: guidance by age in days, and which vaccinations are due or late.

Ages follow the national vaccination schedule of the plan's year; the office edits this table when the
schedule changes (plan IV.5-1 ②: growth, breastfeeding, vaccination, weaning, check-ups).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

MONTH = 30.4375
PREGNANCY_DAYS = 280


@dataclass(frozen=True)
class AgeCard:
    """Guidance for an age: days from the first to before the next card."""

    from_days: int
    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Vaccine:
    """One dose: due from one age on, late after another, both in days."""

    key: str
    name: str
    due_days: int
    late_days: int


CARDS = (
    AgeCard(
        0,
        "태어나서 4주까지",
        (
            "먹기: 하루 8~12번, 아기가 찾을 때마다 먹입니다. 하루 6번 넘게 소변을 보면 넉넉히 먹은 것입니다.",
            "재우기: 등을 대고 단단한 바닥에 눕힙니다. 베개와 인형은 치웁니다.",
            "살피기: 배꼽이 젖거나 붉지 않은지, 눈 흰자까지 노랗지 않은지 봅니다.",
            "바로 병원: 38도 넘는 열, 잘 먹지 않음, 축 처짐.",
        ),
    ),
    AgeCard(
        28,
        "한 달에서 석 달",
        (
            "먹기: 하루 7~9번. 모유가 모자란 듯하면 수유 자세부터 함께 봅니다.",
            "자라기: 눈을 맞추고 옹알이를 합니다. 엎드려 고개를 들게 해 줍니다(깨어 있을 때만).",
            "접종: 두 달에 맞을 것이 많습니다. 의원을 미리 정합니다.",
            "부모: 두 주 넘게 가라앉은 기분이면 혼자 견디지 말고 말씀해 달라고 안내합니다.",
        ),
    ),
    AgeCard(
        122,
        "넉 달에서 여섯 달",
        (
            "먹기: 넉 달이 지나 앉혀서 고개를 가누면 미음부터 이유식을 시작합니다.",
            "자라기: 뒤집고 손을 뻗어 잡습니다.",
            "검진: 네 달부터 여섯 달 사이에 영유아건강검진을 받습니다.",
            "안전: 침대나 소파에 혼자 두지 않습니다.",
        ),
    ),
    AgeCard(
        213,
        "일곱 달에서 돌 전",
        (
            "먹기: 죽에서 진밥으로, 하루 두세 번. 꿀과 생우유는 돌이 지나서 먹입니다.",
            "자라기: 혼자 앉고 기고 붙잡고 섭니다. 이름을 부르면 돌아봅니다.",
            "이: 첫니가 나면 젖은 거즈로 닦습니다.",
            "안전: 콘센트, 약, 뜨거운 물을 손 닿지 않게 둡니다.",
        ),
    ),
    AgeCard(
        365,
        "돌에서 열여덟 달",
        (
            "먹기: 가족과 같은 밥을 싱겁게. 젖병은 뗍니다. 우유는 하루 두 컵 안팎.",
            "자라기: 혼자 걷고 ‘엄마, 아빠’ 같은 말을 합니다.",
            "접종: 돌부터 열다섯 달 사이에 맞을 것이 많습니다.",
            "안전: 계단과 창문에 막이를 둡니다.",
        ),
    ),
    AgeCard(
        548,
        "열여덟 달에서 두 돌",
        (
            "자라기: 두 낱말을 이어 말하고 뛰려고 합니다. 말이 늦으면 검진 때 꼭 여쭙습니다.",
            "검진: 열여덟 달부터 스물네 달 사이에 검진을 받습니다.",
            "놀이: 날마다 책을 읽어 주고 화면은 보여 주지 않습니다.",
            "돌봄: 어린이집, 시간제 돌봄과 양육수당을 안내합니다.",
        ),
    ),
)


def _dose(key: str, name: str, due_months: float, late_months: float) -> Vaccine:
    return Vaccine(key, name, round(due_months * MONTH), round(late_months * MONTH))


VACCINES = (
    _dose("bcg", "BCG(결핵)", 0, 1),
    _dose("hepb_1", "B형간염 1차", 0, 0.5),
    _dose("hepb_2", "B형간염 2차", 1, 2),
    _dose("dtap_1", "디피티 1차", 2, 3),
    _dose("polio_1", "소아마비 1차", 2, 3),
    _dose("hib_1", "뇌수막염 1차", 2, 3),
    _dose("pcv_1", "폐렴구균 1차", 2, 3),
    _dose("dtap_2", "디피티 2차", 4, 5),
    _dose("polio_2", "소아마비 2차", 4, 5),
    _dose("hib_2", "뇌수막염 2차", 4, 5),
    _dose("pcv_2", "폐렴구균 2차", 4, 5),
    _dose("hepb_3", "B형간염 3차", 6, 7),
    _dose("dtap_3", "디피티 3차", 6, 7),
    _dose("mmr_1", "홍역·볼거리·풍진 1차", 12, 16),
    _dose("varicella", "수두", 12, 16),
    _dose("pcv_4", "폐렴구균 추가", 12, 16),
    _dose("hib_4", "뇌수막염 추가", 12, 16),
    _dose("je_1", "일본뇌염 1차", 12, 24),
    _dose("dtap_4", "디피티 추가", 15, 19),
)


def card_for(days: int) -> AgeCard:
    """The card of an age in days."""
    return [card for card in CARDS if card.from_days <= max(days, 0)][-1]


def due_at(days: int) -> list[Vaccine]:
    """Doses whose time has come at an age."""
    return [vaccine for vaccine in VACCINES if vaccine.due_days <= days]


def late_at(days: int, given: list[str]) -> list[Vaccine]:
    """Doses that should have been given by an age and were not."""
    return [vaccine for vaccine in VACCINES if vaccine.late_days <= days and vaccine.key not in given]


def pregnancy_week(expected_on: dt.date, day: dt.date) -> int:
    """Completed weeks of a pregnancy, counted back from the expected day."""
    return (PREGNANCY_DAYS - (expected_on - day).days) // 7


def age_in_words(days: int) -> str:
    """생후 24일, 생후 5개월."""
    return f"생후 {days}일" if days < 92 else f"생후 {int(days / MONTH)}개월"
