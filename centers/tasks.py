"""Celery edges of background work: send, run, sweep, and the upkeep of the access log."""

from celery import current_app, shared_task
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from centers import access_chain, jobs
from centers.models import Job

HEARTBEAT = "beat-seen"


def send(job: Job) -> None:
    """Hand a job to the workers once its row is committed. A lost broker only delays it."""
    if job.is_open:
        transaction.on_commit(lambda: _publish(job))


def _publish(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(sent_at=timezone.now())
    limits = jobs.limits_of(job)
    options = {"queue": job.queue, "soft_time_limit": limits.soft, "time_limit": limits.hard}
    try:
        current_app.send_task("centers.run_job", [job.pk], retry=False, **options)
    except Exception as fault:  # any broker fault: the sweeper sends it again
        jobs.logger.warning("job %s stays for the sweeper: %s", job.pk, type(fault).__name__)
        Job.objects.filter(pk=job.pk).update(sent_at=None)


@shared_task(name="centers.run_job", acks_late=True)
def run_job(job_id: int) -> None:
    jobs.run(job_id, at=timezone.now())


@shared_task(name="centers.sweep_jobs", ignore_result=True, expires=60)
def sweep_jobs() -> None:
    for job in jobs.overdue(at=timezone.now()):
        _publish(job)


@shared_task(name="centers.record_heartbeat", expires=60)
def record_heartbeat() -> None:
    cache.set(HEARTBEAT, timezone.now().isoformat(), timeout=600)


@shared_task(name="centers.seal_access_log", expires=300)
def seal_access_log() -> None:
    access_chain.seal(at=timezone.now())


@shared_task(name="centers.open_access_log_months", expires=3600)
def open_access_log_months() -> None:
    access_chain.open_months(from_day=timezone.localdate(), months=3)
