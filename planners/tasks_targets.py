"""The nightly list: last, this and next month, so that a missed night or month catches up by itself."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from centers import jobs, tasks
from common.months import Month, seoul_date
from planners import programmes, target_endings

EXTRACT = "extract_targets"


@shared_task(name="planners.extract_targets", expires=3600)
def extract_targets() -> None:
    """Open the night's job; the same night opened twice is one job."""
    now = timezone.now()
    tasks.send(
        jobs.open_job(EXTRACT, title="방문 대상 추출", arguments={}, by=None, at=now, key=seoul_date(now).isoformat())
    )


@jobs.handles(EXTRACT)
def extract(run: jobs.Run) -> None:
    """Keep open targets true, then write the lists of three months in one transaction."""
    now = timezone.now()
    this = Month.of(now)
    with run.finishing() as done:
        sweep = target_endings.keep_true(by=None, at=now)
        months = [programmes.extract_targets(m, by=None, at=now) for m in (this.previous, this, this.next)]
        done(
            {
                "created": sum(m.created for m in months),
                "months": [m.as_json() for m in months],
                "ended": vars(sweep),
            }
        )
