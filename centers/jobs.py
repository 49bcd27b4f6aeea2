"""Background work that is never lost: the row in PostgreSQL is the truth, a message only carries its id.

A run claims the row with a lease. Its effect and the word "done" are written in one transaction that
first checks the lease, so a run that was overtaken cannot write. What stays unsent, or whose lease
ran out with its worker, is sent again by the sweeper.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import uuid
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import IntegrityError, close_old_connections, connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from centers.models import Dong, Job, User
from common.refusals import Refusal

logger = logging.getLogger(__name__)
MAX_ATTEMPTS = 5
TOO_LONG = "{seconds}초 안에 끝나지 않아 멈췄습니다. 아무것도 바뀌지 않았습니다. 한가할 때 다시 시도해 주세요. 계속되면 시스템 운영 담당에게 알려 주세요."
UNEXPECTED = "예상하지 못한 문제로 멈췄습니다. 잠시 뒤 다시 시도해 주세요. 계속되면 시스템 운영 담당에게 알려 주세요."

_handlers: dict[str, Callable[[Run], dict | None]] = {}
_limits: dict[str, Callable[[dict], Limits]] = {}


@dataclass(frozen=True)
class Limits:
    """Seconds a run may take: after `soft` it is asked to stop, after `hard` its worker process is ended."""

    soft: int
    hard: int


class LeaseLost(Exception):
    """Another run has taken the job over; this one must not write."""


class Parked(Exception):
    """What the job waits for is still under way; the work done so far stands.

    It runs again when somebody sends it, at the latest when the sweeper does; waiting is no failed attempt.
    """


class OpenJobExists(Refusal):
    code = "JOB_RUNNING"


def handles(kind: str, *, limits: Callable[[dict], Limits] | None = None) -> Callable:
    """Register the function that does jobs of a kind. It gets a `Run` and returns the result as JSON.

    `limits` tells from a job's arguments how long it may take; without it the workers' own limits hold.
    """

    def register(function: Callable[[Run], dict | None]):
        _handlers[kind] = function
        if limits:
            _limits[kind] = limits
        return function

    return register


def limits_of(job: Job) -> Limits:
    """How long a run of the job may take."""
    usual = Limits(settings.CELERY_TASK_SOFT_TIME_LIMIT, settings.CELERY_TASK_TIME_LIMIT)
    return _limits[job.kind](job.arguments) if job.kind in _limits else usual


def open_job(
    kind: str,
    *,
    title: str,
    arguments: dict,
    by: User | None,
    at: dt.datetime,
    key: str = "",
    queue: str = "default",
    dong: Dong | None = None,
) -> Job:
    """Write down a piece of work. While a job with the same key is open, that one is returned instead.

    The caller (an edge) sends it with `centers.tasks.send`.
    """
    if kind not in _handlers:
        raise KeyError(f"nothing handles jobs of kind {kind!r}")
    try:
        with transaction.atomic():
            return Job.objects.create(
                kind=kind, title=title, arguments=arguments, by=by, created_at=at, key=key, queue=queue, dong=dong
            )
    except IntegrityError:
        return Job.objects.get(kind=kind, key=key, state__in=Job.OPEN)


@dataclass
class Run:
    """One attempt at a job. Handlers report progress and finish through it."""

    job: Job
    token: uuid.UUID
    finished: bool = False

    @property
    def arguments(self) -> dict:
        return self.job.arguments

    def report(self, done: int, total: int, note: str = "") -> None:
        """Show progress on the page and keep the lease. Raises `LeaseLost`."""
        self._mine().update(
            progress_done=done, progress_total=total, progress_note=note[:200], lease_until=_lease_end()
        ) or self._lost()

    def keep(self) -> bool:
        return bool(self._mine().update(lease_until=_lease_end()))

    @contextmanager
    def finishing(self):
        """A transaction for the effect; call the yielded function with the result inside it."""
        with transaction.atomic():
            if not self._mine().select_for_update().exists():
                self._lost()

            def done(result: dict | None = None) -> None:
                self._mine().update(
                    state=Job.State.DONE,
                    result=result or {},
                    progress_done=F("progress_total"),
                    failure="",
                    finished_at=timezone.now(),
                    lease_token=None,
                    lease_until=None,
                )
                self.finished = True

            yield done

    def _mine(self):
        return Job.objects.filter(pk=self.job.pk, lease_token=self.token, state=Job.State.RUNNING)

    def _lost(self):
        raise LeaseLost(f"job {self.job.pk} was taken over")


def claim(job_id: int, *, at: dt.datetime) -> Run | None:
    """Take a waiting job, or None when it is done, running, or held by another transaction."""
    token = uuid.uuid4()
    with transaction.atomic():
        job = Job.objects.select_for_update(skip_locked=True).filter(pk=job_id, state=Job.State.WAITING).first()
        if job is None:
            return None
        job.state, job.attempts, job.lease_token = Job.State.RUNNING, job.attempts + 1, token
        job.lease_until, job.started_at = _lease_end(), job.started_at or at
        job.save(update_fields=["state", "attempts", "lease_token", "lease_until", "started_at"])
    return Run(job, token)


def run(job_id: int, *, at: dt.datetime, heartbeat: bool = True) -> Job | None:
    """Do a job to its end; returns its row, or None when there was nothing to do."""
    attempt = claim(job_id, at=at)
    if attempt is None:
        return None
    try:
        with _heartbeat(attempt) if heartbeat else _no_heartbeat():
            result = _handlers[attempt.job.kind](attempt)
            if not attempt.finished:
                with attempt.finishing() as done:
                    done(result)
    except LeaseLost:
        logger.warning("job %s was taken over by another run", job_id)
    except Parked:
        attempt._mine().update(attempts=F("attempts") - 1)
        _give_back(attempt)
    except Refusal as refusal:
        _fail(attempt, refusal.message, {"refused": refusal.code})
    except SoftTimeLimitExceeded:  # it would take as long again: nobody waits five times for it
        logger.exception("job %s (%s) took too long", job_id, attempt.job.kind)
        _fail(attempt, TOO_LONG.format(seconds=limits_of(attempt.job).soft), {"refused": "TOO_LONG"})
    except Exception:
        logger.exception("job %s (%s) failed", job_id, attempt.job.kind)
        if attempt.job.attempts >= MAX_ATTEMPTS:
            _fail(attempt, UNEXPECTED, {})
        else:
            _give_back(attempt)
    return Job.objects.get(pk=job_id)


def overdue(*, at: dt.datetime) -> list[Job]:
    """Jobs to send again: never sent, sent and not picked up, or left by a dead worker."""
    with transaction.atomic():
        # a run that is writing its effect holds its row: nobody waits for it, its lease counts afterwards
        left = Job.objects.select_for_update(skip_locked=True).filter(state=Job.State.RUNNING, lease_until__lt=at)
        left = Job.objects.filter(pk__in=[job.pk for job in left])
        left.filter(attempts__gte=MAX_ATTEMPTS).update(
            state=Job.State.FAILED, failure=UNEXPECTED, finished_at=at, lease_token=None
        )
        left.filter(state=Job.State.RUNNING).update(
            state=Job.State.WAITING, lease_token=None, lease_until=None, sent_at=None
        )
    stale = at - dt.timedelta(seconds=settings.JOB_RESEND_SECONDS)
    return list(
        Job.objects.filter(Q(sent_at=None) | Q(sent_at__lt=stale), state=Job.State.WAITING).order_by("pk")[:200]
    )


def _fail(attempt: Run, message: str, result: dict) -> None:
    attempt._mine().update(
        state=Job.State.FAILED,
        failure=message[:500],
        result=result,
        finished_at=timezone.now(),
        lease_token=None,
        lease_until=None,
    )


def _give_back(attempt: Run) -> None:
    attempt._mine().update(state=Job.State.WAITING, lease_token=None, lease_until=None, sent_at=timezone.now())


def _lease_end() -> dt.datetime:
    return timezone.now() + dt.timedelta(seconds=settings.JOB_LEASE_SECONDS)


@contextmanager
def _no_heartbeat():
    yield


@contextmanager
def _heartbeat(attempt: Run):
    """Keep the lease from a thread of its own while the handler computes."""
    stop = threading.Event()

    def beat():
        while not stop.wait(settings.JOB_LEASE_SECONDS / 4):
            close_old_connections()
            try:
                if not attempt.keep():
                    return
            except Exception:  # the database is away for a moment: the next beat tries again
                logger.warning("job %s could not renew its lease", attempt.job.pk)
        connection.close()

    thread = threading.Thread(target=beat, name=f"lease-{attempt.job.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=5)
