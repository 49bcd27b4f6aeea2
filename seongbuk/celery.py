"""The Celery application; the timetable of beat stands in `seongbuk.timetable`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seongbuk.settings")

app = Celery("seongbuk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
