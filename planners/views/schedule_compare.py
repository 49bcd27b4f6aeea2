"""Two settings side by side: both are solved as jobs, their figures and visits compared, one is kept."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

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
from planners.forms import PriceForm
from planners.models import Schedule
from planners.months import schedule_diff, trials
from planners.months.month_problem import Unit
from planners.tasks_schedule import TRIAL
from planners.views.schedules import month_asked, unit_asked, unit_query, units_of

DEFAULTS = {"a": "now", "b": "even"}


@require_http_methods(["GET", "POST"])
@permitted("schedule_plan", "W", log="schedule.compare")
def compare(request: HttpRequest):
    """Choose two settings (`?a=&b=`); POST solves both, the page shows progress, then figures and differences.

    A POST with `look` solves nothing and shows what was solved before.
    `own` on a side takes the values typed there (`a-price-late=`), those in force where nothing is typed.
    """
    month, unit = month_asked(request), unit_asked(request)
    if unit is None or unit.key not in {u.key for u in units_of(request, "W")}:
        messages.error(request, "견줄 동이나 권역을 골라 주세요.")
        return redirect("schedules")
    given = request.POST or request.GET
    chosen = {side: _chosen(given, unit, month, side) for side in DEFAULTS}
    query = {"month": month} | {k: v for side in chosen.values() for k, v in side.query.items()}
    here = f"{reverse('schedule_compare')}?{urlencode(query)}&{unit_query(unit)}"
    presets = {name: side.preset for name, side in chosen.items()}
    is_wrong = any(side.form.errors for side in chosen.values())
    if request.method == "POST" and not is_wrong:
        if "look" in request.POST:
            return redirect(here)
        return _solved(request, unit, month, presets, here)
    sides = [_side(unit, month, name, side) for name, side in chosen.items()]
    context = {
        "unit": unit,
        "month": month,
        "unit_query": unit_query(unit),
        "presets": trials.PRESETS.values(),
        "own": trials.OWN,
        "sides": sides,
        "here": here,
        "is_working": any(side["job"] for side in sides),
    }
    if all(side["trial"] and not side["job"] for side in sides) and presets["a"].key != presets["b"].key:
        context |= _weighed(request, *(side["trial"] for side in sides))
    return render(request, "planners/schedule_compare.html", context, status=422 if is_wrong else 200)


@dataclass(frozen=True)
class Chosen:
    """What stands on one side: a preset, the form of its own values, and how the address says it."""

    preset: trials.Preset
    form: PriceForm
    is_own: bool
    query: dict


def _chosen(given, unit: Unit, month: Month, side: str) -> Chosen:
    base, key = trials.base_prices(unit, month), given.get(side, DEFAULTS[side])
    form = PriceForm(given if key == trials.OWN else None, prices=base, prefix=side)
    if key != trials.OWN:
        preset = trials.PRESETS.get(key, trials.PRESETS[DEFAULTS[side]])
        return Chosen(preset, form, False, {side: preset.key})
    if not form.is_valid():
        return Chosen(trials.own({}), form, True, {side: trials.OWN})
    typed = {f"{side}-{name}": value for name, value in form.typed.items()}
    return Chosen(trials.own(form.changes), form, True, {side: trials.OWN} | typed)


def _solved(request: HttpRequest, unit: Unit, month: Month, presets: dict[str, trials.Preset], here: str):
    if presets["a"].key == presets["b"].key:
        messages.error(request, "서로 다른 두 설정을 골라 주세요.")
    elif month.last <= seoul_date(timezone.now()):
        messages.error(request, f"{month.korean}은 이미 지나 견줄 수 없습니다. 다음 달을 골라 주세요.")
    else:
        for preset in presets.values():
            _send(request, unit, month, preset, timezone.now())
    return redirect(here)


def _send(request: HttpRequest, unit: Unit, month: Month, preset: trials.Preset, now: dt.datetime) -> None:
    place = {"dong": unit.dong.pk if unit.dong else None, "zone": unit.zone.pk if unit.zone else None}
    own = {"changes": preset.changes} if preset.key not in trials.PRESETS else {}
    job = jobs.open_job(
        TRIAL,
        title=f"‘{preset.name}’ {unit.name} {month.korean}",
        arguments={**place, "month": str(month), "preset": preset.key, **own},
        by=request.user,
        at=now,
        key=f"{unit.key}:{month}:{preset.key}",
        queue="plan",
        dong=unit.dong,
    )
    tasks.send(job)


def _side(unit: Unit, month: Month, name: str, chosen: Chosen) -> dict:
    preset = chosen.preset
    job = Job.objects.filter(kind=TRIAL, key=f"{unit.key}:{month}:{preset.key}").order_by("-created_at").first()
    trial = trials.newest(unit, month, preset.key)
    is_shown = job and (job.is_open or (job.state == Job.State.FAILED and trial is None))
    return {
        "side": name,
        "preset": preset,
        "is_own": chosen.is_own,
        "form": chosen.form,
        "differing": trials.differing(unit, month, preset),
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
