"""The nightly laying of regular meetings, so that there is always a next one."""

import datetime as dt
import logging

from celery import shared_task
from django.utils import timezone

from common.months import seoul_date
from common.refusals import Refusal
from governance import calendars
from governance.models import Body

logger = logging.getLogger(__name__)


@shared_task(name="governance.lay_meetings", expires=3600, time_limit=300)
def lay_meetings() -> int:
    """Lay the next eight weeks of every body that has what it needs; twice a night changes nothing."""
    now = timezone.now()
    until, made = seoul_date(now) + dt.timedelta(calendars.AHEAD_DAYS), 0
    for body in Body.objects.exclude(weekday=None).order_by("pk"):
        try:
            made += len(calendars.plan_meetings(body, until=until, by=None, at=now))
        except Refusal as refusal:
            logger.info("body %s gets no meetings: %s", body.pk, refusal.code)
    return made
