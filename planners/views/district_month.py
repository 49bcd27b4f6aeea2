"""The month of all dongs and zones at once: start it, watch it, see where something is missing. Counts only."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from centers import tasks
from centers.access import permitted
from centers.models import Job
from centers.views.jobs import shown
from common.months import Month, seoul_date
from common.refusals import Refusal
from planners.months import district_months
from planners.months.scheduling import NothingToPlan
from planners.tasks_schedule import DISTRICT, open_district


def _month(request: HttpRequest, given: str | None) -> Month:
    """The month asked for; without one, this month, or the next one in the last ten days."""
    if given:
        try:
            return Month.parse(given)
        except Refusal as refusal:
            messages.error(request, refusal.message)
    return Month.of(seoul_date(timezone.now()) + dt.timedelta(days=10))


def _reaches_all(request: HttpRequest, action: str) -> bool:
    """Whether the viewer's right spans the district; leads have their own month's page."""
    return bool(set("Ag") & set(request.scope.reach("schedule_plan", action)))


@require_GET
@permitted("schedule_plan", log="schedule.open_district", personal=False)
def district_month(request: HttpRequest):
    month = _month(request, request.GET.get("month"))
    if not _reaches_all(request, "R"):
        return redirect(f"{reverse('schedules')}?month={month}")
    job = Job.objects.filter(kind=DISTRICT, key=str(month)).order_by("-created_at").first()
    rows = district_months.rows(month)
    refused = job.result.get("refused", []) if job else []
    context = {
        "month": month,
        "rows": rows,
        "totals": {
            "planned": sum(row.planned for row in rows),
            "unplanned": sum(row.unplanned for row in rows),
            "outings": sum(row.schedule.outings for row in rows if row.schedule),
            "published": sum(row.is_published for row in rows),
            "missing": sum(row.schedule is None for row in rows),
        },
        "job": shown(job) if job and job.is_open else None,
        "last": job if job and not job.is_open else None,
        "nothing": [row["unit"] for row in refused if row["code"] == NothingToPlan.code],
        "refused": [row for row in refused if row["code"] != NothingToPlan.code],
        "sees_caseload": request.scope.everywhere("pair"),
        "may_set": _reaches_all(request, "W"),
        "may_plan": _reaches_all(request, "W") and month.last > seoul_date(timezone.now()),
    }
    return render(request, "planners/schedule_district.html", context)


@require_POST
@permitted("schedule_plan", "W", log="schedule.generate_district", personal=False)
def generate_district_month(request: HttpRequest):
    """Start the calculation of every unit; pressed twice it is one job."""
    month = _month(request, request.POST.get("month"))
    back = redirect(f"{reverse('district_month')}?month={month}")
    if not _reaches_all(request, "W"):
        messages.error(request, "구 전체 일정은 구청에서 만듭니다. 맡은 동의 일정은 ‘월 일정’에서 만들어 주세요.")
    elif month.last <= seoul_date(timezone.now()):
        messages.error(request, f"{month.korean}은 이미 지나 일정을 만들 수 없습니다. 다음 달을 골라 주세요.")
    else:
        tasks.send(open_district(month, by=request.user, at=timezone.now()))
    return back
