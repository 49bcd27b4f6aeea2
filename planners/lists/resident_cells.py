"""One cell of a resident list into one value: dates, registration numbers, phones, names, sex, tong.

Every reader takes the cell as the sheet holds it (text, number, date, yes/no) and answers with the
value and the codes of `list_issues`. What people write for "nothing" (`-`, 없음, 미상, 해당없음,
`#N/A`) is nothing.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from typing import NamedTuple

from common.hangul import clean, compact

BLANKS = frozenset(
    [
        "-",
        "--",
        "---",
        "―",
        "—",
        "–",
        "~",
        ".",
        "..",
        "…",
        "?",
        "??",
        "/",
        "·",
        "없음",
        "없슴",
        "무",
        "미상",
        "모름",
        "미기재",
        "미입력",
        "미등록",
        "해당없음",
        "해당사항없음",
        "해당무",
        "불명",
        "확인불가",
        "알수없음",
        "전화없음",
        "번호없음",
        "연락처없음",
        "전화번호없음",
        "휴대폰없음",
        "핸드폰없음",
        "null",
        "none",
        "nan",
        "n/a",
        "na",
        "#n/a",
        "#ref!",
        "#value!",
        "#div/0!",
        "#name?",
        "#null!",
        "#num!",
        "#####",
    ]
) | {""}
OLDEST = dt.date(1900, 1, 1)
_NUMBER_TEXT = re.compile(r"\d+\.0+")


def text_of(cell: object) -> str:
    """The cell as a person reads it, without the apostrophe that keeps numbers as text; nothing is empty."""
    if type(cell) is str:
        text = clean(cell)
        if text[:1] in ("'", "`", "‘", "’", "´"):
            text = text[1:].strip()
        if len(text) > 12:
            return text
        word = text.lower()
        return "" if word in BLANKS or (" " in word and word.replace(" ", "") in BLANKS) else text
    if cell is None or cell == "":
        return ""
    if type(cell) is float:
        return f"{cell:.0f}" if cell.is_integer() else repr(cell)
    if type(cell) is bool:
        return "TRUE" if cell else "FALSE"
    return cell.isoformat() if hasattr(cell, "isoformat") else str(cell)


# ---------------------------------------------------------------- dates
class ReadDate(NamedTuple):
    """Either a day, or year digits that need a century, or a code."""

    day: dt.date | None = None
    code: str = ""
    short: tuple[int, int, int] | None = None  # yy, month, day


_ISO = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TRIPLE = re.compile(r"(\d{4}|\d{2})\s*[-./,·년年\s]\s*(\d{1,2})\s*[-./,·월月\s]\s*(\d{1,2})\s*[일日]?\s*\.?")
_YEAR_LAST = re.compile(r"(\d{1,2})\s*[-./\s]\s*(\d{1,2})\s*[-./\s]\s*(\d{4})\.?")
_MONTHS = {
    name: n
    for n, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}
_ENGLISH = re.compile(
    r"(?:(?P<d1>\d{1,2})[-\s/.]*(?P<m1>[a-z]{3})[a-z]*|(?P<m2>[a-z]{3})[a-z]*\.?[-\s]*(?P<d2>\d{1,2}))[-\s,/.']*(?P<y>\d{4}|\d{2})"
)
_CLOCK = re.compile(
    r"(?:[T\s]+|(?<=\d))(?:오전|오후|AM|PM)?\s*\d{1,2}(?::\d{2}){1,2}(?:\.\d+)?\s*(?:AM|PM)?\s*(?:Z|[+-]\d{2}:?\d{2})?$|\s+\d{1,2}시.*$",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(r"\s*[(\[]\s*[월화수목금토일月火水木金土日](?:요일)?\s*[)\]]|\s+[월화수목금토일]요일$")
_SOLAR = re.compile(r"[(\[]\s*[양陽]력?\s*[)\]]|양력|陽曆|^양\s*(?=\d)|(?<=[\d.일])\s*양$")
_AGE = re.compile(r"\s*[(\[]\s*(?:만\s*)?(?:\d{1,3}\s*세|남자?|여자?)\s*[)\]]")
_FRONT_OF_NUMBER = re.compile(r"(\d{6})\s*-\s*([1-8])[\d*xX●○]{0,6}")
_LUNAR = re.compile(r"음|윤|陰|閏|lunar", re.IGNORECASE)
_BORN = re.compile(r"\s*(?:출생|[생生])\s*\.?$")
_PARTIAL = re.compile(
    r"\d{4}\s*[년年.]?|\d{2}\s*년|(?:\d{4}|\d{2})\s*[-./년年]\s*\d{1,2}\s*[월月.]?|\d{1,2}\s*월\s*\d{1,2}\s*일|\d{1,2}\s*월|"
    r"(?:\d{4}|\d{2})[-./년年\s]*[\d?xX*○●_]{1,2}[-./월月\s]*[\d?xX*○●_]{1,2}\s*[일日]?\.?|"
    r"\d{4}\s*[년年]\s*(?:\d{1,2})?\s*[월月]\s*[일日]?|\d{4}(?:\s*[-./]){1,3}"
)


def read_date(cell: object, *, is_1904: bool = False) -> ReadDate:
    """Any way a clerk writes a day. `short` when only two digits of the year are there."""
    kind = type(cell)
    if kind is str:
        if _ISO.fullmatch(cell):
            return _iso_day(cell)
        return _date_in_text(cell, is_1904)
    if kind is float or kind is int:
        return _date_in_number(float(cell), is_1904)
    if kind is dt.date:
        return _checked(cell.year, cell.month, cell.day)
    if kind is dt.datetime:
        return _checked(cell.year, cell.month, cell.day)
    return ReadDate(code="BAD_DATE")


def _iso_day(text: str) -> ReadDate:
    try:
        found = dt.date.fromisoformat(text)
    except ValueError:
        return _checked(int(text[:4]), int(text[5:7]), int(text[8:]))
    return ReadDate(found) if found >= OLDEST else ReadDate(code="BAD_DATE")


def _checked(year: int, month: int, day: int) -> ReadDate:
    try:
        found = dt.date(year, month, day)
    except ValueError:
        return ReadDate(
            code="PARTIAL_DATE" if year >= 1900 and (month == 0 or day == 0) and month <= 12 else "BAD_DATE"
        )
    return ReadDate(found) if found >= OLDEST else ReadDate(code="BAD_DATE")


def _short(year: int, month: int, day: int) -> ReadDate:
    try:
        dt.date(2000, month, day)  # a leap year: whether 29 February exists is known with the century
    except ValueError:
        return ReadDate(code="PARTIAL_DATE" if (month == 0 or day == 0) and month <= 12 and day <= 31 else "BAD_DATE")
    return ReadDate(short=(year, month, day))


def _date_in_number(number: float, is_1904: bool) -> ReadDate:
    """Serial days, yyyymmdd, or yymmdd. Serial 60 is 29 February 1900, which never was."""
    if not abs(number) < 1e9:
        return ReadDate(code="BAD_DATE")
    if not number.is_integer():
        whole = int(number)
        if 1900 <= whole <= 2100:  # 1950.3, a year and a month
            return ReadDate(code="PARTIAL_DATE")
        return _date_in_number(float(whole), is_1904) if 2100 < whole < 80_000 else ReadDate(code="BAD_DATE")
    digits = f"{number:.0f}"
    if len(digits) == 8:
        return _checked(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    if len(digits) == 6:
        return _six_digits(digits)
    if 1900 <= number <= 2100:
        return ReadDate(code="PARTIAL_DATE")
    if 2100 < number < 80_000:
        return ReadDate(dt.date(1899, 12, 30) + dt.timedelta(int(number) + 1462 * is_1904))
    return ReadDate(code="BAD_DATE")


def _six_digits(digits: str) -> ReadDate:
    found = _short(int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    if found.code and 1900 <= int(digits[:4]) <= 2100 and 1 <= int(digits[4:]) <= 12:
        return ReadDate(code="PARTIAL_DATE")  # 195003
    return found


def _date_in_text(cell: str, is_1904: bool) -> ReadDate:
    text = text_of(cell)
    text = _SOLAR.sub("", compact_dashes(text)).strip()
    if _LUNAR.search(text):
        return ReadDate(code="LUNAR_DATE")
    text = _CLOCK.sub("", text)
    text = _BORN.sub("", _AGE.sub("", _WEEKDAY.sub("", text))).strip(" '\"`()[]")
    bare = text.replace(" ", "")
    if bare.isdecimal() or _NUMBER_TEXT.fullmatch(bare):
        digits = bare.partition(".")[0]
        if len(digits) == 6:
            return _six_digits(digits)
        return _date_in_number(float(digits), is_1904) if len(digits) <= 9 else ReadDate(code="BAD_DATE")
    if found := _TRIPLE.fullmatch(text):
        return _from_triple(found)
    if found := _FRONT_OF_NUMBER.fullmatch(text):  # 500301-1 under a heading that says date of birth
        day = _partly_shown(found[1], found[2], "").birth
        return ReadDate(day) if day else ReadDate(code="BAD_DATE")
    if found := _YEAR_LAST.fullmatch(text):
        return _from_year_last(int(found[1]), int(found[2]), int(found[3]))
    if found := _ENGLISH.fullmatch(text.lower()):
        month = _MONTHS.get(found["m1"] or found["m2"])
        if month:
            year, day = found["y"], int(found["d1"] or found["d2"])
            return _checked(int(year), month, day) if len(year) == 4 else _short(int(year), month, day)
    if re.fullmatch(r"\d{4,5}\.\d+", bare):
        return _date_in_number(float(bare), is_1904)
    if _PARTIAL.fullmatch(text):
        return ReadDate(code="PARTIAL_DATE")
    return ReadDate(code="BAD_DATE")


def _from_triple(found: re.Match) -> ReadDate:
    year, month, day = found.groups()
    if len(year) == 4:
        return _checked(int(year), int(month), int(day))
    read = _short(int(year), int(month), int(day))
    is_marked = any(sign in found[0] for sign in "년年")
    if read.code == "BAD_DATE" and not is_marked and len(day) == 2 and int(day) > 31 and 1 <= int(year) <= 31:
        return ReadDate(code="AMBIGUOUS_DATE")  # 01.03.50
    return read


def _from_year_last(first: int, second: int, year: int) -> ReadDate:
    """03/01/1950 may be two days; 25/12/1950 and 03/03/1950 can only be one."""
    if first == second or first > 12 >= second:
        return _checked(year, second, first)
    if second > 12 >= first:
        return _checked(year, first, second)
    if first > 12:
        return ReadDate(code="BAD_DATE")
    return ReadDate(code="AMBIGUOUS_DATE" if first and second else "BAD_DATE")


_DASHES = re.compile("[‐‑‒–—―−﹣－ㅡ]")


def compact_dashes(text: str) -> str:
    return text if text.isascii() else _DASHES.sub("-", text)


# ---------------------------------------------------------------- resident registration numbers
class ReadNumber(NamedTuple):
    """What a registration number tells. `digits` is only ever held in memory."""

    digits: str = ""
    birth: dt.date | None = None
    sex: str = ""
    century: int | None = None
    is_foreigner: bool = False
    code: str = ""
    remark: str = ""


NO_NUMBER = ReadNumber()
_CENTURY = {"1": 19, "2": 19, "3": 20, "4": 20, "5": 19, "6": 19, "7": 20, "8": 20, "9": 18, "0": 18}
_RRN = re.compile(r"([0-9]{6})[-\s]?([0-9]{7})")
_MASKED = re.compile(r"(\d{6}|[*xX●○#•]{6})?\s*-?\s*([0-9])?[*xX●○#•?\d]*[*xX●○#•?]+[*xX●○#•?\d]*")
_EXCEL_TEXT = re.compile(r'="\s*([^"]*)"')  # how exports keep a sheet from reading a number
_UNKNOWN = frozenset(["모름", "불명", "확인불가", "알수없음", "미기재", "미입력", "미등록"])
_FRONT_ONLY = re.compile(r"(\d{6})(?:\s*-\s*([1-8])?)?|(\d{6})([1-8])")


def read_number(cell: object) -> ReadNumber:
    """13 digits in any dress, masked, or no number at all. The check digit says nothing since 2020."""
    if type(cell) is str and (found := _RRN.fullmatch(cell)):
        return _whole_number(found[1] + found[2])
    text = compact_dashes(text_of(cell))
    if type(cell) is bool:
        return ReadNumber(remark="RRN_TEXT")
    if not text:
        return ReadNumber(remark="RRN_TEXT") if _says_unknown(cell) else NO_NUMBER
    if found := _EXCEL_TEXT.fullmatch(text):
        text = found[1].strip()
    if found := _RRN.fullmatch(text):
        return _whole_number(found[1] + found[2])
    bare = re.sub(r"[\s\-._/]", "", text)
    if _NUMBER_TEXT.fullmatch(text):
        bare = text.partition(".")[0]
    if bare.isascii() and bare.isdecimal():
        return _digits_only(bare, text)
    if any(sign in bare for sign in "*●○•#＊") or re.search(r"[xX?]{2,}", bare):
        if found := _MASKED.fullmatch(bare):
            return _partly_shown(found[1] or "", found[2] or "", "RRN_MASKED")
        return ReadNumber(remark="RRN_MASKED")
    if sum(map(str.isdecimal, bare)) < 10 and (
        re.search(r"[가-힣]", bare)
        or not any(letter.isdecimal() for letter in bare)
        or re.fullmatch(r"[A-Za-z]{1,2}\d{7,8}", bare)
    ):
        return ReadNumber(remark="RRN_TEXT")
    return ReadNumber(code="RRN_NOT_DIGITS")


def _says_unknown(cell: object) -> bool:
    """Whether words, not a sign or 없음, stand where the number should: 모름, 확인불가."""
    return type(cell) is str and compact(cell) in _UNKNOWN


def _digits_only(bare: str, text: str) -> ReadNumber:
    """Digits that are too few may have lost the zeros of the years 2000 to 2009 in a sheet."""
    front = text.partition("-")[0] if "-" in text else ""
    if len(bare) == 13:
        return _whole_number(bare)
    if found := _FRONT_ONLY.fullmatch(bare):
        return _partly_shown(found[1] or found[3], found[2] or found[4] or "", "RRN_MASKED")
    if 8 <= len(bare) <= 12:
        restored = _whole_number(bare.zfill(13))
        fits = restored.birth and restored.century == 20 and len(bare) == len(str(int(bare)))
        if fits and len(front.strip()) in (0, 5):
            return restored._replace(remark="RRN_LEADING_ZERO_RESTORED")
    return ReadNumber(code="RRN_LENGTH")


def _whole_number(digits: str) -> ReadNumber:
    seventh = digits[6]
    century = _CENTURY[seventh]
    try:
        birth = dt.date(century * 100 + int(digits[:2]), int(digits[2:4]), int(digits[4:6]))
    except ValueError:
        return ReadNumber(code="RRN_BAD_DATE")
    if birth < OLDEST:
        return ReadNumber(code="RRN_BAD_DATE")
    return ReadNumber(digits, birth, "M" if seventh in "13579" else "F", century, seventh in "5678")


def _partly_shown(front: str, seventh: str, remark: str) -> ReadNumber:
    """What the open digits of a masked number tell: the day of birth and sex, never an identity."""
    if not seventh or seventh not in "12345678":
        return ReadNumber(remark=remark)
    sex, century = "M" if seventh in "1357" else "F", _CENTURY[seventh]
    if not front.isdecimal():
        return ReadNumber(sex=sex, century=century, remark=remark)
    whole = _whole_number(front + seventh + "000000")
    return whole._replace(digits="", remark=remark) if not whole.code else ReadNumber(remark=remark)


# ---------------------------------------------------------------- sex, tong
_SEXES = {
    **dict.fromkeys(["남", "남자", "남성", "m", "male", "man", "男", "男子", "男性", "1", "남1", "1남", "♂", "3"], "M"),
    **dict.fromkeys(
        ["여", "여자", "여성", "f", "female", "woman", "女", "女子", "女性", "2", "여2", "2여", "♀", "4"], "F"
    ),
}


@functools.lru_cache(maxsize=1024, typed=True)
def read_sex(cell: object) -> str | None:
    """M, F, empty, or None when it cannot be read."""
    text = text_of(cell)
    if not text:
        return ""
    return _SEXES.get(re.sub(r"[().\s:]", "", compact(text)).lower())


_TONG_BAN = re.compile(r"제?0*(\d{1,3})\s*(?:통|[-/.,·\s]|통\s*[-/.,·]?)\s*제?0*(\d{1,3})\s*반?")
_ONE_NUMBER = re.compile(r"제?\s*0*(\d{1,3})\s*(?:통|반)?(?:\.0)?")


@functools.lru_cache(maxsize=4096, typed=True)
def read_unit(cell: object) -> int | None:
    """The number of a tong or ban; None when there is none (0 means none)."""
    found = _ONE_NUMBER.fullmatch(compact(text_of(cell)))
    return int(found[1]) or None if found else None


@functools.lru_cache(maxsize=16384, typed=True)
def read_tong_ban(cell: object) -> tuple[int | None, int | None]:
    """`9/3`, 9통 3반, 9-3; also the 3 September that a sheet makes of 9/3."""
    if type(cell) in (dt.date, dt.datetime):
        return cell.month, cell.day
    text = compact_dashes(clean(text_of(cell)))
    if found := _TONG_BAN.fullmatch(text):
        return int(found[1]) or None, int(found[2]) or None
    return (None, read_unit(cell)) if text.endswith("반") else (read_unit(cell), None)


# ---------------------------------------------------------------- names
class ReadName(NamedTuple):
    name: str
    code: str = ""
    remarks: tuple[str, ...] = ()


NAME_LONGEST = 50
_PLAIN_NAME = re.compile(
    "[가-힣]{2,4}(?<![님음상름무명])"
)  # the ends of 없음, 미상, 모름, 불명 and 님 are looked at closely
_BRACKETS = re.compile(r"\s*[(\[{（【〔].*?(?:[)\]}）】〕]|$)\s*")
_MARKS = re.compile(r"^\d{1,4}[.)]\s*(?=\D)|^[*※★☆◎†‡#^◇◆□■▲△▶]+\s*|\s*[*※★☆◎†‡#^◇◆□■▲△▶]+$")
_WITH_OTHERS = re.compile(r"\s*외\s*\d+\s*(?:명|인)?$")
_TRAILING_NOTE = re.compile(
    r"[\s/,·-]+(?:사망|전출|전입|말소|거주불명|세대주|본인|배우자|입원|입소|부재|개명|중복|신규|독거|수급자|남편|아내|장남|장녀|자녀|어르신|님|씨)$|(?<=[가-힣]{3})님$"
)
_HANGUL_WORDS = re.compile(r"[가-힣]+(?: [가-힣]+)+")


def read_name(cell: object) -> ReadName:
    """The name alone. Notes in brackets or behind it go, as do spaces between Korean syllables."""
    if type(cell) is str and _PLAIN_NAME.fullmatch(cell):
        return ReadName(cell)
    if type(cell) is bool:
        return ReadName("", "REQUIRED")
    raw = cell if type(cell) is str else ""
    name = text_of(cell)
    if not name:
        return ReadName("", "REQUIRED")
    if name[0] in "=+-@" or raw.lstrip(" '")[:1] in ("\t", "\r"):
        return ReadName(name, "FORMULA_LIKE_TEXT")
    remarks = []
    bare = _BRACKETS.sub(" ", name).strip()
    for pattern in (_MARKS, _WITH_OTHERS, _TRAILING_NOTE, _MARKS):
        bare = pattern.sub("", bare).strip()
    if bare != name:
        remarks.append("NAME_NOTE_DROPPED")
    if bare.lower() in BLANKS or not any(map(str.isalpha, bare)):
        return ReadName("", "REQUIRED", tuple(remarks))
    if _HANGUL_WORDS.fullmatch(bare):
        bare = bare.replace(" ", "")
        remarks.append("NAME_SPACES_REMOVED")
    if len(bare) > NAME_LONGEST:
        return ReadName(bare[:NAME_LONGEST], "TOO_LONG", tuple(remarks))
    if len(bare) < 2:
        return ReadName(bare, "TOO_SHORT", tuple(remarks))
    return ReadName(bare, "", tuple(remarks))
