"""Fixtures of the import tests."""

import datetime as dt
from pathlib import Path

import pytest

from planners.dong_names import DongNames
from planners.lists.list_reading import drop_strays
from planners.residents import match_key
from tests import factories as f

ON = dt.date(2026, 11, 20)
DONGS = (
    "성북동 seongbuk-dong,삼선동 samseon-dong,동선동 dongseon-dong,돈암1동 donam1-dong,돈암2동 donam2-dong,안암동 anam-dong,보문동 bomun-dong,"
    "정릉1동 jeongneung1-dong,정릉2동 jeongneung2-dong,정릉3동 jeongneung3-dong,정릉4동 jeongneung4-dong,길음1동 gireum1-dong,길음2동 gireum2-dong,"
    "종암동 jongam-dong,월곡1동 wolgok1-dong,월곡2동 wolgok2-dong,장위1동 jangwi1-dong,장위2동 jangwi2-dong,장위3동 jangwi3-dong,석관동 seokgwan-dong"
)


@pytest.fixture(scope="session")
def dong_names() -> DongNames:
    return DongNames(tuple(pair.split(" ")) for pair in DONGS.split(","))


@pytest.fixture
def saved(tmp_path):
    """Write bytes to a file and return its path."""

    def save(data: bytes, name: str = "file") -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return save


@pytest.fixture
def people(dong, other_dong):
    """Three residents: two of the clerk's dong, one of another."""
    drop_strays(set())

    def made(name, birth, sex, place, address):
        key = match_key(name, birth, sex)
        return f.PersonFactory(
            name=name, birth_on=birth, sex=sex, dong=place, address=address, mobile="", match_key=key, household=None
        )

    return {
        "kim": made("김영수", dt.date(1948, 3, 1), "M", dong, "돌곶이로 40길 8"),
        "lee": made("이순자", dt.date(1946, 7, 7), "F", dong, "장위로 3"),
        "far": made("박말자", dt.date(1945, 5, 5), "F", other_dong, "월곡로 1"),
    }
