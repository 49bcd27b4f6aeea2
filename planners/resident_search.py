"""Finding residents the way clerks ask: a name or part of it, initial consonants, birth date, phone, address, tong.

Words of a query narrow each other down. Each word becomes one indexed condition (see `Word`), lists are
paged by key (name, id), never by offset.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import F, OrderBy, Q, QuerySet
from django.db.models.functions import Collate, Right
from django.db.models.lookups import Exact

from centers.models import Dong
from common.hangul import bigrams, clean, is_choseong
from common.refusals import Refusal
from planners.models import Person

PAGE = 50
_BIRTH = re.compile(r"(?:(?P<y4>\d{4})[-./년](?P<m1>\d{1,2})[-./월](?P<d1>\d{1,2})[일.]?|(?P<whole>\d{8}))")
_BIRTH_SHORT = re.compile(r"(?:(?P<y2>\d{2})[-./](?P<m2>\d{1,2})[-./](?P<d2>\d{1,2})|(?P<six>\d{6}))")
_BIRTH_YEAR = re.compile(r"(?P<y>\d{4}|\d{2})년생?")
_TONG = re.compile(r"(\d{1,3})통")
_BAN = re.compile(r"(\d{1,3})반")
#: what belongs together although it is written with spaces, points or a country code
_TOGETHER = (
    (re.compile(r"(?<!\d)\+?82[\s.-]*(?=10)"), "0"),
    (re.compile(r"(?<!\d)(0\d{1,2})[\s./]+(\d{3,4})[\s./]+(\d{4})(?!\d)"), r"\1-\2-\3"),
    (re.compile(r"(?<!\d)(\d{4}|\d{2})년\s*(\d{1,2})월\s*(\d{1,2})일?\s*(?:생|출생)?(?!\S)"), r"\1.\2.\3"),
    (re.compile(r"(?<!\d)(\d{4}|\d{2})([./-])\s*(\d{1,2})\2\s*(\d{1,2})\.?\s*(?:생|출생)?(?!\S)"), r"\1.\3.\4"),
    (re.compile(r"(?<!\S)([가-힣])\s+([가-힣])(?:\s+([가-힣]))?(?:\s+([가-힣]))?(?!\S)"), r"\1\2\3\4"),  # 김 영 순
    (re.compile(r"(\d{1,3}통)\s*(\d{1,3}반)"), r"\1 \2"),
    (re.compile(r"(?<!\S)([가-힣]{2,3})\s+(\d동)(?!\S)"), r"\1\2"),
)
_HOUSE = re.compile(r"\d{1,3}(?:-\d{1,3})?")
_ADDRESS = re.compile(r"\d|번지$|아파트$|빌라$|맨션$")
_PERHAPS_ADDRESS = re.compile(r"[로길동가]$")


class TooShort(Refusal):
    code = "TOO_SHORT"


class NotSearchable(Refusal):
    code = "NOT_SEARCHABLE"


@dataclass(frozen=True)
class Word:
    """One word of a query: what it was taken for, in Korean, and the condition."""

    text: str
    meaning: str
    condition: Q


@dataclass(frozen=True)
class Page:
    """Up to `PAGE` people; `next_url` and `previous_url` are query strings or empty."""

    people: list[Person]
    next_url: str = ""
    previous_url: str = ""


def read(query: str, *, today: dt.date, may_search_births: bool = True) -> list[Word]:
    """The words of a query. Raises `TooShort`, `NotSearchable` with what to type instead."""
    texts = _split(clean(query))
    dongs = dict(Dong.objects.values_list("name", "pk")) if any(text.endswith("동") for text in texts) else {}
    words = [_word(text, dongs, today) for text in texts]
    if may_search_births and len(words) > 1:
        words = [_or_born_in(word, today) for word in words]
    if any(w.meaning in ("생년월일", "태어난 해") for w in words) and not may_search_births:
        raise NotSearchable("맡은 역할로는 생년월일로 찾을 수 없습니다. 이름이나 전화번호, 주소로 찾아 주세요.")
    if words and all(w.meaning == "번지" for w in words):
        raise TooShort("번지만으로는 너무 많습니다. 길 이름이나 이름을 함께 적어 주세요.")
    return words


def _split(query: str) -> list[str]:
    """Words at spaces; phone numbers and dates written with spaces stay together."""
    for written, meant in _TOGETHER:
        query = written.sub(meant, query)
    return [text for text in query.split(" ") if text]


def _word(text: str, dongs: dict[str, int], today: dt.date) -> Word:
    if text in dongs:
        return Word(text, "동", Q(dong=dongs[text]))
    for pattern, field, meaning in ((_TONG, "tong", "통"), (_BAN, "ban", "반")):
        if found := pattern.fullmatch(text):
            return Word(text, meaning, Q(**{field: int(found[1])}))
    if is_choseong(text):
        return Word(text, "초성", Q(name_choseong__startswith=text))
    if found := _BIRTH_YEAR.fullmatch(text):
        return Word(text, "태어난 해", _born_in(found["y"], today))
    if births := _births(text, today):
        return Word(text, "생년월일", Q(birth_on__in=births))
    if _HOUSE.fullmatch(text):
        return Word(text, "번지", Q(address__contains=text))
    if re.fullmatch(r"[\d-]+", text):
        return _phone(text)
    in_address = _address(text)
    if _ADDRESS.search(text):
        return Word(text, "주소", in_address)
    if (
        _PERHAPS_ADDRESS.search(text) and len(text) > 2
    ):  # 홍길동 is a name, 장위로 a road; of two letters are only names
        return Word(text, "이름·주소", _name(text).condition | in_address)
    return _name(text)


def _address(text: str) -> Q:
    """Addresses with the text in them, whether road and number are written with a space or without."""
    parts = re.split(r"(?<=[로길])(?=\d)", text)
    if len(parts) == 1:
        return Q(address__contains=text)
    apart = Q()
    for part in parts:
        apart &= Q(address__contains=part)
    return Q(address__contains=text) | apart


def _births(text: str, today: dt.date) -> list[dt.date]:
    """The days a written birth date may mean; two-digit years in either century, none in the future."""
    if found := _BIRTH.fullmatch(text):
        parts = [(found["y4"], found["m1"], found["d1"])] if found["y4"] else [(text[:4], text[4:6], text[6:])]
    elif found := _BIRTH_SHORT.fullmatch(text):
        short = (found["y2"], found["m2"], found["d2"]) if found["y2"] else (text[:2], text[2:4], text[4:])
        parts = [(century + short[0], *short[1:]) for century in ("19", "20")]
    else:
        return []
    days = []
    for year, month, number in parts:
        try:
            day = dt.date(int(year), int(month), int(number))
        except ValueError:
            continue
        if dt.date(1890, 1, 1) < day <= today:
            days.append(day)
    return days


def _born_in(written: str, today: dt.date) -> Q:
    """Born in the year written; two digits stand for either century, none for the future."""
    years = [int(written)] if len(written) == 4 else [1900 + int(written), 2000 + int(written)]
    found = Q(pk=None)
    for year in years:
        if 1890 < year <= today.year:
            found |= Q(birth_on__range=(dt.date(year, 1, 1), dt.date(year, 12, 31)))
    return found


def _or_born_in(word: Word, today: dt.date) -> Word:
    """Beside a name, four digits may be the end of a phone number or the year of birth."""
    if word.meaning != "전화 뒷자리" or not 1900 <= int(word.text) <= today.year:
        return word
    return Word(word.text, "전화 뒷자리나 태어난 해", word.condition | _born_in(word.text, today))


def _phone(text: str) -> Word:
    digits = text.replace("-", "")
    if len(digits) == 4:
        return Word(text, "전화 뒷자리", _ends_with("mobile", digits) | _ends_with("phone", digits))
    if not 8 <= len(digits) <= 12:
        raise TooShort("전화번호는 뒤 네 자리나 모든 자리를 적어 주세요.")
    written = [digits[: len(digits) - 8] + "-" + digits[-8:-4] + "-" + digits[-4:], text]
    if len(digits) < 11:
        cut = 2 if digits.startswith("02") else 3
        written.append(f"{digits[:cut]}-{digits[cut:-4]}-{digits[-4:]}")
    # whole numbers are looked up by their end too: one index serves both questions
    ends = _ends_with("mobile", digits[-4:]) & Q(mobile__in=written) | _ends_with("phone", digits[-4:]) & Q(
        phone__in=written
    )
    return Word(text, "전화", ends)


def _ends_with(field: str, digits: str) -> Q:
    return Q(Exact(Right(field, 4), digits)) & ~Q(**{field: ""})


def _name(text: str) -> Word:
    """Exact, prefix and inside at once: the pieces of two letters find it, the text itself decides."""
    if len(text) == 1:
        return Word(text, "성", Q(name__startswith=text))
    return Word(text, "이름", Q(name_bigrams__contains=bigrams(text), name__icontains=text))


#: words that may leave so many, anywhere among the names, that a page is best read in their order
_MANY = {"동", "통", "반", "성", "주소", "이름·주소", "번지"}


def find(people: QuerySet[Person], words: list[Word], *, after: str = "", before: str = "") -> Page:
    """One page of `people` (already within the viewer's scope) that fit every word."""
    if not words:
        raise TooShort("찾을 이름, 생년월일, 전화번호나 주소를 적어 주세요.")
    for word in words:
        people = people.filter(word.condition)
    return page(people, order=order_for(words), after=after, before=before)


def order_for(words: list[Word]) -> tuple[OrderBy, OrderBy]:
    """By name and key. With words that leave few, or only some stretch of the names, the planner must find these and
    sort them: left the choice, it walks all names of the district for a page. Both orders are that of code points."""
    name = F("name") if all(word.meaning in _MANY for word in words) else Collate("name", "C")
    return name.asc(), F("pk").asc()


def page(
    people: QuerySet[Person], *, order: tuple[OrderBy, OrderBy] | None = None, after: str = "", before: str = ""
) -> Page:
    """A page by key, from after or before the row with a uid."""
    order = order or order_for([])
    if before:
        name, pk = _place(before)
        backwards = [OrderBy(one.expression, descending=True) for one in order]
        rows = list(people.filter(_below(name, pk)).order_by(*backwards)[: PAGE + 1])
        has_more, rows = len(rows) > PAGE, rows[:PAGE][::-1]
        return Page(rows, _url("after", rows[-1]) if rows else "", _url("before", rows[0]) if has_more else "")
    if after:
        people = people.filter(_above(*_place(after)))
    rows = list(people.order_by(*order)[: PAGE + 1])
    has_more, rows = len(rows) > PAGE, rows[:PAGE]
    return Page(rows, _url("after", rows[-1]) if has_more else "", _url("before", rows[0]) if after and rows else "")


def _above(name: str, pk: int) -> Q:
    return Q(name__gte=name) & (Q(name__gt=name) | Q(pk__gt=pk))


def _below(name: str, pk: int) -> Q:
    return Q(name__lte=name) & (Q(name__lt=name) | Q(pk__lt=pk))


def _url(side: str, row: Person) -> str:
    return urlencode({side: row.uid})


def _place(token: str) -> tuple[str, int]:
    """Name and key of the row a page begins after; the address holds only its random id."""
    try:
        name, pk = Person.objects.filter(uid=UUID(token)).values_list("name", "pk").get()
    except (ValueError, Person.DoesNotExist) as fault:
        raise NotSearchable("목록의 자리를 찾을 수 없습니다. 처음부터 다시 찾아 주세요.") from fault
    return name, pk
