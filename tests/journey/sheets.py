"""Resident lists as they really come: with titles, headings in two rows, dates in every dress, and mistakes."""

import csv
import datetime as dt
import io
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook

from common.months import Month

WOMEN = ("영순", "순자", "정자", "춘자", "복례", "옥순", "명숙", "금순", *("미경", "은주", "선영", "혜경") * 2)
MEN = ("영수", "만식", "병철", "종수", "상철", "춘식", "용덕", "복남", *("성민", "동현", "정훈", "태호") * 2)
SURNAMES = ("김", "이", "박", "최", "정", "강", "조", "윤", "장", "임", "한", "오", "서", "신", "권", "황")
AGE = 65


@dataclass(frozen=True)
class Resident:
    """One invented resident of a list."""

    name: str
    birth_on: dt.date
    sex: str
    tong: int
    address: str
    detail: str
    home: str
    mobile: str


def invent(today: dt.date, month: Month) -> list[Resident]:
    """Three dozen people: eight turn 65 this month, eight in the month to be planned, the others do not."""
    this = Month.of(today)
    births = [_born(this, n) for n in range(8)] + [_born(month, n + 8) for n in range(8)]
    births += [dt.date(today.year - 30 - 2 * n, 1 + n % 12, 3 + n) for n in range(16)]
    births += [dt.date(today.year - 80, 5, 1), dt.date(today.year - 8, 3, 2)]
    return [_resident(n, birth_on) for n, birth_on in enumerate(births)]


def _born(month: Month, n: int) -> dt.date:
    return dt.date(month.year - AGE, month.number, 1 + (n * 3) % 28)


def _resident(n: int, birth_on: dt.date) -> Resident:
    given = (*WOMEN, "말순")[n // 2] if n % 2 else (*MEN, "하늘")[n // 2]
    return Resident(
        name=SURNAMES[n % 16] + given,
        birth_on=birth_on,
        sex="여" if n % 2 else "남",
        tong=7 + n % 3,
        address=f"서울특별시 성북구 장위로{15 + n % 5}길 {n + 3}",
        detail=f"{1 + n % 4}층",
        home=f"02-0000-{1000 + n}",
        mobile=f"010-0000-{2000 + n}" if n != 5 else "",
    )


def dressed(day: dt.date, n: int):
    """The same date as offices write it: a real date, dots, an eight-digit number, Korean."""
    return (day, f"{day:%Y.%m.%d}", f"{day:%Y%m%d}", f"{day.year}년 {day.month}월 {day.day}일")[n % 4]


def workbook(path: Path, residents: list[Resident], today: dt.date) -> Path:
    """A title, a remark, headings in two merged rows, the people, two wrong rows, a total."""
    book = Workbook()
    sheet = book.active
    sheet.title = "주민명부"
    sheet.append(["장위1동 주민 명부"])
    sheet.append([f"({today.year}. {today.month}. {today.day}. 현재, 단위: 명)"])
    sheet.append(
        ["연번", "성명", "주민등록번호", "생년월일", "성별", "행정동", "통", "거주지", None, "연락처", None, "비고"]
    )
    sheet.append([None, None, None, None, None, None, None, "도로명주소", "상세주소", "자택", "휴대폰", None])
    for merged in ("A1:L1", "A2:L2", "H3:I3", "J3:K3", *(f"{letter}3:{letter}4" for letter in "ABCDEFGL")):
        sheet.merge_cells(merged)
    for n, r in enumerate(residents, start=1):
        masked = f"{r.birth_on:%y%m%d}-{_seventh(r)}******"
        born = dressed(r.birth_on, n)
        sheet.append([n, r.name, masked, born, r.sex, "장위1동", r.tong, r.address, r.detail, r.home, r.mobile, None])
    n = len(residents)
    sheet.append([n + 1, "남궁없음", None, "1961-02-30", "남", "장위1동", 8, "장위로 1", None, None, None, None])
    sheet.append([n + 2, "선우먼곳", None, "1955-05-05", "여", "수유1동", 8, "삼양로 1", None, None, None, None])
    sheet.append([None, "합계", None, None, None, None, None, None, None, None, None, f"{n + 2}명"])
    book.save(path)
    return path


def _seventh(resident: Resident) -> int:
    """The digit of a resident number that tells sex and century."""
    return (2 if resident.sex == "여" else 1) + (2 if resident.birth_on.year >= 2000 else 0)


def old_csv(path: Path, residents: list[Resident]) -> Path:
    """The same people as an old program writes them: CP949, other headings, no title."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(["번호", "이름", "출생일", "남녀", "동명", "통", "주소", "핸드폰"])
    for n, r in enumerate(residents, start=1):
        rows.writerow([n, r.name, f"{r.birth_on:%Y-%m-%d}", r.sex, "장위1동", f"{r.tong}통", r.address, r.mobile])
    path.write_bytes(text.getvalue().encode("cp949"))
    return path
