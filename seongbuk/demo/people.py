"""Invented residents, household by household: names, ages, homes and benefits in the plan's proportions.

Pure and seeded: the same seed and day give the same people. Nobody here exists; phone numbers use the
unassigned 010-0000 block, except that each is unique so that matching by phone has something to do.
"""

from __future__ import annotations

import csv
import datetime as dt
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

PLACES = Path(__file__).resolve().parent.parent.parent / "fixtures" / "demo" / "places.csv"
METRES_PER_DEGREE = 111_320

SURNAMES = {
    "김": 215, "이": 147, "박": 84, "최": 47, "정": 43, "강": 24, "조": 21, "윤": 21, "장": 20, "임": 16, "한": 15,
    "오": 15, "서": 15, "신": 14, "권": 14, "황": 13, "안": 13, "송": 13, "전": 11, "홍": 11, "유": 9, "고": 9,
    "문": 9, "양": 9, "손": 9, "배": 8, "백": 8, "허": 6, "노": 5, "남": 5, "심": 5, "하": 5, "주": 4, "구": 4,
    "곽": 4, "성": 4, "차": 4, "우": 4, "진": 4, "민": 3, "류": 3, "나": 3, "엄": 3, "방": 2,
}  # fmt: skip
GIVEN = {
    ("F", 1960): (
        "영순",
        "순자",
        "영자",
        "정자",
        "춘자",
        "복례",
        "옥순",
        "말순",
        "경자",
        "숙자",
        "명숙",
        "정숙",
        "금순",
        "옥분",
    ),
    ("M", 1960): (
        "영수",
        "영호",
        "영철",
        "만식",
        "병철",
        "성호",
        "종수",
        "광수",
        "상철",
        "정식",
        "기남",
        "춘식",
        "용덕",
        "복남",
    ),
    ("F", 1980): (
        "미경",
        "은주",
        "현숙",
        "경희",
        "미영",
        "지영",
        "은경",
        "선영",
        "혜경",
        "수진",
        "유나",
        "정아",
        "은채",
        "소라",
    ),
    ("M", 1980): (
        "성민",
        "동현",
        "정훈",
        "상훈",
        "태호",
        "재훈",
        "성진",
        "준호",
        "현우",
        "진호",
        "도현",
        "민수",
        "정우",
        "영진",
    ),
    ("F", 2000): (
        "지은",
        "수빈",
        "민지",
        "지현",
        "유진",
        "예진",
        "하은",
        "지민",
        "서연",
        "지우",
        "다은",
        "채원",
        "세진",
        "가영",
    ),
    ("M", 2000): (
        "민준",
        "현우",
        "지훈",
        "준영",
        "동현",
        "민석",
        "우진",
        "성현",
        "승민",
        "도윤",
        "건우",
        "태윤",
        "주원",
        "시우",
    ),
    ("F", 3000): ("서윤", "서연", "하은", "하린", "지아", "수아", "아린", "윤서", "채아", "예린", "나은", "다온"),
    ("M", 3000): ("도윤", "서준", "하준", "시우", "은우", "지호", "이준", "우진", "선우", "유준", "준우", "연우"),
}
#: households by size, in percent
HOUSEHOLD_SIZES = ((1, 27), (2, 27), (3, 22), (4, 19), (5, 5))
ACCESS_NOTES = (
    "계단 3층, 승강기 없음", "개 있음(묶여 있음)", "초인종 고장, 문 두드리기", "귀가 어두움, 크게 천천히", "지층, 왼쪽 쪽문",
    "오전에는 병원", "골목 끝 파란 대문", "공동현관 비밀번호는 전화로",
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    dong: str
    longitude: float
    latitude: float
    radius: float
    streets: tuple[str, ...]


@dataclass
class Resident:
    name: str
    birth_on: dt.date
    sex: str
    relation: str
    mobile: str
    benefits: list[str] = field(default_factory=list)


@dataclass
class Home:
    dong: str
    tong: int
    ban: int
    address: str
    detail: str
    longitude: float
    latitude: float
    notes: list[str]
    people: list[Resident]


def places() -> dict[str, Place]:
    """Dong -> rough middle, radius in metres and street names."""
    with PLACES.open(encoding="utf-8", newline="") as file:
        return {
            row["dong"]: Place(
                row["dong"],
                float(row["longitude"]),
                float(row["latitude"]),
                float(row["radius_m"]),
                tuple(row["streets"].split()),
            )
            for row in csv.DictReader(file)
        }


def homes(place: Place, persons: int, tongs: int, *, today: dt.date, seed: int) -> Iterator[Home]:
    """Homes of one dong until `persons` people live there."""
    rng = random.Random(f"{seed}-{place.dong}")  # noqa: S311
    clusters = [_point(rng, place, 0.8) for _ in range(12)]
    made = number = 0
    while made < persons:
        home = _home(rng, place, clusters, tongs, number, today)
        home.people = home.people[: persons - made]
        made += len(home.people)
        number += 1
        yield home


def _home(rng, place, clusters, tongs, number, today) -> Home:
    tong = rng.randint(1, tongs)
    street = place.streets[tong % len(place.streets)]
    cluster = clusters[tong % len(clusters)]
    longitude, latitude = _near(rng, place, cluster)
    block = rng.random() < 0.45
    detail = f"{rng.randint(101, 118)}동 {rng.randint(1, 18)}{rng.randint(0, 9):02d}호" if block else _small_house(rng)
    home = Home(
        dong=place.dong,
        tong=tong,
        ban=rng.randint(1, 6),
        address=f"{street} {rng.randint(1, 160)}" + (f"-{rng.randint(1, 30)}" if rng.random() < 0.4 else ""),
        detail=detail,
        longitude=longitude,
        latitude=latitude,
        notes=rng.sample(ACCESS_NOTES, rng.choice((0, 0, 1, 2))),
        people=[],
    )
    home.people = _people(rng, today, number, place)
    return home


def _small_house(rng) -> str:
    return rng.choice(("1층", "2층", "3층", "지층", "옥탑", "101호", "201호", "202호", "301호"))


def _people(rng, today, number, place) -> list[Resident]:
    size = rng.choices([s for s, _ in HOUSEHOLD_SIZES], [w for _, w in HOUSEHOLD_SIZES])[0]
    head_age = _head_age(rng, size)
    head = _resident(rng, head_age, rng.choice("MMF") if size > 1 else rng.choice("MF"), "본인", today)
    members = [head]
    if size >= 2 and rng.random() < 0.8:
        spouse_age = max(20, head_age + rng.randint(-5, 4))
        members.append(_resident(rng, spouse_age, "F" if head.sex == "M" else "M", "배우자", today))
    while len(members) < size:
        child_age = head_age - rng.randint(26, 38)
        if child_age < 0:
            child_age = rng.randint(0, 5)
        child = _resident(rng, min(child_age, 45), rng.choice("MF"), "자녀", today)
        child.name = head.name[0] + child.name[1:]
        members.append(child)
    _give_benefits(rng, members, today)
    return members


def _head_age(rng, size: int) -> int:
    bands = {1: (22, 88), 2: (28, 84), 3: (28, 66), 4: (30, 58), 5: (32, 60)}
    low, high = bands[size]
    if size <= 2 and rng.random() < 0.52:
        return int(rng.triangular(58, high, 63))
    return min(high, max(low, int(rng.triangular(low, min(high, 66), (low + min(high, 66)) / 2))))


def _resident(rng, age: int, sex: str, relation: str, today: dt.date) -> Resident:
    birth = _birth(rng, age, today)
    mobile = f"010-0{rng.randint(0, 999):03d}-{rng.randint(0, 9999):04d}" if age >= 12 and rng.random() < 0.94 else ""
    return Resident(_name(rng, birth.year, sex), birth, sex, relation, mobile)


def _birth(rng, age: int, today: dt.date) -> dt.date:
    last = _years_before(today, age)
    return last - dt.timedelta(days=rng.randint(0, 364))


def _years_before(day: dt.date, years: int) -> dt.date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _name(rng, year: int, sex: str) -> str:
    surname = rng.choices(list(SURNAMES), SURNAMES.values())[0]
    generation = 1960 if year < 1965 else 1980 if year < 1985 else 2000 if year < 2008 else 3000
    return surname + rng.choice(GIVEN[sex, generation])


def _give_benefits(rng, members: list[Resident], today: dt.date) -> None:
    poor = rng.random() < 0.045
    for person in members:
        age = today.year - person.birth_on.year
        if poor:
            person.benefits.append("basic_livelihood")
        if age >= 65 and rng.random() < 0.55:
            person.benefits.append("basic_pension")
        if age <= 6:
            person.benefits.append(
                rng.choice(("childcare_fee", "childcare_fee", "home_care_allowance", "preschool_tuition"))
            )
        if rng.random() < 0.008:
            person.benefits.append(rng.choice(("disability_pension", "disability_allowance", "near_poor_disabled")))


def _point(rng, place: Place, spread: float) -> tuple[float, float]:
    angle, distance = rng.random() * 2 * math.pi, place.radius * spread * math.sqrt(rng.random())
    return _shift(place, distance * math.cos(angle), distance * math.sin(angle))


def _near(rng, place: Place, cluster: tuple[float, float]) -> tuple[float, float]:
    if rng.random() < 0.4:
        return _point(rng, place, 1.0)
    east, north = rng.gauss(0, 70), rng.gauss(0, 70)
    shifted = _shift(place, east, north)
    return (
        round(cluster[0] + shifted[0] - place.longitude, 6),
        round(cluster[1] + shifted[1] - place.latitude, 6),
    )


def _shift(place: Place, east: float, north: float) -> tuple[float, float]:
    return (
        round(place.longitude + east / (METRES_PER_DEGREE * math.cos(math.radians(place.latitude))), 6),
        round(place.latitude + north / METRES_PER_DEGREE, 6),
    )
