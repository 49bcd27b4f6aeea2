"""Lists messy at random, the same for the same seed: one odd cell in each row, an odd sheet around them.

Beside `dirt`, whose files each make one point, these mix what clerks do: any structure with any way of
writing. Every row's outcome is known from how it was made. All people are invented.
"""

from __future__ import annotations

import datetime as dt
import random
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .dirt import Dirt, Expected, csv, skipped, xlsx

HEADINGS = {
    "serial": ["연번", "순번", "No."],
    "name": ["성명", "이름", "대상자명", "성 명", "성\n명", "대상자 성명"],
    "rrn": ["주민등록번호", "주민번호", "주민등록\n번호"],
    "birth_date": ["생년월일", "생일", "생년 월일"],
    "sex": ["성별", "성 별"],
    "dong": ["행정동", "동", "읍면동"],
    "tong": ["통"],
    "address": ["주소", "주 소", "도로명주소", "현주소"],
    "phone": ["전화번호", "집전화"],
    "mobile": ["휴대전화", "핸드폰", "HP", "휴대 전화"],
    "other": ["비고", "담당자"],
}
DONGS = ["성북동", "동선동", "돈암2동", "정릉4동", "길음1동", "종암동", "월곡2동", "장위1동", "석관동"]


@dataclass
class Somebody:
    """An invented person and the row about them, as a tidy clerk would write it."""

    name: str
    birth: dt.date
    sex: str
    number: str  # 13 digits, the check digit wrong
    dong: str
    tong: int
    address: str
    phone: str
    mobile: str

    def cells(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "rrn": f"{self.number[:6]}-{self.number[6:]}",
            "birth_date": self.birth.isoformat(),
            "sex": {"M": "남", "F": "여"}[self.sex],
            "dong": self.dong,
            "tong": self.tong,
            "address": self.address,
            "phone": self.phone,
            "mobile": self.mobile,
            "other": "",
        }

    def values(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "birth_date": self.birth.isoformat(),
            "sex": self.sex,
            "dong": self.dong,
            "tong": self.tong,
            "address": self.address,
            "phone": self.phone,
            "mobile": self.mobile,
        }


@dataclass
class Way:
    """One way of writing one field: what stands in the cell, and what must come of it."""

    field: str
    written: Callable[[Somebody], Any]
    codes: tuple[str, ...] = ()
    values: dict[str, Any] | None = None  # other than the person's own
    is_rejected: bool = False


def ways(field: str, *written: Any, codes: str = "", rejected: bool = False, **values: Any) -> list[Way]:
    """Ways with the same outcome. Text is a pattern over the person (see `_filled`), anything else stands as it is."""
    fill = [text if callable(text) else (lambda who, text=text: _filled(text, who)) for text in written]
    return [Way(field, one, tuple(codes.split()), values or None, rejected) for one in fill]


def _filled(text: Any, who: Somebody) -> Any:
    if type(text) is not str or "{" not in text:
        return text
    return text.format(
        n=who.name,
        n1=who.name[0],
        n2=who.name[1:],
        rrn=who.number,
        front=who.number[:6],
        back=who.number[6:],
        s=who.number[6],
        y=who.birth.year,
        yy=f"{who.birth:%y}",
        m=who.birth.month,
        d=who.birth.day,
        mm=f"{who.birth:%m}",
        dd=f"{who.birth:%d}",
    )


