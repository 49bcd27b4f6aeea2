"""Calendars of a center's people: the week, the month, and entering or taking out what takes a half-day."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from centers.access import permitted
from centers.models import Dong
from common.asked import asked_day
from common.months import Month
from common.refusals import Refusal
from staffing import calendar_pages as pages
from staffing import staff_times
from staffing.forms import StaffTimeForm
from staffing.models import StaffTime
from staffing.models.calendars import people_in_reach

VIEWS = (("week", "한 주"), ("month", "한 달"))
REPLAN = "/schedules/replan/"


@require_GET
@permitted("staff_calendar", log="calendar.open", personal=False)
def calendars(request: HttpRequest):
    """Who is there, who is away or bound, who goes out: a week in half-days, or a month at a glance."""
    today = request.scope.on
    place = place_of(request)
    on = day_of(request, today)
    view = "month" if request.GET.get("view") == "month" else "week"
    month = Month.of(on)
    first, last = (month.first, month.last) if view == "month" else pages.week_of(on)
    changeable = set(people_in_reach(request.scope, "W").values_list("pk", flat=True))
    only = None if places_of(request) else request.user.pk
    sheet = pages.sheet(place, first, last, changeable=changeable, only=only)
    request.access.add(sheet.subjects)
    step = (month.previous.first, month.next.first) if view == "month" else _weeks_beside(first)
    query = urlencode({"place": place.key})
    return render(
        request,
        "staffing/calendar_list.html",
        {
            "sheet": sheet,
            "by_day": sheet.by_day(),
            "view": view,
            "views": VIEWS,
            "where": place,
            "places": places_of(request),
            "month": month,
            "heading": month.korean if view == "month" else pages.heading(first, last),
            "before": step[0],
            "after": step[1],
            "on": on,
            "today": today,
            "query": query,
            "may_write": bool(changeable),
            "leads": is_lead(request),
        },
    )


def places_of(request: HttpRequest) -> list[pages.Place]:
    """Places whose calendars the viewer may read; none for somebody who sees only the own one."""
    scope = request.scope
    if scope.everywhere("staff_calendar"):
        return [*(pages.Place(dong) for dong in Dong.objects.all()), pages.Place()]
    return [pages.Place(dong) for dong in Dong.objects.filter(pk__in=scope.dong_ids("staff_calendar"))]


def place_of(request: HttpRequest) -> pages.Place:
    """The chosen place, else the viewer's own. Raises 404 for a place out of reach."""
    known = places_of(request)
    if wanted := request.GET.get("place"):
        found = next((place for place in known if place.key == wanted), None)
        if found is None and (known or wanted != pages.HEALTH_CENTER):
            raise Http404
        return found or pages.Place()
    if not known:
        return pages.Place(request.scope.dong)
    return next((place for place in known if place.dong == request.scope.dong), known[0])


def day_of(request: HttpRequest, today: dt.date) -> dt.date:
    return asked_day(request.GET.get("on")) or today


def is_lead(request: HttpRequest) -> bool:
    """Whether the viewer arranges the calendars of others."""
    reach = request.scope.reach("staff_calendar", "W")
    return "d" in reach or "A" in reach


def _weeks_beside(monday: dt.date) -> tuple[dt.date, dt.date]:
    return monday - dt.timedelta(7), monday + dt.timedelta(7)


@require_http_methods(["GET", "POST"])
@permitted("staff_calendar", "W", log="calendar.enter", personal=False)
def enter(request: HttpRequest):
    """Enter leave or a duty; over promised visits it leads to the list of them."""
    people = people_in_reach(request.scope, "W")
    given = {"user": request.GET.get("user") or request.user.uid, "first_on": request.GET.get("on") or request.scope.on}
    given |= {"half": request.GET.get("half", ""), "kind": request.GET.get("kind", StaffTime.Kind.LEAVE)}
    form = StaffTimeForm(request.POST or None, people=people, initial=given)
    if request.method == "POST" and form.is_valid():
        try:
            row = staff_times.enter(**form.cleaned_data, by=request.user)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            said = f"{row.user.name} 님 {staff_times.span(row)} {row.get_kind_display()}"
            messages.success(request, f"{said} 일정을 적었습니다.")
            if staff_times.promised_during(row):
                return redirect("staff_time", row.uid)
            return redirect(f"{reverse('staff_calendars')}?{urlencode({'on': row.first_on})}")
    return render(request, "staffing/staff_time_form.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@permitted("staff_calendar", log="calendar.open_time", personal=False)
def staff_time(request: HttpRequest, uid):
    """One entry, the promises that lie under it, and what to do about them."""
    row = get_object_or_404(StaffTime.objects.visible_to(request.scope).select_related("user", "by"), uid=uid)
    promised = staff_times.promised_during(row)
    request.access.add(one.subject for one in promised if one.subject)
    ahead = [one for one in promised if one.on >= request.scope.on]
    asked = {"user": row.user.uid, "on": max(row.first_on, request.scope.on), "until": row.last_on}
    asked |= {"half": row.half, "kind": row.kind if row.kind in (*StaffTime.AWAY, StaffTime.Kind.TRAINING) else "other"}
    return render(
        request,
        "staffing/staff_time_detail.html",
        {
            "time": row,
            "span": staff_times.span(row),
            "promised": promised,
            "replan": f"{REPLAN}?{urlencode(asked)}" if ahead else "",
            "may_replan": request.scope.allows("schedule_plan", "W"),
            "may_change": StaffTime.objects.changeable_by(request.scope).filter(pk=row.pk).exists(),
        },
    )


@require_POST
@permitted("staff_calendar", "W", log="calendar.take_out", personal=False)
def take_out(request: HttpRequest, uid):
    """The half-days are free again; visits that were moved meanwhile stay where they are."""
    row = StaffTime.objects.changeable_by(request.scope).select_related("user").filter(uid=uid).first()
    if row is None:
        messages.info(request, "이미 지운 일정입니다.")
        return redirect("staff_calendars")
    staff_times.remove(row)
    said = f"{row.user.name} 님 {staff_times.span(row)} {row.get_kind_display()}"
    messages.success(request, f"{said} 일정을 지웠습니다. 그 반일은 다시 비어 있습니다.")
    return redirect(f"{reverse('staff_calendars')}?{urlencode({'on': row.first_on})}")
