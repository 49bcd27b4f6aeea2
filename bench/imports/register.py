"""A register of invented people, the same for the same seed: CSV or XLSX, this month's and the next.

Households of one to six in 20 dongs weighted by population, 20 columns, 1 % dirt of six kinds. The
next month has 2 % changed, 1 % new and 0.3 % gone. Numbers have the wrong check digit.
"""

from __future__ import annotations

import csv
import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path

HEAD = [
    "연번", "성명", "주민등록번호", "생년월일", "성별", "행정동", "통", "반", "도로명주소", "상세주소", "휴대전화", "자택전화", "세대주관계", "복지급여",
    "전입일", "세대원수", "국적", "장애유형", "담당자", "비고",
]  # fmt: skip
DONGS = {
    "성북동": 18379, "삼선동": 27856, "동선동": 16119, "돈암1동": 16045, "돈암2동": 23590, "안암동": 16416, "보문동": 14812, "정릉1동": 19746,
    "정릉2동": 23873, "정릉3동": 16990, "정릉4동": 27667, "길음1동": 37800, "길음2동": 17456, "종암동": 42501, "월곡1동": 28567, "월곡2동": 21044,
    "장위1동": 24323, "장위2동": 21232, "장위3동": 17468, "석관동": 36112,
}  # fmt: skip
SURNAMES = "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민나진지엄"
WEIGHTS = [
    215,
    147,
    84,
    47,
    43,
    24,
    21,
    21,
    20,
    17,
    15,
    15,
    15,
    14,
    14,
    14,
    14,
    13,
    13,
    12,
    12,
    10,
    9,
    9,
    9,
    8,
    8,
    7,
    7,
    6,
    5,
    5,
    5,
    4,
    4,
    4,
    4,
    4,
    4,
    3,
    3,
    3,
    3,
    3,
]
SYLLABLES = "가건경광규기나다대덕도동명문미민범병보상서석선성세수숙순승아연영예옥용우원유윤은의인일자재정제종주준지진창철춘태하현형혜호화환회훈희"
ROADS = [
    "돌곶이로",
    "장위로",
    "화랑로",
    "종암로",
    "정릉로",
    "보국문로",
    "길음로",
    "동소문로",
    "성북로",
    "안암로",
    "보문로",
    "삼선교로",
    "월곡로",
    "한천로",
    "아리랑로",
    "솔샘로",
]
RELATIONS = ["본인", "배우자", "자녀", "자녀", "자녀", "부모"]
BENEFITS = ["기초생활", "기초연금", "한부모", "차상위", "장애인연금"]


def people(rows: int, *, seed: int = 1) -> Iterator[list[str]]:
    """Rows of the register, header not included."""
    chance = random.Random(seed)
    dongs, weights = list(DONGS), list(DONGS.values())
    number = 0
    while number < rows:
        dong = chance.choices(dongs, weights)[0]
        size = chance.choices([1, 2, 3, 4, 5, 6], [34, 27, 18, 14, 5, 2])[0]
        tong, ban = chance.randint(1, 28), chance.randint(1, 7)
        road = f"서울특별시 성북구 {chance.choice(ROADS)}{chance.choice(['', f' {chance.randint(1, 60)}길'])} {chance.randint(1, 300)}"
        detail = chance.choice(
            ["", f"{chance.randint(101, 120)}동 {chance.randint(101, 2505)}호", f"{chance.randint(101, 405)}호", "지층"]
        )
        for member in range(min(size, rows - number)):
            number += 1
            birth = dt.date(1930, 1, 1) + dt.timedelta(chance.randrange(35_000))
            sex = chance.randrange(2)
            seventh = sex + (1 if birth.year < 2000 else 3)
            yield [
                str(number),
                chance.choices(SURNAMES, WEIGHTS)[0] + chance.choice(SYLLABLES) + chance.choice(SYLLABLES),
                _number(birth, seventh, chance),
                birth.isoformat(),
                "남여"[sex],
                dong,
                str(tong),
                str(ban),
                road,
                detail,
                f"010-{chance.randint(2000, 9999)}-{chance.randint(0, 9999):04d}",
                f"02-9{chance.randint(10, 99)}-{chance.randint(0, 9999):04d}" if chance.random() < 0.2 else "",
                RELATIONS[member],
                chance.choice(BENEFITS) if chance.random() < 0.17 else "",
                (birth + dt.timedelta(chance.randrange(1, 9_000))).isoformat(),
                str(size),
                "대한민국",
                "",
                "복지1팀",
                "",
            ]


def _number(birth: dt.date, seventh: int, chance: random.Random) -> str:
    head = f"{birth:%y%m%d}{seventh}{chance.randint(0, 99999):05d}"
    right = (11 - sum(int(d) * w for d, w in zip(head, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5), strict=True)) % 11) % 10
    return f"{head[:6]}-{head[6:]}{(right + 1) % 10}"


def dirty(rows: Iterator[list[str]], *, seed: int = 2, share: float = 0.01) -> Iterator[list[str]]:
    """One row in a hundred wrong, in six ways, each of which must be rejected."""
    chance = random.Random(seed)
    for row in rows:
        if chance.random() < share:
            row = list(row)
            kind = chance.randrange(6)
            if kind == 0:
                row[3] = "1950-02-30"
            elif kind == 1:
                row[2] = row[2][:-1]
            elif kind == 2:
                row[5] = "장위동"
            elif kind == 3:
                row[10] = "12345"
            elif kind == 4:
                row[1] = ""
            else:
                row[3] = "1931.1"
        yield row


def next_month(rows: Iterator[list[str]], count: int, *, seed: int = 3) -> Iterator[list[str]]:
    """2 % with another phone or address, 0.3 % gone, 1 % new at the end."""
    chance = random.Random(seed)
    for row in rows:
        luck = chance.random()
        if luck < 0.003:
            continue
        if luck < 0.013:
            row = [*row[:10], f"010-{chance.randint(2000, 9999)}-{chance.randint(0, 9999):04d}", *row[11:]]
        elif luck < 0.023:
            row = [*row[:7], str(chance.randint(1, 7)), *row[8:12], "기타", *row[13:]]
        yield row
    for row in people(max(1, count // 100), seed=seed + 1000):
        yield row


def write_csv(path: Path, rows: Iterator[list[str]], *, encoding: str = "utf-8-sig") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD)
        writer.writerows(rows)
    return path


def write_xlsx(path: Path, rows: Iterator[list[str]]) -> Path:
    import xlsxwriter

    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet("주민")
    for number, row in enumerate([HEAD, *()]):
        sheet.write_row(number, 0, row)
    for number, row in enumerate(rows, 1):
        for column, cell in enumerate(row):
            if cell:
                if column in (0, 6, 7, 15):
                    sheet.write_number(number, column, int(cell))
                else:
                    sheet.write_string(number, column, cell)
    book.close()
    return path
