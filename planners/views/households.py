"""Household: who lived together on a day, and everything that is due for them."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from centers.access import permitted
from common.months import seoul_date
from planners import household_pages

#: what the floor above shows of all who live here, by the name of a url it serves
FRAGMENT = "household_cases"


@require_GET
@permitted("person_facts", log="household.open")
def household(request: HttpRequest, uid):
    """One screen for all who live together; `on` shows any past day."""
    home = get_object_or_404(household_pages.visible(request.scope).select_related("dong"), uid=uid)
    today = seoul_date(timezone.now())
    on = _day(request.GET.get("on", ""), today)
    page = household_pages.of(home, request.scope, on=on)
    request.access.add(member.person.pk for member in page.members)
    request.access.detail["on"] = on.isoformat()
    shows_cases = request.scope.allows("referral") and on == today
    context = {
        "home": home,
        "page": page,
        "today": today,
        "visits": [(member, visit) for member in page.members for visit in member.visits] if on == today else [],
        "cases_url": _fragment(home) if shows_cases else "",
    }
    return render(request, "planners/household_detail.html", context)


def _day(written: str, today: dt.date) -> dt.date:
    """The day asked for; today when it is none or lies ahead."""
    try:
        return min(dt.date.fromisoformat(written), today)
    except ValueError:
        return today


def _fragment(home) -> str:
    try:
        return reverse(FRAGMENT, args=[home.uid])
    except NoReverseMatch:
        return ""
