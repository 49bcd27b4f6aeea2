"""Weeks and turns of a center: who works when, which half-days it keeps inside, who stands at the counter."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from centers.access import permitted
from centers.models import User
from common.months import Month
from common.refusals import Refusal
from staffing import calendar_pages as pages
from staffing import counter_rota, work_weeks
from staffing.calendars import office_weeks, week_on
from staffing.forms import OfficeWeekForm, PatternForm, RotaForm
from staffing.models import CounterRota, WorkPattern
from staffing.models.calendars import WEEK_HALVES, week_half
from staffing.views.calendars import place_of

WEEKDAY_NAMES = "월화수목금"


def _place(request: HttpRequest) -> pages.Place:
    """A place whose weeks the viewer may decide; a person who writes only for themself has none."""
    place = place_of(request)
    scope = request.scope
    if scope.everywhere("staff_calendar", "W"):
        return place
    if place.dong is None or place.dong.pk not in scope.dong_ids("staff_calendar", "W"):
        raise Http404
    return place


def _people(place: pages.Place, on: dt.date):
    ids = [user.pk for user, _ in pages.people_of(place, on, on)]
    return User.objects.filter(pk__in=ids)


@require_http_methods(["GET", "POST"])
@permitted("staff_calendar", "W", log="calendar.set_week", personal=False)
def weeks(request: HttpRequest):
    """Working half-days of each person, and the half-days the center keeps for itself."""
    today, place = request.scope.on, _place(request)
    people = _people(place, today)
    pattern = PatternForm(
        request.POST if request.POST.get("act") == "pattern" else None,
        people=people,
        initial={"since": today, "halves": WEEK_HALVES, "user": request.GET.get("user")},
    )
    closed = _closed_now(place, today)
    office = OfficeWeekForm(
        request.POST if request.POST.get("act") == "office" else None, closed=closed, initial={"since": today}
    )
    form = office if office.is_bound else pattern
    if request.method == "POST" and form.is_valid():
        try:
            said = _set_office(request, place, office) if form is office else _set_pattern(request, pattern)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, said)
            return redirect(f"{reverse('staff_weeks')}?{urlencode({'place': place.key})}")
    return render(
        request,
        "staffing/work_weeks.html",
        {
            "where": place,
            "today": today,
            "people": _patterns(people, today),
            "weekdays": WEEKDAY_NAMES,
            "closed": _grid(closed),
            "pattern": pattern,
            "office": office,
            "form": form,
            "query": urlencode({"place": place.key}),
        },
        status=422 if form.errors else 200,
    )


def _set_pattern(request: HttpRequest, form: PatternForm) -> str:
    facts = form.cleaned_data
    work_weeks.set_pattern(facts["user"], facts["halves"], since=facts["since"], note=facts["note"], by=request.user)
    return f"{facts['user'].name} 님은 {facts['since']:%Y년 %-m월 %-d일}부터 한 주에 반일 {len(facts['halves'])}번 일합니다."


def _set_office(request: HttpRequest, place: pages.Place, form: OfficeWeekForm) -> str:
    row = work_weeks.set_office_week(place.dong, form.closed, since=form.cleaned_data["since"], by=request.user)
    where = place.name if place.dong else "구 전체(따로 정하지 않은 동과 보건소)"
    return f"{where}: {row.valid_from:%Y년 %-m월 %-d일}부터 한 주에 반일 {len(row.closed)}번은 나가지 않습니다."


def _closed_now(place: pages.Place, today: dt.date) -> dict[str, str]:
    """What the place keeps inside today: its own, the district's, or the usual week."""
    key = place.dong.pk if place.dong else None
    week = week_on(office_weeks([key], today, today), key, today)
    return {week_half(weekday, half): why for (weekday, half), why in week.items()}


def _grid(closed: dict[str, str]) -> list[tuple[str, list[str]]]:
    return [
        ("오전", [closed.get(week_half(n, "AM"), "") for n in range(5)]),
        ("오후", [closed.get(week_half(n, "PM"), "") for n in range(5)]),
    ]


