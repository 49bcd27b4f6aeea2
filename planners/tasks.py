"""Celery edges of the planners floor; importing it registers the handlers of its jobs."""

from celery import shared_task
from django.utils import timezone

from centers import tasks
from planners import tasks_schedule, tasks_targets  # noqa: F401


@shared_task(name="planners.extract_targets", expires=3600)
def extract_targets() -> None:
    tasks.send(tasks_targets.open_extraction(at=timezone.now()))
