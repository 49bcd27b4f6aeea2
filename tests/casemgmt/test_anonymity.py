"""Taking identity out of free words."""

import datetime as dt

import pytest

from casemgmt.anonymity import Veil, age_band
from tests import factories as f


@pytest.fixture
def veil(dong):
    house = f.HouseholdFactory(dong=dong, address="장위로 15길 24", address_detail="햇빛빌라 302호")
    person = f.PersonFactory(dong=dong, name="김영순", household=house, mobile="010-1234-5678", phone="02-987-6543")
    f.PersonFactory(dong=dong, name="김태호", household=house)
    return Veil.over(person)


@pytest.mark.parametrize(
    ("written", "hidden"),
    [
        ("김영순 어르신", "본인 어르신"),
        ("김 영 순 님", "본인 님"),
        ("영순 씨가", "본인 씨가"),
        ("아들 김태호가 다녀감", "아들 가족가 다녀감"),
        ("태호 씨", "가족 씨"),
        ("01012345678로 전화", "(전화)로 전화"),
        ("02)987-6543", "(전화)"),
        ("옆집 010-5555-0000", "옆집 (전화)"),
        ("장위로 15길 24에서", "(주소)에서"),
        ("장위로15길 24", "(주소)"),
        ("햇빛빌라 302호", "(주소)"),
        ("돌곶이로 40길 11-3, 2층", "(주소)"),
        ("종암로25길 7", "(주소)"),
        ("장위동 231-9번지", "(주소)"),
        ("101동 1203호", "(주소)"),
        ("12통 3반에 삶", "(통)에 삶"),
        ("제7통", "(통)"),
        ("500120-2345678", "(주민번호)"),
        ("1950.1.20생", "(생년월일)"),
        ("kim@example.com", "(전자우편)"),
    ],
)
def test_hides_what_says_who_it_is(veil, written, hidden):
    assert veil.hide(written) == hidden


@pytest.mark.parametrize(
    "words",
    [
        "사별한 지 4개월. 끼니를 하루 1번으로 줄였습니다.",
        "경로당에 나가지 않습니다.",
        "혈압약으로 3년째 치료받습니다.",
        "자전거로 10분 거리입니다.",
        "월세 25만 원, 보증금 500만 원",
        "2015년 1월 8일부터 도시락",
        "하루로 3회",
    ],
)
def test_leaves_ordinary_sentences_alone(veil, words):
    assert veil.hide(words) == words


@pytest.mark.parametrize(
    ("birth_on", "band"),
    [
        (dt.date(1950, 1, 14), "60대 중반"),
        (dt.date(1950, 1, 15), "60대 중반"),
        (dt.date(1945, 1, 14), "70대 초반"),
        (dt.date(1945, 1, 15), "60대 후반"),
        (dt.date(1925, 1, 14), "90세 이상"),
        (dt.date(2012, 1, 15), "0~2세"),
        (dt.date(2002, 1, 15), "7~12세"),
        (dt.date(1996, 1, 15), "13~18세"),
        (dt.date(1995, 1, 1), "20대 초반"),
    ],
)
def test_tells_an_age_as_a_band(birth_on, band):
    assert age_band(birth_on, dt.date(2015, 1, 14)) == band