def _patterns(people, today: dt.date) -> list[dict]:
    """Each person with the ten half-days as boxes, and what is still to begin."""
    rows = list(WorkPattern.objects.filter(user__in=people))
    found = []
    for user in people.order_by("name", "pk"):
        mine = [row for row in rows if row.user_id == user.pk and row.valid_to != row.valid_from]
        now = next((r for r in mine if r.valid_from <= today and (not r.valid_to or r.valid_to > today)), None)
        halves = now.halves if now else WEEK_HALVES
        found.append(
            {
                "user": user,
                "now": now,
                "days": [(f"{n}AM" in halves, f"{n}PM" in halves) for n in range(5)],
                "count": len(halves),
                "later": [row for row in mine if row.valid_from > today],
            }
        )
    return found


# ------------------------------------------------------------------ the counter


@require_http_methods(["GET", "POST"])
@permitted("staff_calendar", "W", log="calendar.counter_rota", personal=False)
def counter(request: HttpRequest):
    """The counter rota: decide the cycle, look at a month as it would be dealt, put it into the calendars."""
    today, place = request.scope.on, _place(request)
    if place.dong is None:
        raise Http404
    month = _month(request, today)
    rota = counter_rota.rota_of(place.dong, max(month.first, min(month.last, today + dt.timedelta(1))))
    people = _people(place, today)
    form = RotaForm(
        request.POST if request.POST.get("act") == "rota" else None, people=people, initial=_now(rota, today)
    )
    if request.method == "POST":
        try:
            if said := _counter_act(request, place, month, form, today):
                messages.success(request, said)
                return redirect(f"{reverse('counter_rota')}?{urlencode({'place': place.key, 'month': month})}")
        except Refusal as refusal:
            if form.is_bound:
                form.add_error(None, refusal.message)
            else:
                messages.error(request, refusal.message)
    dealt = counter_rota.deal(rota, month, today=today) if rota and month >= Month.of(today) else None
    return render(
        request,
        "staffing/counter_rota.html",
        {
            "where": place,
            "month": month,
            "rota": rota,
            "dealt": dealt,
            "weeks": _weeks(dealt) if dealt else [],
            "written": counter_rota.is_written(dealt) if dealt else False,
            "form": form,
            "today": today,
            "query": urlencode({"place": place.key}),
        },
        status=422 if form.errors else 200,
    )


def _counter_act(request: HttpRequest, place: pages.Place, month: Month, form: RotaForm, today: dt.date) -> str:
    if request.POST.get("act") == "generate":
        dealt = counter_rota.generate(place.dong, month, by=request.user, today=today)
        turns = sum(len(there) for there in dealt.turns.values())
        return f"{month.korean} 창구 순번 {turns}번을 달력에 넣었습니다."
    if not form.is_valid():
        return ""
    counter_rota.set_rota(place.dong, **form.cleaned_data, by=request.user)
    return "창구 순번을 정했습니다. 아래에서 한 달을 살펴보고 달력에 넣어 주세요."


def _now(rota: CounterRota | None, today: dt.date) -> dict:
    if rota is None:
        return {"cycle": "day", "seats": 1, "halves": ["AM", "PM"], "streak_limit": 5, "since": today}
    return {
        "cycle": rota.cycle,
        "seats": rota.seats,
        "halves": rota.halves,
        "streak_limit": rota.streak_limit,
        "people": [user.uid for user in rota.people.all()],
        "since": today,
    }


def _month(request: HttpRequest, today: dt.date) -> Month:
    try:
        return Month.parse(request.POST.get("month") or request.GET.get("month") or "")
    except Refusal:
        return Month.of(today).next


def _weeks(dealt: counter_rota.Dealt) -> list[list[dict]]:
    """The month as weeks of five days, each with who stands there in the morning and the afternoon."""
    monday = dealt.month.first - dt.timedelta(days=dealt.month.first.weekday())
    found = []
    while monday <= dealt.month.last:
        days = [monday + dt.timedelta(n) for n in range(5)]
        found.append([{"on": day, "in": day in dealt.month, "halves": counter_rota.day_of(dealt, day)} for day in days])
        monday += dt.timedelta(7)
    return [week for week in found if any(day["in"] for day in week)]
