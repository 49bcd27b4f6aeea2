"""Composition: settings, urls, background work, home pages, district report, demo world."""

from .celery import app as celery_app

__all__ = ["celery_app"]
