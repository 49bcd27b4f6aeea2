"""One day of a unit as its pairs walk it: for the wall and for the bag, on paper."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from centers.access import permitted
from common.months import Month, seoul_date
from planners.day_list import day_list
from planners.models import Visit
from planners.views.schedules import unit_asked, unit_query
from planners.views.today import chosen_day


@require_GET
@permitted("schedule_plan", log="schedule.day_sheets")
def day_sheets(request: HttpRequest):
    """The day lists of all pairs (`?on=`), or of one (`&pair=`), one sheet of paper each."""
    unit = unit_asked(request)
    if unit is None:
        messages.error(request, "볼 수 있는 방문 조가 없습니다.")
        return redirect("schedules")
    on = chosen_day(request.GET.get("on", ""), seoul_date(timezone.now()))
    pairs = [pair for pair in unit.pairs(Month.of(on)) if pair.valid_from <= on]
    asked = request.GET.get("pair", "")
    chosen = [pair for pair in pairs if str(pair.uid) == asked] or pairs
    visits = Visit.objects.visible_to(request.scope)
    sheets = [(pair, day_list(visits.filter(pair=pair), pair.nurse, on)) for pair in chosen]
    request.access.add(stop.visit.person_id for _, day in sheets for stop in day.stops)
    context = {
        "unit": unit,
        "unit_query": unit_query(unit),
        "on": on,
        "month": Month.of(on),
        "before": on - dt.timedelta(days=1),
        "after": on + dt.timedelta(days=1),
        "pairs": pairs,
        "asked": asked,
        "sheets": [(pair, day) for pair, day in sheets if day.stops],
        "resting": [pair for pair, day in sheets if not day.stops],
    }
    return render(request, "planners/day_sheets.html", context)
