"""Reading and applying lists in the background: progress on the page, effects exactly once."""

from __future__ import annotations

from django.utils import timezone

from centers import jobs
from centers.access import Scope
from centers.models import Job, User
from common.months import seoul_date
from common.refusals import Refusal
from planners.lists import list_import
from planners.models import ImportBatch

STAGE, APPLY = "stage_import", "apply_import"


def open_staging(batch: ImportBatch, *, by: User, at) -> Job:
    """The job that reads a batch; the caller sends it."""
    return _open(STAGE, f"‘{batch.file_name}’ 읽기", batch, by=by, at=at)


def open_applying(batch: ImportBatch, *, by: User, at) -> Job:
    """The job that applies a batch; asked for twice it is one job."""
    return _open(APPLY, f"‘{batch.file_name}’ 넣기", batch, by=by, at=at)


def _open(kind: str, title: str, batch: ImportBatch, *, by: User, at) -> Job:
    job = jobs.open_job(
        kind,
        title=title[:200],
        arguments={"batch": batch.pk, "by": by.pk},
        by=by,
        at=at,
        key=f"import:{batch.pk}",
        dong=batch.dong,
    )
    ImportBatch.objects.filter(pk=batch.pk).update(job=job)
    return job


@jobs.handles(STAGE)
def stage(run: jobs.Run) -> dict | None:
    """Read, compare, and only then, holding the lease, show the result."""
    batch, by = _of(run)
    if batch.state not in (ImportBatch.State.RECEIVED, ImportBatch.State.STAGING, ImportBatch.State.STAGED):
        return {"state": batch.state}
    batch = list_import.begin_staging(batch)
    today = seoul_date(timezone.now())
    try:
        staged = list_import.read_and_match(batch, on=today, scope=Scope.of(by, today), report=run.report)
    except Refusal as refusal:
        with run.finishing() as done:
            list_import.refuse(batch, refusal)
            done({"refused": refusal.code})
        return None
    try:
        with run.finishing() as done:
            list_import.settle_staging(batch, staged)
            done({"counts": staged.counts})
    except BaseException:
        staged.drop()
        raise
    return None


@jobs.handles(APPLY)
def apply(run: jobs.Run) -> dict | None:
    """One transaction for the whole list; a run that was overtaken writes nothing."""
    batch, by = _of(run)
    if batch.state != ImportBatch.State.APPLYING:
        return {"state": batch.state}
    now = timezone.now()
    run.report(0, batch.counts["rows"], "넣는 중")
    try:
        with run.finishing() as done:
            batch = list_import.apply(batch, by=by, on=seoul_date(now), at=now)
            done({"counts": batch.counts})
    except Refusal:
        list_import.back_to_preview(batch, on=seoul_date(now))
        raise
    except jobs.LeaseLost:
        raise
    except Exception:
        if run.job.attempts >= jobs.MAX_ATTEMPTS:  # nobody will try again by itself
            list_import.back_to_preview(batch, on=seoul_date(now))
        raise
    return None


def _of(run: jobs.Run) -> tuple[ImportBatch, User]:
    return ImportBatch.objects.select_related("dong").get(pk=run.arguments["batch"]), User.objects.get(
        pk=run.arguments["by"]
    )
