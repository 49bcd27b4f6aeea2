"""Two settings side by side: both are solved as jobs, their figures and visits compared, one is kept."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST

from centers import jobs, tasks
from centers.access import permitted
from centers.models import Job
from centers.views.jobs import shown
from common.asked import asked_version
from common.months import Month, seoul_date
from common.refusals import Refusal
from planners import schedule_diff, trials
from planners.models import Schedule
from planners.month_problem import Unit
from planners.tasks_schedule import TRIAL
from planners.views.schedules import month_asked, unit_asked, unit_query, units_of

DEFAULTS = {"a": "now", "b": "even"}


@require_http_methods(["GET", "POST"])
@permitted("schedule_plan", "W", log="schedule.compare")
def compare(request: HttpRequest):
    """Choose two settings (`?a=&b=`); POST solves both, the page shows progress, then figures and differences."""
    month, unit = month_asked(request), unit_asked(request)
    if unit is None or unit.key not in {u.key for u in units_of(request, "W")}:
        messages.error(request, "견줄 동이나 권역을 골라 주세요.")
        return redirect("schedules")
    given = request.POST or request.GET
    keys = {side: given.get(side) if given.get(side) in trials.PRESETS else DEFAULTS[side] for side in DEFAULTS}
    here = f"{reverse('schedule_compare')}?{urlencode({'month': month, **keys})}&{unit_query(unit)}"
    if request.method == "POST":
        return _solved(request, unit, month, keys, here)
    sides = [_side(unit, month, side, key) for side, key in keys.items()]
    context = {
        "unit": unit,
        "month": month,
        "unit_query": unit_query(unit),
        "presets": trials.PRESETS.values(),
        "sides": sides,
        "here": here,
        "is_working": any(side["job"] for side in sides),
    }
    if all(side["trial"] and not side["job"] for side in sides) and keys["a"] != keys["b"]:
        context |= _weighed(request, *(side["trial"] for side in sides))
    return render(request, "planners/schedule_compare.html", context)


def _solved(request: HttpRequest, unit: Unit, month: Month, keys: dict[str, str], here: str):
    if keys["a"] == keys["b"]:
        messages.error(request, "서로 다른 두 설정을 골라 주세요.")
    elif month.last <= seoul_date(timezone.now()):
        messages.error(request, f"{month.korean}은 이미 지나 견줄 수 없습니다. 다음 달을 골라 주세요.")
    else:
        for key in keys.values():
            _send(request, unit, month, key, timezone.now())
    return redirect(here)


def _send(request: HttpRequest, unit: Unit, month: Month, key: str, now: dt.datetime) -> None:
    place = {"dong": unit.dong.pk if unit.dong else None, "zone": unit.zone.pk if unit.zone else None}
    job = jobs.open_job(
        TRIAL,
        title=f"‘{trials.PRESETS[key].name}’ {unit.name} {month.korean}",
        arguments={**place, "month": str(month), "preset": key},
        by=request.user,
        at=now,
        key=f"{unit.key}:{month}:{key}",
        queue="plan",
        dong=unit.dong,
    )
    tasks.send(job)


def _side(unit: Unit, month: Month, side: str, key: str) -> dict:
    job = Job.objects.filter(kind=TRIAL, key=f"{unit.key}:{month}:{key}").order_by("-created_at").first()
    trial = trials.newest(unit, month, key)
    is_shown = job and (job.is_open or (job.state == Job.State.FAILED and trial is None))
    return {
        "side": side,
        "preset": trials.PRESETS[key],
        "differing": trials.differing(unit, month, key),
        "trial": trial,
        "is_outdated": bool(trial) and not is_shown and trials.is_outdated(trial, today=seoul_date(timezone.now())),
        "job": shown(job) if is_shown else None,
    }


def _weighed(request: HttpRequest, a: Schedule, b: Schedule) -> dict:
    found = schedule_diff.compare(a, b)
    request.access.add(d.visit.person_id for d in found.differences)
    return {
        "lines": trials.lines(trials.figures(a), trials.figures(b)),
        "found": found,
        "differences": [d for d in found.differences if d.kind != schedule_diff.RETIMED],
    }


@require_POST
@permitted("schedule_plan", "W", log="schedule.keep_trial")
def keep(request: HttpRequest, uid):
    """Keep one of the two as the next draft."""
    row = get_object_or_404(Schedule.objects.visible_to(request.scope), uid=uid)
    request.access.add(row.placements.values_list("visit__person_id", flat=True))
    try:
        row = trials.keep(row, version_seen=asked_version(request.POST.get("version")) or row.version)
        messages.success(request, f"{row.number}번째 초안으로 두었습니다. 살펴보고 공개해 주세요.")
        return redirect("schedule", row.uid)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect(f"{reverse('schedule_compare')}?month={row.month_value}")