WIDE = str.maketrans("0123456789-.", "０１２３４５６７８９－．")
WAYS = [
    *ways("name", "{n} ", "\u3000{n}\u00a0", "'{n}", "{n}\n", "{n1}\u200b{n2}"),
    *ways("name", lambda who: unicodedata.normalize("NFD", who.name)),
    *ways("name", "{n1} {n2}", "{n1}\u3000{n2}", codes="NAME_SPACES_REMOVED"),
    *ways("name", "{n}(세대주)", "{n} (사망)", "{n}（딸）", codes="NAME_NOTE_DROPPED"),
    *ways("name", "", "-", "없음", "미상", "해당 없음", "#REF!", codes="REQUIRED", rejected=True),
    *ways("name", "={n}", "+{n}", "@SUM(A1)", "-{n}", "'={n}", codes="FORMULA_LIKE_TEXT", rejected=True),
    *ways("name", "김", codes="TOO_SHORT", rejected=True),
    *ways("name", "김영" * 60, codes="TOO_LONG", rejected=True),
    *ways("birth_date", "{yy}.{m}.{d}", "'{yy}.{mm}.{dd}", "{y}.{m}.{d}.", "{y}/{m}/{d}", "{y}{mm}{dd}", "{yy}{mm}{dd}"),
    *ways("birth_date", "{y}년 {m}월 {d}일", "{y}-{mm}-{dd} 00:00:00", "{y}. {m}. {d}.", "{y}.{mm}.{dd}생", "(양){y}.{m}.{d}"),
    *ways("birth_date", lambda who: _serial(who.birth), lambda who: str(_serial(who.birth)), lambda who: _serial(who.birth) + 0.5),
    *ways("birth_date", lambda who: f"{who.birth:%Y.%m.%d}".translate(WIDE)),
    *ways("birth_date", "", "-", "미상", codes="BIRTH_FROM_RRN"),
    *ways("birth_date", "{y}.{m}.{d}(음)", "음력 {y}-{mm}-{dd}", "{yy}.{m}.{d}(음)", codes="LUNAR_DATE", rejected=True),
    *ways("birth_date", "{y}", "{y}.{m}", "{y}년 {m}월", "{y}-00-00", "{y}.??.??", codes="PARTIAL_DATE", rejected=True),
    *ways("birth_date", "1950-02-30", "1950.13.1", 60, "오십년", codes="BAD_DATE", rejected=True),
    *ways("birth_date", "2150-03-01", codes="FUTURE_DATE", rejected=True),
    *ways("birth_date", "03/04/1950", "3.4.1950", codes="AMBIGUOUS_DATE", rejected=True),
    *ways("birth_date", lambda who: (who.birth + dt.timedelta(1)).isoformat(), codes="RRN_BIRTH_MISMATCH", rejected=True),
    *ways("rrn", "{rrn}", "{front} {back}", "{front}–{back}", "'{rrn}", "{front}-{back}\u00a0", "{front}\n{back}"),
    *ways("rrn", lambda who: who.number.translate(WIDE)),
    *ways("rrn", "{front}-{s}******", "{front}-*******", "{front}-{s}●●●●●●", "{front}-{s}xxxxxx", codes="RRN_MASKED"),
    *ways("rrn", "", "-", "없음", codes="NO_RRN"),
    *ways("rrn", "외국인", "확인중", "모름", codes="RRN_TEXT"),
    *ways("rrn", lambda who: f"{who.number[:6]}-{who.number[6:12]}", "{rrn}9", codes="RRN_LENGTH", rejected=True),
    *ways("rrn", lambda who: f"{who.number[:12]}O", codes="RRN_NOT_DIGITS", rejected=True),
    *ways("rrn", "{yy}0230-{back}", "{yy}1345{back}", codes="RRN_BAD_DATE", rejected=True),
    *ways("sex", lambda who: "여" if who.sex == "M" else "남", codes="RRN_SEX_MISMATCH", rejected=True),
    *ways("sex", lambda who: "남자" if who.sex == "M" else "여자", lambda who: who.sex, lambda who: "男" if who.sex == "M" else "女"),
    *ways("sex", "", "미상", codes="SEX_FROM_RRN"),
    *ways("dong", "장위제1동", "장위1", "장위 1동", "장위１동", "Jangwi1-dong", "성북구 장위1동", "장위1동 주민센터", dong="장위1동"),
    *ways("dong", "보문동3가", "보문", dong="보문동"),
    *ways("dong", "장위동", "정릉동", "하월곡동", codes="AMBIGUOUS_DONG", rejected=True),
    *ways("dong", "강북구 수유1동", "장위9동", "혜화동", codes="UNKNOWN_DONG", rejected=True),
    *ways("dong", "", "-", codes="REQUIRED", rejected=True),
    *ways("tong", "5통", "제5통", "05", "５", 5.0, tong=5),
    *ways("mobile", "010.2345.6789", "010 2345 6789", "01023456789", "010)2345-6789", "(010)2345-6789", mobile="010-2345-6789"),
    *ways("mobile", "０１０－２３４５－６７８９", "+82-10-2345-6789", "1023456789", 1023456789, "010–2345–6789", mobile="010-2345-6789"),
    *ways("mobile", "010-2345-6789(아들)", "딸 010-2345-6789", codes="PHONE_NOTE_DROPPED", mobile="010-2345-6789"),
    *ways("mobile", "010-2345-6789, 010-3333-4444", codes="PHONE_SPLIT", mobile="010-2345-6789"),
    *ways("mobile", "011-234-5678", codes="LEGACY_MOBILE_PREFIX", mobile="011-234-5678"),
    *ways("mobile", "없음", "-", "", mobile=""),
    *ways("mobile", "abc", "010-123", "12345", "010-2345-678", codes="BAD_PHONE", rejected=True),
    *ways("phone", "02)912-3456", "029123456", "+82-2-912-3456", 29123456, "02.912.3456", phone="02-912-3456"),
    *ways("phone", "912-3456", "9123456", codes="AREA_CODE_ASSUMED", phone="02-912-3456"),
    *ways("phone", "07012345678", phone="070-1234-5678"),
    *ways("phone", "0505)123-4567", phone="0505-123-4567"),
    *ways("address", "성북구  보문로\n168", "'성북구 보문로 168", "성북구\u00a0보문로 １６８", address="성북구 보문로 168"),
    *ways("address", "=1+1", codes="FORMULA_LIKE_TEXT", address="=1+1"),
    *ways("address", "가" * 5_000, codes="TOO_LONG", rejected=True),
]  # fmt: skip


def _serial(day: dt.date) -> int:
    return (day - dt.date(1899, 12, 30)).days


