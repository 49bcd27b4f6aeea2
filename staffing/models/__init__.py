"""Tables of posts, headcount, calendars, budgets and pay of people who work for the district."""

from .budgets import Budget, BudgetLine
from .calendars import CounterRota, Holiday, OfficeWeek, StaffTime, WorkPattern
from .headcount import HeadcountCell, JobSeries
from .posts import CenterPost, PostTemplate

__all__ = [
    "Budget",
    "BudgetLine",
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
