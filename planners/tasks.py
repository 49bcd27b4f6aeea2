"""Celery edges of the planners floor; importing it registers the handlers of its jobs."""

from planners import tasks_schedule, tasks_targets  # noqa: F401
