"""The nightly list: last, this and next month, so that a missed night or month catches up by itself."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from centers import jobs
from centers.models import Job
from common.months import Month, seoul_date
from planners import consent, programmes, target_endings

EXTRACT = "extract_targets"


def open_extraction(*, at: dt.datetime) -> Job:
    """The night's job; the same night opened twice is one job."""
    return jobs.open_job(EXTRACT, title="방문 대상 추출", arguments={}, by=None, at=at, key=seoul_date(at).isoformat())


@jobs.handles(EXTRACT)
def extract(run: jobs.Run) -> None:
    """Keep open targets true, then write the lists of three months in one transaction."""
    now = timezone.now()
    this = Month.of(now)
    with run.finishing() as done:
        sweep = target_endings.keep_true(by=None, at=now)
        again = consent.offer_again(by=None, at=now, on=seoul_date(now))
        months = [programmes.extract_targets(m, by=None, at=now) for m in (this.previous, this, this.next)]
        done(
            {
                "created": sum(m.created for m in months),
                "months": [m.as_json() for m in months],
                "ended": vars(sweep),
                "offered_again": again,
            }
        )
