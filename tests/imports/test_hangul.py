"""Korean text: one spelling, search keys, masks."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.hangul import bigrams, choseong, clean, mask_name, particle


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        (unicodedata.normalize("NFD", "김영수"), "김영수"),
        ("\u3000김\u200b영\u00a0수\ufeff ", "김영 수"),
        ("ＡＢ１２", "AB12"),
        ("ㅤㅃㅞㄿ", chr(0xAC00 + 8 * 588 + 15 * 28 + 14)),  # how KS X 1001 spells rare syllables
        ("_x000D_줄", "줄"),
        ("ㄱㄴ", "ㄱㄴ"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
    ],
)
def test_cleans_to_what_a_person_sees(written, seen):
    assert clean(written) == seen


@given(st.text())
def test_cleans_once_and_for_all(text):
    assert clean(clean(text)) == clean(text)


def test_takes_initials_and_pairs():
    assert choseong("김영수") == "ㄱㅇㅅ"
    assert choseong("Kim 영") == "kimㅇ"
    assert bigrams("김영수") == ["김영", "영수"]
    assert bigrams("김") == []


@pytest.mark.parametrize(
    ("name", "masked"),
    [("김영순", "김○순"), ("김영", "김○"), ("남궁영순", "남○○순"), ("NGUYEN HOA", "NG○○○○ HO○"), ("", "")],
)
def test_masks_names(name, masked):
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("word", "pair", "says"),
    [
        ("장위1동", "은/는", "은"),
        ("보건소", "은/는", "는"),
        ("‘소득’", "을/를", "을"),
        ("장위1-26-001", "을/를", "을"),
        ("2", "이/가", "가"),
        ("종결", "으로/로", "로"),
        ("진행", "으로/로", "으로"),
        ("사후관리", "으로/로", "로"),
        ("YWCA", "은/는", "은(는)"),
    ],
)
def test_follows_a_word_with_its_particle(word, pair, says):
    assert particle(word, pair) == says
