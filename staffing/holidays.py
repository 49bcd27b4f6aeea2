"""Korean public holidays, with substitute and temporary ones, for the table the office may edit."""

import datetime as dt

import holidays as calendars

from staffing.models import Holiday


def korean_holidays(first_year: int, last_year: int) -> dict[dt.date, str]:
    """Day -> name in Korean, both years included."""
    return dict(sorted(calendars.KR(years=range(first_year, last_year + 1), language="ko").items()))


def fill(first_year: int, last_year: int) -> int:
    """Add the days that are missing; what the office added or renamed stays. Returns how many came in."""
    found = korean_holidays(first_year, last_year)
    known = set(Holiday.objects.filter(on__in=found).values_list("on", flat=True))
    new = [Holiday(on=on, name=name[:40]) for on, name in found.items() if on not in known]
    Holiday.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)