def somebody(chance: random.Random) -> Somebody:
    birth = dt.date(1930, 1, 1) + dt.timedelta(chance.randrange(34_000))
    sex = chance.choice("MF")
    head = f"{birth:%y%m%d}{(1 if birth.year < 2000 else 3) + (sex == 'F')}{chance.randrange(100_000):05d}"
    right = (11 - sum(int(d) * w for d, w in zip(head, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5), strict=True)) % 11) % 10
    return Somebody(
        "".join(
            chance.choice(letters)
            for letters in ("김이박최정강조윤장임", "민서지우현준도연수영", "민서지우현준도연수영")
        ),
        birth,
        sex,
        f"{head}{(right + 1) % 10}",
        chance.choice(DONGS),
        chance.randint(1, 28),
        f"서울특별시 성북구 종암로 {chance.randint(1, 900)}",
        f"02-9{chance.randint(10, 99)}-{chance.randint(1000, 9999)}",
        f"010-{chance.randint(2000, 9999)}-{chance.randint(1000, 9999)}",
    )


def messy(seed: int, *, people: int = 40) -> Dirt:
    """An .xlsx or .csv with a row for each of `people` ways of writing, and what must come of every row."""
    chance = random.Random(seed)
    columns = ["name", "rrn", "birth_date", "sex", "dong", "tong", "address", "phone", "mobile"]
    if chance.random() < 0.5:
        chance.shuffle(columns)
    columns = ["serial", *columns, "other"][chance.randrange(2) :]
    rows, expected = _opening(chance, columns)
    header_at = len(rows)
    for number, way in enumerate(chance.sample(WAYS, people), 1):
        who = somebody(chance)
        cells = who.cells() | {way.field: way.written(who), "serial": number}
        rows.append([cells[column] for column in columns])
        values = {} if way.is_rejected else who.values() | (way.values or {})
        expected[len(rows)] = Expected("rejected" if way.is_rejected else "accepted", way.codes, values)
        _between(chance, rows, expected, header_at)
    rows.append(["※ 방문 상담에만 씁니다."])
    expected[len(rows)] = skipped("NOTE_ROW")
    data, name = _file(chance, rows)
    return Dirt(name, data, header_rows=(header_at,), rows=expected)


def _opening(chance: random.Random, columns: list[str]) -> tuple[list[list[Any]], dict[int, Expected]]:
    """Titles, a day, an empty line, the headings."""
    rows: list[list[Any]] = [[title] for title in ["2015년 방문 대상자 명부", "성북구 전체"][: chance.randrange(3)]]
    if chance.random() < 0.5:
        rows.append(["", "", "", chance.choice(["2015-01-31 기준", "(2015. 1. 31. 현재)"])])
    expected = {number: skipped("TITLE_ROW") for number in range(1, len(rows) + 1)}
    if rows and chance.random() < 0.5:
        rows.append([])
        expected[len(rows)] = skipped("BLANK_ROW")
    dress = chance.choice([str, lambda text: unicodedata.normalize("NFD", text), lambda text: f" {text}\u00a0"])
    rows.append([dress(chance.choice(HEADINGS[column])) for column in columns])
    expected[len(rows)] = skipped("HEADER_ROW")
    return rows, expected


def _between(chance: random.Random, rows: list, expected: dict[int, Expected], header_at: int) -> None:
    """Now and then an empty line, a total, or the headings again, as on a new page."""
    luck = chance.random()
    if luck < 0.04:
        rows.append([])
        expected[len(rows)] = skipped("BLANK_ROW")
    elif luck < 0.1:
        rows.append([chance.choice(["소계", "합 계", "총 12명", "계"]), "", "12"])
        expected[len(rows)] = skipped("TOTAL_ROW")
    elif luck < 0.13:
        rows.append(list(rows[header_at - 1]))
        expected[len(rows)] = skipped("HEADER_ROW")


def _file(chance: random.Random, rows: list[list[Any]]) -> tuple[bytes, str]:
    if chance.random() < 0.5:
        width = max(map(len, rows))
        quoted = [[_quoted(cell) for cell in row] + [""] * (width - len(row)) for row in rows]
        encoding, sign = chance.choice([("utf-8-sig", ","), ("utf-8", "\t"), ("utf-16", "\t"), ("utf-8", ";")])
        return csv(quoted, encoding=encoding, delimiter=sign), "list.csv"
    shift = chance.randrange(2)
    sheets = {"명부": [[*[""] * shift, *row] for row in rows]}
    if chance.random() < 0.4:
        sheets = {"표지": [["2015년"], ["작성부서", "복지1팀"]], **sheets}
    if chance.random() < 0.4:
        sheets["지난달"] = [["성명", "생년월일", "행정동"], *[["김옛날", "1940-01-01", "장위1동"]] * 90]
    return xlsx(sheets, hidden=("지난달",) if "지난달" in sheets else ()), "list.xlsx"


def _quoted(cell: Any) -> str:
    text = str(cell)
    return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in '",;\t\r\n') else text
