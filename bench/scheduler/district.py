"""The twenty dongs as the generator sees them: people, area, visiting nurses, zone, calendar."""

from dataclasses import dataclass
from datetime import date, timedelta

import holidays

DISTRICT_POPULATION = 467_996
TURNING_65_A_MONTH = 375
MIND_CARER_FAMILIES = 489
PREGNANT_A_MONTH = 271
BIRTHS_A_MONTH = 271
INFANTS = 10_864


@dataclass(frozen=True, slots=True)
class Dong:
    """Population, area in km2 and visiting nurses of a dong (plan II.1, IV.4)."""

    name: str
    population: int
    area: float
    nurses: int
    zone: int

    @property
    def share(self) -> float:
        return self.population / DISTRICT_POPULATION


DONGS = (
    Dong("성북동", 18379, 2.80, 1, 0),
    Dong("삼선동", 27856, 0.89, 2, 0),
    Dong("동선동", 16119, 0.83, 1, 0),
    Dong("돈암1동", 16045, 0.49, 1, 1),
    Dong("돈암2동", 23590, 0.60, 1, 0),
    Dong("안암동", 16416, 1.32, 1, 1),
    Dong("보문동", 14812, 0.55, 1, 0),
    Dong("정릉1동", 19746, 0.49, 1, 2),
    Dong("정릉2동", 23873, 1.70, 1, 2),
    Dong("정릉3동", 16990, 3.16, 1, 2),
    Dong("정릉4동", 27667, 3.25, 1, 2),
    Dong("길음1동", 37800, 0.74, 1, 2),
    Dong("길음2동", 17456, 0.58, 1, 1),
    Dong("종암동", 42501, 1.26, 2, 1),
    Dong("월곡1동", 28567, 0.71, 1, 1),
    Dong("월곡2동", 21044, 1.36, 2, 3),
    Dong("장위1동", 24323, 0.73, 2, 3),
    Dong("장위2동", 21232, 0.82, 1, 3),
    Dong("장위3동", 17468, 0.56, 1, 3),
    Dong("석관동", 36112, 1.73, 2, 3),
)
BY_NAME = {dong.name: dong for dong in DONGS}
ZONES = tuple(tuple(dong for dong in DONGS if dong.zone == zone) for zone in range(4))
# five maternal nurses for four zones; the zone with the most people has two
MATERNAL_NURSES = (1, 1, 1, 2)
# elderly turning 65 in the eight months of the pilot
PILOT_TARGETS = {"정릉4동": 390, "월곡1동": 390, "장위1동": 403}
PILOT_MONTHS = 8


def working_days(year: int, month: int) -> list[date]:
    """Days on which the center is open, without weekends and Korean public holidays."""
    closed = holidays.country_holidays("KR", years=year)
    day, days = date(year, month, 1), []
    while day.month == month:
        if day.weekday() < 5 and day not in closed:
            days.append(day)
        day += timedelta(days=1)
    return days


def last_day(year: int, month: int) -> int:
    return (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
