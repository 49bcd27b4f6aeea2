"""오늘 방문: the day of the pair, in walking order."""

import datetime as dt

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from centers.access import permitted
from common.months import seoul_date
from planners import register_news
from planners.copy_packs import unentered
from planners.day_list import day_list
from planners.models import Visit


@require_GET
@permitted("visit_schedule", "R", log="visit.day_list")
def today(request):
    now = timezone.now()
    context = day_page(request, chosen_day(request.GET.get("on", ""), seoul_date(now)), now=now)
    return render(request, "planners/today.html", context)


def day_page(request, on: dt.date, *, now: dt.datetime) -> dict:
    """Context of the page for one day; notes whose data it shows."""
    visits = Visit.objects.visible_to(request.scope)
    day = day_list(visits, request.user, on)
    late = unentered(visits, request.user, at=now)
    notices = register_news.waiting(request.user, on=seoul_date(now))
    request.access.add([stop.visit.person_id for stop in day.stops] + [visit.person_id for visit in late])
    request.access.add(notice.person_id for notice in notices)
    return {
        "day": day,
        "today": seoul_date(now),
        "before": on - dt.timedelta(days=1),
        "after": on + dt.timedelta(days=1),
        "unentered": late,
        "notices": notices,
        "empty_what": f"{on.month}월 {on.day}일에는 방문 약속이 없습니다",
    }


def chosen_day(written: str, today: dt.date) -> dt.date:
    """The day asked for, today when it is none; far days are brought near."""
    try:
        on = dt.date.fromisoformat(written)
    except ValueError:
        return today
    return min(max(on, today - dt.timedelta(days=3660)), today + dt.timedelta(days=366))
