"""Tables of posts, headcount, calendars and pay of people who work for the district."""

from .calendars import Holiday, StaffTime
from .headcount import HeadcountCell, JobSeries
from .posts import CenterPost, PostTemplate

__all__ = ["CenterPost", "HeadcountCell", "Holiday", "JobSeries", "PostTemplate", "StaffTime"]
