"""방문 시계: those who are visited again and again, by when the next visit is due."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from centers.access import permitted
from common.months import seoul_date
from planners import visit_clocks
from planners.visit_clocks import GROUPS


@require_GET
@permitted("target", log="person.clocks_list")
def visit_clock_list(request: HttpRequest):
    """Who comes next, who was missed; a number of each group that opens exactly its list."""
    on = seoul_date(timezone.now())
    dongs = list(request.scope.dongs("target"))
    dong = next((row for row in dongs if row.slug == request.GET.get("dong")), None)
    group = request.GET.get("group") if request.GET.get("group") in GROUPS else ""
    only_broken = request.GET.get("show") == "broken"
    counted = visit_clocks.broken_by_group(visit_clocks.listed(request.scope, on=on, dong=dong))
    rows = visit_clocks.listed(request.scope, on=on, dong=dong, group=group, only_broken=only_broken)
    page = visit_clocks.page(rows, on=on, after=request.GET.get("after", ""))
    request.access.add(clock.follow_up.person_id for clock in page.clocks)
    kept = {"group": group, "dong": dong.slug if dong else "", "show": "broken" if only_broken else ""}
    kept = {name: value for name, value in kept.items() if value}
    context = {
        "page": page,
        "on": on,
        "dongs": dongs,
        "dong": dong,
        "group": group,
        "only_broken": only_broken,
        "groups": [(key, name, *counted.get(key, (0, 0))) for key, name in GROUPS.items() if key in counted],
        "broken": sum(broken for broken, _ in counted.values()),
        "everyone": sum(everyone for _, everyone in counted.values()),
        "next_url": f"?{urlencode(kept | {'after': page.next_token})}" if page.next_token else "",
    }
    return render(request, "planners/visit_clock_list.html", context)
