"""Tables of posts, headcount, calendars and pay of people who work for the district."""

from .calendars import CounterRota, Holiday, OfficeWeek, StaffTime, WorkPattern
from .headcount import HeadcountCell, JobSeries
from .posts import CenterPost, PostTemplate

__all__ = [
    "CenterPost",
    "CounterRota",
    "HeadcountCell",
    "Holiday",
    "JobSeries",
    "OfficeWeek",
    "PostTemplate",
    "StaffTime",
    "WorkPattern",
]
