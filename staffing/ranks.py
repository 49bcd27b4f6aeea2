"""Ranks in the office's own words: 행정7급, 사회6, 시설사무원, 임기제 나급, 간호사.

`대체가능직급` is printed as free text; here it becomes the ranks it names, so that filling a post can be
checked (plan IV.2, table of duties).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SERIES = {"행정": "admin", "사회": "welfare", "운전": "driver", "간호": "nurse", "기술": "technical"}
NAMES = {key: name for name, key in SERIES.items()} | {"clerk": "사무원", "fixed_term": "임기제", "nurse": "간호사"}
CLERKS = ("워드", "필기", "시설")
CLASSES = "가나다라마"
GRADES = range(5, 10)
_GRADED = re.compile(r"(행정|사회|운전|기술)\s*((?:\d\s*,?\s*)+)급?")
_CLASS = re.compile(rf"임기제\s*(?:계약)?\s*([{CLASSES}])급")


@dataclass(frozen=True, order=True)
class Rank:
    """A series with a grade (`행정 7`), a class of fixed-term staff (`나`) or a kind of clerk (`시설`)."""

    series: str
    step: str = ""

    def __str__(self) -> str:
        if self.series == "fixed_term":
            return f"임기제 {self.step}급"
        if self.series == "clerk":
            return f"{self.step}사무원"
        if self.series == "nurse":
            return "간호사"
        return f"{NAMES[self.series]}{self.step}급"

    @property
    def key(self) -> str:
        return f"{self.series}-{self.step}" if self.step else self.series


def read(text: str) -> frozenset[Rank]:
    """Every rank a printed text names: `행정6,7,8,9급 및 (워드, 필기, 시설) 사무원` names seven."""
    found = {Rank(SERIES[name], grade) for name, grades in _GRADED.findall(text) for grade in re.findall(r"\d", grades)}
    found |= {Rank("fixed_term", step) for step in _CLASS.findall(text)}
    if "사무원" in text:
        named = [word for word in CLERKS if word in text]
        found |= {Rank("clerk", word) for word in named or CLERKS}
    if "간호사" in text:
        found.add(Rank("nurse"))
    return frozenset(found)


def known() -> list[Rank]:
    """Every rank that can be chosen, in the order of a form."""
    graded = [Rank(series, str(grade)) for series in ("admin", "welfare", "driver") for grade in GRADES]
    return [*graded, Rank("nurse"), *(Rank("fixed_term", c) for c in CLASSES), *(Rank("clerk", c) for c in CLERKS)]


def by_key(key: str) -> Rank | None:
    return next((rank for rank in known() if rank.key == key), None)


def words(ranks: frozenset[Rank]) -> str:
    """In one sentence's words: `행정7급, 행정8급`."""
    order = {rank: place for place, rank in enumerate(known())}
    return ", ".join(str(rank) for rank in sorted(ranks, key=lambda rank: order.get(rank, 99)))
