"""Capacity pages: one center's month with its pairs and people, or the 20 centers beside each other."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.shortcuts import render
from django.views.decorators.http import require_GET

from centers.access import permitted
from centers.models import Dong, Zone
from common.months import Month
from common.refusals import Refusal
from planners import capacity as figures
from planners.models import Pair


@require_GET
@permitted("staff_calendar", log="capacity.open", personal=False)
def capacity(request: HttpRequest):
    """Half-days there are, half-days the visits due need, and whether it is enough."""
    today, month = request.scope.on, _month(request)
    scope = request.scope
    everywhere = scope.everywhere("staff_calendar")
    dongs = list(Dong.objects.all() if everywhere else Dong.objects.filter(pk__in=scope.dong_ids("staff_calendar")))
    if not dongs:
        raise Http404
    chosen = next((dong for dong in dongs if dong.slug == request.GET.get("place")), None)
    if request.GET.get("place") and chosen is None:
        raise Http404
    context = {"month": month, "today": today, "everywhere": everywhere, "dongs": dongs}
    if chosen is None and len(dongs) > 1:
        centers = figures.center_months(dongs, month, today=today)
        totals = {name: sum(getattr(c, name) for c in centers) for name in ("halves", "places", "needed", "overdue")}
        short = [center for center in centers if center.is_short]
        zones = Zone.objects.filter(scheme__key="nurse").order_by("order") if everywhere else []
        nurses = figures.zone_months(zones, month, today=today)
        short += [zone for zone in nurses if zone.is_short]
        context |= {"centers": centers, "zones": nurses, "totals": totals, "short": short}
        return render(request, "planners/capacity_list.html", context)
    dong = chosen or dongs[0]
    center = figures.center_months([dong], month, today=today)[0]
    months = figures.pace(dong, min(month, Month.of(today)))
    pairs = {pair.pk: pair for pair in Pair.objects.filter(pk__in={pk for row in months for pk in row.done})}
    context |= {
        "center": center,
        "people": figures.people_of(center),
        "pace": [(row, [row.done.get(pk, 0) for pk in pairs]) for row in months],
        "pace_pairs": list(pairs.values()),
        "query": urlencode({"place": dong.slug}),
    }
    return render(request, "planners/capacity_month.html", context)


def _month(request: HttpRequest) -> Month:
    try:
        return Month.parse(request.GET.get("month", ""))
    except Refusal:
        return Month.of(request.scope.on)
