"""Spreadsheets to try the importer with: a clean one as the register gives it, and one as people send it."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import xlsxwriter

from centers.models import Dong
from common.months import Month
from planners.models import Person
from planners.models.residents import births_turning
from seongbuk.demo.people import GIVEN, SURNAMES, places

HEAD = ("연번", "성 명", "생년월일", "성별", "행정동", "통/반", "주   소", "휴대폰", "세대주와의 관계", "비고")
KNOWN, CHANGED, NEW = 30, 6, 14


def write(folder: Path, dong: Dong, *, today: dt.date) -> list[Path]:
    """Write the sample files for a dong; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(f"samples-{dong.slug}")  # noqa: S311
    month = Month.of(today).next
    rows = _known(dong, month, rng) + _newcomers(dong, month, rng)
    month_file = folder / f"주민명부_{dong.name}_{month}.xlsx"
    _as_people_send_it(month_file, dong, month, rows)
    return [month_file]


def _known(dong: Dong, month: Month, rng: random.Random) -> list[list]:
    """People of the register, some with a new telephone."""
    people = Person.objects.living_here().filter(dong=dong).turning(65, month.first, month.last).order_by("pk")
    rows = []
    for number, person in enumerate(people[: KNOWN + CHANGED]):
        mobile = f"010-0{rng.randint(100, 999)}-{rng.randint(1000, 9999)}" if number < CHANGED else person.mobile
        rows.append(
            _row(person.name, person.birth_on, person.sex, dong, person.tong, person.ban, person.address, mobile)
        )
    return rows


def _newcomers(dong: Dong, month: Month, rng: random.Random) -> list[list]:
    """People who moved in: they turn 65 next month."""
    rows = []
    for day in rng.sample(month.days(), NEW):
        birth = births_turning(65, day)[0]
        sex = rng.choice("MF")
        name = rng.choices(list(SURNAMES), SURNAMES.values())[0] + rng.choice(GIVEN[sex, 1960])
        street = rng.choice(places()[dong.name].streets)
        address = f"{street} {rng.randint(161, 240)}, {rng.randint(1, 4)}층"
        mobile = f"010-0{rng.randint(100, 999)}-{rng.randint(1000, 9999)}"
        rows.append(_row(name, birth, sex, dong, rng.randint(1, 20), rng.randint(1, 6), address, mobile))
    return rows


def _row(name, birth_on, sex, dong, tong, ban, address, mobile) -> list:
    return [
        name,
        f"{birth_on:%Y.%m.%d}",
        "남" if sex == "M" else "여",
        dong.name,
        f"{tong}/{ban}",
        address,
        mobile,
        "본인",
        "",
    ]


def _as_people_send_it(path: Path, dong: Dong, month: Month, rows: list[list]) -> None:
    """Title rows, dates in three spellings, a subtotal, a note, and three rows that cannot be right."""
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("명부")
    bold = book.add_format({"bold": True, "font_size": 14})
    head = book.add_format({"bold": True, "bg_color": "#D8E5FD", "border": 1})
    sheet.merge_range(0, 0, 0, len(HEAD) - 1, f"{month.korean} 65세 도래 주민 명부 ({dong.name})", bold)
    sheet.write_string(1, 0, f"기준일: {month.previous.last:%Y.%m.%d}")
    for column, word in enumerate(HEAD):
        sheet.write_string(3, column, word, head)
    spoiled = [list(row) for row in rows]
    spoiled[2][1] = spoiled[2][1].replace(".", "")
    spoiled[5][1] = spoiled[5][1].replace(".", "-")
    spoiled[7][3] = dong.name.replace("1동", "제1동")
    spoiled[9][6] = spoiled[9][6].replace("-", "")
    wrong = [
        ["", spoiled[0][1], "여", dong.name, "3/1", spoiled[0][5], "", "본인", ""],
        ["강철호", f"{month.first.year - 65}.13.40", "남", dong.name, "4/2", spoiled[1][5], "", "본인", ""],
        ["전복녀", spoiled[3][1], "여", "장위9동", "5/1", spoiled[3][5], "", "본인", ""],
    ]
    for number, row in enumerate([*spoiled, *wrong], start=1):
        sheet.write_number(3 + number, 0, number)
        for column, value in enumerate(row, start=1):
            sheet.write_string(3 + number, column, value)
    last = 4 + len(spoiled) + len(wrong)
    sheet.write_string(last, 1, "합계")
    sheet.write_string(last, 2, f"{len(spoiled) + len(wrong)}명")
    sheet.write_string(last + 1, 0, "※ 주민등록 전산망에서 내려받음")
    sheet.set_column(1, len(HEAD) - 1, 14)
    sheet.set_column(6, 6, 34)
    book.close()
