"""The nightly look for records of one human, and gathering what a moment of linking left behind."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from centers import jobs
from centers.models import Job, User
from planners import duplicate_search, person_links
from planners.models import PersonLink

SEARCH = "find_duplicates"
GATHER_DAYS = 3


def open_search(*, by: User | None, at: dt.datetime) -> Job:
    """The search of the whole register; while one runs, that one is meant."""
    return jobs.open_job(SEARCH, title="비슷한 기록 찾기", arguments={}, by=by, at=at, key="register")


@jobs.handles(SEARCH)
def search(run: jobs.Run) -> None:
    now = timezone.now()
    with run.finishing() as done:
        recent = PersonLink.objects.filter(split_at=None, at__gte=now - dt.timedelta(days=GATHER_DAYS))
        gathered = sum(person_links.gather(link) for link in recent.order_by("pk"))
        done(duplicate_search.search(at=now) | {"gathered": gathered})
