"""Background work that sees several floors: counting changed months again, comparing figures with their facts."""

import logging

from celery import shared_task
from django.utils import timezone

from centers import jobs, rollups
from centers.models import User
from common.months import Month
from common.refusals import Refusal

logger = logging.getLogger(__name__)
ROLL, COMPARE = "figures-roll", "figures-compare"


class FiguresDiffer(Refusal):
    code = "FIGURES_DIFFER"


@shared_task(name="seongbuk.roll_up_changed_months", ignore_result=True, expires=30)
def roll_up_changed_months() -> None:
    for month in rollups.changed_months():
        rollups.roll_month(month, at=timezone.now())


@shared_task(name="seongbuk.compare_figures", ignore_result=True, expires=3600)
def compare_figures() -> None:
    job = jobs.open_job(COMPARE, title="월별 수치 대조", arguments={}, by=None, at=timezone.now(), key="nightly")
    jobs.run(job.pk, at=timezone.now())


def ask_to_count_again(month: Month, *, by: User, at) -> jobs.Job:
    """The button `다시 세기`: one job for a month at a time."""
    return jobs.open_job(
        ROLL, title=f"{month.korean} 수치 다시 세기", arguments={"month": str(month)}, by=by, at=at, key=str(month)
    )


@jobs.handles(ROLL)
def _roll(run: jobs.Run) -> dict:
    month = Month.parse(run.arguments["month"])
    rolled = rollups.roll_month(month, at=timezone.now())
    return {"month": str(month), "rows": rolled.rows, "changed": rolled.changed}


@jobs.handles(COMPARE)
def _compare(run: jobs.Run) -> dict:
    """Recount every month; figures that differ are put right and named, and the job counts as failed."""
    months = rollups.known_months()
    faults = []
    for done, month in enumerate(months, start=1):
        run.report(done, len(months), month.korean)
        if found := rollups.settled_differences(month):
            faults += found
            rollups.roll_month(month, at=timezone.now())
    if faults:
        first = faults[0]
        logger.error("%s stored figures differ from their facts, first %s", len(faults), first)
        raise FiguresDiffer(
            f"저장된 수치 {len(faults)}개가 원자료와 달라 고쳤습니다. 처음 것은 {first.month.korean} {first.indicator}입니다."
            " 자료가 어떻게 바뀌었는지 확인해 주세요."
        )
    return {"months": len(months), "differences": 0}
