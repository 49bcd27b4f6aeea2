"""Celery edges of the planners floor; importing it registers the handlers of its jobs."""

from celery import shared_task
from django.utils import timezone

from centers import tasks
from common.months import seoul_date
from planners import tasks_duplicates, tasks_targets
from planners.lists import list_import


@shared_task(name="planners.extract_targets", expires=3600)
def extract_targets() -> None:
    tasks.send(tasks_targets.open_extraction(at=timezone.now()))


@shared_task(name="planners.find_duplicates", expires=3600)
def find_duplicates() -> None:
    tasks.send(tasks_duplicates.open_search(by=None, at=timezone.now()))


@shared_task(name="planners.forget_abandoned_imports", expires=3600)
def forget_abandoned_imports() -> None:
    """Uploads nobody confirmed, and what killed runs left behind."""
    now = timezone.now()
    list_import.forget_abandoned(on=seoul_date(now), at=now)
