"""Public holidays: the office adds days decreed at short notice; everybody who plans sees the table."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from centers.access import permitted
from common.asked import asked_day, asked_number
from staffing import holidays as korean
from staffing.forms import HolidayForm
from staffing.models import Holiday


@require_GET
@permitted("staff_calendar", log="holiday.list", personal=False)
def holidays(request: HttpRequest):
    """The holidays of a year."""
    year = _year(request)
    rows = list(Holiday.objects.filter(on__year=year).order_by("on"))
    return render(
        request,
        "staffing/holiday_list.html",
        {
            "year": year,
            "rows": rows,
            "weekdays": sum(row.on.weekday() < 5 for row in rows),
            "today": request.scope.on,
            "may_change": request.scope.allows("settings", "W"),
            "form": HolidayForm(),
        },
    )


@require_POST
@permitted("settings", "W", log="holiday.change", personal=False)
def change(request: HttpRequest):
    """Add or rename a day, take one out, or fill the year from the Korean calendar."""
    year = _year(request)
    if request.POST.get("act") == "fill":
        added = korean.fill(year, year)
        messages.success(request, f"{year}년 공휴일 {added}일을 더했습니다." if added else "모자란 날이 없습니다.")
    elif request.POST.get("act") == "take_out":
        gone, _ = Holiday.objects.filter(on=asked_day(request.POST.get("on"))).delete()
        messages.success(request, "공휴일에서 뺐습니다." if gone else "이미 뺀 날입니다.")
    else:
        form = HolidayForm(request.POST)
        if form.is_valid():
            facts = form.cleaned_data
            Holiday.objects.update_or_create(on=facts["on"], defaults={"name": facts["name"]})
            messages.success(request, f"{facts['on']:%Y년 %-m월 %-d일} {facts['name']}, 방문하지 않는 날로 적었습니다.")
            year = facts["on"].year
        else:
            messages.error(request, "날짜와 이름을 모두 적어 주세요.")
    return redirect(f"{reverse('holidays')}?year={year}")


def _year(request: HttpRequest) -> int:
    text = request.POST.get("year") or request.GET.get("year") or ""
    year = asked_number(text)
    return year if year and 1990 <= year <= 2100 else request.scope.on.year
