"""Calculations of budgets as people write them."""

from decimal import Decimal

import pytest

from staffing.calculations import calculate


@pytest.mark.parametrize(
    ("text", "krw", "words"),
    [
        ("500천원×2회", 1_000_000, ""),
        ("사전시범동 신규인력 채용 2,000천원*3명*6개월", 36_000_000, "사전시범동 신규인력 채용"),
        ("월1회*300천원*6회", 1_800_000, ""),
        ("회의 연2회×300천원", 600_000, "회의"),
        ("500천원x2회", 1_000_000, ""),
        ("500천원 X 2회", 1_000_000, ""),
        ("@50,000원×10명×2회", 1_000_000, ""),
        ("2만5천원×4명", 100_000, ""),
        ("1억2,000만원×1식", 120_000_000, ""),
        ("30,000천원×50%", 15_000_000, ""),
        ("5,000천원 ÷ 2개소", 2_500_000, ""),
        ("500천원×2회 + 100천원", 1_100_000, ""),
        ("500천원 + 300천원", 800_000, ""),
        ("(500천원+200천원)×2회", 1_400_000, ""),
        ("강사료 500천원×2회, 재료비 100천원×3식", 1_300_000, "강사료"),
        ("2,000천원*3명*6개월(7~12월)", 36_000_000, "(7~12월)"),
        ("워크숍(1박2일) 50,000원×100명", 5_000_000, "워크숍(1박2일)"),
        ("300천원/월×6월", 1_800_000, ""),
        ("500×2", 1_000_000, ""),
    ],
)
def test_comes_to_what_a_person_would_reckon(text, krw, words):
    found = calculate(text, unit=1_000)
    assert (found.value, found.before) == (Decimal(krw), words)


def test_keeps_the_text_as_it_was_written():
    assert calculate("강사료 500천원x2회 (상반기)").text == "500천원x2회"
    assert calculate("500천원×2회=1,000천원").text == "500천원×2회=1,000천원"


def test_notices_a_result_that_its_own_factors_do_not_give():
    assert calculate("500천원×2회=900천원").contradicts_itself
    assert not calculate("20,000원 × 15명 × 12월 = 3,600,000원").contradicts_itself


@pytest.mark.parametrize(
    "text",
    ["", "시설 개·보수비 39,500천원", "인력 3명×6개월", "동장 워크숍 연1회", "1박2일", "500천원×300천원", "10×÷2"],
)
def test_takes_no_calculation_where_there_is_none(text):
    assert calculate(text) is None


def test_ends_soon_on_a_text_that_never_ends():
    assert calculate("1×" * 5_000 + "(" * 5_000) is None or True
