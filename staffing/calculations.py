"""Calculations as offices write them beside a budget (산출내역): `2,000천원×3명×6개월 = 36,000천원`.

A product of one amount of money and some counts, sums of such products, brackets, a stated result. Words,
notes in brackets and ranges (`7~12월`) are passed over. What has no product is no calculation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

LONGEST = 400
WORTH = {"": 1, "백": 100, "천": 1_000, "만": 10_000, "십만": 100_000, "백만": 1_000_000, "천만": 10_000_000, "억": 100_000_000}  # fmt: skip
_NUMBER = r"(?<![\d.A-Za-z])\d[\d,]*(?:\.\d+)?"
_PART = r"\d[\d,]*(?:\.\d+)?(?:억|천만|백만|십만|만|천|백)?"
_MONEY = rf"(?<![\d.A-Za-z]){_PART}(?:(?<=[억만])\s?{_PART})*\s?원"
_HELD = "\ue000\\d+\ue001"  # a bracket that was computed already
_UNIT = r"(?:%|㎡|m2|m3|kg|[a-z]{1,3}|[가-힣]{1,4})?"
_FACTOR = rf"(?:{_HELD}|{_MONEY}|{_NUMBER}\s?{_UNIT})"
_SIGN = r"(?:[×xX*✕✖÷]|/(?=\s*\d))"
_CHAIN = re.compile(
    rf"(?:매?[월년주]|연간?|월간?|총|@)?\s?{_FACTOR}(?:\s*{_SIGN}\s*(?:매?[월년주일]|연|총|약|@)?\s?{_FACTOR})+"
)
_STATED = re.compile(rf"[=＝]\s*(?P<money>{_MONEY}|{_NUMBER})")
_ADDED = re.compile(rf"\+\s*(?P<right>{_MONEY})|(?P<left>{_MONEY})(?=\s*\+)")
_PLACE = rf"(?:\([^()]*\)|{_FACTOR})"
#: a whole calculation as it stands in the text, brackets and all
_WRITTEN = re.compile(
    rf"(?:매?[월년주]|연간?|월간?|총|@)?\s?{_PLACE}(?:\s*{_SIGN}\s*(?:매?[월년주일]|연|총|약|@)?\s?{_PLACE})+|{_MONEY}(?=\s*\+)|(?<=\+)\s*{_MONEY}"
)
_TIMES = re.compile(r"(?<=[\d가-힣)\s])[xX](?=\s?[\d(가-힣])")
_EACH = re.compile(r"/\s?(?:[가-힣]{1,3})(?=\s*[×*✕✖÷)]|$)")  # 300천원/월
_BRACKET = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_RANGE = re.compile(r"\d+\s*[~∼～]\s*\d+\s*[가-힣]{0,2}")
_SIGNS = "×xX*✕✖÷/"


@dataclass(frozen=True)
class Calculation:
    """`value` and `stated` (what stands behind `=`) are in KRW; `text` is the calculation as written."""

    value: Decimal
    text: str
    before: str  # the words around it
    stated: Decimal | None = None

    @property
    def contradicts_itself(self) -> bool:
        return self.stated is not None and abs(self.stated - self.value) >= 1


@dataclass(frozen=True)
class _Amount:
    value: Decimal
    is_money: bool


def calculate(text: str, *, unit: int = 1_000) -> Calculation | None:
    """The calculation in a text, or None when there is none. `unit` is the worth of a bare number in KRW."""
    held: list[_Amount] = []
    text = text[:LONGEST]
    signed = _TIMES.sub("×", text)  # as long as before
    plain = _EACH.sub("", _RANGE.sub("", signed))
    while found := _BRACKET.search(plain):
        plain = plain[: found.start()] + _hold(found, plain, held, unit) + plain[found.end() :]
    stated = [_money(one["money"], unit) for one in _STATED.finditer(plain)]
    left = _STATED.sub("", plain)
    total = _sum(left, held, unit)
    if total is None or not total.is_money:
        return None
    written, words = _split(text, signed)
    return Calculation(total.value, written, words, stated[-1] if stated else None)


def _hold(found: re.Match, plain: str, held: list[_Amount], unit: int) -> str:
    """A place for a bracket that is part of a product; nothing for one that is a note."""
    before, after = plain[: found.start()].rstrip()[-1:], plain[found.end() :].lstrip()[:1]
    is_factor = (before and before in _SIGNS) or (after and after in _SIGNS and not re.search(r"[\d가-힣]$", before))
    if not is_factor:
        return ""
    inner = _sum(found[1], held, unit) or _lone(found[1], unit)
    if inner is None:
        return ""
    held.append(inner)
    return f"\ue000{len(held) - 1}\ue001"


def _sum(text: str, held: list[_Amount], unit: int) -> _Amount | None:
    """Products and what is added to them; None without a product."""
    products = [_product(one[0], held, unit) for one in _CHAIN.finditer(text)]
    products = [one for one in products if one]
    rest = _CHAIN.sub("#", text) if products else text
    added = [_money(one["right"] or one["left"], unit) for one in _ADDED.finditer(rest)]
    if not products and len(added) < 1:
        return None
    if not products:
        return _Amount(sum((_money(one[0], unit) for one in re.finditer(_MONEY, text)), Decimal(0)), True)
    whole = sum((one.value for one in products), Decimal(0)) + sum(added, Decimal(0))
    return _Amount(whole, any(one.is_money for one in products))


def _product(chain: str, held: list[_Amount], unit: int) -> _Amount | None:
    """The value of one product; None when it is not one of money, or of money twice."""
    factors = list(re.finditer(rf"({_SIGN})?\s*(?:[가-힣@]*)\s?({_FACTOR})", chain))
    value, money, is_bare = Decimal(1), 0, False
    for at, one in enumerate(factors):
        amount = _factor(one[2], held, unit)
        if amount.value == 0 and one[1] in ("÷", "/"):
            return None
        value = value / amount.value if one[1] in ("÷", "/") else value * amount.value
        money += amount.is_money
        is_bare |= at == 0 and re.fullmatch(_NUMBER, one[2].strip()) is not None
    if money == 0 and is_bare:
        return _Amount(value * unit, True)
    return _Amount(value, True) if money == 1 else None


def _factor(text: str, held: list[_Amount], unit: int) -> _Amount:
    text = text.strip()
    if text.startswith("\ue000"):
        return held[int(text[1:-1])]
    if text.endswith("원"):
        return _Amount(_money(text, unit), True)
    number = Decimal(re.match(_NUMBER, text)[0].replace(",", ""))
    return _Amount(number / 100 if text.endswith("%") else number, False)


def _lone(text: str, unit: int) -> _Amount | None:
    """A bracket around one number."""
    found = re.search(_MONEY, text) or re.search(_NUMBER, text)
    return _factor(found[0], [], unit) if found else None


def _money(text: str, unit: int) -> Decimal:
    """KRW of `2만5천원`, `500천원`, or of a bare number in the unit of the table."""
    if not text.endswith("원"):
        return Decimal(text.replace(",", "")) * unit
    parts = re.findall(r"(\d[\d,]*(?:\.\d+)?)(억|천만|백만|십만|만|천|백)?", text)
    return sum((Decimal(number.replace(",", "")) * WORTH[word] for number, word in parts), Decimal(0))


def _split(text: str, signed: str) -> tuple[str, str]:
    """(the calculation as written, the words before and behind it)."""
    spans = [one.span() for pattern in (_WRITTEN, _STATED) for one in pattern.finditer(signed)]
    if not spans:
        return text, ""
    start, end = min(first for first, _ in spans), max(last for _, last in spans)
    words = f"{text[:start].strip(' :-–·,=')} {text[end:].strip(' :-–·,=')}".strip()
    return text[start:end].strip(), words
